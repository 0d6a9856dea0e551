"""`tomodachi.run()`: what a service file calls to be runnable with `python service.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from tomodachi.helpers.context_variables import context, get_contextvar


def run(app: str | Iterable[str] | None = None, *args: str, **kwargs: Any) -> None:
    """Run service files as `tomodachi run` does, and end the process.

    Nothing happens where the services run already: a file that calls it can be imported.

    Args:
        app: Path of a service file, or several; the caller's own if None.
        args: Further arguments of the command line.
        kwargs: Options of the command line: `log_level="debug"` is `--log-level debug`,
            `production=None` the bare flag `--production`.

    Raises:
        SystemExit: always, once the services have stopped.
    """
    if context("run.args") is not None:
        return
    from tomodachi.cli import CLI

    file = sys._getframe(1).f_globals.get("__file__")
    if app is None and file is None:
        sys.stdout.write(
            "Error: tomodachi.run() needs a service file where it is called from none.\n"
        )
        return
    files = [file] if app is None else [app] if isinstance(app, str) else app
    arguments = [*map(str, files), *args, *_flags(kwargs)]
    get_contextvar("run.args").set(arguments)
    CLI().run_command(arguments)


def _flags(options: dict[str, Any]) -> list[str]:
    flags: list[str] = []
    for name, value in options.items():
        flags.append(f"--{name.replace('_', '-')}")
        if value is not None:
            flags.append(str(value))
    return flags
