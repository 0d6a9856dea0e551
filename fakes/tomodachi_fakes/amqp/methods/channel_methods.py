"""channel.open, close, flow, and access.request.

Source: AMQP 0-9-1 spec 1.5; RabbitMQ has no flow control by channel: active=0 is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpConnectionError
from tomodachi_fakes.amqp.reply_codes import ConnectionReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel


def open_channel(channel: Channel, out_of_band: str) -> None:
    """channel.open."""
    if channel.opened:
        raise AmqpConnectionError(ConnectionReply.CHANNEL_ERROR, "second 'channel.open' seen")
    channel.opened = True
    channel.broker.record("channel-opened", channel.connection.id, channel=channel.name)
    channel.send("channel.open-ok", b"")


def close_channel(channel: Channel, code: int, text: str, class_id: int, method_id: int) -> None:
    """channel.close: what the channel holds goes back before close-ok."""
    channel.flush_confirms()
    channel.release()
    channel.connection.channels.pop(channel.number, None)
    channel.send("channel.close-ok")


def flow(channel: Channel, active: bool) -> None:  # noqa: FBT001 - wire order
    """channel.flow."""
    if not active:
        raise AmqpConnectionError(ConnectionReply.NOT_IMPLEMENTED, "active=false")
    channel.send("channel.flow-ok", True)


def request_access(channel: Channel, realm: str, *flags: bool) -> None:
    """access.request: every realm is open, ticket 1."""
    channel.send("access.request-ok", 1)


HANDLERS: dict[str, Callable[..., None]] = {
    "channel.open": open_channel,
    "channel.close": close_channel,
    "channel.flow": flow,
    "access.request": request_access,
}
