"""Queues, topics and exchanges of both brokers: found by name, listed, looked into.

A queue is named by its name, its ARN or its URL; `service` says which broker where both have the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import plain_table
from tomodachi_fakes.amqp.model.queue import Queue as AmqpQueue
from tomodachi_fakes.control.parameters import ControlError, Parameter
from tomodachi_fakes.management.messages import shown_payload

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.exchanges import Binding, Exchange
    from tomodachi_fakes.amqp.model.stream import Stream
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_fakes.sns.state import Topic
    from tomodachi_fakes.sqs.message import StoredMessage
    from tomodachi_fakes.sqs.queue import Queue as SqsQueue

View = dict[str, Any]
SERVICES = ("sqs", "amqp")
STATES = ("ready", "in_flight", "delayed", "all")

SERVICE = Parameter("service", "string", "sqs or amqp, where both have the name", choices=SERVICES)
VHOST = Parameter("vhost", "string", "virtual host of an AMQP queue or exchange", default="/")
ACCOUNT = Parameter("account", "string", "AWS account; any when not given")
REGION = Parameter("region", "string", "AWS region; any when not given")
QUEUE = Parameter("queue", "string", "name, ARN or URL of the queue", required=True)
OF_A_QUEUE = (QUEUE, SERVICE, VHOST, ACCOUNT, REGION)


@dataclass(frozen=True, slots=True)
class AmqpPlace:
    """An AMQP queue with its virtual host."""

    vhost: Vhost
    queue: AmqpQueue | Stream


def find_queue(broker: FakeBroker, given: dict[str, Any]) -> SqsQueue | AmqpPlace:
    """The queue that a call names.

    Raises:
        ControlError: 404, there is none; 409, there are several.
    """
    name, service = given["queue"], given["service"]
    found: list[SqsQueue | AmqpPlace] = []
    if service in (None, "sqs"):
        found += [queue for queue in sqs_queues(broker, given) if _is_named(queue, name)]
    if service in (None, "amqp") and broker.amqp is not None:
        vhost = broker.amqp.vhosts.get(given["vhost"])
        if vhost is not None and name in vhost.queues:
            found.append(AmqpPlace(vhost, vhost.queues[name]))
    if not found:
        known = ", ".join(_names(broker)[:10]) or "none"
        raise ControlError(404, f"no queue {name!r}. There is: {known}.")
    if len(found) > 1:
        places = ", ".join(_place(one) for one in found)
        raise ControlError(
            409, f"{name!r} is the name of several queues ({places}): give its ARN, or `service`"
        )
    return found[0]


def sqs_queues(broker: FakeBroker, given: dict[str, Any]) -> list[SqsQueue]:
    """The SQS queues of an account and region; of all where they are not given."""
    if broker.cloud is None:
        return []
    account, region = given.get("account"), given.get("region")
    return [
        queue
        for queue in broker.cloud.sqs.queues()
        if account in (None, queue.id.account) and region in (None, queue.id.region)
    ]


def _is_named(queue: SqsQueue, name: str) -> bool:
    if name.startswith("arn:"):
        return queue.arn == name
    if "/" in name:
        return name.rstrip("/").endswith(f"/{queue.id.account}/{queue.id.name}")
    return queue.id.name == name


def _place(found: SqsQueue | AmqpPlace) -> str:
    if isinstance(found, AmqpPlace):
        return f"RabbitMQ's in {found.vhost.name!r}"
    return found.arn


def _names(broker: FakeBroker) -> list[str]:
    names = [] if broker.cloud is None else [queue.id.name for queue in broker.cloud.sqs.queues()]
    if broker.amqp is not None:
        names += [name for vhost in broker.amqp.vhosts.values() for name in vhost.queues]
    return names


def find_topic(broker: FakeBroker, name: str, given: dict[str, Any]) -> Topic:
    """The topic of that name or ARN.

    Raises:
        ControlError: 404, there is none; 409, there are several.
    """
    topics = [] if broker.cloud is None else broker.cloud.sns.topics()
    account, region = given.get("account"), given.get("region")
    found = [
        topic
        for topic in topics
        if name in (topic.name, topic.arn)
        and account in (None, topic.account)
        and region in (None, topic.region)
    ]
    if not found:
        known = ", ".join(topic.name for topic in topics[:10]) or "none"
        raise ControlError(404, f"no topic {name!r}. There is: {known}.")
    if len(found) > 1:
        arns = ", ".join(topic.arn for topic in found)
        raise ControlError(409, f"{name!r} is the name of several topics: give an ARN ({arns})")
    return found[0]


def find_exchange(broker: FakeBroker, given: dict[str, Any]) -> tuple[Vhost, Exchange]:
    """The exchange that a call names, with its virtual host.

    Raises:
        ControlError: 404, there is none.
    """
    vhost = None if broker.amqp is None else broker.amqp.vhosts.get(given["vhost"])
    if vhost is None or given["exchange"] not in vhost.exchanges:
        known = ", ".join(filter(None, vhost.exchanges if vhost else ())) or "none"
        raise ControlError(404, f"no exchange {given['exchange']!r}. There is: {known}.")
    return vhost, vhost.exchanges[given["exchange"]]


# --- lists ---------------------------------------------------------------------------------------


def list_queues(broker: FakeBroker, given: dict[str, Any]) -> list[View]:
    """Every queue, with how many messages it has in which state.

    `dead_lettered` counts an SQS queue's messages that lie in its dead-letter queue. A RabbitMQ queue
    does not know where its dead letters went: those are counted that the event log still tells of.
    """
    rows = [_sqs_row(broker, queue) for queue in sqs_queues(broker, given)]
    if broker.amqp is not None:
        tally = broker.events.tally()
        rows += [
            _amqp_row(vhost, queue, tally["amqp", "dead-lettered", queue.name])
            for vhost in broker.amqp.vhosts.values()
            for queue in vhost.queues.values()
        ]
    return [row for row in rows if given["service"] in (None, row["service"])]


def _sqs_row(broker: FakeBroker, queue: SqsQueue) -> View:
    store = queue.store
    return {
        "service": "sqs",
        "name": queue.id.name,
        "arn": queue.arn,
        "account": queue.id.account,
        "region": queue.id.region,
        "ready": store.available,
        "in_flight": store.in_flight,
        "delayed": store.delayed,
        "dead_lettered": _dead_letters(broker, queue),
        "waiting": len(queue.waiters),
        "dead_letter_queue": queue.redrive.target_arn if queue.redrive else None,
    }


def _dead_letters(broker: FakeBroker, queue: SqsQueue) -> int:
    """How many of a queue's messages lie in its dead-letter queue."""
    assert broker.cloud is not None  # it has the queue
    target = broker.cloud.sqs.find(queue.redrive.target_arn) if queue.redrive else None
    if target is None:
        return 0
    return sum(one.dead_letter_source == queue.arn for one in target.store.messages.values())


