"""What `tomodachi run` prints before the services start: which process, files, versions, loop."""

from __future__ import annotations

import asyncio
import os
import platform
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tomodachi.helpers import colors
from tomodachi.helpers.build_time import get_time_since_build
from tomodachi.helpers.context_variables import context
from tomodachi.helpers.execution_context import get_execution_context
from tomodachi.version import __version__

_NO_COLOR = ("TOMODACHI_BANNER_NO_COLOR", "TOMODACHI_BANNER_NOCOLOR")
_USUAL = {Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/bin")}

_LOGO = """\
 _                           _            _     _
| |_ ___  _ __ ___   ___   __| | __ _  ___| |__ (_)
| __/ _ \\| '_ ` _ \\ / _ \\ / _` |/ _` |/ __| '_ \\| |
| || (_) | | | | | | (_) | (_| | (_| | (__| | | | |
 \\__\\___/|_| |_| |_|\\___/ \\__,_|\\__,_|\\___|_| |_|_|
"""


def render_banner(
    service_files: Iterable[str],
    loop: asyncio.AbstractEventLoop | None = None,
    process_id: int | None = None,
    event_loop_alias: str | None = None,
    event_loop_version: str | None = None,
    cwd: str | None = None,
    watcher_enabled: bool | None = None,  # noqa: FBT001 - the public signature
    use_execution_context: bool = True,  # noqa: FBT001 - the public signature
    *,
    write: Callable[[str], object] | None = None,
) -> None:
    """Print the banner to standard output, or hand it to `write`.

    Args:
        service_files: The files that are run.
        loop: The event loop, if it is there already.
        process_id: As the next four, told from the execution context if left out, or else from the
            process itself.
        event_loop_alias: The name of the loop's implementation.
        event_loop_version: Its version, when it is not the standard library's.
        cwd: What paths are relative to.
        watcher_enabled: Whether changed files restart the services.
        use_execution_context: Whether that is asked.
        write: Receives the whole text.
    """
    known = get_execution_context() if use_execution_context else {}
    color = colors.enabled(sys.stdout) and not any(
        colors.is_yes(os.environ.get(name, "")) for name in _NO_COLOR
    )
    place = Path(cwd or known.get("cwd") or Path.cwd())
    loop_rows = [
        event_loop_alias or known.get("event_loop") or _name(loop),
        event_loop_version or known.get("event_loop_version"),
        "(auto)" if context("loop.setting") == "auto" else "",
    ]
    rows = [
        (f"process [pid: {process_id or known.get('process_id') or os.getpid()}]", _command()),
        *(("service file", _short(name, place)) for name in service_files),
        *_facts(place),
        ("event loop", " ".join(filter(None, loop_rows))),
    ]
    watched = known.get("watcher_enabled") if watcher_enabled is None else watcher_enabled
    text = "\n".join(
        [
            _paint(_LOGO, colors.CYAN, on=color),
            *(f"{_paint(f'{label:<22}', colors.DIM, on=color)} {value}" for label, value in rows),
            "",
            *_notices(watcher_enabled=bool(watched)),
            "",
            "",
        ]
    )
    (write or sys.stdout.write)(text)


def _command() -> str:
    program = Path(sys.argv[0])
    start = [program.name]
    if program.name == "__main__.py":
        start = ["python", "-m", program.parent.name]
    return "$ " + shlex.join([*start, *sys.argv[1:]])


def _facts(cwd: Path) -> Iterator[tuple[str, str]]:
    yield "operating system", f"{platform.system()} on {platform.machine()}"
    yield "python", f"{platform.python_implementation()} {platform.python_version()}"
    yield "tomodachi", f"{__version__} ({get_time_since_build() or 'local development version'})"
    virtualenv = sys.prefix if sys.prefix != sys.base_prefix else os.environ.get("VIRTUAL_ENV", "")
    if virtualenv:
        yield "virtualenv", _short(virtualenv, cwd)
    usual = {Path(virtualenv, "bin")} if virtualenv else _USUAL
    if Path(sys.executable).parent not in usual:
        yield "python executable", _short(sys.executable, cwd)


def _notices(*, watcher_enabled: bool) -> list[str]:
    notices = ["stop running services with <ctrl+c> (graceful teardown)"]
    if watcher_enabled:
        notices.insert(0, "file watcher enabled (code changes auto restart services)")
    return [f"* {notice}" for notice in notices]


def _short(path: str, cwd: Path) -> str:
    absolute = Path(os.path.abspath(cwd / path))  # noqa: PTH100 - links stay what they are called
    return f"./{absolute.relative_to(cwd)}" if absolute.is_relative_to(cwd) else path


def _paint(text: str, color: str, *, on: bool) -> str:
    return f"{color}{text}{colors.RESET}" if on else text


def _name(loop: asyncio.AbstractEventLoop | None) -> str:
    return "asyncio" if loop is None else type(loop).__module__.partition(".")[0]
