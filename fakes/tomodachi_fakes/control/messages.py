"""Send, publish, purge and redrive, on either broker, without a client."""

from __future__ import annotations

import json
import struct
from base64 import b64decode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.errors import AmqpError
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.amqp.model.queue import Queue as AmqpQueue
from tomodachi_fakes.amqp.properties import encode_header
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.control.parameters import ControlError, Parameter
from tomodachi_fakes.control.queues import (
    ACCOUNT,
    OF_A_QUEUE,
    REGION,
    VHOST,
    AmqpPlace,
    find_queue,
    find_topic,
)

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_fakes.sqs.queue import Queue as SqsQueue

View = dict[str, Any]

_LONGEST_KEY = 255

_BODY = Parameter("body", "string", "the message", required=True)
_ENCODING = Parameter(
    "encoding", "string", "of the body of an AMQP message", default="string",
    choices=("string", "base64"),
)  # fmt: skip
_ATTRIBUTES = Parameter("attributes", "object", "message attributes, or AMQP headers, by name")
_PROPERTIES = Parameter("properties", "object", "AMQP properties, such as content_type")
_GROUP = Parameter("group_id", "string", "message group")
_DEDUPLICATION = Parameter("deduplication_id", "string", "deduplication id")
_DELAY = Parameter("delay_s", "integer", "delay of an SQS message, in seconds")

SEND = (
    *OF_A_QUEUE,
    _BODY,
    _ENCODING,
    _ATTRIBUTES,
    _PROPERTIES,
    _GROUP,
    _DEDUPLICATION,
    _DELAY,
)
PUBLISH = (
    Parameter("topic", "string", "name or ARN of an SNS topic"),
    Parameter("exchange", "string", "name of an exchange; an empty one is the default exchange"),
    Parameter("routing_key", "string", "routing key of an AMQP message", default=""),
    Parameter("subject", "string", "subject of an SNS message"),
    VHOST,
    ACCOUNT,
    REGION,
    _BODY,
    _ENCODING,
    _ATTRIBUTES,
    _PROPERTIES,
    _GROUP,
    _DEDUPLICATION,
)
REDRIVE = (
    *OF_A_QUEUE,
    Parameter("to", "string", "queue to move to; each message's own source when not given"),
)


def send(broker: FakeBroker, given: View) -> View:
    """Put a message into a queue."""
    found = find_queue(broker, given)
    if isinstance(found, AmqpPlace):
        return _publish_amqp(broker, found.vhost.name, "", found.queue.name, given)
    params: View = {"QueueUrl": queue_url(broker, found), "MessageBody": given["body"]}
    params |= _of_the_message(given)
    if given["delay_s"] is not None:
        params["DelaySeconds"] = given["delay_s"]
    return call_aws(broker, "sqs", "SendMessage", params, found.id.account, found.id.region)


def publish(broker: FakeBroker, given: View) -> View:
    """Publish to a topic or to an exchange."""
    if (given["topic"] is None) == (given["exchange"] is None):
        raise ControlError(400, "give a topic (SNS) or an exchange (AMQP)")
    if given["topic"] is None:
        key = given["routing_key"]
        return _publish_amqp(broker, given["vhost"], given["exchange"], key, given)
    topic = find_topic(broker, given["topic"], given)
    params: View = {"TopicArn": topic.arn, "Message": given["body"], **_of_the_message(given)}
    if given["subject"] is not None:
        params["Subject"] = given["subject"]
    return call_aws(broker, "sns", "Publish", params, topic.account, topic.region)


def _publish_amqp(broker: FakeBroker, vhost: str, exchange: str, key: str, given: View) -> View:
    if broker.amqp is None:
        raise ControlError(409, "the brokers were started without AMQP")
    properties = dict(given["properties"] or {})
    if given["attributes"]:
        properties["headers"] = given["attributes"]
    _check_properties(properties)
    if len(key.encode()) > _LONGEST_KEY:
        raise ControlError(
            400, f"routing_key: AMQP has no room for more than {_LONGEST_KEY} octets"
        )
    try:
        routed = broker.amqp.publish(
            exchange, key, _octets(given), now=broker.clock.now(), vhost=vhost, **properties
        )
    except AmqpError as error:
        raise ControlError(400, str(error)) from error
    return {"routed": routed.queues > 0, "queues": routed.queues, "rejected": routed.rejected}


