"""Metrics of the AMQP broker under the names that RabbitMQ's own Prometheus plugin gives them.

Aggregated over all objects at `/metrics`, by queue, channel and connection at `/metrics/per-object`. What
only an Erlang node has (reductions, disk, Raft, Mnesia) is left out.

Source: https://www.rabbitmq.com/docs/prometheus; a RabbitMQ 3.10.8's answers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.model.arguments import QUEUE_TYPES
from tomodachi_fakes.management.client_views import channel_view, connection_name, open_connections
from tomodachi_fakes.management.exposition import Exposition
from tomodachi_fakes.management.topology_views import queue_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.management.call import Node
    from tomodachi_fakes.management.statistics import Statistics

View = dict[str, Any]
# Each gauge: RabbitMQ's name, the number of the management API's view that it shows, and what it is.
_OF_QUEUES = (
    ("messages_ready", "messages_ready", "Messages that wait for a consumer"),
    ("messages_unacked", "messages_unacknowledged", "Messages delivered and not acknowledged yet"),
    ("messages", "messages", "Messages in the queue, ready or unacknowledged"),
    ("consumers", "consumers", "Consumers of the queue"),
    ("consumer_capacity", "consumer_capacity", "How much of the time consumers could take more"),
    ("consumer_utilisation", "consumer_utilisation", "The consumer capacity under its older name"),
    ("process_memory_bytes", "memory", "Octets of memory that the queue takes"),
    ("messages_ram", "messages_ram", "Messages in memory"),
    ("messages_ram_bytes", "message_bytes_ram", "Octets of message bodies in memory"),
    ("messages_ready_ram", "messages_ready_ram", "Ready messages in memory"),
    ("messages_unacked_ram", "messages_unacknowledged_ram", "Unacknowledged messages in memory"),
    ("messages_paged_out", "messages_paged_out", "Always 0: all messages are in memory"),
    ("messages_paged_out_bytes", "message_bytes_paged_out", "Always 0, likewise"),
    ("messages_persistent", "messages_persistent", "Messages that would outlive a restart"),
    ("messages_persistent_bytes", "message_bytes_persistent", "Octets of their bodies"),
    ("messages_bytes", "message_bytes", "Octets of message bodies"),
    ("messages_ready_bytes", "message_bytes_ready", "Octets of ready messages' bodies"),
    ("messages_unacked_bytes", "message_bytes_unacknowledged", "Octets of unacknowledged ones'"),
)
_OF_CHANNELS = (
    ("channel_consumers", "consumer_count", "Consumers on the channel"),
    ("channel_messages_unacked", "messages_unacknowledged", "Deliveries not acknowledged yet"),
    ("channel_messages_unconfirmed", "messages_unconfirmed", "Publishes not confirmed yet"),
    ("channel_messages_uncommitted", "messages_uncommitted", "Publishes of an open transaction"),
    ("channel_acks_uncommitted", "acks_uncommitted", "Acknowledgements of an open transaction"),
    ("consumer_prefetch", "prefetch_count", "Most unacknowledged deliveries of each consumer"),
    ("channel_prefetch", "global_prefetch_count", "Most unacknowledged deliveries of the channel"),
)
# Each counter: RabbitMQ's name, the number of `message_stats` that it shows, and what it is.
_COUNTED = (
    ("messages_published_total", "publish", "Messages published"),
    ("messages_confirmed_total", "confirm", "Messages published and confirmed"),
    ("messages_unroutable_returned_total", "return_unroutable", "Mandatory messages given back"),
    ("messages_unroutable_dropped_total", "drop_unroutable", "Messages that reached no queue"),
    ("get_ack_total", "get", "Messages got, to be acknowledged"),
    ("get_total", "get_no_ack", "Messages got without acknowledgement"),
    ("messages_delivered_ack_total", "deliver", "Messages delivered, to be acknowledged"),
    ("messages_delivered_total", "deliver_no_ack", "Messages delivered without acknowledgement"),
    ("messages_redelivered_total", "redeliver", "Messages delivered again"),
    ("messages_acked_total", "ack", "Messages acknowledged"),
    ("get_empty_total", "get_empty", "Gets that found no message"),
)
_GLOBAL = (
    ("received_total", "publish", "Messages published"),
    ("received_confirm_total", "confirm", "Messages published on channels with confirms"),
    ("confirmed_total", "confirm", "Messages confirmed"),
    ("routed_total", "routed", "Messages put into queues"),
    ("unroutable_returned_total", "return_unroutable", "Mandatory messages given back"),
    ("unroutable_dropped_total", "drop_unroutable", "Messages that reached no queue"),
)
# The same by type of queue.
_GLOBAL_BY_TYPE = (
    ("delivered_total", "deliver_get", "Messages delivered or got"),
    ("delivered_consume_manual_ack_total", "deliver", "Delivered, to be acknowledged"),
    ("delivered_consume_auto_ack_total", "deliver_no_ack", "Delivered without acknowledgement"),
    ("delivered_get_manual_ack_total", "get", "Got, to be acknowledged"),
    ("delivered_get_auto_ack_total", "get_no_ack", "Got without acknowledgement"),
    ("redelivered_total", "redeliver", "Messages delivered again"),
    ("acknowledged_total", "ack", "Messages acknowledged"),
    ("get_empty_total", "get_empty", "Gets that found no message"),
)
_CHURN = (
    ("connections_opened_total", "connection_created", "Connections opened"),
    ("connections_closed_total", "connection_closed", "Connections closed"),
    ("channels_opened_total", "channel_created", "Channels opened"),
    ("channels_closed_total", "channel_closed", "Channels closed"),
    ("queues_declared_total", "queue_declared", "Queues declared, there already or not"),
    ("queues_created_total", "queue_created", "Queues made"),
    ("queues_deleted_total", "queue_deleted", "Queues deleted"),
)
_OF_CONNECTIONS = (
    ("incoming_bytes", "octets_received", "Octets received"),
    ("incoming_packets", "reads", "Pieces in which they came"),
    ("outgoing_bytes", "octets_sent", "Octets sent"),
    ("outgoing_packets", "writes", "Pieces in which they went"),
)
_PROTOCOL = "amqp091"


def rabbitmq_metrics(
    out: Exposition, broker: Broker, node: Node, statistics: Statistics, *, per_object: bool
) -> None:
    """Add every metric of the broker."""
    _add_node(out, broker)
    _add_identity(out, broker)
    for name, key, what in _CHURN:
        out.counter(f"rabbitmq_{name}", what).add(statistics.total(key))
    _add_objects(out, "queue_", _OF_QUEUES, _queues(broker, node), per_object=per_object)
    channels = list(_channels(broker, node))
    publishers = sum("publish" in view.get("message_stats", ()) for _, view in channels)
    family = out.gauge("rabbitmq_global_publishers", "Channels that have published")
    family.add(publishers, protocol=_PROTOCOL)
    _add_objects(out, "", _OF_CHANNELS, channels, per_object=per_object)
    if per_object:
        _add_channel_counters(out, channels)
    else:
        for name, key, what in _COUNTED:
            out.counter(f"rabbitmq_channel_{name}", what).add(statistics.total(key))
        what = "Messages that publishers put into queues"
        out.counter("rabbitmq_queue_messages_published_total", what).add(statistics.total("routed"))
    for name, key, what in _GLOBAL:
        family = out.counter(f"rabbitmq_global_messages_{name}", what)
        family.add(statistics.total(key), protocol=_PROTOCOL)
    for name, key, what in _GLOBAL_BY_TYPE:
        family = out.counter(f"rabbitmq_global_messages_{name}", what)
        for kind in QUEUE_TYPES:
            count = statistics.total_of_type(kind, key)
            family.add(count, protocol=_PROTOCOL, queue_type=f"rabbit_{kind}_queue")
    _add_connections(out, broker, node, per_object=per_object)


def _add_node(out: Exposition, broker: Broker) -> None:
    connections = open_connections(broker)
    queues = [queue for vhost in broker.vhosts.values() for queue in vhost.queues.values()]
    consumers = sum(len(queue.consumers) for queue in queues)
    channels = [channel for one in connections for channel in one.channels.values()]
    usage = broker.usage
    for name, value, what in (
        ("connections", len(connections), "Open connections"),
        ("channels", len(channels), "Open channels"),
        ("consumers", consumers, "Consumers"),
        ("queues", len(queues), "Queues"),
        ("process_resident_memory_bytes", usage.octets, "Octets that messages take"),
        ("resident_memory_limit_bytes", usage.limit, "Octets at which publishers are blocked"),
        ("process_open_tcp_sockets", len(broker.connections), "Connections, opened or opening"),
        ("process_max_tcp_sockets", broker.max_connections, "Most connections at a time"),
        ("process_open_fds", len(broker.connections), "Connections, as files are not used"),
        ("process_max_fds", broker.max_connections, "Most connections at a time"),
    ):
        out.gauge(f"rabbitmq_{name}", what).add(value)
    for name, alarm, what in (
        ("memory_used_watermark", usage.alarm, "1 while publishers are blocked"),
        ("free_disk_space_watermark", 0, "Always 0: nothing is on a disk"),
        ("file_descriptor_limit", 0, "Always 0: no files are open"),
    ):
        out.info(f"rabbitmq_alarms_{name}", what).add(alarm)
    out.gauge("rabbitmq_global_consumers", "Consumers").add(consumers, protocol=_PROTOCOL)


def _add_identity(out: Exposition, broker: Broker) -> None:
    profile, name = broker.profile, broker.cluster_name
    out.info("rabbitmq_build_info", "The version that is imitated").add(
        1, rabbitmq_version=profile.version, erlang_version=profile.platform.rpartition(" ")[2]
    )
    out.info("rabbitmq_identity_info", "The node's name").add(
        1, rabbitmq_node=name, rabbitmq_cluster=name
    )


def _queues(broker: Broker, node: Node) -> Iterator[tuple[dict[str, str], View]]:
    for vhost in broker.vhosts.values():
        for queue in vhost.queues.values():
            labels = {"vhost": vhost.name, "queue": queue.name}
            yield labels, queue_view(broker, vhost, queue, node)


def _channels(broker: Broker, node: Node) -> Iterator[tuple[dict[str, str], View]]:
    for connection in open_connections(broker):
        for channel in connection.channels.values():
            view = channel_view(channel, node)
            yield {"channel": view["name"]}, view


def _add_objects(
    out: Exposition,
    prefix: str,
    gauges: tuple[tuple[str, str, str], ...],
    objects: Any,
    *,
    per_object: bool,
) -> None:
    totals = dict.fromkeys((name for name, _, _ in gauges), 0.0)
    families = {name: out.gauge(f"rabbitmq_{prefix}{name}", what) for name, _, what in gauges}
    for labels, view in objects:
        for name, key, _ in gauges:
            value = view.get(key, 0)
            if per_object:
                families[name].add(value, **labels)
            else:
                totals[name] += value
    if not per_object:
        for name, family in families.items():
            family.add(totals[name])


def _add_channel_counters(out: Exposition, channels: list[tuple[dict[str, str], View]]) -> None:
    for name, key, what in _COUNTED:
        family = out.counter(f"rabbitmq_channel_{name}", what)
        for labels, view in channels:
            counted = view.get("message_stats", {})
            if key in counted:
                family.add(counted[key], **labels)


def _add_connections(out: Exposition, broker: Broker, node: Node, *, per_object: bool) -> None:
    for name, attribute, what in _OF_CONNECTIONS:
        family = out.counter(f"rabbitmq_connection_{name}_total", what)
        if per_object:
            for one in open_connections(broker):
                family.add(getattr(one, attribute), connection=connection_name(one, node))
        else:
            family.add(sum(getattr(one, attribute) for one in open_connections(broker)))
    channels = out.gauge("rabbitmq_connection_channels", "Channels of the connection")
    pending = out.gauge("rabbitmq_connection_pending_packets", "Octets that wait to be sent")
    connections = open_connections(broker)
    if per_object:
        for one in connections:
            labels = {"connection": connection_name(one, node)}
            channels.add(len(one.channels), **labels)
            pending.add(one.out_size, **labels)
        return
    channels.add(sum(len(one.channels) for one in connections))
    pending.add(sum(one.out_size for one in connections))
