"""Fixtures and plugins for this project's own tests: `pytester`, for the plugin's."""

from __future__ import annotations

pytest_plugins = ["pytester"]
