"""Deadlines whose entries may go stale: cleaned when looked at, rebuilt when mostly stale.

In a `LazyHeap`, setting a deadline and letting it lapse cost O(log n); in a `LazyLine`, for deadlines
that are set in about their own order, O(1). Nothing is ever searched. Whether an entry still counts is
asked of its owner, so changing a deadline is just pushing another entry.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush, merge

_SLACK = 64


class LazyHeap:
    """Deadlines of numbered things (`key`), earliest first."""

    __slots__ = ("_entries", "_is_current")

    def __init__(self, is_current: Callable[[float, int], bool]) -> None:
        self._entries: list[tuple[float, int]] = []
        self._is_current = is_current

    def push(self, at: float, key: int, live: int) -> None:
        """Add a deadline; `live` is how many entries count at present."""
        if len(self._entries) > 2 * live + _SLACK:
            self._entries = [entry for entry in self._entries if self._is_current(*entry)]
            heapify(self._entries)
        heappush(self._entries, (at, key))

    def head(self) -> float | None:
        """The earliest deadline that counts."""
        entries = self._entries
        while entries:
            at, key = entries[0]
            if self._is_current(at, key):
                return at
            heappop(entries)
        return None

    def due(self, now: float, after: float = 0.0) -> Iterator[int]:
        """Take out what is due by `now`, `after` seconds past its entry; earliest first."""
        for _, key in self.due_entries(now, after):
            yield key

    def due_entries(self, now: float, after: float) -> Iterator[tuple[float, int]]:
        """As `due`, with each deadline in front of its thing."""
        # The sum is the same one that callers report as the deadline: rounded differently, a timer
        # could fire at a deadline that is never due.
        while self._entries and self._entries[0][0] + after <= now:
            at, key = heappop(self._entries)
            if self._is_current(at, key):
                yield at, key

    def clear(self) -> None:
        """Forget every deadline."""
        self._entries.clear()


class LazyLine:
    """Deadlines that mostly come in order, and so only need to stand in line.

    A queue of a million messages would pay for a heap with the memory that it jumps through. The few
    that come too late to stand in line (dead letters keep their time) go to a heap.
    """

    __slots__ = ("_is_current", "_late", "_line")

    def __init__(self, is_current: Callable[[float, int], bool]) -> None:
        self._line: deque[tuple[float, int]] = deque()
        self._late = LazyHeap(is_current)
        self._is_current = is_current

    def push(self, at: float, key: int, live: int) -> None:
        """Add a deadline; `live` is how many entries count at present."""
        line = self._line
        if line and at < line[-1][0]:
            self._late.push(at, key, live)
            return
        if len(line) > 2 * live + _SLACK:
            line = self._line = deque(entry for entry in line if self._is_current(*entry))
        line.append((at, key))

    def head(self) -> float | None:
        """The earliest deadline that counts."""
        line = self._line
        while line and not self._is_current(*line[0]):
            line.popleft()
        late = self._late.head()
        if not line:
            return late
        first = line[0][0]
        return first if late is None or first < late else late

    def due(self, now: float, after: float = 0.0) -> Iterator[int]:
        """Take out what is due by `now`, `after` seconds past its entry; earliest first."""
        for at, key in merge(self._line_due(now, after), self._late.due_entries(now, after)):
            # One that stands in both was looked at in each before the first was taken.
            if self._is_current(at, key):
                yield key

    def _line_due(self, now: float, after: float) -> Iterator[tuple[float, int]]:
        line = self._line
        while line and line[0][0] + after <= now:
            entry = line.popleft()
            if self._is_current(*entry):
                yield entry

    def clear(self) -> None:
        """Forget every deadline."""
        self._line.clear()
        self._late.clear()
