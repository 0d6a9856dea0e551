"""`tomodachi.run()`: what a service file calls to be runnable with `python service.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tomodachi.helpers.context_variables import context, get_contextvar


def run(app: str | Iterable[str] | None = None, *args: str, **kwargs: Any) -> None:
    """Run service files as `tomodachi run` does, and end the process.

    Nothing happens where the services run already: a file that calls it can be imported.

    Args:
        app: Path of a service file, or several; the running program's own if None.
        args: Further arguments of the command line.
        kwargs: Options of the command line: `log_level="debug"` is `--log-level debug`,
            `production=None` the bare flag `--production`.

    Raises:
        SystemExit: always, once the services have stopped.
    """
    if context("run.args") is not None:
        return
    from tomodachi.cli import CLI

    arguments = [*_files(app), *args, *_flags(kwargs)]
    get_contextvar("run.args").set(arguments)
    CLI().run_command(arguments)


def _files(app: str | Iterable[str] | None) -> list[str]:
    if app is None:
        return [str(Path(sys.argv[0]).resolve())]
    return [app] if isinstance(app, str) else [str(file) for file in app]


def _flags(options: dict[str, Any]) -> list[str]:
    flags: list[str] = []
    for name, value in options.items():
        flags.append(f"--{name.replace('_', '-')}")
        if value is not None:
            flags.append(str(value))
    return flags
