"""One timer a server: it rings when its core has something to do, and never otherwise.

The core says when (`next_deadline`); nothing polls. On a loop whose time is virtual, the timer is one
of the loop's own, so that time stops at every deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tomodachi_fakes.clock import Clock

# A loop may ring a timer early by its clock's resolution; a deadline this near has come.
_TOLERANCE_S = 0.001


class DeadlineTimer:
    """Calls `advance(now)` when the deadline that `next_deadline` names has come."""

    # How tools that list a loop's timers call this one, and whose they say it is.
    svc_timer_kind = "deadline of SNS or SQS"
    svc_timer_owner = "broker"

    def __init__(
        self,
        clock: Clock,
        next_deadline: Callable[[], float | None],
        advance: Callable[[float], None],
    ) -> None:
        self._clock = clock
        self._next_deadline = next_deadline
        self._advance = advance
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for: float | None = None
        self._closed = False

    def rearm(self) -> None:
        """Look at the core's next deadline again; to be called after every step of the core."""
        deadline = self._next_deadline()
        if self._closed or deadline == self._armed_for:
            return
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._armed_for = deadline
        if deadline is not None:
            delay = max(0.0, deadline - self._clock.now())
            self._handle = self._loop.call_later(delay, self._ring)

    def clock_was_set(self) -> None:
        """The clock shows another time than before: ring at the same deadline by the new one."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._armed_for = None
        self.rearm()

    def close(self) -> None:
        """Never ring again."""
        self._closed = True
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _ring(self) -> None:
        deadline, self._armed_for, self._handle = self._armed_for, None, None
        now = self._clock.now()
        if deadline is not None and deadline - now <= _TOLERANCE_S:
            self._advance(max(now, deadline))
        self.rearm()
