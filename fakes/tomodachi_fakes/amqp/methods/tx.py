"""tx.select, commit, rollback, and confirm.select: the two modes a channel can be in.

Publishes are checked at once and routed at commit; acknowledgements are checked at once and count
at commit. A rollback forgets the publishes and leaves the deliveries unacknowledged.

Source: AMQP 0-9-1 spec 1.9; https://www.rabbitmq.com/docs/semantics#tx
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tomodachi_fakes.amqp.confirms import Confirms
from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.methods import basic_acknowledge, basic_publish
from tomodachi_fakes.amqp.methods.direct_reply import REPLY_TO
from tomodachi_fakes.amqp.model import erlang
from tomodachi_fakes.amqp.model.arguments import CLASSIC
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.consumers import Consumer
    from tomodachi_fakes.amqp.model.message import Entry, Message
    from tomodachi_fakes.amqp.model.queue import Queue
    from tomodachi_fakes.amqp.model.stream import Stream

_UNDELIVERED = "failed to deliver message: "
Held = tuple[int, "Entry", "Consumer | None", float]


class Publish(NamedTuple):
    """A publish that waits.

    Attributes:
        queues: Where it was routed to when it came.
        held: How many delayed exchanges hold it.
    """

    target: basic_publish.Target
    message: Message
    queues: list[Queue | Stream]
    held: int


class Transaction:
    """What waits for tx.commit.

    Attributes:
        publishes: In order.
        settlements: (what was said, requeue, deliveries), in order.
    """

    def __init__(self) -> None:
        self.publishes: list[Publish] = []
        self.settlements: list[tuple[str, bool, list[Held]]] = []

    def publish(
        self,
        channel: Channel,
        target: basic_publish.Target,
        message: Message,
        way: tuple[list[Queue | Stream], int],
    ) -> None:
        """Remember a publish; it takes memory as one in a queue does."""
        self.publishes.append(Publish(target, message, *way))
        channel.broker.usage.add(message.octets)

    def take_publishes(self, channel: Channel) -> list[Publish]:
        """Forget the publishes, which are made now or never."""
        publishes, self.publishes = self.publishes, []
        channel.broker.usage.add(-sum(publish.message.octets for publish in publishes))
        return publishes

    def settle(self, channel: Channel, tags: list[int], method: str, *, requeue: bool) -> None:
        """Remember an acknowledgement; the tags can't be used again until a rollback."""
        held = []
        for tag in tags:
            entry, consumer, since = channel.unacked.pop(tag)
            held.append((tag, entry, consumer, since))
        self.settlements.append((method, requeue, held))

    def undo_acks(self, channel: Channel) -> None:
        """The deliveries are unacknowledged again, in the order of their tags."""
        for _, _, held in self.settlements:
            for tag, entry, consumer, since in held:
                channel.unacked[tag] = (entry, consumer, since)
        self.settlements.clear()
        channel.unacked = dict(sorted(channel.unacked.items()))


def select(channel: Channel) -> None:
    """tx.select."""
    if channel.confirms is not None:
        raise _refused("cannot switch from confirm to tx mode")
    channel.transaction = channel.transaction or Transaction()
    channel.send("tx.select-ok")


def commit(channel: Channel) -> None:
    """tx.commit: publishes, commit-ok, then what acknowledgements set free.

    A publish that a full queue refuses, or from 4.0 on a queue that is gone, fails the commit; the others count
    nevertheless.

    Deliveries of what was published come before commit-ok, those that acknowledgements make room for
    after it. Source: a RabbitMQ 3.10.8.
    """
    transaction = _transaction(channel)
    publishes = transaction.take_publishes(channel)
    settlements, transaction.settlements = transaction.settlements, []
    # Every one is tried, whatever became of those before it.
    accepted = [_accept(channel, published) for published in publishes]
    if all(accepted):
        channel.send("tx.commit-ok")
    _settle(channel, settlements)
    if not all(accepted):
        raise _refused("partial tx completion")


def _accept(channel: Channel, publish: Publish) -> bool:
    """Make a publish where it was routed to when it came; whether every queue took it.

    Source: RabbitMQ 3.10.8, 4.0.5 and 4.3.6.
    """
    target, message = publish.target, publish.message
    if message.exchange == "" and message.routing_key.startswith(REPLY_TO):
        return basic_publish.accept(channel, target, message, 0)
    queues, missing = _queues_left(channel, publish)
    if not queues and not missing:
        basic_publish.unroutable(channel, target, message, held=publish.held > 0)
    return channel.vhost.enqueue(queues, message, channel.broker.now) and not missing


def _queues_left(channel: Channel, publish: Publish) -> tuple[list[Queue | Stream], bool]:
    """The queues of a publish that are there still, and whether one is missed.

    Before 4.0 only their names were kept, of the default exchange whether there was such a queue or not.
    """
    vhost, profile = channel.vhost, channel.broker.profile
    if not profile.queues_kept_in_tx:
        by_name = publish.message.exchange == ""
        names = (
            publish.message.routing_keys if by_name else [queue.name for queue in publish.queues]
        )
        return [vhost.queues[name] for name in names if name in vhost.queues], False
    gone = [queue for queue in publish.queues if queue.deleted]
    if gone and profile.missing_queue_is_hard and gone[0].name not in vhost.queues:
        shown = erlang.missing_queue(vhost.name, gone[0].name, len(_UNDELIVERED))
        raise AmqpConnectionError(ConnectionReply.RESOURCE_ERROR, _UNDELIVERED + shown)
    return (
        [queue for queue in publish.queues if not queue.deleted],
        any(queue.kind == CLASSIC for queue in gone),
    )


def _settle(channel: Channel, settlements: list[tuple[str, bool, list[Held]]]) -> None:
    for method, requeue, held in settlements:
        settled: basic_acknowledge.Settled = []
        for tag, entry, consumer, _ in held:
            if consumer is not None:
                consumer.unacked -= 1
                channel.global_unacked -= 1
            settled.append((tag, entry, consumer))
        if method == "ack":
            basic_acknowledge.acknowledge(channel, settled)
        else:
            basic_acknowledge.refuse(channel, settled, method, requeue=requeue)


def rollback(channel: Channel) -> None:
    """tx.rollback."""
    transaction = _transaction(channel)
    transaction.take_publishes(channel)
    transaction.undo_acks(channel)
    channel.send("tx.rollback-ok")


def select_confirms(channel: Channel, nowait: bool) -> None:  # noqa: FBT001 - wire order
    """confirm.select."""
    if channel.transaction is not None:
        raise _refused("cannot switch from tx to confirm mode")
    channel.confirms = channel.confirms if channel.confirms is not None else Confirms()
    if not nowait:
        channel.send("confirm.select-ok")


def _transaction(channel: Channel) -> Transaction:
    if channel.transaction is None:
        raise _refused("channel is not transactional")
    return channel.transaction


def _refused(explanation: str) -> AmqpChannelError:
    return AmqpChannelError(ChannelReply.PRECONDITION_FAILED, explanation)


HANDLERS: dict[str, Callable[..., None]] = {
    "tx.select": select,
    "tx.commit": commit,
    "tx.rollback": rollback,
    "confirm.select": select_confirms,
}
