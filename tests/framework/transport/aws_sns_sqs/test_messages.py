"""What a received SQS message says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tomodachi.transport.aws_sns_sqs import messages
from tomodachi.transport.aws_sns_sqs.defaults import DRAIN_MESSAGE_PAYLOAD
from tomodachi.transport.aws_sns_sqs.messages import UnreadableMessage

NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "sns-1",
    "TopicArn": "arn:aws:sns:eu-west-1:123456789012:dev-order___2e_created",
    "Message": "payload",
    "Timestamp": "2026-01-01T00:00:00.000Z",
    "MessageAttributes": {
        "n": {"Type": "Number", "Value": "1"},
        "s": {"Type": "String", "Value": "x"},
    },
}


def received(body: Any, **message: Any) -> messages.Received:
    text = body if isinstance(body, str) else json.dumps(body)
    wire = {"Body": text, "MessageId": "sqs-1", "ReceiptHandle": "handle"} | message
    return messages.read(wire, "dev-")


def test_a_notification_has_payload_topic_and_ids() -> None:
    message = received(NOTIFICATION)
    assert message.payload == "payload"
    assert message.topic == "order.created"
    assert (message.sns_message_id, message.sqs_message_id) == ("sns-1", "sqs-1")
    assert message.message_timestamp == "2026-01-01T00:00:00.000Z"
    assert message.message_attributes == {"n": 1, "s": "x"}


def test_the_sqs_message_s_own_attributes_stand_in_for_those_of_the_body() -> None:
    """Seen with 0.29.0: those of the body are read only where the message has none."""
    outer = {"n": {"DataType": "Number", "StringValue": "2"}}
    message = received(NOTIFICATION, MessageAttributes=outer)
    assert message.message_attributes == {"n": 2}


def test_system_attributes_are_read() -> None:
    system = {
        "ApproximateReceiveCount": "3",
        "MessageDeduplicationId": "d",
        "MessageGroupId": "g",
    }
    message = received(NOTIFICATION, Attributes=system)
    assert message.approximate_receive_count == 3
    assert (message.message_deduplication_id, message.message_group_id) == ("d", "g")


@pytest.mark.parametrize(
    "body",
    [
        NOTIFICATION | {"Type": "Message"},
        {key: value for key, value in NOTIFICATION.items() if key != "TopicArn"},
        {"Message": "x", "MessageId": "1"},
    ],
)
def test_only_a_notification_of_a_topic_has_a_topic_and_an_sns_id(body: Any) -> None:
    """Seen with 0.29.0."""
    message = received(body)
    assert (message.topic, message.sns_message_id) == ("", "")
    assert message.message_type == body.get("Type")


@pytest.mark.parametrize("body", ["", "text", "[1, 2]", "5", "null", '"text"', "[" * 100_000])
def test_a_body_that_is_no_json_object_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableMessage, match="unsupported format of message body"):
        received(body)


@pytest.mark.parametrize("odd", [7, [1], "x", {"n": 7}, None])
def test_odd_attributes_in_a_body_do_not_matter(odd: Any) -> None:
    assert received({"Message": "x", "MessageAttributes": odd}).message_attributes == {}


@pytest.mark.parametrize("payload", [None, "", 0, False, {}, [], DRAIN_MESSAGE_PAYLOAD])
def test_an_empty_payload_and_the_drain_payload_are_to_be_skipped(payload: Any) -> None:
    """Seen with 0.29.0."""
    assert received({"Message": payload}).is_to_be_skipped


def test_a_body_without_payload_is_to_be_skipped() -> None:
    assert received({"Type": "Message"}).is_to_be_skipped
    assert not received({"Message": "0"}).is_to_be_skipped


def test_the_first_500_characters_of_a_body_are_shown() -> None:
    assert messages.shown_body({"Body": "x" * 501}) == "x" * 500
