"""Exchanges, queues and bindings as the management API shows them.

What only an Erlang node has (garbage collection, reductions, the layout of a queue on disk) is left out.

Source: a RabbitMQ 3.10.8's answers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import plain_table
from tomodachi_fakes.amqp.model.arguments import CLASSIC, QUORUM
from tomodachi_fakes.amqp.model.exchanges import binding_of
from tomodachi_fakes.amqp.model.policies import policy_for
from tomodachi_fakes.amqp.model.queue import Queue
from tomodachi_fakes.amqp.properties import DELIVERY_MODE, decode_properties, flags_of
from tomodachi_fakes.management.binding_keys import properties_key
from tomodachi_fakes.management.call import is_before_4
from tomodachi_fakes.management.client_views import consumer_view, peer_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.model.exchanges import Binding, Exchange
    from tomodachi_fakes.amqp.model.message import Entry
    from tomodachi_fakes.amqp.model.policies import Policy
    from tomodachi_fakes.amqp.model.stream import Stream
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.management.call import Node

View = dict[str, Any]
_PERSISTENT = 2


def exchange_view(vhost: Vhost, exchange: Exchange, node: Node, now: float) -> View:
    """An exchange."""
    # Who makes a virtual host has made its first exchanges; those of "/" were there before anybody.
    predeclared = vhost.name == "/" and (not exchange.name or exchange.name.startswith("amq."))
    policy = policy_for(vhost.policies.values(), exchange.name, "exchange", vhost.profile)
    view: View = {
        "name": exchange.name,
        "vhost": vhost.name,
        "type": exchange.kind,
        "durable": exchange.durable,
        "auto_delete": exchange.auto_delete,
        "internal": exchange.internal,
        "arguments": plain_table(exchange.arguments),
        "user_who_performed_action": "rmq-internal" if predeclared else "guest",
    }
    if policy is not None:
        view["policy"] = policy.name
    if node.statistics is not None:
        view |= node.statistics.of_exchange(vhost.name, exchange.name, now)
    return view


def binding_view(vhost: str, source: str, binding: Binding) -> View:
    """A binding."""
    return {
        "source": source,
        "vhost": vhost,
        "destination": binding.destination.name,
        "destination_type": binding.destination.kind,
        "routing_key": binding.key,
        "arguments": plain_table(binding.arguments),
        "properties_key": properties_key(binding),
    }


def bindings_of(vhost: Vhost) -> list[View]:
    """Every binding of a virtual host, those of the default exchange with them, in RabbitMQ's order."""
    implicit = [default_binding(vhost.name, name) for name in vhost.queues]
    made = [
        binding_view(vhost.name, name, binding)
        for name, exchange in vhost.exchanges.items()
        for binding in exchange.bindings
    ]
    return sorted(implicit + made, key=_binding_order)


def _binding_order(view: View) -> tuple[str, ...]:
    fields = ("vhost", "source", "destination_type", "destination", "routing_key", "properties_key")
    return tuple(view[name] for name in fields)


def default_binding(vhost: str, queue: str) -> View:
    """The binding of a queue to the default exchange."""
    return binding_view(vhost, "", binding_of("queue", queue, queue, {}))


def queue_view(broker: Broker, vhost: Vhost, queue: Queue | Stream, node: Node) -> View:
    """A queue of any type."""
    view = _common(broker, vhost, queue, node)
    if isinstance(queue, Queue):
        view |= _messages(queue)
    if queue.kind == CLASSIC:
        view["exclusive_consumer_tag"] = _exclusive_tag(queue)
        view |= {"recoverable_slaves": None} if is_before_4(broker) else {"storage_version": 2}
    else:
        view |= {"members": [broker.cluster_name], "online": [broker.cluster_name]}
    if queue.kind == QUORUM:
        view |= {"leader": broker.cluster_name, "open_files": {broker.cluster_name: 0}}
        view["delivery_limit"] = queue.rules.delivery_limit
        del view["node"]
    if node.statistics is not None:
        view |= node.statistics.of_queue(vhost.name, queue.name, broker.now)
    return view


