"""The pytest plugin: markers, options, fixtures; nothing is imported or started before a test asks."""

from __future__ import annotations
