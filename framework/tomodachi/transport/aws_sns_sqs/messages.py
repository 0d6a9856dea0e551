"""What a received SQS message says: payload, topic, attributes, ids; or why it says nothing.

Pure. The body is the JSON object that SNS writes for an SQS subscription, or the one that a service
writes when it sends to a queue itself (`formatters.py`).

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tomodachi.transport.aws_sns_sqs import attributes
from tomodachi.transport.aws_sns_sqs.defaults import DRAIN_MESSAGE_PAYLOAD
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException
from tomodachi.transport.aws_sns_sqs.names import topic_of_arn

SHOWN_OF_BODY = 500


class UnreadableMessage(AWSSNSSQSException):
    """A message body is not the JSON object it should be."""


@dataclass(slots=True)
class Received:
    """One received message.

    Attributes:
        payload: What was published, usually an envelope's text.
        topic: The topic as the service calls it; "" for a message sent straight to the queue.
        message_type: "Notification" from SNS, "Message" from a service, or whatever the body says;
            None where it says nothing.
        message_attributes: Python values, of the SQS message itself or else of its body.
        receipt_handle: For deleting it.
        sqs_message_id: Id on SQS.
        sns_message_id: Id on SNS; "" for a message that did not come that way.
        raw_body: The body as it came.
        message_timestamp: When it was published, as the body says.
        approximate_receive_count: How often it has been received, this time included.
        message_deduplication_id: Of a FIFO queue, else None.
        message_group_id: Of a FIFO queue, else None.
    """

    payload: Any
    topic: str
    message_type: Any
    message_attributes: dict[str, Any]
    receipt_handle: str
    sqs_message_id: str
    sns_message_id: str
    raw_body: str
    message_timestamp: str
    approximate_receive_count: int
    message_deduplication_id: str | None
    message_group_id: str | None

    @property
    def is_to_be_skipped(self) -> bool:
        """Whether there is nothing in it to handle."""
        return not self.payload or self.payload == DRAIN_MESSAGE_PAYLOAD


def read(message: Mapping[str, Any], topic_prefix: str | None) -> Received:
    """Read a message of a ReceiveMessage answer.

    Raises:
        UnreadableMessage: its body is no JSON object.
    """
    raw_body: str = message.get("Body", "")
    body = _body(raw_body)
    topic_arn = _topic_arn(body)
    system = message.get("Attributes") or {}
    return Received(
        payload=body.get("Message"),
        topic=topic_of_arn(topic_arn, topic_prefix) if topic_arn else "",
        message_type=body.get("Type"),
        message_attributes=_attributes(body, message),
        receipt_handle=message.get("ReceiptHandle", ""),
        sqs_message_id=message.get("MessageId", ""),
        sns_message_id=(topic_arn and body.get("MessageId")) or "",
        raw_body=raw_body,
        message_timestamp=body.get("Timestamp") or "",
        approximate_receive_count=int(system.get("ApproximateReceiveCount", 0)),
        message_deduplication_id=system.get("MessageDeduplicationId"),
        message_group_id=system.get("MessageGroupId"),
    )


def shown_body(message: Mapping[str, Any]) -> str:
    """As much of a body as goes into a log line."""
    return str(message.get("Body", ""))[:SHOWN_OF_BODY]


def _body(raw_body: str) -> dict[str, Any]:
    try:
        body = json.loads(raw_body)
    except ValueError as error:
        msg = f"unsupported format of message body: it is no JSON ({error})"
        raise UnreadableMessage(msg) from error
    except RecursionError as error:
        msg = "unsupported format of message body: its JSON is nested too deeply"
        raise UnreadableMessage(msg) from error
    if not isinstance(body, dict):
        msg = f"unsupported format of message body: JSON {type(body).__name__}, not an object"
        raise UnreadableMessage(msg)
    return body


def _topic_arn(body: Mapping[str, Any]) -> str:
    """The topic a message came by; "" for one that came by none, whatever its body says of topics."""
    arn = body.get("TopicArn")
    return arn if body.get("Type") == "Notification" and isinstance(arn, str) else ""


def _attributes(body: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    wire = message.get("MessageAttributes") or body.get("MessageAttributes")
    if not isinstance(wire, dict):
        return {}
    return attributes.from_wire(
        {name: value for name, value in wire.items() if isinstance(value, dict)}
    )
