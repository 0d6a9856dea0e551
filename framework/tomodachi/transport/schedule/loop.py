"""Calls one scheduled function whenever it is due.

One sleep to the next due time, through the clock in force. Calls are not serialised: a call that is
not over does not keep the next one from its time, up to a limit. When a function is due is decided by
`interval.py`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.helpers.observer import observed
from tomodachi.transport.failures import is_being_cancelled, log_uncaught
from tomodachi.transport.schedule.interval import Timing, next_due_at
from tomodachi.transport.schedule.overlap import LIMIT, OverlapLimit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import tzinfo

FIRST_REMINDER_S, REMINDER_S = 2.0, 10.0


@dataclass(frozen=True, slots=True)
class ScheduledFunction:
    """A service's function and when to call it.

    Attributes:
        service: The instance.
        name: The function's name.
        task_name: `Class.function`; the call's time follows it in the names of its tasks.
        call: Calls it with the invocation time as ISO 8601 text in UTC.
        timing: When it is due.
        zone: The time zone of its wall times.
        immediately: Whether it is called once at the start too.
    """

    service: object
    name: str
    task_name: str
    call: Callable[[str], Awaitable[object]]
    timing: Timing
    zone: tzinfo
    immediately: bool
    # What counts running calls: +1 and -1.
    count: Callable[[int], None]


class ScheduleLoop:
    """Calls one function at its times, from `start` to `stop`."""

    def __init__(self, function: ScheduledFunction) -> None:
        self._function = function
        self._logger = logging.get_logger("tomodachi.scheduler").new(handler=function.name)
        self._limit = OverlapLimit()
        self._running: set[asyncio.Task[None]] = set()
        self._loop_task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the first call comes at the first due time, or now if `immediately` is set."""
        name = f"{self._function.task_name}/schedule"
        self._loop_task = asyncio.create_task(self._call_when_due(), name=name)

    async def stop(self) -> None:
        """Make no new calls, and wait for those that run, however long they take."""
        if self._loop_task is None:
            self._logger.warning("scheduled function loop never started before service termination")
        else:
            self._loop_task.cancel()
            await asyncio.wait((self._loop_task,))
            self._loop_task = None
        wait_s, text = FIRST_REMINDER_S, "awaiting task to complete"
        while self._running:
            if await self._finished_within(wait_s):
                return
            for task in self._running:
                self._logger.warning(text, task_name=task.get_name())
            wait_s, text = REMINDER_S, "still awaiting task to finish"

    async def _finished_within(self, seconds: float) -> bool:
        timer = asyncio.ensure_future(clock.sleep(seconds))
        try:
            while self._running and not timer.done():
                await asyncio.wait({timer, *self._running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
        return not self._running

    async def _call_when_due(self) -> None:
        previous = clock.now()
        if self._function.immediately:
            self._call(previous)
        while (due := self._next_due(previous)) is not None:
            while (left := due - clock.now()) > 0:
                await clock.sleep(left)
            self._call(due)
            previous = due

    def _next_due(self, previous: float) -> int | None:
        # After a suspended machine or a blocked loop, times that were missed are not made up for.
        since = max(previous, clock.now() - 1)
        return next_due_at(self._function.timing, since, self._function.zone)

    def _call(self, when: float) -> None:
        decision = self._limit.decide(len(self._running))
        if decision.warns:
            self._logger.warning(
                "too many scheduled tasks for function in scheduled function loop",
                task_count=len(self._running),
                task_limit=LIMIT,
            )
        if decision.resumes:
            self._logger.info(
                "scheduled function loop resumed as task count is within threshold",
                task_count=len(self._running),
                task_limit=LIMIT,
            )
        if not decision.calls:
            return
        invocation_time = _iso(int(when), "seconds")
        name = f"{self._function.task_name}/{_iso(clock.now(), 'microseconds')}"
        task = asyncio.create_task(self.handle(invocation_time), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def handle(self, invocation_time: str) -> None:
        """One call, reported; what the function raises is logged."""
        function = self._function
        function.count(1)
        try:
            details: dict[str, Any] = {"invocation_time": invocation_time}
            with observed("schedule", function.service, function.name, **details) as call:
                try:
                    call.result = await function.call(invocation_time)
                except (Exception, asyncio.CancelledError) as error:
                    if isinstance(error, asyncio.CancelledError) and is_being_cancelled():
                        raise
                    call.error = error
                    log_uncaught(error)
        finally:
            function.count(-1)


def _iso(moment: float, precision: str) -> str:
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec=precision)
    return text.replace("+00:00", "Z")
