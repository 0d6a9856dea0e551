"""basic.publish: checks in RabbitMQ's order, routing, returns, confirms.

What a publish names is the same for many messages, so it is read and checked once and kept by the
octets of the method, until the topology changes.

Source: AMQP 0-9-1 spec 1.8.3.7; https://www.rabbitmq.com/docs/publishers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from tomodachi_fakes.amqp.codec import DECODERS
from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.fields import Field, FieldType, Table
from tomodachi_fakes.amqp.methods.checks import require_exchange
from tomodachi_fakes.amqp.methods.direct_reply import REPLY_TO, address_of, is_address, reply
from tomodachi_fakes.amqp.model import erlang
from tomodachi_fakes.amqp.model.access import require_topic
from tomodachi_fakes.amqp.model.arguments import MAX_EXPIRY_MS
from tomodachi_fakes.amqp.model.message import Message
from tomodachi_fakes.amqp.properties import (
    DELIVERY_MODE,
    EXPIRATION,
    HEADERS,
    USER_ID,
    decode_properties,
    encode_header,
)
from tomodachi_fakes.amqp.properties import REPLY_TO as REPLY_TO_FLAG
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply
from tomodachi_fakes.faults import FaultKind

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.exchanges import Exchange
    from tomodachi_fakes.amqp.model.queue import Queue
    from tomodachi_fakes.amqp.model.stream import Stream

    Place: TypeAlias = Queue | Stream

_PUBLISH = 60 << 16 | 40
_LOOKED_AT = EXPIRATION | USER_ID | HEADERS | REPLY_TO_FLAG
_NO_ROUTE = int(ChannelReply.NO_ROUTE)
_MAX_TARGETS = 1024


class Target:
    """What one publish method names.

    Attributes:
        route: Exchange and routing key as `basic.deliver` will carry them.
        exchange: The exchange, once checked; with `version` of the topology it was checked for.
        queues: Where every such message goes; None when that depends on its headers or on time.
    """

    __slots__ = (
        "exchange",
        "exchange_name",
        "immediate",
        "keys",
        "mandatory",
        "queues",
        "route",
        "version",
    )

    def __init__(self, payload: bytes) -> None:
        _, name, key, mandatory, immediate = DECODERS[_PUBLISH](payload)
        self.exchange_name: str = name
        self.keys: tuple[str, ...] = (key,)
        self.mandatory: bool = mandatory
        self.immediate: bool = immediate
        self.route = payload[6:-1]
        self.exchange: Exchange | None = None
        self.queues: list[Place] | None = None
        self.version = -1


def target_of(channel: Channel, payload: bytes) -> Target:
    """Read a publish method, and keep it for the next one that is the same."""
    if len(channel.targets) >= _MAX_TARGETS:
        channel.targets.clear()
    target = channel.targets[payload] = Target(payload)
    return target


def publish(channel: Channel, target: Target, header: bytes, body: bytes) -> None:
    """Handle a complete publish.

    Raises:
        AmqpChannelError: 403, 404, 406.
        AmqpConnectionError: 540, immediate.
        MalformedTable: the properties cannot be read.
    """
    vhost, broker = channel.vhost, channel.broker
    if target.version != vhost.version:
        _check_target(channel, target)
    if len(body) > broker.profile.max_message_size:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            f"message size {len(body)} is larger than configured max size "
            f"{broker.profile.max_message_size}",
        )
    broker.published += 1
    message = Message(
        target.exchange_name, target.keys, target.route, header, body, broker.published
    )
    if header[12:] != channel.valid_properties:
        _look(channel, message)
    if vhost.log is not None:
        message.cause = vhost.log.append(
            "amqp",
            "published",
            target.exchange_name,
            now=broker.now,
            message_id=message.message_id,
            payload=message,
            routing_key=target.keys[0],
            channel=channel.name,
            confirm=channel.confirms is not None,
        )
    if channel.transaction is not None:
        channel.transaction.publish(channel, target, message, _queues_now(channel, target, message))
        return
    number = channel.confirms.next() if channel.confirms is not None else 0
    accept(channel, target, message, number)


def _queues_now(channel: Channel, target: Target, message: Message) -> tuple[list[Place], int]:
    """Where a message would go now, and how many delayed exchanges hold it already."""
    if target.queues is not None and message.routing_keys is target.keys:
        return target.queues, 0
    assert target.exchange is not None  # _check_target found it
    return channel.vhost.queues_for(target.exchange, message, channel.broker.now)


def accept(channel: Channel, target: Target, message: Message, number: int) -> bool:
    """Route a checked message; return it when it must be; gather its confirm. Whether it was taken."""
    exchange = target.exchange
    assert exchange is not None  # _check_target found it
    vhost, now = channel.vhost, channel.broker.now
    queues = target.queues
    if queues and target.version == vhost.version and message.routing_keys is target.keys:
        accepted = vhost.enqueue(queues, message, now)
    elif exchange.name == "" and message.routing_key.startswith(REPLY_TO):
        _reply(channel, target, message)
        accepted = True
    else:
        outcome = vhost.publish(exchange, message, now=now)
        accepted = not outcome.rejected
        if outcome.unroutable:
            unroutable(channel, target, message, held=outcome.queues > 0)
    if channel.confirms is not None:
        faults = channel.broker.faults
        if faults and faults.take(exchange.name, FaultKind.NACK) is not None:
            accepted = False
        channel.confirms.answer(number, accepted=accepted)
        channel.connection.answered[channel] = None
    return accepted


def unroutable(channel: Channel, target: Target, message: Message, *, held: bool) -> None:
    """It reached no queue, not now at least; a mandatory one goes back although it may be held for later."""
    if not held:
        channel.record("unroutable", message.exchange, message, mandatory=target.mandatory)
    if target.mandatory:
        channel.send_return(message, _NO_ROUTE, "NO_ROUTE")


def _reply(channel: Channel, target: Target, message: Message) -> None:
    """A direct reply; before 4.3 a mandatory one is returned as well, although it arrives."""
    returned = channel.broker.profile.returns_direct_replies or not is_address(message.routing_key)
    if target.mandatory and returned:
        channel.send_return(message, _NO_ROUTE, "NO_ROUTE")
    if not reply(channel, message, channel.broker.now):
        channel.record("unroutable", message.exchange, message, mandatory=target.mandatory)


def _check_target(channel: Channel, target: Target) -> None:
    if target.immediate:
        raise AmqpConnectionError(ConnectionReply.NOT_IMPLEMENTED, "immediate=true")
    name = target.exchange_name
    require_exchange(channel, "write", name)
    exchange = channel.vhost.exchange(name)
    if exchange.internal:
        raise AmqpChannelError(
            ChannelReply.ACCESS_REFUSED,
            f"cannot publish to internal exchange '{name}' in vhost '{channel.vhost.name}'",
        )
    if exchange.kind == "topic":
        require_topic(channel.user, channel.vhost.name, "write", name, target.keys[0])
    target.exchange, target.version = exchange, channel.vhost.version
    target.queues = channel.vhost.fixed_route(exchange, target.keys[0])


def _look(channel: Channel, message: Message) -> None:
    """Check the properties; those of the next message are fine when they are the same octets."""
    flags = message.header[12] << 8 | message.header[13]
    properties = decode_properties(message.header)
    if not flags & _LOOKED_AT and not (
        flags & DELIVERY_MODE and channel.broker.profile.delivery_mode_checked
    ):
        channel.valid_properties = message.header[12:]
        return
    if properties.get("reply_to") == REPLY_TO:
        properties["reply_to"] = address_of(channel)
    _check_properties(channel, message, properties)
    headers: Table = properties.get("headers", {})
    if channel.broker.profile.headers_sorted and list(headers) != (names := sorted(headers)):
        properties["headers"] = {name: headers[name] for name in names}
    message.header = encode_header(len(message.body), properties)


def _check_properties(channel: Channel, message: Message, properties: dict[str, Any]) -> None:
    """What is checked, in the release's order; CC and BCC become routing keys."""
    profile = channel.broker.profile
    if not profile.user_checked_last:
        _check_user(channel, properties.get("user_id"))
    check_expiration(properties.get("expiration"))
    headers: Table = properties.get("headers", {})
    if "CC" in headers or "BCC" in headers:
        _add_keys(message, properties, headers)
    if profile.user_checked_last:
        _check_user(channel, properties.get("user_id"))
    if profile.delivery_mode_checked:
        _check_delivery_mode(properties.get("delivery_mode"))


