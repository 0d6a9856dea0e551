"""Consumers of one queue: whose turn it is.

Highest priority first, round robin within one; a consumer that can take nothing is parked and comes
back at the end of its round. With single active consumer only the active one is asked.

Source: https://www.rabbitmq.com/docs/consumer-priority, https://www.rabbitmq.com/docs/consumers#single-active-consumer
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.codec import shortstr
from tomodachi_fakes.amqp.model.arguments import QUORUM

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.fields import Table
    from tomodachi_fakes.amqp.model.source import Source

_DELIVER = b"\x00\x3c\x00\x3c"


class Consumer:
    """A subscription of one channel to one queue.

    Attributes:
        prefetch: Most unacknowledged deliveries; 0 is no limit.
        unacked: Unacknowledged deliveries now.
        paused: A test holds its deliveries back.
        lapsed: It holds deliveries that took too long, and gets none until it has settled them (4.3).
        parked: It could take nothing when its turn came: counts those of its queue; 0 when it is not.
        head: Start of its `basic.deliver` methods: ids and consumer tag.
    """

    __slots__ = (
        "arguments",
        "channel",
        "exclusive",
        "head",
        "lapsed",
        "no_ack",
        "parked",
        "paused",
        "prefetch",
        "priority",
        "queue",
        "tag",
        "unacked",
    )

    def __init__(
        self,
        channel: Channel,
        queue: Source,
        tag: str,
        *,
        no_ack: bool,
        exclusive: bool,
        prefetch: int,
        priority: int,
        arguments: Table,
    ) -> None:
        self.channel = channel
        self.queue = queue
        self.tag = tag
        self.no_ack = no_ack
        self.exclusive = exclusive
        self.prefetch = prefetch
        self.priority = priority
        self.arguments = arguments
        self.unacked = 0
        self.paused = False
        self.lapsed = False
        self.parked = 0
        self.head = _DELIVER + shortstr(tag)

    def can_take(self) -> bool:
        """Whether a delivery may be sent now."""
        if (
            self.paused
            or self.lapsed
            or (self.prefetch and self.unacked >= self.prefetch and not self.no_ack)
        ):
            return False
        channel = self.channel
        if channel.connection.saturated:
            return False
        return self.no_ack or not channel.at_global_limit() or self.queue.kind == QUORUM


_since = attrgetter("parked")


class ConsumerSet:
    """The consumers of a queue, and whose turn it is.

    Args:
        single_active: Only one of them is asked.
        by_priority: A consumer of higher priority becomes the active one once the active one has settled
            everything; until then nobody gets anything.
    """

    __slots__ = (
        "_active",
        "_all",
        "_by_priority",
        "_current",
        "_order",
        "_parked",
        "single_active",
    )

    def __init__(self, *, single_active: bool, by_priority: bool = False) -> None:
        self.single_active = single_active
        self._by_priority = by_priority
        self._current: Consumer | None = None
        self._all: dict[Consumer, None] = {}
        self._active: dict[int, deque[Consumer]] = {}
        self._parked = 0
        self._order: list[int] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Consumer]:
        return iter(list(self._all))

    def add(self, consumer: Consumer) -> None:
        """A consumer begins; its turn comes after the others of its priority.

        An active one of lower priority gets nothing until it has settled something, whoever is there by then.
        Source: RabbitMQ 4.0.5 and 4.3.6.
        """
        current = self.active if self.single_active and self._by_priority else None
        self._all[consumer] = None
        self._enter(consumer)
        if current is not None and current.unacked and self._gives_way(current):
            self._set_aside(current)

    def _enter(self, consumer: Consumer) -> None:
        consumer.parked = 0
        waiting = self._active.get(consumer.priority)
        if waiting is None:
            waiting = self._active[consumer.priority] = deque()
            self._order = sorted(self._active, reverse=True)
        waiting.append(consumer)

    def remove(self, consumer: Consumer) -> None:
        """A consumer ends."""
        if self._all.pop(consumer, consumer) is not None:
            return
        if not consumer.parked:
            self._active[consumer.priority].remove(consumer)
        consumer.parked = 0

    def unpark(self, consumers: Collection[Consumer]) -> bool:
        """These may be able to take again; in the order they were parked. False when none was."""
        woken = [consumer for consumer in consumers if consumer.parked]
        if len(woken) > 1:
            woken.sort(key=_since)
        for consumer in woken:
            self._enter(consumer)
        return bool(woken)

    def took(self, consumer: Consumer) -> None:
        """Who can take no more now comes behind those that wait, whenever it can again."""
        if not self.single_active and not consumer.can_take():
            self._set_aside(consumer)

    def _set_aside(self, consumer: Consumer) -> None:
        if not consumer.parked:
            self._active[consumer.priority].remove(consumer)
            self._park(consumer)

    def _park(self, consumer: Consumer) -> None:
        self._parked += 1
        consumer.parked = self._parked

    @property
    def active(self) -> Consumer | None:
        """With single active consumer: the one that is asked."""
        if not self._by_priority or not self._all:
            return next(iter(self._all), None)
        current = self._current
        if current not in self._all or (self._gives_way(current) and not current.unacked):
            self._current = current = self._best()
        return current

    def _best(self) -> Consumer:
        return max(self._all, key=attrgetter("priority"))

    def _gives_way(self, consumer: Consumer) -> bool:
        return self._by_priority and self._best().priority > consumer.priority

    def next_ready(self) -> Consumer | None:
        """The consumer whose turn it is; None when nobody can take a message."""
        if self.single_active:
            return self._active_one()
        for priority in self._order:
            waiting = self._active[priority]
            while waiting:
                consumer = waiting.popleft()
                if consumer.can_take():
                    waiting.append(consumer)
                    return consumer
                self._park(consumer)
        return None

    def _active_one(self) -> Consumer | None:
        consumer = self.active
        if consumer is None or consumer.parked:
            return None
        if consumer.can_take() and not self._gives_way(consumer):
            return consumer
        self._set_aside(consumer)
        return None
