"""A heap of deadlines whose entries may go stale: cleaned when looked at, rebuilt when mostly stale.

Setting a deadline and letting it lapse cost O(log n); nothing is ever searched. Whether an entry
still counts is asked of its owner, so changing a deadline is just pushing another entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush

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
        # The sum is the same one that callers report as the deadline: rounded differently, a timer
        # could fire at a deadline that is never due.
        while self._entries and self._entries[0][0] + after <= now:
            at, key = heappop(self._entries)
            if self._is_current(at, key):
                yield key

    def clear(self) -> None:
        """Forget every deadline."""
        self._entries.clear()
