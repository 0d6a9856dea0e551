"""Bodies as a test sees them: the payload inside notification, wrapper and envelope."""

import asyncio
import json

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import given

from tomodachi.envelope import ProtobufBase
from tomodachi_testkit import strategies
from tomodachi_testkit.views.decode import (
    Payload,
    attribute_values,
    payload_of,
    wire_attributes,
)
from tomodachi_testkit.views.envelope import Sender


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


@pytest.mark.parametrize("length", [3, 70_000])
def test_a_protobuf_envelope_is_opened_to_the_octets_of_its_data(length: int) -> None:
    """Long data is compressed; SNS and SQS carry base64, AMQP the same as octets."""
    data = StringValue(value="x" * length)
    sender = Sender("billing", "1")
    text = asyncio.run(ProtobufBase.build_message(sender, "bill-sent", data))
    for body in (text, text.encode(), json.dumps({"Type": "Message", "Message": text})):
        found = payload_of(body)
        assert found.data == data.SerializeToString()
        assert str(found.message_uuid).startswith("1.")


@pytest.mark.parametrize("text", ["AAAA", "hello", "aGVsbG8="])
def test_text_that_is_no_protobuf_envelope_stays_text(text: str) -> None:
    assert payload_of(text) == Payload(text)


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
