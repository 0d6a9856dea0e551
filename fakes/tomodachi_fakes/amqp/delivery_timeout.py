"""How long a delivery may stay unacknowledged.

Before 4.3 the channel is closed then. From 4.3 on only quorum queues look at it: the message goes back, and its
consumer is told that it is cancelled; once it has settled everything that took too long, it gets messages again.

Source: https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout, answers of a RabbitMQ 4.3.6
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.fields import INTEGERS
from tomodachi_fakes.amqp.model.arguments import QUORUM
from tomodachi_fakes.amqp.reply_codes import ChannelReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.consumers import Consumer
    from tomodachi_fakes.amqp.model.message import Entry
    from tomodachi_fakes.amqp.model.timers import Timer

_ARGUMENT = "x-consumer-timeout"
_SHOWN_BY_4_3 = -1


class DeliveryTimeout:
    """One timer for the delivery of a channel that is due first, set when there is one.

    Attributes:
        lapsed: Consumers by the tags of deliveries that took too long and are not settled.
    """

    __slots__ = ("_channel", "_due", "lapsed", "timer")

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._due = 0.0
        self.timer: Timer | None = None
        self.lapsed: dict[int, Consumer] = {}

    def watch(self, entry: Entry, consumer: Consumer | None, now: float) -> None:
        """A delivery was sent: look at it when its time is up."""
        limit_ms = self._limit_ms(entry, consumer)
        if limit_ms:
            self._look_at(now + limit_ms / 1000)

    def _look_at(self, due: float) -> None:
        if self.timer is not None and self._due <= due:
            return
        self.stop()
        self._due = due
        timers = self._channel.broker.timers
        self.timer = timers.at(due, self._on_timeout, "consumer timeout")

    def stop(self) -> None:
        """The channel ends."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def settle(self, tags: list[int]) -> None:
        """Deliveries that took too long were settled after all; their consumers may go on."""
        for tag in tags:
            consumer = self.lapsed.pop(tag)
            if consumer not in self.lapsed.values():
                consumer.lapsed = False
                consumer.queue.wake([consumer], self._channel.broker.now)

    def _limit_ms(self, entry: Entry, consumer: Consumer | None) -> int:
        by_queue = self._channel.broker.profile.quorum_timeouts
        if entry.queue.kind != QUORUM if by_queue else consumer is None:
            return 0
        if by_queue and consumer is not None:
            field = consumer.arguments.get(_ARGUMENT)
            if field is not None and field.type in INTEGERS:
                return int(field.value)
        broker = self._channel.broker
        own = entry.queue.rules.consumer_timeout if broker.profile.queue_timeouts else None
        return broker.consumer_timeout_ms if own is None else own

    def _dues(self) -> Iterator[tuple[float, int]]:
        """When each delivery is due, and its tag."""
        for tag, (entry, consumer, since) in self._channel.unacked.items():
            limit_ms = self._limit_ms(entry, consumer)
            if limit_ms:
                yield since + limit_ms / 1000, tag

    def _on_timeout(self, now: float) -> None:
        self.timer = None
        late = [tag for due, tag in self._dues() if due <= now]
        if late and not self._channel.broker.profile.quorum_timeouts:
            entry, consumer, _ = self._channel.unacked[late[0]]
            self._fail(self._limit_ms(entry, consumer))
            return
        for tag in late:
            if not self._lapse(tag, now):
                return
        if (due := min(self._dues(), default=None)) is not None:
            self._look_at(due[0])

    def _lapse(self, tag: int, now: float) -> bool:
        """Give a late delivery back; False when that is the end of its channel."""
        channel = self._channel
        entry, consumer, _ = channel.unacked[tag]
        told = "consumer_cancel_notify" in channel.connection.capabilities
        if consumer is None or not told:
            self._fail(_SHOWN_BY_4_3)
            return False
        channel.settled(tag)
        self.lapsed[tag] = consumer
        consumer.lapsed = True
        channel.send("basic.cancel", consumer.tag, True)
        entry.queue.requeue([entry], failed=False, now=now)
        return True

    def _fail(self, shown_ms: int) -> None:
        channel = self._channel
        text = (
            f"delivery acknowledgement on channel {channel.number} timed out. Timeout value used: "
            f"{shown_ms} ms. This timeout value can be configured, see "
            "consumers doc guide to learn more"
        )
        channel.fail(AmqpChannelError(ChannelReply.PRECONDITION_FAILED, text))
