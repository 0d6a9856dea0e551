"""What the execution context says of the process from the start."""

from __future__ import annotations

import asyncio
import importlib
import os
import platform
from pathlib import Path
from typing import Any

from tomodachi.helpers import clock
from tomodachi.logging.event import timestamp
from tomodachi.version import __version__


def process_facts(loop: asyncio.AbstractEventLoop, *, watcher_enabled: bool) -> dict[str, Any]:
    """Versions, process and event loop."""
    module = type(loop).__module__.partition(".")[0]
    facts: dict[str, Any] = {
        "tomodachi_version": __version__,
        "python_version": platform.python_version(),
        "system_platform": platform.system(),
        "process_id": os.getpid(),
        "init_timestamp": timestamp(clock.now()),
        "event_loop": _loop_name(loop),
        "cwd": str(Path.cwd()),
        "watcher_enabled": watcher_enabled,
    }
    if module == "uvloop":
        version = str(importlib.import_module(module).__version__)
        facts |= {"uvloop_version": version, "event_loop_version": version}
    return facts


def _loop_name(loop: asyncio.AbstractEventLoop) -> str:
    """`asyncio` or `uvloop`; the class's full name of any other."""
    kind = type(loop)
    package = kind.__module__.partition(".")[0]
    return package if package in ("asyncio", "uvloop") else f"{kind.__module__}.{kind.__qualname__}"
