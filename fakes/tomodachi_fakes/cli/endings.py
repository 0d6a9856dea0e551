"""What ends the program: a signal, the control API, a parent that is gone, nobody who uses it.

The first signal ends it in good order; a second one is the system's, and ends it at once. A terminal that is
closed sends one too (SIGHUP), unless `nohup` was asked to keep it away.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import TYPE_CHECKING

from tomodachi_fakes.errors import FakesError

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker

LOGGER = logging.getLogger("svc-fake-broker")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_AGAIN_S = 1.0


class Endings:
    """The reasons to end that are in force, on the running loop.

    Attributes:
        came: Set once there is one.
    """

    def __init__(self) -> None:
        self.came = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._began_at = self._loop.time()
        self._descriptor: int | None = None
        for number in _SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                self._loop.add_signal_handler(number, self._on_signal)

    def end(self) -> None:
        """End in good order."""
        self.came.set()

    def _on_signal(self) -> None:
        for number in _SIGNALS:
            if self._loop.remove_signal_handler(number):
                signal.signal(number, signal.SIG_DFL)
        self.end()

    # --- the parent --------------------------------------------------------------------------------

    def when_gone(self, pid: int) -> None:
        """End when that process does.

        Raises:
            FakesError: there is none.
        """
        if not _runs(pid):
            msg = f"--parent-pid {pid}: there is no such process; name one that runs"
            raise FakesError(msg)
        self._descriptor = _watched(pid)
        if self._descriptor is None:
            self._loop.call_later(_LOOK_AGAIN_S, self._look_for, pid)
        else:
            # Readable once the process has ended: nobody has to look.
            self._loop.add_reader(self._descriptor, self._on_gone, pid)

    def _look_for(self, pid: int) -> None:
        if _runs(pid):
            self._loop.call_later(_LOOK_AGAIN_S, self._look_for, pid)
        else:
            self._on_gone(pid)

    def _on_gone(self, pid: int) -> None:
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
        LOGGER.info("process %s is gone", pid)
        self.end()

    # --- nobody there ------------------------------------------------------------------------------

    def when_idle(self, broker: FakeBroker, seconds: float) -> None:
        """End when no client has used any port for so long.

        An open AMQP connection is use, and so is every request but those that look whether the brokers are
        well, and for metrics.
        """
        unused_s = self._loop.time() - max(broker.used_at, self._began_at)
        if unused_s >= seconds:
            LOGGER.info("nobody has used the brokers for %g s", seconds)
            self.end()
        else:
            self._loop.call_later(seconds - unused_s, self.when_idle, broker, seconds)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it is another user's
    return True


def _watched(pid: int) -> int | None:
    """A descriptor that tells when the process has ended; None where the system has no such thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
