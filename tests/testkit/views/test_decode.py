"""Bodies as a test sees them: the payload inside notification, wrapper and envelope."""

import json

import pytest
from hypothesis import given

from tomodachi_testkit import strategies
from tomodachi_testkit.views.decode import (
    Payload,
    attribute_values,
    payload_of,
    wire_attributes,
)


def test_plain_text_is_text_and_other_octets_are_given_as_they_are() -> None:
    assert payload_of("hello") == payload_of(b"hello") == Payload("hello")
    assert payload_of(b"\xff\xfe") == Payload(b"\xff\xfe")


def test_a_notification_is_opened_and_its_topic_kept() -> None:
    """SNS developer guide, message format of notifications to SQS."""
    body = json.dumps(
        {
            "Type": "Notification",
            "TopicArn": "arn:aws:sns:eu-west-1:000000000000:orders",
            "Message": '{"id": 7}',
            "MessageAttributes": {"kind": {"Type": "String", "Value": "new"}},
        }
    )
    found = payload_of(body)
    assert found.data == {"id": 7}
    assert found.topic_arn.endswith(":orders")
    assert attribute_values(found.attributes) == {"kind": "new"}


@given(strategies.envelopes())
def test_an_envelope_is_opened_wherever_it_lies(envelope: dict[str, object]) -> None:
    text = json.dumps(envelope)
    for body in (text, json.dumps({"Type": "Message", "Message": text})):
        found = payload_of(body)
        assert found.data == envelope["data"]
        assert found.message_uuid == envelope["metadata"]["message_uuid"]  # type: ignore[index]


def test_an_object_that_only_looks_like_a_wrapper_is_left_alone() -> None:
    assert payload_of('{"Message": "m", "Type": "Order"}').data == {"Message": "m", "Type": "Order"}


@given(strategies.message_attributes())
def test_attributes_come_back_as_they_were_given(attributes: dict[str, object]) -> None:
    assert attribute_values(wire_attributes(attributes)) == attributes


@pytest.mark.parametrize(
    ("text", "value"), [("10", 10), ("-3", -3), ("2.50", 2.5), ("1e3", 1000.0)]
)
def test_numbers_are_whole_where_they_are_written_whole(text: str, value: float) -> None:
    assert attribute_values({"n": {"DataType": "Number", "StringValue": text}}) == {"n": value}
