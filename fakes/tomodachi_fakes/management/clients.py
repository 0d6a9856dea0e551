"""Connections, channels and consumers: look, and close connections.

Source: https://www.rabbitmq.com/docs/management#http-api; answers as a RabbitMQ 3.10.8 gives them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.management.call import Call, answer, done
from tomodachi_fakes.management.client_views import (
    channel_view,
    connection_name,
    connection_view,
    consumer_view,
    open_connections,
)
from tomodachi_fakes.management.errors import not_found
from tomodachi_fakes.management.listing import listed

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.connection import Connection
    from tomodachi_fakes.amqp.model.consumers import Consumer
    from tomodachi_fakes.aws.http import HttpResponse

_SEES_ALL = {"administrator", "monitoring"}
_REASON = "Closed via management plugin"


def _connections(call: Call) -> list[Connection]:
    """Those that the user may see: all, or their own."""
    found = open_connections(call.broker)
    if not _SEES_ALL & set(call.user.tags):
        found = [one for one in found if one.user is call.user]
    if "vhost" in call.path:
        vhost = call.vhost()
        found = [one for one in found if one.vhost is vhost]
    return sorted(found, key=lambda one: connection_name(one, call.node))


def _connection(call: Call) -> Connection:
    for one in _connections(call):
        if connection_name(one, call.node) == call.path["connection"]:
            return one
    raise not_found()


def list_connections(call: Call) -> HttpResponse:
    """GET connections, vhosts/{vhost}/connections."""
    rows = [connection_view(one, call.node) for one in _connections(call)]
    return answer(listed(rows, call.query))


def get_connection(call: Call) -> HttpResponse:
    """GET connections/{connection}; what is null in the list is an empty text here."""
    view = connection_view(_connection(call), call.node)
    return answer({name: "" if value is None else value for name, value in view.items()})


def delete_connection(call: Call) -> HttpResponse:
    """DELETE connections/{connection}; `X-Reason` is told to the client."""
    reason = call.headers.get("x-reason", _REASON)
    call.broker.close_connection(_connection(call).id, reason, now=call.now)
    return done()


def delete_user_connections(call: Call) -> HttpResponse:
    """DELETE connections/username/{user}."""
    reason = call.headers.get("x-reason", _REASON)
    for one in _connections(call):
        if one.user is not None and one.user.name == call.path["user"]:
            call.broker.close_connection(one.id, reason, now=call.now)
    return done()


def user_connections(call: Call) -> HttpResponse:
    """GET connections/username/{user}."""
    name = call.path["user"]
    rows = [connection_view(one, call.node) for one in _connections(call)]
    return answer([row for row in rows if row["user"] == name])


def _channels(connections: list[Connection]) -> list[Channel]:
    return [channel for one in connections for _, channel in sorted(one.channels.items())]


def list_channels(call: Call) -> HttpResponse:
    """GET channels, vhosts/{vhost}/channels."""
    rows = [channel_view(channel, call.node) for channel in _channels(_connections(call))]
    return answer(listed(rows, call.query))


def connection_channels(call: Call) -> HttpResponse:
    """GET connections/{connection}/channels."""
    return answer([channel_view(one, call.node) for one in _channels([_connection(call)])])


def get_channel(call: Call) -> HttpResponse:
    """GET channels/{channel}."""
    for channel in _channels(_connections(call)):
        view = channel_view(channel, call.node)
        if view["name"] == call.path["channel"]:
            consumers = [consumer_view(c, call.node) for c in channel.consumers.values()]
            details: dict[str, Any] = {"consumer_details": consumers}
            return answer({**view, **details, "publishes": [], "deliveries": []})
    raise not_found()


def list_consumers(call: Call) -> HttpResponse:
    """GET consumers, consumers/{vhost}."""
    consumers: list[Consumer] = [
        consumer
        for vhost in call.chosen_vhosts()
        for _, queue in sorted(vhost.queues.items())
        for consumer in queue.consumers
    ]
    return answer(listed([consumer_view(one, call.node) for one in consumers], call.query))
