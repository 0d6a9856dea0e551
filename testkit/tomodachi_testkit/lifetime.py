"""How a harness begins and ends: what is set up in which order, and what a test's end turns into.

In the end services are stopped first, then looked for leaks; errors of handlers come before leaks, and
the test's own error before both. A test that hangs is cancelled by virtual time; here that becomes
`HangDetected` again. What leaks are is `leaks.py`'s decision.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Any

from tomodachi_testkit import http_connectors
from tomodachi_testkit.clock import Clock
from tomodachi_testkit.environment import refuse_conflicting_distributions
from tomodachi_testkit.errors import HangDetected, NeverAwaited, TwoLoops
from tomodachi_testkit.leaks import LeakReport, find_leaks, find_leftovers
from tomodachi_testkit.promises import broken_promises, told
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.virtual_time import VirtualTime

if TYPE_CHECKING:
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides


class Lifetime:
    """The life of one harness.

    Args:
        harness: Whose.
        mover: What moves the wall clock.
        leaks: What a leak does: "error", "warn" or "off".
        start_is_given: Whether the test said itself when its time starts.
    """

    def __init__(self, harness: Harness, *, mover: str, leaks: str, start_is_given: bool) -> None:
        self._tasks_before: frozenset[asyncio.Future[Any]] = frozenset()
        self._harness = harness
        self._leaks = leaks
        self._time = (
            VirtualTime(harness.clock, mover, start_is_given=start_is_given)
            if isinstance(harness.clock, Clock)
            else None
        )
        self._stack = AsyncExitStack()
        self._loop: asyncio.AbstractEventLoop | None = None

    # --- the beginning ----------------------------------------------------------------------------

    async def begin(self) -> None:
        """Set everything up, the first time; from here on the current task is the test's own.

        For the time being that may be the task of a fixture which starts services.

        Raises:
            TwoLoops: it was set up on another loop.
        """
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            self._give_time_back()
            raise TwoLoops
        if self._time is not None:
            self._time.waiting_task = asyncio.current_task()
        if self._loop is not None:
            return
        self._loop = loop
        try:
            await self._set_up()
        except BaseException:
            await self._stack.aclose()
            raise

    async def _set_up(self) -> None:
        refuse_conflicting_distributions()
        if self._time is not None:
            self._take_time(self._time)
        harness, stack = self._harness, self._stack
        stack.enter_context(http_connectors.tracked())
        stack.push_async_callback(harness.brokers.stop)
        await harness.brokers.start()
        stack.push_async_callback(harness.http.close)
        stack.push_async_callback(harness.starter.close)
        stack.push_async_callback(harness.aws_clients.close)
        stack.push_async_callback(harness.starter.stop_all)

    def _take_time(self, time: VirtualTime) -> None:
        loop = time.start()
        self._stack.callback(time.stop)
        self._harness.started_at = self._harness.clock.unix()
        self._tasks_before = frozenset(loop.tasks_of("test"))
        harness = self._harness
        self._stack.enter_context(harness.watch.listening(harness.moments.watching(loop)))
        if harness.fuzz is not None:
            self._stack.enter_context(loop.perturbed(harness.fuzz))

    def _give_time_back(self) -> None:
        if self._time is not None:
            self._time.stop()

    def keep(self, context: AbstractContextManager[Any]) -> None:
        """Enter a context that lasts until the end."""
        self._stack.enter_context(context)

    def check_time(self) -> None:
        """Refuse a wall clock that was frozen after the beginning.

        Raises:
            TwoClocks: it was.
        """
        if self._time is not None:
            self._time.check()

    # --- the end ----------------------------------------------------------------------------------

    async def end(self, error: BaseException | None) -> None:
        """Stop everything; `error` is what the test ended with.

        Raises:
            HangDetected: the test, or the stop of its services, waited for what cannot happen.
            ExceptionGroup: handlers raised, and nobody looked.
            NeverAwaited: the test forgot to await something.
            LeaksFound: something is left behind.
        """
        leaks = LeakReport()
        cancelled = error if isinstance(error, asyncio.CancelledError) else None
        try:
            leaks = await self._stop(look=error is None)
        except asyncio.CancelledError as stopping:
            if not self._hang:
                raise
            cancelled = stopping
        if self._hang and cancelled is not None:
            self._hung(error)
        self._tell_of_broken_promises(error)
        if error is None:
            self._harness.raise_errors()
            leaks.act(self._leaks)

    @staticmethod
    def _tell_of_broken_promises(error: BaseException | None) -> None:
        """What nobody awaited explains an error, or is one."""
        names = broken_promises()
        text = told(names) if names else ""
        names.clear()
        if text and error is None:
            raise NeverAwaited(text)
        if text and error is not None:
            error.add_note(text)

    async def _stop(self, *, look: bool) -> LeakReport:
        try:
            return await self._stop_and_look() if look else LeakReport()
        finally:
            await self._stack.aclose()

    async def _stop_and_look(self) -> LeakReport:
        harness = self._harness
        leaks = await find_leaks(harness, tasks_before=self._tasks_before)
        await harness.starter.stop_all()
        await harness.starter.close()
        await harness.aws_clients.close()
        return leaks | await find_leftovers(harness)

    @property
    def _hang(self) -> str:
        """Why the test hangs, or nothing."""
        return "" if self._time is None else self._time.hang

    def _hung(self, error: BaseException | None) -> None:
        task = asyncio.current_task()
        if task is not None and self._time is not None:
            for _ in range(self._time.cancellations):
                task.uncancel()
        if error is None or isinstance(error, asyncio.CancelledError):
            waits_at = None if self._time is None else self._time.hangs_at
            raise HangDetected(self._hang).with_traceback(waits_at) from None
        error.add_note(f"Then the services could not be stopped: {self._hang}")
