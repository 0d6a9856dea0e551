"""basic.qos, consume, cancel, get.

Source: AMQP 0-9-1 spec 1.8; https://www.rabbitmq.com/docs/consumers, /docs/consumer-prefetch
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.fields import Table
from tomodachi_fakes.amqp.methods.checks import queue_name, require_queue
from tomodachi_fakes.amqp.methods.direct_reply import REPLY_TO, consume_replies, end_replies
from tomodachi_fakes.amqp.model.arguments import QUORUM
from tomodachi_fakes.amqp.model.consumer_arguments import check_numbers, check_taken, priority_of
from tomodachi_fakes.amqp.model.consumers import Consumer
from tomodachi_fakes.amqp.model.stream import Stream
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.queue import Queue

# Flags come in wire order, each by position.
# ruff: noqa: FBT001

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_GET_OK = b"\x00\x3c\x00\x47"
_TAG = struct.Struct(">QB")
_COUNT = struct.Struct(">I")


def qos(channel: Channel, prefetch_size: int, prefetch_count: int, global_: bool) -> None:
    """basic.qos: for consumers to come, which lifts a shared limit, or shared by the channel."""
    if prefetch_size:
        raise AmqpConnectionError(
            ConnectionReply.NOT_IMPLEMENTED, f"prefetch_size!=0 ({prefetch_size})"
        )
    if global_ and not channel.broker.profile.global_qos_per_consumer:
        if not channel.global_prefetch:
            # What was got counts as well from now on, for ever. Source: RabbitMQ 3.10.8 and 4.0.5.
            channel.global_unacked = len(channel.unacked)
        channel.global_prefetch = prefetch_count
    else:
        channel.prefetch = prefetch_count
        channel.global_prefetch = 0
    channel.send("basic.qos-ok")
    channel.wake_consumers()


def consume(
    channel: Channel,
    ticket: int,
    name: str,
    tag: str,
    no_local: bool,
    no_ack: bool,
    exclusive: bool,
    nowait: bool,
    arguments: Table,
) -> None:
    """basic.consume."""
    if tag in channel.consumers:
        raise AmqpConnectionError(
            ConnectionReply.NOT_ALLOWED, f"attempt to reuse consumer tag '{tag}'"
        )
    if name == REPLY_TO:
        tag = tag or _new_tag(channel)
        consume_replies(channel, tag, no_ack=no_ack, arguments=arguments)
        if not nowait:
            channel.send("basic.consume-ok", tag)
        return
    name = queue_name(channel, name)
    require_queue(channel, "read", name)
    queue = channel.vhost.queue_for(name, channel.connection.id)
    _check_arguments(channel, queue, arguments)
    consumer = Consumer(
        channel,
        queue,
        tag or _new_tag(channel),
        no_ack=no_ack,
        exclusive=exclusive,
        prefetch=channel.prefetch,
        priority=priority_of(queue.kind, arguments),
        arguments=arguments,
    )
    _check_consumer(channel, queue, consumer)
    channel.consumers[consumer.tag] = consumer
    channel.broker.record(
        "consuming", queue.name, consumer_tag=consumer.tag, vhost=channel.vhost.name
    )
    if not nowait:
        channel.send("basic.consume-ok", consumer.tag)
    queue.add_consumer(consumer, channel.broker.now)


def _new_tag(channel: Channel) -> str:
    return f"amq.ctag-{channel.broker.ids.token(22, _ALPHABET)}"


def _check_arguments(channel: Channel, queue: Queue | Stream, arguments: Table) -> None:
    about = (queue.kind, arguments, queue.where, channel.broker.profile)
    check_numbers(*about)
    if isinstance(queue, Stream):
        queue.check_offset_text(arguments)
    check_taken(*about)


def _check_consumer(channel: Channel, queue: Queue | Stream, consumer: Consumer) -> None:
    if isinstance(queue, Stream):
        queue.check_consumer(consumer)
        return
    if queue.kind == QUORUM:
        if channel.global_prefetch:
            raise AmqpConnectionError(
                ConnectionReply.NOT_IMPLEMENTED, f"{queue.where} does not support global qos"
            )
        return
    held = any(other.exclusive for other in queue.consumers)
    taken = consumer.exclusive and (len(queue.consumers) or queue.consumers.single_active)
    if held or taken:
        raise AmqpChannelError(ChannelReply.ACCESS_REFUSED, f"{queue.where} in exclusive use")


def cancel(channel: Channel, tag: str, nowait: bool) -> None:
    """basic.cancel; an unknown tag is fine. What was delivered stays unacknowledged."""
    consumer = None if end_replies(channel, tag) else channel.consumers.pop(tag, None)
    if consumer is not None:
        channel.broker.record("cancelled", consumer.queue.name, consumer_tag=tag)
    if not nowait:
        channel.send("basic.cancel-ok", tag)
    if consumer is not None:
        consumer.queue.remove_consumer(consumer, channel.broker.now)


def get(channel: Channel, ticket: int, name: str, no_ack: bool) -> None:
    """basic.get."""
    name = queue_name(channel, name)
    require_queue(channel, "read", name)
    queue = channel.vhost.queue_for(name, channel.connection.id)
    now = channel.broker.now
    entry = queue.get(no_ack=no_ack, now=now)
    if entry is None:
        if channel.vhost.log is not None:
            channel.vhost.log.append("amqp", "get-empty", queue.name, now=now, channel=channel.name)
        channel.send("basic.get-empty", "")
        return
    channel.last_tag += 1
    message = entry.message
    if channel.vhost.log is not None:
        entry.cause = channel.vhost.log.append(
            "amqp",
            "delivered",
            queue.name,
            now=now,
            message_id=message.message_id,
            cause=entry.cause if entry.cause is not None else message.cause,
            delivery_tag=channel.last_tag,
            no_ack=no_ack,
            redelivered=entry.redelivered,
            channel=channel.name,
        )
    if not no_ack:
        channel.unacked[channel.last_tag] = (entry, None, now)
        channel.timeout.watch(entry, None, now)
    head = _GET_OK + _TAG.pack(channel.last_tag, entry.redelivered) + message.route
    head += _COUNT.pack(queue.message_count)
    channel.send_with_content(head, queue.header_for(entry, got=True), message.body)


HANDLERS: dict[str, Callable[..., None]] = {
    "basic.qos": qos,
    "basic.consume": consume,
    "basic.cancel": cancel,
    "basic.get": get,
}
