"""Running service files as the program: event loop, signals, restarts."""

from __future__ import annotations

from tomodachi.launcher.launcher import ServiceLauncher

__all__ = ["ServiceLauncher"]