def count_messages(broker: FakeBroker) -> tuple[int, int]:
    """How many queues there are, and how many messages lie in them."""
    counts = [len(queue.store.messages) for queue in sqs_queues(broker, {})]
    if broker.amqp is not None:
        described = [
            queue.describe()
            for vhost in broker.amqp.vhosts.values()
            for queue in vhost.queues.values()
        ]
        counts += [one["messages_ready"] + one["messages_unacknowledged"] for one in described]
    return len(counts), sum(counts)


def _amqp_row(vhost: Vhost, queue: AmqpQueue | Stream, dead_lettered: int) -> View:
    described = queue.describe()
    return {
        "service": "amqp",
        "name": queue.name,
        "vhost": vhost.name,
        "type": queue.kind,
        "ready": described["messages_ready"],
        "in_flight": described["messages_unacknowledged"],
        "delayed": 0,
        "dead_lettered": dead_lettered,
        "consumers": described["consumers"],
        "dead_letter_exchange": queue.rules.dead_letter_exchange,
        "arguments": described["arguments"],
    }


def list_topics(broker: FakeBroker, given: dict[str, Any]) -> list[View]:
    """Topics with their subscriptions, and exchanges with their bindings."""
    rows: list[View] = []
    if broker.cloud is not None and given["service"] in (None, "sns"):
        rows += [_topic_row(topic) for topic in broker.cloud.sns.topics()]
    if broker.amqp is not None and given["service"] in (None, "amqp"):
        rows += [
            {
                "service": "amqp",
                "name": exchange.name,
                "vhost": vhost.name,
                "type": exchange.kind,
                "bindings": [_binding(binding) for binding in exchange.bindings],
            }
            for vhost in broker.amqp.vhosts.values()
            for exchange in vhost.exchanges.values()
        ]
    return rows


