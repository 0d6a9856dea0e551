"""The form in which a message reaches an endpoint, checked: enveloped or raw, in a queue or a post.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html, /http-header.html
"""

from __future__ import annotations

import datetime
import json
from typing import Any

from tomodachi_fakes.sns.effects import ToHttp
from tomodachi_testkit.machines.sns_model import Expected

_ALWAYS = {"Type", "MessageId", "TopicArn", "Message", "Timestamp", "UnsubscribeURL"}
_SIGNED = {"SignatureVersion", "Signature", "SigningCertURL"}


def number_of(body: str) -> int:
    """Which message a body is of."""
    content = json.loads(body)
    number = json.loads(content.get("Message", body))["number"]
    assert isinstance(number, int)
    return number


def content_of(body: str) -> Any:
    """What is the same in every implementation: not ids, times and signatures of an envelope."""
    content = json.loads(body)
    if "Message" not in content:
        return content
    names = ("Type", "Message", "Subject", "MessageAttributes")
    return {name: content[name] for name in names if name in content}


def check_stored(stored: Any, expected: Expected, topic: str) -> None:
    """A message of a queue.

    Raises:
        AssertionError: it has another form.
    """
    assert (stored.group_id or "") == expected.group, f"{expected}: {stored}"
    assert (stored.deduplication_id or "") == expected.dedup, f"{expected}: {stored}"
    attributes = stored.attributes or {}
    if expected.raw:
        assert stored.body == expected.body, f"{expected}: {stored.body}"
        assert attributes == expected.message.attributes, f"{expected}: {stored}"
        return
    assert not attributes, f"{expected}: {attributes}"
    _check_envelope(json.loads(stored.body), expected, topic)


def check_post(post: ToHttp, expected: Expected, topic: str) -> None:
    """A notification to an HTTP endpoint.

    Raises:
        AssertionError: it has another form.
    """
    headers = post.headers
    assert headers["x-amz-sns-topic-arn"] == topic, headers
    assert headers["x-amz-sns-subscription-arn"] == expected.arn, headers
    assert headers["x-amz-sns-message-id"] == expected.message_id, headers
    assert headers.get("x-amz-sns-rawdelivery") == ("true" if expected.raw else None), headers
    body = post.body.decode()
    if expected.raw:
        assert body == expected.body, f"{expected}: {body}"
    else:
        _check_envelope(json.loads(body), expected, topic)


def _check_envelope(envelope: dict[str, Any], expected: Expected, topic: str) -> None:
    message = expected.message
    names = _ALWAYS | ({"SequenceNumber"} if expected.sequence else _SIGNED)
    names |= {"Subject"} if message.subject else set()
    names |= {"MessageAttributes"} if message.attributes else set()
    assert envelope.keys() == names, envelope
    assert (envelope["Type"], envelope["TopicArn"]) == ("Notification", topic), envelope
    assert envelope["Message"] == expected.body, envelope
    assert envelope["MessageId"] == expected.message_id, envelope
    assert envelope.get("Subject") == message.subject, envelope
    assert envelope.get("SequenceNumber", "") == expected.sequence, envelope
    assert envelope["UnsubscribeURL"].endswith(expected.arn), envelope
    at = datetime.datetime.fromisoformat(envelope["Timestamp"]).timestamp()
    assert abs(at - expected.at) < 0.001, envelope
    attributes = {
        name: {"Type": value["DataType"], "Value": value["StringValue"]}
        for name, value in message.attributes.items()
    }
    assert envelope.get("MessageAttributes", {}) == attributes, envelope
