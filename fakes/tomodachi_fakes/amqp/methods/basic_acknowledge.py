"""basic.ack, nack, reject, recover: which deliveries a tag means, and what becomes of them.

Source: AMQP 0-9-1 spec 1.8.3.13; https://www.rabbitmq.com/docs/confirms#consumer-acknowledgements
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.model.arguments import STREAM
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.consumers import Consumer
    from tomodachi_fakes.amqp.model.message import Entry
    from tomodachi_fakes.amqp.model.source import Source

# Flags come in wire order, each by position.
# ruff: noqa: FBT001

_AFTER_GETS = 1 << 64
Settled = list[tuple[int, "Entry", "Consumer | None"]]


def ack(channel: Channel, tag: int, multiple: bool) -> None:
    """basic.ack."""
    tags = tags_meant(channel, tag, multiple=multiple)
    if channel.transaction is not None:
        channel.transaction.settle(channel, tags, "ack", requeue=False)
        return
    acknowledge(channel, _take(channel, tags))


def nack(channel: Channel, tag: int, multiple: bool, requeue: bool) -> None:
    """basic.nack."""
    _refuse(channel, tags_meant(channel, tag, multiple=multiple), "nack", requeue)


def reject(channel: Channel, tag: int, requeue: bool) -> None:
    """basic.reject."""
    _refuse(channel, tags_meant(channel, tag, multiple=False), "reject", requeue)


def _refuse(channel: Channel, tags: list[int], method: str, requeue: bool) -> None:
    if channel.transaction is not None:
        channel.transaction.settle(channel, tags, method, requeue=requeue)
        return
    refuse(channel, _take(channel, tags), method, requeue=requeue)


def recover(channel: Channel, requeue: bool) -> None:
    """basic.recover: recover-ok comes before what is delivered again."""
    _check_recover(channel, requeue)
    streams = [tag for tag, held in channel.unacked.items() if held[0].queue.kind == STREAM]
    refuse(channel, _take(channel, streams), "nack", requeue=True)  # these come before it
    channel.send("basic.recover-ok")
    recover_async(channel, requeue)


def recover_async(channel: Channel, requeue: bool) -> None:
    """basic.recover-async: everything unacknowledged goes back."""
    _check_recover(channel, requeue)
    refuse(channel, _take(channel, list(channel.unacked)), "nack", requeue=True)


def _check_recover(channel: Channel, requeue: bool) -> None:
    if not requeue:
        raise AmqpConnectionError(ConnectionReply.NOT_IMPLEMENTED, "requeue=false")
    taken = channel.broker.profile.stream_takes_nacks
    if not taken and any(entry.queue.kind == STREAM for entry, _, _ in channel.unacked.values()):
        # RabbitMQ's channel crashes on what a stream delivered. Source: a RabbitMQ 3.10.8.
        raise AmqpConnectionError(ConnectionReply.INTERNAL_ERROR, "", class_id=0, method_id=0)


def tags_meant(channel: Channel, tag: int, *, multiple: bool) -> list[int]:
    """The delivery tags that an acknowledgement names; 0 with multiple means all of them.

    Raises:
        AmqpChannelError: 406, a tag that is not outstanding, although lower ones may be.
    """
    if 0 < tag <= channel.void_tag:
        return []
    if channel.timeout.lapsed and _settle_lapsed(channel, tag, multiple=multiple):
        return []
    if multiple and tag == 0:
        return list(channel.unacked)
    if tag not in channel.unacked:
        raise AmqpChannelError(ChannelReply.PRECONDITION_FAILED, f"unknown delivery tag {tag}")
    return list(takewhile(lambda known: known <= tag, channel.unacked)) if multiple else [tag]


def _settle_lapsed(channel: Channel, tag: int, *, multiple: bool) -> bool:
    """Settle what took too long, and whether that was all that is meant."""
    lapsed = channel.timeout.lapsed
    found = [other for other in lapsed if other == tag or (multiple and (other < tag or not tag))]
    channel.timeout.settle(found)
    return tag in found and not multiple


def _take(channel: Channel, tags: list[int]) -> Settled:
    taken: Settled = []
    for tag in tags:
        entry, consumer, _ = channel.settled(tag)
        taken.append((tag, entry, consumer))
    return taken


def acknowledge(channel: Channel, settled: Settled) -> None:
    """These are done; their consumers may get more."""
    log, now = channel.vhost.log, channel.broker.now
    for group in _by_consumer(settled):
        for _, entry, _ in group:
            entry.queue.settle(entry)
            if log is not None:
                log.append(
                    "amqp",
                    "acked",
                    entry.queue.name,
                    now=now,
                    message_id=entry.message.message_id,
                    cause=entry.cause,
                    payload=entry.message,
                    channel=channel.name,
                )
        _make_room(channel, group)


def refuse(channel: Channel, settled: Settled, method: str, *, requeue: bool) -> None:
    """These go back to where they were, or to the dead letters."""
    now = channel.broker.now
    counts = method == "reject" or not channel.broker.profile.acquired_count
    for group in _by_consumer(settled):
        entries = [entry for _, entry, _ in group]
        queue = entries[0].queue
        if requeue:
            for entry in entries:
                channel.record("requeued", queue.name, entry.message, cause=entry.cause)
            queue.requeue(entries, failed=counts, now=now, by=group[0][2])
        else:
            for entry in entries:
                queue.reject(entry, failed=counts, now=now)
        _make_room(channel, group)


def _by_consumer(settled: Settled) -> list[Settled]:
    """Deliveries as RabbitMQ tells its queues of them: queue by queue, each get, then each consumer's.

    Queues and consumers come in the order of their names. Source: a RabbitMQ 3.10.8.
    """
    if len(settled) == 1:
        return [settled]
    groups: dict[tuple[str, int, str], Settled] = {}
    for tag, entry, consumer in settled:
        whose = (tag, "") if consumer is None else (_AFTER_GETS, consumer.tag)
        groups.setdefault((entry.queue.name, *whose), []).append((tag, entry, consumer))
    return [groups[key] for key in sorted(groups)]


def _make_room(channel: Channel, settled: Settled) -> None:
    """The consumer of these deliveries has room again, or with a shared limit every one may have."""
    consumer = settled[0][2]
    if channel.global_prefetch:
        channel.wake_consumers()
    elif consumer is not None and _waits(consumer):
        consumer.queue.wake((consumer,), channel.broker.now)


def _waits(consumer: Consumer) -> bool:
    return consumer.parked > 0 or consumer.queue.kind == STREAM


def wake(consumers: Iterable[Consumer], now: float) -> None:
    """Consumers that may have room again get their turn, queue by queue."""
    by_queue: dict[Source, dict[Consumer, None]] = {}
    for consumer in consumers:
        if _waits(consumer):
            by_queue.setdefault(consumer.queue, {})[consumer] = None
    for queue, waiting in by_queue.items():
        queue.wake(waiting, now)


HANDLERS: dict[str, Callable[..., None]] = {
    "basic.ack": ack,
    "basic.nack": nack,
    "basic.reject": reject,
    "basic.recover": recover,
    "basic.recover-async": recover_async,
}