def _check_properties(properties: View) -> None:
    for name, value in properties.items():
        try:
            encode_header(0, {name: typed_table(value) if name == "headers" else value})
        except KeyError as error:
            raise ControlError(400, f"properties: {error.args[0]}") from error
        except (TypeError, ValueError, AttributeError, struct.error) as error:
            raise ControlError(400, f"properties: {value!r} is no value of {name}") from error


def _octets(given: View) -> bytes:
    text: str = given["body"]
    if given["encoding"] == "string":
        return text.encode()
    try:
        return b64decode(text, validate=True)
    except NotBase64 as error:
        raise ControlError(400, f"body: {text[:40]!r} is not base64") from error


def wire_attributes(attributes: View) -> View:
    """Plain values as message attributes: numbers, lists as `String.Array`, anything else as text."""
    return {name: _wire_attribute(value) for name, value in attributes.items()}


def _wire_attribute(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        return {"DataType": "String.Array", "StringValue": json.dumps(value)}
    number = isinstance(value, int | float) and not isinstance(value, bool)
    text = value if isinstance(value, str) else json.dumps(value)
    return {"DataType": "Number" if number else "String", "StringValue": text}


def _of_the_message(given: View) -> View:
    found: View = {}
    if given["attributes"]:
        found["MessageAttributes"] = wire_attributes(given["attributes"])
    if given["group_id"] is not None:
        found["MessageGroupId"] = given["group_id"]
    if given["deduplication_id"] is not None:
        found["MessageDeduplicationId"] = given["deduplication_id"]
    return found


def queue_url(broker: FakeBroker, queue: SqsQueue) -> str:
    """The URL of an SQS queue."""
    return f"{broker.aws_url}/{queue.id.account}/{queue.id.name}"


def call_aws(
    broker: FakeBroker, service: str, operation: str, params: View, account: str, region: str
) -> View:
    """Call AWS in the name of an account.

    Raises:
        ControlError: AWS refuses.
    """
    try:
        output = broker.call_aws(service, operation, params, broker.context(account, region))
    except AwsError as error:
        raise ControlError(400, error.message, code=error.code) from error
    assert isinstance(output, dict)  # none of these operations waits
    return output


def purge(broker: FakeBroker, given: View) -> View:
    """Forget what is in a queue; the wait of 60 seconds between purges is not in force here."""
    found = find_queue(broker, given)
    if isinstance(found, AmqpPlace):
        assert broker.amqp is not None  # it has the queue
        count = found.queue.purge(broker.clock.now())
        broker.amqp.record("purged", found.queue.name, count=count)
        return {"purged": count}
    count = len(found.store.messages)
    found.purged_at = float("-inf")
    call_aws(
        broker, "sqs", "PurgeQueue", {"QueueUrl": queue_url(broker, found)}, found.id.account,
        found.id.region,
    )  # fmt: skip
    return {"purged": count}


def redrive(broker: FakeBroker, given: View) -> View:
    """Move the messages of a dead-letter queue back, or to another queue."""
    found = find_queue(broker, given)
    if isinstance(found, AmqpPlace):
        return _redrive_amqp(broker, found, given["to"])
    params = {"SourceArn": found.arn}
    if given["to"] is not None:
        target = find_queue(broker, {**given, "queue": given["to"], "service": "sqs"})
        assert not isinstance(target, AmqpPlace)  # the service is SQS
        params["DestinationArn"] = target.arn
    count = len(found.store.messages)
    call_aws(broker, "sqs", "StartMessageMoveTask", params, found.id.account, found.id.region)
    return {"moving": count}


def _redrive_amqp(broker: FakeBroker, place: AmqpPlace, to: str | None) -> View:
    assert broker.amqp is not None  # it has the queue
    queue, now = place.queue, broker.clock.now()
    if not isinstance(queue, AmqpQueue):
        raise ControlError(400, f"{queue.name!r} is a stream: nothing leaves it")
    moved = 0
    for _ in range(len(queue.ready)):
        entry = queue.ready.peek()
        target = to or _died_in(entry.describe()["properties"])
        if target is None or target not in place.vhost.queues:
            raise ControlError(
                409,
                f"{moved} moved; the next message has no queue to go back to: say which with `to`",
            )
        taken = queue.get(no_ack=True, now=now)
        assert taken is not None  # it was peeked at
        place.vhost.enqueue([place.vhost.queues[target]], taken.message, now)
        moved += 1
    return {"moved": moved}


def _died_in(properties: View) -> str | None:
    """The queue where a message died first; the oldest entry of x-death is the last."""
    deaths = properties.get("headers", {}).get("x-death") or []
    return deaths[-1].get("queue") if deaths else None
