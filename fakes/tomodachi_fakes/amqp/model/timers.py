"""What is due when: one heap of one-shot timers for the whole broker, in Unix seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush


class Timer:
    """A call that is due at `due`; `cancel()` takes it back.

    `kind` says what it is for ("ttl", "heartbeat") and `queue` whose it is, for who looks at them.
    """

    __slots__ = ("call", "due", "kind", "queue")

    def __init__(
        self, due: float, call: Callable[[float], None], kind: str, queue: str = ""
    ) -> None:
        self.due = due
        self.call: Callable[[float], None] | None = call
        self.kind = kind
        self.queue = queue

    def cancel(self) -> None:
        """The call will not be made."""
        self.call = None


class Timers:
    """One-shot timers in the order they are due; those of one moment in the order they were set."""

    __slots__ = ("_heap", "_seq")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._seq = 0

    def at(self, due: float, call: Callable[[float], None], kind: str, queue: str = "") -> Timer:
        """Call `call(now)` at `due` or later."""
        timer = Timer(due, call, kind, queue)
        self._seq += 1
        heappush(self._heap, (due, self._seq, timer))
        return timer

    def pending(self) -> Iterator[Timer]:
        """Every timer that will ring, in no order; to look at."""
        return (timer for _, _, timer in self._heap if timer.call is not None)

    def next_deadline(self) -> float | None:
        """When the next timer is due; None when there is none."""
        while self._heap and self._heap[0][2].call is None:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, now: float) -> None:
        """Make every call that is due by `now`, those included that these calls set."""
        while (due := self.next_deadline()) is not None and due <= now:
            timer = heappop(self._heap)[2]
            call, timer.call = timer.call, None
            if call is not None:
                call(now)
