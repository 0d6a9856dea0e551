"""The order of ready messages: by arrival, by priority, and a requeue to the original position.

A deque of fresh entries and a heap of returned ones: adding, taking and returning cost the same
with one message and with a million.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush, merge
from typing import Protocol

from tomodachi_fakes.amqp.model.message import Entry


class ReadyStore(Protocol):
    """Ready entries of one queue."""

    def push(self, entry: Entry) -> None:
        """Add a fresh entry at the end."""
        ...

    def give_back(self, entry: Entry) -> None:
        """Return an entry that was taken."""
        ...

    def peek(self) -> Entry:
        """The next entry; IndexError when there is none."""
        ...

    def pop(self) -> Entry:
        """Take the next entry; IndexError when there is none."""
        ...

    def clear(self) -> None:
        """Forget every entry."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Entry]: ...


class ArrivalOrder:
    """First in, first out; a returned entry goes back to where it was."""

    __slots__ = ("_fresh", "_returned")

    def __init__(self) -> None:
        self._fresh: deque[Entry] = deque()
        self._returned: list[Entry] = []

    def push(self, entry: Entry) -> None:
        """Add a fresh entry at the end."""
        self._fresh.append(entry)

    def give_back(self, entry: Entry) -> None:
        """Return an entry to its position."""
        heappush(self._returned, entry)

    def _head_is_returned(self) -> bool:
        fresh, returned = self._fresh, self._returned
        return bool(returned) and (not fresh or returned[0].position < fresh[0].position)

    def peek(self) -> Entry:
        """The next entry; IndexError when there is none."""
        return self._returned[0] if self._head_is_returned() else self._fresh[0]

    def pop(self) -> Entry:
        """Take the next entry; IndexError when there is none."""
        if self._returned and self._head_is_returned():
            return heappop(self._returned)
        return self._fresh.popleft()

    def clear(self) -> None:
        """Forget every entry."""
        self._fresh.clear()
        self._returned.clear()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._returned)

    def __iter__(self) -> Iterator[Entry]:
        return merge(iter(self._fresh), iter(sorted(self._returned)))


class PriorityOrder:
    """Highest priority first, by arrival within one; priorities above the maximum count as it.

    Source: https://www.rabbitmq.com/docs/priority
    """

    __slots__ = ("_levels",)

    def __init__(self, max_priority: int) -> None:
        self._levels = [ArrivalOrder() for _ in range(max_priority + 1)]

    def _level(self, entry: Entry) -> ArrivalOrder:
        return self._levels[min(entry.message.priority(), len(self._levels) - 1)]

    def push(self, entry: Entry) -> None:
        """Add a fresh entry behind those of its priority."""
        self._level(entry).push(entry)

    def give_back(self, entry: Entry) -> None:
        """Return an entry to its position within its priority."""
        self._level(entry).give_back(entry)

    def _first(self) -> ArrivalOrder:
        for level in reversed(self._levels):
            if level:
                return level
        raise IndexError("empty")

    def peek(self) -> Entry:
        """The next entry; IndexError when there is none."""
        return self._first().peek()

    def pop(self) -> Entry:
        """Take the next entry; IndexError when there is none."""
        return self._first().pop()

    def clear(self) -> None:
        """Forget every entry."""
        for level in self._levels:
            level.clear()

    def __len__(self) -> int:
        return sum(map(len, self._levels))

    def __iter__(self) -> Iterator[Entry]:
        for level in reversed(self._levels):
            yield from level


class ReturnsFirst(ArrivalOrder):
    """Quorum queues: returned entries come before fresh ones, in the order they were returned.

    Source: https://www.rabbitmq.com/docs/quorum-queues#repeated-requeues
    """

    __slots__ = ("_back",)

    def __init__(self) -> None:
        super().__init__()
        self._back: deque[Entry] = deque()

    def give_back(self, entry: Entry) -> None:
        """Return an entry behind the others that were returned, before the fresh ones."""
        self._back.append(entry)

    def peek(self) -> Entry:
        """The next entry; IndexError when there is none."""
        return self._back[0] if self._back else self._fresh[0]

    def pop(self) -> Entry:
        """Take the next entry; IndexError when there is none."""
        return self._back.popleft() if self._back else self._fresh.popleft()

    def clear(self) -> None:
        """Forget every entry."""
        self._back.clear()
        self._fresh.clear()

    def __len__(self) -> int:
        return len(self._back) + len(self._fresh)

    def __iter__(self) -> Iterator[Entry]:
        yield from self._back
        yield from self._fresh
