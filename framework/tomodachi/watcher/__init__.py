"""Hot reload's eyes: which files are watched, and when one changes."""

from __future__ import annotations

from tomodachi.watcher.watcher import Watcher

__all__ = ["Watcher"]
