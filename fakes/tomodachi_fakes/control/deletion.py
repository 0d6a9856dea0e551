"""Delete a queue, a topic or an exchange of either broker, whatever is in it and whoever uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.errors import AmqpError
from tomodachi_fakes.control.messages import call_aws, queue_url
from tomodachi_fakes.control.parameters import ControlError, Parameter
from tomodachi_fakes.control.queues import (
    ACCOUNT,
    REGION,
    SERVICE,
    VHOST,
    AmqpPlace,
    find_exchange,
    find_queue,
    find_topic,
)

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
_KINDS = ("queue", "topic", "exchange")
DELETE = (
    Parameter("queue", "string", "name, ARN or URL of a queue"),
    Parameter("topic", "string", "name or ARN of a topic"),
    Parameter("exchange", "string", "name of an exchange"),
    SERVICE,
    VHOST,
    ACCOUNT,
    REGION,
)


def delete(broker: FakeBroker, given: View) -> View:
    """Delete one thing.

    Raises:
        ControlError: none or several are named, it does not exist, or its broker keeps it.
    """
    named = [kind for kind in _KINDS if given[kind] is not None]
    if len(named) != 1:
        raise ControlError(400, f"give one of {', '.join(_KINDS)}")
    {"queue": _queue, "topic": _topic, "exchange": _exchange}[named[0]](broker, given)
    return {"deleted": given[named[0]]}


def _queue(broker: FakeBroker, given: View) -> None:
    found = find_queue(broker, given)
    if isinstance(found, AmqpPlace):
        found.vhost.delete_queue(found.queue, broker.clock.now(), reason="deleted")
        return
    params = {"QueueUrl": queue_url(broker, found)}
    call_aws(broker, "sqs", "DeleteQueue", params, found.id.account, found.id.region)


def _topic(broker: FakeBroker, given: View) -> None:
    found = find_topic(broker, given["topic"], given)
    params = {"TopicArn": found.arn}
    call_aws(broker, "sns", "DeleteTopic", params, found.account, found.region)


def _exchange(broker: FakeBroker, given: View) -> None:
    vhost, exchange = find_exchange(broker, given)
    if not exchange.name:
        raise ControlError(409, "the default exchange belongs to RabbitMQ and cannot be deleted")
    try:
        vhost.delete_exchange(exchange.name, if_unused=False)
    except AmqpError as error:
        raise ControlError(409, str(error)) from error
