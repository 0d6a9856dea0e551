"""What may be sent: characters, sizes, attributes, ids, delays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.errors import AwsError


def refused(sqs: Core, queue: str = "q", body: str = "a", **params: Any) -> AwsError:
    with pytest.raises(AwsError) as caught:
        sqs.call("SendMessage", QueueUrl=queue, MessageBody=body, **params)
    assert sqs.states(queue) == ([], [], [])
    return caught.value


@pytest.fixture
def sqs() -> Core:
    core = Core()
    core.create()
    return core


@given(st.text(st.characters(), min_size=1, max_size=20))
def test_a_body_is_accepted_exactly_when_xml_can_hold_it(body: str) -> None:
    """API_SendMessage, MessageBody: #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-."""
    core = Core()
    core.create()
    allowed = all(
        c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000"
        for c in body
    )
    if allowed:
        core.send("q", body)
        assert core.bodies("q") == [body]
    else:
        assert refused(core, body=body).code == "InvalidMessageContents"


@pytest.mark.source("https://github.com/Particular/NServiceBus.AmazonSQS/issues/2630")
@pytest.mark.parametrize(("character", "named"), [("\x07", "#x7"), ("\uffff", "#xFFFF")])
def test_the_character_that_no_message_may_hold_is_named(
    sqs: Core, character: str, named: str
) -> None:
    assert refused(sqs, body=f"a{character}").message == (
        f"Invalid binary character '{named}' was found in the message body, the set of allowed "
        "characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]."
    )


def test_empty_body_is_missing(sqs: Core) -> None:
    assert refused(sqs, body="").message == ("The request must contain the parameter MessageBody.")


def test_size_counts_bytes_of_body_and_attributes(sqs: Core) -> None:
    sqs.create("small", MaximumMessageSize=1024)
    attribute = {"n": {"DataType": "String", "StringValue": "vv"}}  # 1 + 6 + 2 bytes
    sqs.send("small", "é" * 507 + "a", MessageAttributes=attribute)
    sqs.call("PurgeQueue", QueueUrl="small")

    error = refused(sqs, "small", "é" * 508, MessageAttributes=attribute)

    assert "Message must be shorter than 1024 bytes." in error.message


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("n", {"DataType": "String", "StringValue": ""}, "non-empty value of type 'String'"),
        ("n", {"DataType": "Binary", "BinaryValue": b""}, "non-empty value of type 'Binary'"),
        ("n", {"DataType": "Number", "StringValue": "seven"}, "to a number"),
        ("n", {"DataType": "", "StringValue": "x"}, "must contain a non-empty attribute type."),
        (
            "n",
            {"DataType": "Text", "StringValue": "x"},
            "The type of message (user) attribute 'n' is invalid. You must use only the following supported type prefixes: Binary, Number, String.",
        ),
        ("n", {"DataType": "String", "StringValue": "\x00"}, "Invalid binary character '#x0'"),
        ("n", {"DataType": "String", "StringValue": "x", "StringListValues": ["y"]}, "list values"),
        (
            "",
            {"DataType": "String", "StringValue": "x"},
            "The request must contain non-empty message attribute name.",
        ),
        ("a b", {"DataType": "String", "StringValue": "x"}, "letters and digits of ASCII"),
        (".a", {"DataType": "String", "StringValue": "x"}, "cannot start or end with '.'"),
        ("AWS.x", {"DataType": "String", "StringValue": "x"}, "beginning with 'AWS.' or 'Amazon.'"),
        ("x" * 257, {"DataType": "String", "StringValue": "x"}, "shorter than 256"),
    ],
)
@pytest.mark.source("https://github.com/grafana/k6-jslib-aws/pull/65")
@pytest.mark.source("https://github.com/aws-amplify/aws-sdk-android/issues/193")
def test_message_attributes(sqs: Core, name: str, value: dict[str, Any], text: str) -> None:
    assert text in refused(sqs, MessageAttributes={name: value}).message


@pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html"
)
@pytest.mark.parametrize(
    ("number", "fine"),
    [
        ("-0", True),
        ("+1.50", True),
        (".5", True),
        ("0e999", True),
        ("1" * 38, True),
        ("1" * 39, False),
        ("1." + "3" * 37, True),
        ("1." + "3" * 38, False),
        ("0" * 10 + "1" * 38 + "0" * 10, True),
        ("1e126", True),
        ("-1E+126", True),
        ("1.1e126", False),
        ("1" + "0" * 127, False),
        ("1e-128", True),
        ("-9e-129", False),
        ("1e99999", False),
        ("NaN", False),
        ("Infinity", False),
        ("0x1f", False),
        ("1,5", False),
        ("\u0661", False),
    ],
)
def test_a_number_has_38_digits_and_lies_between_10_to_the_minus_128_and_126(
    sqs: Core, number: str, fine: bool
) -> None:
    """Leading and trailing zeroes do not count as digits."""
    attributes = {"n": {"DataType": "Number.any", "StringValue": number}}
    if fine:
        sqs.send("q", "a", MessageAttributes=attributes)
    else:
        error = refused(sqs, MessageAttributes=attributes)
        assert error.message == "Can't cast the value of message (user) attribute 'n' to a number."


def test_at_most_ten_message_attributes(sqs: Core) -> None:
    attributes = {f"n{n}": {"DataType": "String", "StringValue": "x"} for n in range(11)}

    error = refused(sqs, MessageAttributes=attributes)

    assert error.message == ("Number of message attributes [11] exceeds the allowed maximum [10].")
    sqs.send("q", "a", MessageAttributes=dict(list(attributes.items())[:10]))


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"DelaySeconds": 901}, "DelaySeconds must be >= 0 and <= 900."),
        ({"DelaySeconds": -1}, "DelaySeconds must be >= 0 and <= 900."),
        ({"MessageDeduplicationId": "d"}, "not valid for this queue type"),
        (
            {"MessageSystemAttributes": {"x": {"DataType": "String", "StringValue": "v"}}},
            "system attribute name 'x' is invalid",
        ),
        (
            {"MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "Number"}}},
            "must have the data type String",
        ),
    ],
)
def test_other_parameters(sqs: Core, params: dict[str, Any], text: str) -> None:
    assert text in refused(sqs, **params).message


def test_batch_that_is_too_long_in_all(sqs: Core) -> None:
    """API_SendMessageBatch: 1,048,576 bytes for all entries together."""
    entries = [{"Id": str(n), "MessageBody": "a" * 524_289} for n in range(2)]

    with pytest.raises(AwsError) as caught:
        sqs.call("SendMessageBatch", QueueUrl="q", Entries=entries)

    assert caught.value.code == "BatchRequestTooLong"
    assert caught.value.message == (
        "Batch requests cannot be longer than 1048576 bytes. You have sent 1048578 bytes."
    )


@pytest.mark.source("https://github.com/aws/aws-sdk-js/issues/3187")
@pytest.mark.parametrize(
    ("queue", "given"),
    [
        ("q", {"MessageDeduplicationId": "d"}),
        ("q.fifo", {"DelaySeconds": 1, "MessageGroupId": "g", "MessageDeduplicationId": "d"}),
    ],
)
def test_an_entry_is_told_less_of_what_is_not_for_its_queue_type(
    sqs: Core, queue: str, given: dict[str, Any]
) -> None:
    """Alone, the parameter and its value are named, with a full stop at the end."""
    if queue.endswith(".fifo"):
        sqs.create(queue)
    text = "The request include parameter that is not valid for this queue type"

    output = sqs.call(
        "SendMessageBatch", QueueUrl=queue, Entries=[{"Id": "1", "MessageBody": "a", **given}]
    )

    (failed,) = output["Failed"]
    assert (failed["Code"], failed["Message"]) == ("InvalidParameterValue", text)
    assert refused(sqs, queue, **given).message.endswith(f" is invalid. Reason: {text}.")
