"""What services send one another: payloads, envelopes, attributes and properties.

Everything drawn is accepted by the real services, so that a test of a service never fails on a
message that the broker would have refused.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tomodachi_testkit.strategies.names import topic_names

# Source: SQS API reference, SendMessage: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | …
_TEXT = st.characters(
    exclude_categories=["Cs"],
    exclude_characters="".join(chr(code) for code in (*range(9), 11, 12, *range(14, 32)))
    + "\ufffe\uffff",
)
_LARGEST_EXACT = 2**53


def texts(*, min_size: int = 0, max_size: int = 40) -> st.SearchStrategy[str]:
    """Text of characters that SQS and SNS accept."""
    return st.text(_TEXT, min_size=min_size, max_size=max_size)


def json_values(*, max_leaves: int = 10) -> st.SearchStrategy[Any]:
    """Values that survive a round trip through JSON unchanged."""
    leaves = (
        st.none()
        | st.booleans()
        | st.integers(-_LARGEST_EXACT, _LARGEST_EXACT)
        | st.floats(allow_nan=False, allow_infinity=False)
        | texts()
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4),
        max_leaves=max_leaves,
    )


def messages() -> st.SearchStrategy[dict[str, Any]]:
    """Payloads as services send them: JSON objects."""
    return st.dictionaries(texts(min_size=1, max_size=12), json_values(), max_size=5)


def envelopes() -> st.SearchStrategy[dict[str, Any]]:
    """What `JsonBase` puts on the wire, parsed: service, metadata and data."""
    return st.fixed_dictionaries(
        {
            "service": st.fixed_dictionaries({"name": texts(min_size=1), "uuid": _uuids()}),
            "metadata": st.fixed_dictionaries(
                {
                    "message_uuid": st.tuples(_uuids(), _uuids()).map(".".join),
                    "protocol_version": st.just("tomodachi-json-base--1.0.0"),
                    "compatible_protocol_versions": st.just(["json_base-wip"]),
                    "timestamp": st.floats(0, 4_102_444_800),
                    "topic": topic_names(max_size=40),
                    "data_encoding": st.just("raw"),
                }
            ),
            "data": json_values(),
        }
    )


def message_attributes(*, max_size: int = 10) -> st.SearchStrategy[dict[str, Any]]:
    """SNS and SQS message attributes as services give them to `aws_sns_sqs_publish`.

    Values are str (String), int and float (Number), bytes (Binary), None, bool and list
    (String.Array); empty text and octets are refused by the services and are not drawn.
    """
    names = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789_-", min_size=1, max_size=20)
    values = (
        texts(min_size=1)
        | st.integers(-(10**9), 10**9)
        | st.floats(-1e9, 1e9, allow_nan=False).filter(lambda number: number != int(number))
        | st.binary(min_size=1, max_size=40)
        | st.none()
        | st.booleans()
        | st.lists(texts() | st.integers(-(10**9), 10**9) | st.booleans(), max_size=4)
    )
    return st.dictionaries(names, values, max_size=max_size)


def wire_attributes(*, max_size: int = 10) -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    """Message attributes as AWS SDKs send them: `DataType` with `StringValue` or `BinaryValue`."""
    names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=20)
    text = texts(min_size=1).map(lambda value: {"DataType": "String", "StringValue": value})
    number = st.integers(-(10**9), 10**9).map(
        lambda value: {"DataType": "Number", "StringValue": str(value)}
    )
    octets = st.binary(min_size=1, max_size=40).map(
        lambda value: {"DataType": "Binary", "BinaryValue": value}
    )
    array = st.lists(texts() | st.integers(-(10**9), 10**9), max_size=4).map(
        lambda value: {"DataType": "String.Array", "StringValue": json.dumps(value)}
    )
    return st.dictionaries(names, text | number | octets | array, max_size=max_size)


def amqp_properties() -> st.SearchStrategy[dict[str, Any]]:
    """AMQP basic properties by the names that clients use; each may be absent."""
    short = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", max_size=20)
    return st.fixed_dictionaries(
        {},
        optional={
            "content_type": st.sampled_from(("application/json", "text/plain", "")),
            "content_encoding": st.sampled_from(("utf-8", "gzip")),
            "delivery_mode": st.sampled_from((1, 2)),
            "priority": st.integers(0, 255),
            "correlation_id": short,
            "reply_to": short,
            "expiration": st.integers(0, 10**6).map(str),
            "message_id": short,
            "timestamp": st.integers(0, 4_102_444_800),
            "type": short,
            "app_id": short,
            "headers": st.dictionaries(
                st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12),
                st.booleans() | st.integers(-(2**31), 2**31 - 1) | texts() | st.none(),
                max_size=4,
            ),
        },
    )


def _uuids() -> st.SearchStrategy[str]:
    return st.uuids(version=4).map(str)
