"""Checks of single values, for services that validate what they receive."""

from __future__ import annotations