def queue_arguments(broker: Broker, queue: Queue | Stream) -> View:
    """A queue's arguments; since 4.0 its type is one of them, declared or not."""
    given: View = plain_table(queue.arguments)
    return given if is_before_4(broker) else {"x-queue-type": queue.kind, **given}


def _common(broker: Broker, vhost: Vhost, queue: Queue | Stream, node: Node) -> View:
    policy, operator = _policies(vhost, queue)
    ready, unacked = queue.message_count, 0
    if isinstance(queue, Queue):
        unacked = len(queue.unacked)
    return {
        "name": queue.name,
        "vhost": vhost.name,
        "type": queue.kind,
        "durable": queue.durable,
        "auto_delete": queue.auto_delete,
        "exclusive": queue.owner is not None,
        "arguments": queue_arguments(broker, queue),
        "node": broker.cluster_name,
        "state": "running",
        "policy": policy.name if policy else None,
        "operator_policy": operator.name if operator else None,
        "effective_policy_definition": _effective(policy, operator),
        "consumers": len(queue.consumers),
        **node.samples.depth((vhost.name, queue.name), ready, unacked, broker.now),
    }


def _messages(queue: Queue) -> View:
    ready_bytes = queue.ready_bytes
    unacked_bytes = sum(len(entry.message.body) for entry in queue.unacked.values())
    held = [*queue.ready, *queue.unacked.values()]
    persistent = [entry for entry in held if _is_persistent(entry)]
    active = queue.consumers.active if queue.consumers.single_active else None
    return {
        "consumer_capacity": 1.0 if len(queue.consumers) else 0,
        "consumer_utilisation": 1.0 if len(queue.consumers) else 0,
        "single_active_consumer_tag": active.tag if active else None,
        "memory": sum(entry.message.octets for entry in held),
        "message_bytes": ready_bytes + unacked_bytes,
        "message_bytes_ready": ready_bytes,
        "message_bytes_unacknowledged": unacked_bytes,
        "message_bytes_ram": ready_bytes + unacked_bytes,
        "message_bytes_persistent": sum(len(entry.message.body) for entry in persistent),
        "message_bytes_paged_out": 0,
        "messages_persistent": len(persistent),
        "messages_ram": len(held),
        "messages_ready_ram": len(queue.ready),
        "messages_unacknowledged_ram": len(queue.unacked),
        "messages_paged_out": 0,
        "head_message_timestamp": _timestamp(queue),
    }


def _is_persistent(entry: Entry) -> bool:
    header = entry.message.header
    if entry.queue.kind == QUORUM:
        return True
    return bool(flags_of(header) & DELIVERY_MODE) and (
        decode_properties(header)["delivery_mode"] == _PERSISTENT
    )


def _timestamp(queue: Queue) -> int | None:
    first = next(iter(queue.ready), None)
    return None if first is None else first.message.properties.get("timestamp")


def _exclusive_tag(queue: Queue | Stream) -> str | None:
    return next((consumer.tag for consumer in queue.consumers if consumer.exclusive), None)


def _policies(vhost: Vhost, queue: Queue | Stream) -> tuple[Policy | None, Policy | None]:
    what = (queue.name, queue.kind, vhost.profile)
    return policy_for(vhost.policies.values(), *what), policy_for(
        vhost.operator_policies.values(), *what
    )


def _effective(policy: Policy | None, operator: Policy | None) -> View:
    merged: View = dict(policy.definition) if policy else {}
    for key, value in (operator.definition if operator else {}).items():
        both_numbers = isinstance(value, int) and isinstance(merged.get(key), int)
        merged[key] = min(value, merged[key]) if both_numbers else value
    return merged


def queue_with_consumers(broker: Broker, vhost: Vhost, queue: Queue | Stream, node: Node) -> View:
    """One queue, with what is told only when it is asked for alone."""
    consumers: Iterable[Any] = queue.consumers
    details = [consumer_view(consumer, node) for consumer in consumers]
    if not is_before_4(broker):
        for detail in details:
            detail["consumer_timeout"] = broker.consumer_timeout_ms
    view = queue_view(broker, vhost, queue, node)
    if queue.owner is not None and queue.owner in broker.connections:
        view["owner_pid_details"] = peer_view(broker.connections[queue.owner], node)
    return {**view, "consumer_details": details, "incoming": [], "deliveries": []}
