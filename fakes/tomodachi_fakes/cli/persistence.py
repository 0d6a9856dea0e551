"""`--persist FILE`: what the brokers hold when they stop is there again when they start.

The file is a snapshot as the control API saves it. It is replaced as a whole, so that a process that is
killed while it writes leaves the one before.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from tomodachi_fakes.errors import FakesError

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker


class UnusableFile(FakesError):
    """The file of `--persist` holds no snapshot, or cannot be read or written."""


def resume(broker: FakeBroker, file: Path) -> bool:
    """Go on from what `file` holds; False, and from nothing, where there is no such file yet.

    Raises:
        UnusableFile: it cannot be read, holds something else, or could not be written at the end.
    """
    from tomodachi_fakes.control.parameters import ControlError
    from tomodachi_fakes.control.snapshots import unpack

    _check_writable(file)
    try:
        broker.restore(unpack(file.read_bytes()))
    except FileNotFoundError:
        return False
    except (OSError, ControlError) as error:
        msg = f"--persist {file}: {error}; name another file, or move this one away to begin anew"
        raise UnusableFile(msg) from error
    return True


def _check_writable(file: Path) -> None:
    """Better now than when everything is lost."""
    if not file.parent.is_dir():
        msg = f"--persist {file}: there is no folder {file.parent}; make it, or name another file"
        raise UnusableFile(msg)
    new = _new(file)
    try:
        new.touch()
        new.unlink()
    except OSError as error:
        msg = f"--persist {file}: {error.strerror}; name a file in a folder that can be written"
        raise UnusableFile(msg) from error


def _new(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def keep(broker: FakeBroker, file: Path) -> None:
    """Write what the brokers hold.

    Raises:
        UnusableFile: the file cannot be written.
    """
    from tomodachi_fakes.control.snapshots import pack

    new = _new(file)
    try:
        new.write_bytes(pack(broker.snapshot()))
        new.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink()
        msg = (
            f"--persist {file}: what the brokers held is lost, and the file is as it was: {error.strerror}; "
            "make room, or name a file in another folder"
        )
        raise UnusableFile(msg) from error
