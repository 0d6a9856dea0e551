"""Schedules: handlers called by the clock."""
