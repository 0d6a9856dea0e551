"""What `tomodachi run` prints before the services start: which process, files, versions, loop."""

from __future__ import annotations

import asyncio
import os
import platform
import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tomodachi.helpers import colors
from tomodachi.helpers.build_time import get_time_since_build

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
    *,
    argv: Iterable[str] = (),
    version: str = "",
    event_loop: str = "",
    event_loop_version: str = "",
    watcher_enabled: bool = False,
    write: Callable[[str], object] | None = None,
) -> None:
    """Print the banner to standard output, or hand it to `write`.

    Args:
        service_files: The files that are run.
        loop: The event loop, if it is there already.
        argv: The command line, to be shown beside the process id.
        version: The runtime's version.
        event_loop: The name of the loop's implementation; told from `loop` if left out.
        event_loop_version: Its version, when it is not the standard library's.
        watcher_enabled: Whether changed files restart the services.
        write: Receives the whole text.
    """
    color = colors.enabled(sys.stdout) and not colors.is_yes(
        os.environ.get("TOMODACHI_BANNER_NO_COLOR", "")
    )
    rows = _rows(service_files, argv, version, event_loop or _name(loop), event_loop_version)
    text = "\n".join(
        [
            _paint(_LOGO, colors.CYAN, on=color),
            *(f"{_paint(f'{label:<22}', colors.DIM, on=color)} {value}" for label, value in rows),
            "",
            *_notices(watcher_enabled=watcher_enabled),
            "",
            "",
        ]
    )
    (write or sys.stdout.write)(text)


def _rows(
    files: Iterable[str], argv: Iterable[str], version: str, loop: str, loop_version: str
) -> list[tuple[str, str]]:
    rows = [(f"process [pid: {os.getpid()}]", "$ " + shlex.join(argv) if argv else "")]
    rows += [("service file", _short(name)) for name in files]
    rows.append(("operating system", f"{platform.system()} on {platform.machine()}"))
    rows.append(("python", f"{platform.python_implementation()} {platform.python_version()}"))
    rows.append(("tomodachi", f"{version} ({get_time_since_build()})"))
    if virtualenv := os.environ.get("VIRTUAL_ENV"):
        rows.append(("virtualenv", _short(virtualenv)))
    elif Path(sys.executable).parent not in (Path("/usr/bin"), Path("/usr/local/bin")):
        rows.append(("python executable", _short(sys.executable)))
    rows.append(("event loop", f"{loop} {loop_version}".rstrip()))
    return rows


def _notices(*, watcher_enabled: bool) -> list[str]:
    notices = ["stop running services with <ctrl+c> (graceful teardown)"]
    if watcher_enabled:
        notices.insert(0, "file watcher enabled (code changes auto restart services)")
    return [f"* {notice}" for notice in notices]


def _short(path: str) -> str:
    try:
        return f"./{Path(path).resolve().relative_to(Path.cwd())}"
    except ValueError:
        return path


def _paint(text: str, color: str, *, on: bool) -> str:
    return f"{color}{text}{colors.RESET}" if on else text


def _name(loop: asyncio.AbstractEventLoop | None) -> str:
    return "asyncio" if loop is None else type(loop).__module__.partition(".")[0]