def _check_user(channel: Channel, user_id: str | None) -> None:
    name = channel.user.name
    if user_id is not None and user_id != name and "impersonator" not in channel.user.tags:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            f"user_id property set to '{user_id}' but authenticated user was '{name}'",
        )


def check_expiration(expiration: str | None) -> None:
    """Refuse a time to live that is none.

    Raises:
        AmqpChannelError: 406.
    """
    if expiration is None:
        return
    refusal = None
    digits = expiration[1:] if expiration[:1] in ("-", "+") else expiration
    whole = len(digits) - len(digits.lstrip("0123456789"))
    if not whole:
        refusal = "no_integer"
    elif whole < len(digits):
        refusal = f'{{leftover_string,"{digits[whole:]}"}}'
    elif int(expiration) < 0:
        refusal = f"{{value_negative,{int(expiration)}}}"
    elif int(expiration) > MAX_EXPIRY_MS:
        column = len(f"invalid expiration '{expiration}': ")
        refusal = erlang.pair("value_too_large", int(expiration), column)
    if refusal is not None:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED, f"invalid expiration '{expiration}': {refusal}"
        )


def _check_delivery_mode(mode: int | None) -> None:
    if mode not in (None, 1, 2):
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED, f"invalid message: {{delivery_mode_unknown,{mode}}}"
        )


def _add_keys(message: Message, properties: dict[str, Any], headers: Table) -> None:
    """Routing keys of CC and BCC count as the message's own; BCC goes no further."""
    copies, hidden = _keys_in(headers, "CC"), _keys_in(headers, "BCC")
    shown = (*message.routing_keys, *copies)
    message.routing_keys = tuple(dict.fromkeys((*shown, *hidden)))
    message.hidden_keys = tuple(key for key in hidden if key not in shown)
    if "BCC" in headers:
        properties["headers"] = {name: headers[name] for name in headers if name != "BCC"}


def _keys_in(headers: Table, name: str) -> list[str]:
    field = headers.get(name)
    if field is None:
        return []
    if field.type is not FieldType.ARRAY:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            f'invalid message: {{unacceptable_type_in_header,"{name}",{field.type.title}}}',
        )
    items: list[Field] = field.value
    return [
        item.value.decode("utf-8", "surrogateescape")
        for item in items
        if item.type is FieldType.LONGSTR
    ]
