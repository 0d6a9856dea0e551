"""exchange.declare, delete, bind, unbind.

Source: AMQP 0-9-1 spec 1.6; https://www.rabbitmq.com/docs/e2e
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.fields import FieldType, Table
from tomodachi_fakes.amqp.methods.checks import (
    refuse_default_exchange,
    require_exchange,
    without_line_ends,
)
from tomodachi_fakes.amqp.model.access import require_topic
from tomodachi_fakes.amqp.model.declarations import check_exchange_type
from tomodachi_fakes.amqp.model.exchanges import binding_of

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel

# Flags come in wire order, each by position.
# ruff: noqa: FBT001


def declare(
    channel: Channel,
    ticket: int,
    name: str,
    kind: str,
    passive: bool,
    durable: bool,
    auto_delete: bool,
    internal: bool,
    nowait: bool,
    arguments: Table,
) -> None:
    """exchange.declare."""
    name, vhost = without_line_ends(name), channel.vhost
    if not passive:
        check_exchange_type(kind, channel.broker.profile)
    refuse_default_exchange(name)
    if passive:
        vhost.exchange(name)
    else:
        require_exchange(channel, "configure", name)
        alternate = arguments.get("alternate-exchange") if name not in vhost.exchanges else None
        if alternate is not None and alternate.type is FieldType.LONGSTR:
            require_exchange(channel, "read", name)
            require_exchange(channel, "write", alternate.value.decode("utf-8", "surrogateescape"))
        vhost.declare_exchange(
            name,
            kind,
            durable=durable,
            auto_delete=auto_delete,
            internal=internal,
            arguments=arguments,
        )
    if not nowait:
        channel.send("exchange.declare-ok")


def delete(channel: Channel, ticket: int, name: str, if_unused: bool, nowait: bool) -> None:
    """exchange.delete."""
    name = without_line_ends(name)
    refuse_default_exchange(name)
    if not name.startswith("amq."):
        require_exchange(channel, "configure", name)
    channel.vhost.delete_exchange(name, if_unused=if_unused)
    if not nowait:
        channel.send("exchange.delete-ok")


def bind(
    channel: Channel,
    ticket: int,
    destination: str,
    source: str,
    key: str,
    nowait: bool,
    arguments: Table,
) -> None:
    """exchange.bind."""
    destination, source = without_line_ends(destination), without_line_ends(source)
    _check(channel, destination, source, key)
    found = channel.vhost.exchange(source)
    channel.vhost.exchange(destination)
    channel.vhost.bind(found, binding_of("exchange", destination, key, arguments))
    if not nowait:
        channel.send("exchange.bind-ok")


def unbind(
    channel: Channel,
    ticket: int,
    destination: str,
    source: str,
    key: str,
    nowait: bool,
    arguments: Table,
) -> None:
    """exchange.unbind; anything missing is fine."""
    destination, source = without_line_ends(destination), without_line_ends(source)
    _check(channel, destination, source, key)
    if (found := channel.vhost.exchanges.get(source)) is not None:
        channel.vhost.unbind(found, binding_of("exchange", destination, key, arguments))
    if not nowait:
        channel.send("exchange.unbind-ok")


def _check(channel: Channel, destination: str, source: str, key: str) -> None:
    refuse_default_exchange(destination)
    refuse_default_exchange(source)
    require_exchange(channel, "write", destination)
    require_exchange(channel, "read", source)
    found = channel.vhost.exchanges.get(source)
    if found is not None and found.kind == "topic":
        require_topic(channel.user, channel.vhost.name, "read", source, key)


HANDLERS: dict[str, Callable[..., None]] = {
    "exchange.declare": declare,
    "exchange.delete": delete,
    "exchange.bind": bind,
    "exchange.unbind": unbind,
}
