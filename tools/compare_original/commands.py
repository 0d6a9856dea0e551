"""Command lines: the exit code, and what would be run with which settings."""

from __future__ import annotations

import contextlib
import io
import os
import random
from typing import Any

from tomodachi import cli
from tomodachi.launcher import ServiceLauncher

_FILES = (__file__, "tools/compare_original/kinds.py", "tools/compare_original")
_PARTS: tuple[tuple[str, ...], ...] = (
    *(("--production",), ("--loop", "asyncio"), ("--loop", "auto"), ("--loop=asyncio",)),
    *(("--loop", "odd"), ("--loop",), ("--log-level", "info"), ("-l", "warning")),
    *(("--log-level", "loud"), ("--log-level",), ("--log", "debug"), ("--logger", "json")),
    *(("--logger", "python"), ("--logger", "odd"), ("--logger",), ("--config", "absent.json")),
    *(("--custom-logger", "logging"), ("--custom-logger", "no.such"), ("--bogus",), ("-x",)),
    *(("-h",), ("--help",), ("--version",), ("-v",), ("-V",), ("--dependency-versions",)),
)
_BEFORE = ((), (), (), ("--version",), ("-h",), ("--bogus",), ("serve",), ("--deps",))


def generate(dice: random.Random) -> dict[str, Any]:
    """Parts of a command line: flags with their values, and files."""
    parts = [list(dice.choice(_PARTS)) for _ in range(dice.choice((0, 1, 1, 1, 2, 3)))]
    if dice.random() < 0.9:
        parts.append([dice.choice((*_FILES[1:2] * 4, *_FILES[1:], "absent.py"))])
    dice.shuffle(parts)
    run = [["run"]] if dice.random() < 0.9 else []
    return {"parts": [list(dice.choice(_BEFORE)), *run, *parts]}


async def answer(case: dict[str, Any]) -> Any:
    """How it ends, and whether the launcher is asked to run anything."""
    arguments = [word for part in case["parts"] for word in part]
    before, run = dict(os.environ), list[Any]()

    def launch(files: Any, configuration: Any = None, watcher: Any = None) -> None:
        run.append([sorted(files), configuration, watcher is not None])

    kept = ServiceLauncher.run_until_complete
    # Any: the launcher's method is of either framework.
    launcher: Any = ServiceLauncher
    launcher.run_until_complete = launch
    told, code = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            cli.cli_entrypoint(["tomodachi", *arguments])
    except SystemExit as end:
        code = end.code
    finally:
        launcher.run_until_complete = kept
        os.environ.clear()
        os.environ.update(before)
    return {"exit": code, "run": run}
