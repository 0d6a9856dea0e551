"""Tells of a moment that does not end: handlers that set one another off without time passing.

A handler whose message comes back at once (RabbitMQ requeues it), or that publishes what it is called
for, never lets the loop come to rest. Whoever waits for that gets an error after as many handler calls
as a drain may take steps; without it the test would wait for good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tomodachi_testkit.errors import DrainIncomplete

if TYPE_CHECKING:
    from tomodachi.helpers.observer import HandlerCall
    from tomodachi_testkit.loop import VirtualLoop


class Moments:
    """Counts handler calls while somebody waits for the loop to come to rest.

    Args:
        limit: Most calls in one moment.
        work: Names the work that is left, for the error message.
    """

    def __init__(self, limit: int, work: Callable[[], Sequence[str]]) -> None:
        self._limit = limit
        self._work = work
        self._wait = 0
        self._calls: Counter[str] = Counter()

    @contextmanager
    def limited(self, limit: int) -> Iterator[None]:
        """Inside, another limit holds."""
        before, self._limit = self._limit, limit
        try:
            yield
        finally:
            self._limit = before

    def watching(self, loop: VirtualLoop) -> Callable[[HandlerCall], None]:
        """What to call whenever a handler call has ended on `loop`."""

        def ended(call: HandlerCall) -> None:
            if loop.waits != self._wait:
                self._wait = loop.waits
                self._calls.clear()
            self._calls[call.handler] += 1
            if self._calls.total() > self._limit:
                loop.give_up(DrainIncomplete(self._told()))
                self._calls.clear()

        return ended

    def _told(self) -> str:
        (handler, calls), *_ = self._calls.most_common(1)
        left = ", ".join(self._work()) or "nothing that is counted"
        return (
            f"{self._calls.total()} handler calls in one moment, {calls} of them of {handler}(), and "
            f"no end; left: {left}. Find what keeps sending, or what gives its message back at once; "
            "if there is that much to do, pass limit=... to drain, or set svc_settle_limit."
        )
