"""`--persist FILE`: what the brokers hold when they stop is there again when they start.

The file is a snapshot as the control API saves it. It is replaced as a whole, so that a process that is
killed while it writes leaves the one before.
"""

from __future__ import annotations

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
        UnusableFile: it cannot be read, or holds something else.
    """
    from tomodachi_fakes.control.parameters import ControlError
    from tomodachi_fakes.control.snapshots import unpack

    try:
        broker.restore(unpack(file.read_bytes()))
    except FileNotFoundError:
        if not file.parent.is_dir():
            msg = (
                f"--persist {file}: there is no folder {file.parent}; make it, or name another file"
            )
            raise UnusableFile(msg) from None
        return False
    except (OSError, ControlError) as error:
        msg = f"--persist {file}: {error}; name another file, or move this one away to begin anew"
        raise UnusableFile(msg) from error
    return True


def keep(broker: FakeBroker, file: Path) -> None:
    """Write what the brokers hold.

    Raises:
        UnusableFile: the file cannot be written.
    """
    from tomodachi_fakes.control.snapshots import pack

    new = file.with_name(f"{file.name}.new")
    try:
        new.write_bytes(pack(broker.snapshot()))
        new.replace(file)
    except OSError as error:
        msg = f"--persist {file}: {error}"
        raise UnusableFile(msg) from error
