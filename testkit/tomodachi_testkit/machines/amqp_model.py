"""What RabbitMQ's queues must hold after what was done to them: the model behind `AMQPMachine`.

Messages by their bodies, classic queues, one way into each: routing is `routing_model.py`'s. The
model follows what the broker delivers and refuses what RabbitMQ would not have delivered.

Source: https://www.rabbitmq.com/docs/queues, /docs/ttl, /docs/dlx, /docs/maxlength; invariants 14 to 19.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Death = tuple[str, str]  # queue and reason
_AT_ONCE, _NEVER = -math.inf, math.inf


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """How a queue is declared.

    Attributes:
        arguments: As on the wire.
        ttl_ms: x-message-ttl.
        dead_letters_to: Queue that its dead letters are routed to, by the default exchange.
        max_length: x-max-length.
        rejects: x-overflow is reject-publish.
        max_priority: x-max-priority.
        single: x-single-active-consumer.
    """

    ttl_ms: int | None = None
    dead_letters_to: str | None = None
    max_length: int | None = None
    rejects: bool = False
    max_priority: int | None = None
    single: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of queue.declare."""
        dead = self.dead_letters_to
        given = {
            "x-message-ttl": self.ttl_ms,
            "x-dead-letter-exchange": None if dead is None else "",
            "x-dead-letter-routing-key": dead,
            "x-max-length": self.max_length,
            "x-overflow": "reject-publish" if self.rejects else None,
            "x-max-priority": self.max_priority,
            "x-single-active-consumer": True if self.single else None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(slots=True, eq=False)
class Copy:
    """A message in one queue.

    Attributes:
        position: Its place in the order of arrival, which a requeue returns it to.
        fresh: It came in the step at hand, so a consumer may get it although it has no time to live.
        deaths: Queues and reasons it died of, newest first, with their counts.
        first_death: The first of them.
    """

    body: str
    queue: str
    position: int
    expires_at: float | None
    priority: int
    fresh: bool = True
    redelivered: bool = False
    deaths: dict[Death, int] = field(default_factory=dict)
    first_death: Death | None = None
    exchange: str = ""
    key: str = ""


@dataclass(slots=True, eq=False)
class Consumer:
    """A consumer, and what it holds: delivery tags are the channel's."""

    channel: tuple[int, int]
    tag: str
    queue: str
    prefetch: int
    no_ack: bool
    held: set[int] = field(default_factory=set)

    def has_room(self) -> bool:
        """Whether it may get one more message (14)."""
        return self.no_ack or not self.prefetch or len(self.held) < self.prefetch


class BrokerModel:
    """Queues and what is in them.

    Attributes:
        ready: Ready messages by queue, in the order they must be delivered in.
        unacked: What channels hold, by channel and delivery tag: the copy, and who got it (None for
            basic.get).
        consumers: In the order they began.
        dormant: Queues whose single active consumer was cancelled: who follows it gets nothing before
            something else happens to the queue.
    """

    def __init__(self, queues: dict[str, QueueSpec]) -> None:
        self.queues = queues
        self.ready: dict[str, list[Copy]] = {name: [] for name in queues}
        self.unacked: dict[tuple[int, int], dict[int, tuple[Copy, Consumer | None]]] = {}
        self.consumers: list[Consumer] = []
        self.dormant: set[str] = set()
        self._letters: list[tuple[Copy, str]] = []
        self._position = 0
        # When each queue looks next whether its head has expired.
        self._looks: dict[str, float] = {}

    # --- arrival ----------------------------------------------------------------------------------

    def arrive(
        self,
        queue: str,
        body: str,
        *,
        now: float,
        ttl_ms: int | None = None,
        priority: int = 0,
        deaths: dict[Death, int] | None = None,
        first_death: Death | None = None,
        origin: tuple[str, str] = ("", ""),
    ) -> bool:
        """A message reaches a queue; False when it is refused (19)."""
        spec = self.queues[queue]
        room = None if spec.max_length is None else spec.max_length - len(self.ready[queue])
        # Below 0 when requeued messages came back to a queue that had filled up again.
        if spec.rejects and room is not None and room <= 0:
            return False
        lives = [ms for ms in (ttl_ms, spec.ttl_ms) if ms is not None]
        self._position += 1
        due = now + min(lives) / 1000 if lives else None
        priority = min(priority, spec.max_priority or 0)
        copy = Copy(body, queue, self._position, due, priority)
        copy.deaths, copy.first_death = dict(deaths or {}), first_death
        copy.exchange, copy.key = origin
        self._put(copy)
        if due is not None and len(self.ready[queue]) == 1:
            self._looks[queue] = due
        return True

    def _put(self, copy: Copy) -> None:
        self.dormant.discard(copy.queue)
        ready = self.ready[copy.queue]
        ready.append(copy)
        ready.sort(key=lambda other: (-other.priority, other.position))

    def overflow(self, queue: str) -> bool:
        """Drop what is too much from the head; whether there was any."""
        spec, ready = self.queues[queue], self.ready[queue]
        if spec.max_length is None or spec.rejects or len(ready) <= spec.max_length:
            return False
        while len(ready) > spec.max_length:
            self.die(ready.pop(0), "maxlen")
        self._looks[queue] = _AT_ONCE
        return True

    # --- consumers --------------------------------------------------------------------------------

    def begin(self, consumer: Consumer) -> None:
        """basic.consume."""
        self.consumers.append(consumer)
        self.dormant.discard(consumer.queue)

    def cancel(self, consumer: Consumer) -> None:
        """basic.cancel."""
        self.consumers.remove(consumer)
        if self.queues[consumer.queue].single:
            self.dormant.add(consumer.queue)

    # --- deliveries -------------------------------------------------------------------------------

    def take_deliveries(self, queue: str, bodies: set[str], now: float) -> list[Copy]:
        """Those of `bodies` that may be delivered now: they must be the queue's head (15).

        Messages that expire on the way leave as dead letters (18).
        """
        found: list[Copy] = []
        ready = self.ready[queue]
        while True:
            self.expire(queue, now, spare=bodies)
            if not ready or ready[0].body not in bodies:
                return found
            copy = ready.pop(0)
            late = _is_due(copy, now) and self._looks.get(queue, _NEVER) <= now
            assert copy.fresh or not late, f"delivered after it expired: {copy}"
            found.append(copy)
            self._looks[queue] = _AT_ONCE

    def expire(self, queue: str, now: float, spare: Iterable[str] = ()) -> None:
        """Expired messages leave from the head; what waits behind it, waits.

        The queue looks at its head when something left or came back, and when the head that it has seen
        expires. What its priority brings before others is seen then: until then it stays, and is delivered.
        Source: RabbitMQ 3.10.8, 4.0.5 and 4.3.6.
        """
        if self._looks.get(queue, _NEVER) > now:
            return
        ready = self.ready[queue]
        while ready and _is_due(ready[0], now) and ready[0].body not in spare:
            self.die(ready.pop(0), "expired")
        head = ready[0].expires_at if ready else None
        self._looks[queue] = _NEVER if head is None else head

    def starving(self, queue: str) -> list[str]:
        """Ready messages although a consumer could take one; nothing else may stay so."""
        if queue in self.dormant:
            return []
        consumers = [c for c in self.consumers if c.queue == queue]
        asked = consumers[:1] if self.queues[queue].single else consumers
        if not any(c.has_room() for c in asked):
            return []
        return [copy.body for copy in self.ready[queue]]

    # --- settlement -------------------------------------------------------------------------------

    def settle(self, channel: tuple[int, int], tags: Iterable[int]) -> list[Copy]:
        """These tags of a channel are settled; what they stood for."""
        held = self.unacked.get(channel, {})
        copies = []
        for tag in sorted(tags):
            copy, consumer = held.pop(tag)
            if consumer is not None:
                consumer.held.discard(tag)
            copies.append(copy)
        return copies

    def requeue(self, copies: Iterable[Copy]) -> None:
        """These go back to where they were, and have been delivered before (15, 16)."""
        queues: dict[str, None] = {}
        for copy in copies:
            copy.redelivered = True
            self._put(copy)
            queues[copy.queue] = None
        for queue in queues:
            self.overflow(queue)
            self._looks[queue] = _AT_ONCE

    def purge(self, queue: str) -> None:
        """queue.purge."""
        self.ready[queue].clear()
        self._looks[queue] = _NEVER

    def close(self, *channels: tuple[int, int]) -> None:
        """Channels end: first their consumers, then what each of them holds goes back (16)."""
        consumed = {c.queue for c in self.consumers if c.channel in channels}
        self.dormant -= consumed
        self._looks |= dict.fromkeys(consumed, _AT_ONCE)
        self.consumers = [c for c in self.consumers if c.channel not in channels]
        for channel in channels:
            held = self.unacked.pop(channel, {})
            self.requeue(copy for copy, _ in held.values())

    # --- dead letters -----------------------------------------------------------------------------

    def die(self, copy: Copy, reason: str) -> None:
        """A message leaves its queue for good; `deliver_letters` sends it on."""
        if self.queues[copy.queue].dead_letters_to is not None:
            self._letters.append((copy, reason))

    def deliver_letters(self, now: float) -> None:
        """Dead letters arrive, unless they went round in a circle without a rejection (18)."""
        while self._letters:
            copy, reason = self._letters.pop(0)
            target = self.queues[copy.queue].dead_letters_to
            assert target is not None  # `die` keeps no others
            count = copy.deaths.pop((copy.queue, reason), 0) + 1
            deaths = {(copy.queue, reason): count, **copy.deaths}
            if reason != "rejected" and _is_circle(target, deaths):
                continue
            self.arrive(
                target,
                copy.body,
                now=now,
                priority=copy.priority,
                deaths=deaths,
                first_death=copy.first_death or (copy.queue, reason),
                origin=("", target),
            )
            self.overflow(target)

    def finish_step(self) -> None:
        """What came in this step is no news any more."""
        for ready in self.ready.values():
            for copy in ready:
                copy.fresh = False


def _is_due(copy: Copy, now: float) -> bool:
    return copy.expires_at is not None and copy.expires_at <= now


def _is_circle(target: str, deaths: dict[Death, int]) -> bool:
    for queue, reason in deaths:
        if reason == "rejected":
            return False
        if queue == target:
            return True
    return False
