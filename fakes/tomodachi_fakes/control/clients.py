"""Who is connected to RabbitMQ, and who holds which message: channels, consumers, ages.

SQS knows no connections: whoever receives a message holds it until its visibility timeout ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.control.parameters import Parameter
from tomodachi_fakes.control.queues import ACCOUNT, REGION, sqs_message, sqs_queues
from tomodachi_fakes.management.messages import shown_payload

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.connection import Connection
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
IN_FLIGHT = (
    Parameter("service", "string", "only of this one", choices=("sqs", "amqp")),
    ACCOUNT,
    REGION,
    Parameter("limit", "integer", "how many at most, oldest first", default=200, minimum=0),
)


def connections(broker: FakeBroker, given: View) -> list[View]:
    """AMQP connections with their channels and consumers."""
    if broker.amqp is None:
        return []
    return [
        {**connection.describe(), "connected_at": connection.opened_at}
        for connection in broker.amqp.connections.values()
    ]


def in_flight(broker: FakeBroker, given: View) -> list[View]:
    """Messages that were delivered and not settled: how long they are held, and by whom."""
    held: list[View] = []
    if given["service"] in (None, "sqs"):
        held += _received(broker, given)
    if given["service"] in (None, "amqp"):
        held += _unacknowledged(broker)
    held.sort(key=lambda view: view["held_since"])
    return held[: given["limit"]]


def _received(broker: FakeBroker, given: View) -> Iterator[View]:
    for queue in sqs_queues(broker, given):
        assert broker.cloud is not None  # it has the queue
        redrive = queue.redrive
        for message in broker.cloud.sqs.peek(queue.arn).in_flight:
            yield {
                "service": "sqs",
                "queue": queue.id.name,
                "arn": queue.arn,
                "held_since": message.received_at,
                "held_until": message.visible_at,
                "holder": None,
                "max_receive_count": None if redrive is None else redrive.max_receive_count,
                **sqs_message(message, "in_flight"),
            }


def _unacknowledged(broker: FakeBroker) -> Iterator[View]:
    if broker.amqp is None:
        return
    for connection in broker.amqp.connections.values():
        for channel in connection.channels.values():
            yield from _held_by(connection, channel)


def _held_by(connection: Connection, channel: Channel) -> Iterator[View]:
    for tag, (entry, consumer, since) in channel.unacked.items():
        body, encoding = shown_payload(entry.message.body)
        yield {
            "service": "amqp",
            "queue": entry.queue.name,
            "vhost": channel.vhost.name,
            "held_since": since,
            "held_until": None,
            "holder": {
                "connection": connection.id,
                "peer": connection.peer,
                "channel": channel.number,
                # A message that `basic.get` fetched has no consumer.
                "consumer_tag": None if consumer is None else consumer.tag,
                "delivery_tag": tag,
            },
            "message_id": entry.message.message_id,
            "redelivered": entry.redelivered,
            "body": body,
            "encoding": encoding,
        }
