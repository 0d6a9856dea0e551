"""What the execution context says of the process from the start."""

from __future__ import annotations

import asyncio
import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tomodachi.helpers import clock
from tomodachi.version import __version__


def process_facts(loop: asyncio.AbstractEventLoop, *, watcher_enabled: bool) -> dict[str, Any]:
    """Versions, process and event loop."""
    module = type(loop).__module__.partition(".")[0]
    facts: dict[str, Any] = {
        "tomodachi_version": __version__,
        "python_version": platform.python_version(),
        "system_platform": system_platform(),
        "process_id": os.getpid(),
        "init_timestamp": datetime.fromtimestamp(clock.now(), UTC)
        .isoformat()
        .replace("+00:00", "Z"),
        "event_loop": f"{type(loop).__module__}.{type(loop).__qualname__}",
        "cwd": str(Path.cwd()),
        "watcher_enabled": watcher_enabled,
    }
    if module == "uvloop":
        version = str(importlib.import_module(module).__version__)
        facts |= {"uvloop_version": version, "event_loop_version": version}
    return facts


def system_platform() -> str:
    """`platform.platform()`, which on Linux starts a process to ask for a processor it doesn't name."""
    if sys.platform != "linux":
        return platform.platform()
    system = os.uname()
    libc = "".join(platform.libc_ver())
    return "-".join(filter(None, (system.sysname, system.release, system.machine, "with", libc)))
