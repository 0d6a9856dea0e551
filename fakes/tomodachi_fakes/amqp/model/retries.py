"""Delayed retries of quorum queues (4.3): what was delivered in vain waits before it is ready again.

The wait is the shortest one times the number of failures, up to the longest one; without a longest one it does not
grow. What waits is not ready, but counts against the limits of the queue, and a purge takes it as well.

Source: https://www.rabbitmq.com/docs/quorum-queues#delayed-retry, answers of a RabbitMQ 4.3.6
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.model.message import Entry

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.policies import QueueRules
    from tomodachi_fakes.amqp.model.quorum import QuorumQueue
    from tomodachi_fakes.amqp.model.timers import Timer


def wait_of(entry: Entry, rules: QueueRules, *, failed: bool) -> float | None:
    """Seconds that an entry which comes back waits; None when it does not."""
    kind, shortest = rules.delayed_retry_type, rules.delayed_retry_min
    concerned = kind == "all" or kind == ("failed" if failed else "returned")
    if not concerned or not shortest:
        return None
    longest = shortest if rules.delayed_retry_max is None else rules.delayed_retry_max
    return min(shortest * max(1, entry.delivery_count), longest) / 1000


class Retries:
    """The entries of one queue that wait.

    Attributes:
        octets: Of their bodies.
    """

    __slots__ = ("_queue", "_waiting", "octets")

    def __init__(self, queue: QuorumQueue) -> None:
        self.octets = 0
        self._queue = queue
        self._waiting: dict[Entry, Timer] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Entry]:
        """What waits, in the order it came."""
        return iter(self._waiting)

    def hold(self, entry: Entry, until: float) -> None:
        """Keep an entry until it is due (Unix seconds)."""
        timers = self._queue.vhost.timers
        self._waiting[entry] = timers.at(
            until, partial(self._release, entry), "retry", self._queue.name
        )
        self.octets += self._queue.size_of(entry.message)

    def forget(self) -> None:
        """The queue was purged or is being deleted."""
        for entry, timer in self._waiting.items():
            timer.cancel()
            self._queue.vhost.usage.add(-entry.message.octets)
        self._waiting.clear()
        self.octets = 0

    def _release(self, entry: Entry, now: float) -> None:
        del self._waiting[entry]
        self.octets -= self._queue.size_of(entry.message)
        self._queue.retry(entry, now)