def _binding(binding: Binding) -> View:
    return {
        "destination": f"{binding.destination.kind} {binding.destination.name}",
        "key": binding.key,
        "arguments": plain_table(binding.arguments),
    }


def _topic_row(topic: Topic) -> View:
    return {
        "service": "sns",
        "name": topic.name,
        "arn": topic.arn,
        "account": topic.account,
        "region": topic.region,
        "subscriptions": [
            {
                "arn": one.arn,
                "protocol": one.protocol,
                "endpoint": one.endpoint,
                "pending": one.pending,
                "filter_policy": one.attributes.get("FilterPolicy"),
                "filter_policy_scope": one.attributes.get("FilterPolicyScope", "MessageAttributes"),
                "raw": one.raw,
            }
            for one in topic.subscriptions.values()
        ],
    }


# --- messages ------------------------------------------------------------------------------------


def peek(broker: FakeBroker, given: dict[str, Any]) -> list[View]:
    """Messages of a queue; nothing is received."""
    found = messages_of(broker, find_queue(broker, given), given["state"])
    return list(islice(found, given["limit"]))


def messages_of(
    broker: FakeBroker, found: SqsQueue | AmqpPlace, state: str = "all"
) -> Iterator[View]:
    """Messages of a queue, by state and then the next one first; made one by one as they are taken."""
    if isinstance(found, AmqpPlace):
        yield from _amqp_messages(found, state)
        return
    assert broker.cloud is not None  # it has the queue
    peeked = broker.cloud.sqs.peek(found.arn)
    for each in _states(state):
        for message in getattr(peeked, each):
            yield sqs_message(message, each)


def _states(state: str) -> tuple[str, ...]:
    return STATES[:-1] if state == "all" else (state,)


def sqs_message(message: StoredMessage, state: str) -> View:
    """An SQS message."""
    attributes = message.attributes or {}
    return {
        "state": state,
        "message_id": message.message_id,
        "body": message.body,
        "attributes": {name: _attribute(value) for name, value in attributes.items()},
        "sent_at": message.sent_at,
        "visible_at": message.visible_at,
        "received_at": message.received_at or None,
        "receive_count": message.receive_count,
        "group_id": message.group_id,
        "deduplication_id": message.deduplication_id,
        "dead_letter_source": message.dead_letter_source,
    }


def _attribute(value: View) -> Any:
    if "StringValue" in value:
        return value["StringValue"]
    return shown_payload(value.get("BinaryValue", b""), as_base64=True)[0]


def _amqp_messages(place: AmqpPlace, state: str) -> Iterator[View]:
    queue, states = place.queue, _states(state)
    if not isinstance(queue, AmqpQueue):
        yield from (amqp_message(entry, "ready") for entry in queue.peek() if "ready" in states)
        return
    if "ready" in states:
        yield from (amqp_message(entry.describe(), "ready") for entry in queue.ready)
    if "in_flight" in states:
        held = (entry for _, entry in sorted(queue.unacked.items()))
        yield from (amqp_message(entry.describe(), "in_flight") for entry in held)


def amqp_message(described: View, state: str) -> View:
    """An AMQP message, from what the broker's own peek tells of it."""
    body, encoding = shown_payload(described["body"])
    properties = dict(described["properties"])
    headers = properties.pop("headers", {})
    return {
        "state": state,
        **{k: v for k, v in described.items() if k not in ("body", "properties")},
        "body": body,
        "encoding": encoding,
        "attributes": headers,
        "properties": properties,
    }
