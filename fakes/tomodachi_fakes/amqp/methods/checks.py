"""Checks that several methods share: permissions, the default exchange, names left empty.

Source: https://www.rabbitmq.com/docs/access-control#authorisation
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.model.access import require
from tomodachi_fakes.amqp.reply_codes import ChannelReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel


def require_queue(channel: Channel, action: str, name: str) -> None:
    """The user may do `action` ("configure", "write", "read") to the queue.

    Raises:
        AmqpChannelError: 403.
    """
    _require(channel, action, "queue", name)


def require_exchange(channel: Channel, action: str, name: str) -> None:
    """The user may do `action` to the exchange.

    Raises:
        AmqpChannelError: 403.
    """
    _require(channel, action, "exchange", name)


def _require(channel: Channel, action: str, kind: str, name: str) -> None:
    names_access = channel.broker.profile.permission_texts_name_access
    require(channel.user, channel.vhost.name, action, kind, name, names_access=names_access)


def refuse_default_exchange(name: str) -> None:
    """The default exchange can't be declared, deleted or bound.

    Raises:
        AmqpChannelError: 403.
    """
    if name == "":
        raise AmqpChannelError(
            ChannelReply.ACCESS_REFUSED, "operation not permitted on the default exchange"
        )


def without_line_ends(name: str) -> str:
    """A name as declarations, bindings and deletions take it: RabbitMQ drops line ends from it."""
    return name.replace("\r", "").replace("\n", "")


def queue_name(channel: Channel, name: str) -> str:
    """`name`, or the queue last declared on the channel when it is empty.

    Raises:
        AmqpChannelError: 404.
    """
    if name:
        return name
    if not channel.last_queue:
        raise AmqpChannelError(ChannelReply.NOT_FOUND, "no previously declared queue")
    return channel.last_queue
