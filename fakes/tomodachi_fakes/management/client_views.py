"""Connections, channels and consumers as the management API shows them.

Source: a RabbitMQ 3.10.8's answers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import plain_table
from tomodachi_fakes.amqp.model.queue import Queue
from tomodachi_fakes.amqp.states import State
from tomodachi_fakes.management.call import is_before_4

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.connection import Connection
    from tomodachi_fakes.amqp.model.consumers import Consumer
    from tomodachi_fakes.management.call import Node

View = dict[str, Any]


def connection_name(connection: Connection, node: Node) -> str:
    """How connections are called: client, arrow, server."""
    host, port = node.amqp_address
    return f"{connection.peer or connection.id} -> {host}:{port}"


def open_connections(broker: Broker) -> list[Connection]:
    """Connections that have opened a virtual host."""
    return [one for one in broker.connections.values() if one.state is State.RUNNING]


def peer_view(connection: Connection, node: Node) -> View:
    """Which connection something belongs to."""
    host, _, port = connection.peer.rpartition(":")
    return {
        "name": connection_name(connection, node),
        "peer_host": host,
        "peer_port": int(port) if port.isdecimal() else 0,
    }


def connection_view(connection: Connection, node: Node) -> View:
    """An open connection."""
    assert connection.vhost is not None  # only open connections are listed
    host, port = node.amqp_address
    place, now = ("connection", connection.id), connection.broker.now
    properties = plain_table(connection.client_properties)
    user = connection.user.name if connection.user else ""
    view: View = {
        **peer_view(connection, node),
        "host": host,
        "port": port,
        "node": connection.broker.cluster_name,
        "type": "network",
        "protocol": "AMQP 0-9-1",
        "auth_mechanism": connection.mechanism,
        "user": user,
        "user_who_performed_action": user,
        "vhost": connection.vhost.name,
        "state": "blocked" if connection.backlog.blocked else "running",
        "channels": len(connection.channels),
        "channel_max": connection.channel_max,
        "frame_max": connection.frame_max,
        "timeout": connection.heartbeat_s,
        "connected_at": int(connection.opened_at * 1000),
        "client_properties": properties,
        "ssl": connection.tls_name is not None,
        "send_pend": connection.out_size,
        "recv_cnt": connection.reads,
        "send_cnt": connection.writes,
        **node.samples.detailed(place, "recv_oct", connection.octets_received, now),
        **node.samples.detailed(place, "send_oct", connection.octets_sent, now),
        **dict.fromkeys(_CERTIFICATE),
    }
    if "connection_name" in properties:
        view["user_provided_name"] = properties["connection_name"]
    return view


_CERTIFICATE = (
    "peer_cert_issuer",
    "peer_cert_subject",
    "peer_cert_validity",
    "ssl_cipher",
    "ssl_hash",
    "ssl_key_exchange",
    "ssl_protocol",
)


def channel_view(channel: Channel, node: Node) -> View:
    """An open channel."""
    transaction, broker = channel.transaction, channel.broker
    counted: View = {}
    if node.statistics is not None:
        counted = node.statistics.of_channel(channel.name, broker.now)
    return {
        **counted,
        "name": f"{connection_name(channel.connection, node)} ({channel.number})",
        "number": channel.number,
        "connection_details": peer_view(channel.connection, node),
        "node": channel.broker.cluster_name,
        "user": channel.user.name,
        "user_who_performed_action": channel.user.name,
        "vhost": channel.vhost.name,
        "state": "running",
        "confirm": channel.confirms is not None,
        "transactional": transaction is not None,
        "prefetch_count": channel.prefetch,
        **({"global_prefetch_count": channel.global_prefetch} if is_before_4(broker) else {}),
        "consumer_count": len(channel.consumers),
        "messages_unacknowledged": len(channel.unacked),
        "messages_unconfirmed": 0,
        "messages_uncommitted": 0 if transaction is None else len(transaction.publishes),
        "acks_uncommitted": 0 if transaction is None else len(transaction.settlements),
        "pending_raft_commands": 0,
    }


def consumer_view(consumer: Consumer, node: Node) -> View:
    """A consumer."""
    channel = consumer.channel
    queue = consumer.queue
    single = isinstance(queue, Queue) and queue.consumers.single_active
    active = not (isinstance(queue, Queue) and single) or queue.consumers.active is consumer
    return {
        "consumer_tag": consumer.tag,
        "queue": {"name": queue.name, "vhost": channel.vhost.name},
        "ack_required": not consumer.no_ack,
        "exclusive": consumer.exclusive,
        "prefetch_count": consumer.prefetch,
        "active": active,
        "activity_status": "single_active" if single and active else "waiting" if single else "up",
        "arguments": plain_table(consumer.arguments),
        "channel_details": {
            **peer_view(channel.connection, node),
            "connection_name": connection_name(channel.connection, node),
            "name": f"{connection_name(channel.connection, node)} ({channel.number})",
            "node": channel.broker.cluster_name,
            "number": channel.number,
            "user": channel.user.name,
        },
    }
