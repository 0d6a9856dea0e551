"""What the execution context says of the process."""

from __future__ import annotations

import asyncio
import os
import platform

import pytest

import tomodachi
from tomodachi.helpers import clock
from tomodachi.launcher.facts import process_facts


class FrozenClock(clock.SystemClock):
    def now(self) -> float:
        return 0.5


def facts_of(loop: asyncio.AbstractEventLoop) -> dict[str, object]:
    token = clock.set_clock(FrozenClock())
    try:
        return process_facts(loop, watcher_enabled=True)
    finally:
        clock.reset_clock(token)
        loop.close()


def test_facts_of_a_process_on_asyncio():
    loop = asyncio.SelectorEventLoop()
    assert facts_of(loop) == {
        "tomodachi_version": tomodachi.__version__,
        "python_version": platform.python_version(),
        "system_platform": platform.system(),
        "process_id": os.getpid(),
        "init_timestamp": "1970-01-01T00:00:00.500000Z",
        "event_loop": "asyncio",
        "cwd": os.getcwd(),  # noqa: PTH109 - an independent way to ask
        "watcher_enabled": True,
    }


def test_facts_name_the_version_of_uvloop():
    uvloop = pytest.importorskip("uvloop")
    facts = facts_of(uvloop.new_event_loop())
    assert facts["uvloop_version"] == facts["event_loop_version"] == uvloop.__version__
    assert facts["event_loop"] == "uvloop"
