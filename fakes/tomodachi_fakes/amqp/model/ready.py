"""The order of ready messages: by arrival, by priority, and a requeue to the original position.

A deque of fresh entries and a heap of returned ones: adding, taking and returning cost the same
with one message and with a million.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, merge
from typing import Protocol

from tomodachi_fakes.amqp.model.message import Entry

_HIGHEST_NORMAL = 4
_HIGH_IN_A_ROW = 2


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

    def parts(self) -> Iterable[ReadyStore]:
        """The parts whose next entries can expire."""
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

    def parts(self) -> Iterable[ReadyStore]:
        """All of it."""
        return (self,)

    def __len__(self) -> int:
        return len(self._fresh) + len(self._returned)

    def __iter__(self) -> Iterator[Entry]:
        return merge(iter(self._fresh), iter(sorted(self._returned)))


class PriorityOrder:
    """Highest priority first, by arrival within one; priorities above the maximum count as it.

    Args:
        max_priority: The maximum.
        default: Priority of a message that has none.

    Source: https://www.rabbitmq.com/docs/priority
    """

    __slots__ = ("_default", "_levels")

    def __init__(self, max_priority: int, default: int = 0) -> None:
        self._default = default
        self._levels = [ArrivalOrder() for _ in range(max_priority + 1)]

    def _level(self, entry: Entry) -> ArrivalOrder:
        return self._levels[min(entry.message.priority(self._default), len(self._levels) - 1)]

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

    def parts(self) -> Iterable[ReadyStore]:
        """All of it."""
        return (self,)

    def __len__(self) -> int:
        return sum(map(len, self._levels))

    def __iter__(self) -> Iterator[Entry]:
        for level in reversed(self._levels):
            yield from level


class StrictOrder(PriorityOrder):
    """Quorum queues of 4.3: priorities as above, but what has none is in the middle, and each level expires by itself.

    Source: https://www.rabbitmq.com/docs/quorum-queues#priorities, answers of a RabbitMQ 4.3.6
    """

    __slots__ = ()

    def __init__(self, levels: int) -> None:
        super().__init__(levels - 1, _HIGHEST_NORMAL)

    def parts(self) -> Iterable[ReadyStore]:
        """Every level that has entries."""
        return [level for level in self._levels if level]


class TwoLevels:
    """Quorum queues of 4.0: priorities above 4 are high. Of three entries, two are high ones and one is the oldest.

    Every entry taken counts, also while one level is empty.

    Source: https://www.rabbitmq.com/docs/4.0/quorum-queues#priorities, answers of a RabbitMQ 4.0.5
    """

    __slots__ = ("_high", "_normal", "_turn")

    def __init__(self) -> None:
        self._high, self._normal = ArrivalOrder(), ArrivalOrder()
        self._turn = 0

    def _level(self, entry: Entry) -> ArrivalOrder:
        return self._high if entry.message.priority() > _HIGHEST_NORMAL else self._normal

    def push(self, entry: Entry) -> None:
        """Add a fresh entry behind those of its level."""
        self._level(entry).push(entry)

    def give_back(self, entry: Entry) -> None:
        """Return an entry to its position within its level."""
        self._level(entry).give_back(entry)

    def _first(self) -> ArrivalOrder:
        if self._turn == _HIGH_IN_A_ROW and self._high and self._normal:
            return min(self._high, self._normal, key=lambda level: level.peek().position)
        return self._high or self._normal

    def peek(self) -> Entry:
        """The next entry; IndexError when there is none."""
        return self._first().peek()

    def pop(self) -> Entry:
        """Take the next entry; IndexError when there is none."""
        entry = self._first().pop()
        self._turn = (self._turn + 1) % (_HIGH_IN_A_ROW + 1)
        return entry

    def clear(self) -> None:
        """Forget every entry."""
        self._high.clear()
        self._normal.clear()

    def parts(self) -> Iterable[ReadyStore]:
        """All of it."""
        return (self,)

    def __len__(self) -> int:
        return len(self._high) + len(self._normal)

    def __iter__(self) -> Iterator[Entry]:
        yield from self._high
        yield from self._normal


class ReturnsFirst:
    """Quorum queues: returned entries come before fresh ones, in the order they were returned.

    Source: https://www.rabbitmq.com/docs/quorum-queues#repeated-requeues

    Args:
        fresh: The order of the others.
    """

    __slots__ = ("_back", "_fresh")

    def __init__(self, fresh: ReadyStore) -> None:
        self._fresh = fresh
        self._back: deque[Entry] = deque()

    def push(self, entry: Entry) -> None:
        """Add a fresh entry."""
        self._fresh.push(entry)

    def give_back(self, entry: Entry) -> None:
        """Return an entry behind the others that were returned, before the fresh ones."""
        self._back.append(entry)

    def peek(self) -> Entry:
        """The next entry; IndexError when there is none."""
        return self._back[0] if self._back else self._fresh.peek()

    def pop(self) -> Entry:
        """Take the next entry; IndexError when there is none."""
        return self._back.popleft() if self._back else self._fresh.pop()

    def clear(self) -> None:
        """Forget every entry."""
        self._back.clear()
        self._fresh.clear()

    def parts(self) -> Iterable[ReadyStore]:
        """All of it while something has come back, else those of the others; in strict order both."""
        if not self._back:
            return self._fresh.parts()
        return (self, *self._fresh.parts()) if isinstance(self._fresh, StrictOrder) else (self,)

    def __len__(self) -> int:
        return len(self._back) + len(self._fresh)

    def __iter__(self) -> Iterator[Entry]:
        yield from self._back
        yield from self._fresh


def of_quorum_queue(levels: int) -> ReturnsFirst:
    """The order of a quorum queue of a release that knows so many levels of priority."""
    if levels == 1:
        return ReturnsFirst(ArrivalOrder())
    return ReturnsFirst(TwoLevels() if levels == 2 else StrictOrder(levels))
