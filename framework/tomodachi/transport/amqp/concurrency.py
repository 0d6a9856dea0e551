"""How many handlers run at once: per consumer, and in all.

The broker already hands out no more than the prefetch counts allow, except where it means something
else by them (RabbitMQ 4.3 counts the global one per consumer) and after a reconnect, when handlers of
the lost connection still run. This bound holds whatever the broker does.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
D = TypeVar("D")


class ConcurrencyLimit(Generic[K, D]):
    """Deliveries that run and deliveries that wait for a free place, first come first served.

    Args:
        per_consumer: How many of one consumer run at once; 0 means any number.
        in_all: How many of all consumers run at once; 0 means any number.
    """

    __slots__ = ("_in_all", "_per_consumer", "_running", "_total", "_waiting")

    def __init__(self, *, per_consumer: int, in_all: int) -> None:
        self._per_consumer = per_consumer
        self._in_all = in_all
        self._running: Counter[K] = Counter()
        self._total = 0
        self._waiting: deque[tuple[K, D]] = deque()

    @property
    def running(self) -> int:
        """How many run."""
        return self._total

    def admit(self, consumer: K, delivery: D) -> bool:
        """Whether the delivery runs now; if not, it waits and comes out of `release` later."""
        if self._has_place(consumer):
            self._take_place(consumer)
            return True
        self._waiting.append((consumer, delivery))
        return False

    def release(self, consumer: K) -> Iterator[tuple[K, D]]:
        """One delivery of `consumer` has ended: gives those that run now in its place."""
        self._running[consumer] -= 1
        self._total -= 1
        if self._waiting:
            yield from self._admit_waiting()

    def take_waiting(self) -> list[tuple[K, D]]:
        """Take every delivery that waits; none of them will run."""
        waiting = list(self._waiting)
        self._waiting.clear()
        return waiting

    def _admit_waiting(self) -> Iterator[tuple[K, D]]:
        kept: deque[tuple[K, D]] = deque()
        admitted = []
        while self._waiting:
            consumer, delivery = self._waiting.popleft()
            if self._has_place(consumer):
                self._take_place(consumer)
                admitted.append((consumer, delivery))
            else:
                kept.append((consumer, delivery))
        self._waiting = kept
        yield from admitted

    def _has_place(self, consumer: K) -> bool:
        if self._in_all and self._total >= self._in_all:
            return False
        return not self._per_consumer or self._running[consumer] < self._per_consumer

    def _take_place(self, consumer: K) -> None:
        self._running[consumer] += 1
        self._total += 1
