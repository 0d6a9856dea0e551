"""Shells: sockets, HTTP parsing and timers around the pure cores."""
