"""Which channel may be opened, and what a frame says that comes for one that is not there.

Source: AMQP 0-9-1 spec 1.5, 4.2.3; https://www.rabbitmq.com/docs/channels
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.channel import Channel
from tomodachi_fakes.amqp.codec import DECODERS
from tomodachi_fakes.amqp.errors import AmqpConnectionError, PeerGone
from tomodachi_fakes.amqp.frames import frame_error, is_known
from tomodachi_fakes.amqp.reply_codes import ConnectionReply
from tomodachi_fakes.amqp.spec import BY_KEY, FRAME_METHOD

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.connection import Connection


def decode(payload: bytes) -> tuple[int, str, tuple[Any, ...]]:
    """A method frame's ids as one number, its name and arguments.

    Raises:
        PeerGone: RabbitMQ knows no such method.
    """
    key = int.from_bytes(payload[:4])
    if (decoder := DECODERS.get(key)) is None:
        msg = f"unknown class or method {key >> 16}.{key & 0xFFFF}"
        raise PeerGone(msg)
    return key, BY_KEY[key].name, decoder(payload)


def open_channel(connection: Connection, kind: int, number: int, payload: bytes) -> Channel | None:
    """Open the channel that a frame asks for; None for a close-ok that crossed a close.

    Raises:
        AmqpConnectionError: 501, 504, 505, 530.
        PeerGone: RabbitMQ knows no such method.
    """
    if not is_known(kind, payload):
        raise frame_error(kind, payload, "unknown_frame")
    if kind != FRAME_METHOD:
        raise AmqpConnectionError(
            ConnectionReply.UNEXPECTED_FRAME,
            "expected method frame, got non method frame instead",
            class_id=0,
            method_id=0,
        )
    _, name, _ = decode(payload)
    if name == "channel.close-ok" and number in connection.crossed:
        connection.crossed.discard(number)
        return None
    if name != "channel.open":
        raise AmqpConnectionError(ConnectionReply.CHANNEL_ERROR, "expected 'channel.open'")
    if len(connection.channels) >= connection.channel_max:
        raise AmqpConnectionError(
            ConnectionReply.NOT_ALLOWED,
            f"number of channels opened ({len(connection.channels)}) has reached the negotiated "
            f"channel_max ({connection.channel_max})",
            class_id=0,
            method_id=0,
        )
    _check_user_limit(connection)
    channel = connection.channels[number] = Channel(connection, number)
    return channel


def _check_user_limit(connection: Connection) -> None:
    user = connection.user
    if user is None or user.max_channels is None:
        return
    others = (other for other in connection.broker.connections.values() if other.user is user)
    if sum(len(other.channels) for other in others) >= user.max_channels:
        raise AmqpConnectionError(
            ConnectionReply.NOT_ALLOWED,
            f"number of channels opened for user '{user.name}' has reached the maximum allowed "
            f"user limit of ({user.max_channels})",
            class_id=0,
            method_id=0,
        )
