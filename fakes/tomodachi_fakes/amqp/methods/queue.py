"""queue.declare, bind, unbind, purge, delete.

Source: AMQP 0-9-1 spec 1.7; https://www.rabbitmq.com/docs/queues
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.fields import FieldType, Table
from tomodachi_fakes.amqp.methods.checks import (
    queue_name,
    refuse_default_exchange,
    require_exchange,
    require_queue,
    without_line_ends,
)
from tomodachi_fakes.amqp.methods.direct_reply import REPLY_TO, is_address
from tomodachi_fakes.amqp.model.access import require_topic
from tomodachi_fakes.amqp.model.arguments import QUORUM, STREAM, check_named_by_server
from tomodachi_fakes.amqp.model.exchanges import binding_of
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.queue import Queue
    from tomodachi_fakes.amqp.model.stream import Stream

# Flags come in wire order, each by position.
# ruff: noqa: FBT001

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SUFFIX = 22


def declare(
    channel: Channel,
    ticket: int,
    name: str,
    passive: bool,
    durable: bool,
    exclusive: bool,
    auto_delete: bool,
    nowait: bool,
    arguments: Table,
) -> None:
    """queue.declare."""
    if name.startswith(REPLY_TO):
        _declare_reply(channel, name, nowait)
        return
    vhost = channel.vhost
    name = without_line_ends(name)
    if passive:
        if channel.broker.profile.passive_needs_configure:
            require_queue(channel, "configure", name)
        queue = vhost.queue_for(name, channel.connection.id)
        queue.touch(channel.broker.now)
    else:
        name = _checked_name(channel, name, arguments)
        queue = vhost.declare_queue(
            name,
            durable=durable,
            auto_delete=auto_delete,
            exclusive=exclusive,
            connection_id=channel.connection.id,
            arguments=arguments,
            now=channel.broker.now,
        )
    channel.last_queue = queue.name
    if not nowait:
        channel.send("queue.declare-ok", name, queue.message_count, queue.consumer_count)


def _checked_name(channel: Channel, name: str, arguments: Table) -> str:
    if not name:
        check_named_by_server(arguments, channel.broker.profile)
        name = f"amq.gen-{channel.broker.ids.token(_SUFFIX, _ALPHABET)}"
    elif name.startswith("amq.") and name not in channel.vhost.queues:
        raise AmqpChannelError(
            ChannelReply.ACCESS_REFUSED, f"queue name '{name}' contains reserved prefix 'amq.*'"
        )
    require_queue(channel, "configure", name)
    dlx = arguments.get("x-dead-letter-exchange") if name not in channel.vhost.queues else None
    if dlx is not None and dlx.type is FieldType.LONGSTR:
        require_queue(channel, "read", name)
        require_exchange(channel, "write", dlx.value.decode("utf-8", "surrogateescape"))
    return name


def _declare_reply(channel: Channel, name: str, nowait: bool) -> None:
    """A direct reply address "exists" while its consumer does."""
    mine = channel.reply_address == name
    known = name == REPLY_TO or (name in channel.vhost.replies and not mine)
    strange = name != REPLY_TO and not is_address(name)
    profile = channel.broker.profile
    if (strange and profile.strange_reply_address_is_hard) or (
        mine and profile.own_reply_address_is_hard
    ):
        raise AmqpConnectionError(ConnectionReply.INTERNAL_ERROR, "", class_id=0, method_id=0)
    if not known:
        raise AmqpChannelError(
            ChannelReply.NOT_FOUND, f"no queue '{name}' in vhost '{channel.vhost.name}'"
        )
    channel.last_queue = name
    if not nowait:
        channel.send("queue.declare-ok", name, 0, 1)


def bind(
    channel: Channel,
    ticket: int,
    name: str,
    source: str,
    key: str,
    nowait: bool,
    arguments: Table,
) -> None:
    """queue.bind."""
    name, source = without_line_ends(name), without_line_ends(source)
    given, name = name, queue_name(channel, name)
    if not given and not key:
        key = name
    _check_binding(channel, name, source, key)
    vhost = channel.vhost
    exchange = vhost.exchange(source)
    queue = vhost.queue_for(name, channel.connection.id)
    vhost.bind(exchange, binding_of("queue", queue.name, key, arguments))
    if not nowait:
        channel.send("queue.bind-ok")


def unbind(
    channel: Channel, ticket: int, name: str, source: str, key: str, arguments: Table
) -> None:
    """queue.unbind; anything missing is fine, another's exclusive queue as well."""
    name, source = without_line_ends(name), without_line_ends(source)
    given, name = name, queue_name(channel, name)
    if not given and not key:
        key = name
    _check_binding(channel, name, source, key)
    if (exchange := channel.vhost.exchanges.get(source)) is not None:
        channel.vhost.unbind(exchange, binding_of("queue", name, key, arguments))
    channel.send("queue.unbind-ok")


def _check_binding(channel: Channel, name: str, source: str, key: str) -> None:
    refuse_default_exchange(source)
    require_queue(channel, "write", name)
    require_exchange(channel, "read", source)
    exchange = channel.vhost.exchanges.get(source)
    if exchange is not None and exchange.kind == "topic":
        require_topic(channel.user, channel.vhost.name, "read", source, key)


def purge(channel: Channel, ticket: int, name: str, nowait: bool) -> None:
    """queue.purge."""
    name = queue_name(channel, name)
    require_queue(channel, "read", name)
    count = channel.vhost.queue_for(name, channel.connection.id).purge(channel.broker.now)
    channel.broker.record("purged", name, count=count)
    if not nowait:
        channel.send("queue.purge-ok", count)


def delete(
    channel: Channel, ticket: int, name: str, if_unused: bool, if_empty: bool, nowait: bool
) -> None:
    """queue.delete; a missing queue is fine."""
    name = queue_name(channel, without_line_ends(name))
    require_queue(channel, "configure", name)
    count = 0
    if name in channel.vhost.queues:
        queue = channel.vhost.queue_for(name, channel.connection.id)
        _check_conditions(queue, if_unused=if_unused, if_empty=if_empty)
        count = channel.vhost.delete_queue(queue, channel.broker.now, reason="deleted")
        if queue.kind == STREAM:
            count = 0  # so it says, whatever was in it; source: a RabbitMQ 3.10.8
    if not nowait:
        channel.send("queue.delete-ok", count)


def _check_conditions(queue: Queue | Stream, *, if_unused: bool, if_empty: bool) -> None:
    """Each type has its own idea of them; a stream ignores both. Source: a RabbitMQ 3.10.8."""
    if queue.kind == STREAM:
        return
    if queue.kind == QUORUM and (if_unused or if_empty):
        flag = "if-unused" if if_unused else "if-empty"
        raise AmqpConnectionError(
            ConnectionReply.NOT_IMPLEMENTED,
            f"cannot delete {queue.where}. queue.delete operations with {flag} flag set are not "
            "supported by quorum queues",
        )
    if if_empty and queue.message_count:
        raise AmqpChannelError(ChannelReply.PRECONDITION_FAILED, f"{queue.where} not empty")
    if if_unused and len(queue.consumers):
        raise AmqpChannelError(ChannelReply.PRECONDITION_FAILED, f"{queue.where} in use")


HANDLERS: dict[str, Callable[..., None]] = {
    "queue.declare": declare,
    "queue.bind": bind,
    "queue.unbind": unbind,
    "queue.purge": purge,
    "queue.delete": delete,
}
