"""What the brokers wait for, message by message: what happens next when time moves.

A broker has one timer on the loop, for the next thing it has to do. What that is, and what comes after,
only its core can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, NamedTuple

from tomodachi_fakes.control.parameters import Parameter
from tomodachi_fakes.sqs.message import Visibility

if TYPE_CHECKING:
    from tomodachi_fakes.cloud import Cloud
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_fakes.sqs.queue import Queue

View = dict[str, Any]
DUE = (
    Parameter("limit", "integer", "how many at most, the next one first", default=20, minimum=0),
)

_HIDDEN = {Visibility.IN_FLIGHT: "visibility", Visibility.DELAYED: "delay"}


class BrokerTimer(NamedTuple):
    """Something that a broker will do.

    Attributes:
        due: Unix seconds.
        kind: SQS: "visibility", "delay", "retention", "long-poll". RabbitMQ: "ttl", "expires",
            "delay", "heartbeat", "consumer timeout", "handshake", ... SNS: "retry".
        queue: The queue's name; empty where it is about none.
    """

    due: float
    kind: str
    queue: str = ""


def next_due(broker: FakeBroker, given: View) -> list[View]:
    """What the brokers will do next, and when."""
    soon = nsmallest(given["limit"], broker_timers(broker))
    return [{"at": timer.due, "kind": timer.kind, "queue": timer.queue} for timer in soon]


def broker_timers(broker: FakeBroker) -> Iterator[BrokerTimer]:
    """Everything that the brokers will do when its time has come, in no order."""
    if broker.cloud is not None:
        yield from _of_aws(broker.cloud)
    if broker.amqp is not None:
        for timer in broker.amqp.timers.pending():
            yield BrokerTimer(timer.due, timer.kind, timer.queue)


def _of_aws(cloud: Cloud) -> Iterator[BrokerTimer]:
    for queue in cloud.sqs.queues():
        yield from _of_queue(queue)
    retry = cloud.sns.next_deadline()
    if retry is not None:
        yield BrokerTimer(retry, "retry")


def _of_queue(queue: Queue) -> Iterator[BrokerTimer]:
    messages, name = queue.store.messages.values(), queue.id.name
    for message in messages:
        if message.state in _HIDDEN:
            yield BrokerTimer(message.visible_at, _HIDDEN[message.state], name)
    # Retention counts from the sending, so what was sent first goes first.
    expires = [message.sent_at + queue.store.retention_s for message in messages]
    if expires:
        yield BrokerTimer(min(expires), "retention", name)
    for waiter in queue.waiters.values():
        yield BrokerTimer(waiter.deadline, "long-poll", name)
