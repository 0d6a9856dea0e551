"""Properties: the flags say what follows; what is malformed is refused."""

from __future__ import annotations

from typing import Any

import pamqp.commands
import pamqp.header
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.amqp.errors import MalformedTable
from tomodachi_fakes.amqp.fields import plain_table, typed_table
from tomodachi_fakes.amqp.properties import (
    EXPIRATION,
    HEADERS,
    decode_properties,
    encode_header,
    flags_of,
    headers_of,
)

# pamqp leaves out what is empty or 0
_TEXT = st.text(alphabet="abc/-1", min_size=1, max_size=12)
_PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "content_type": _TEXT,
        "content_encoding": _TEXT,
        "headers": st.dictionaries(
            st.text("xyz-", min_size=1, max_size=5), st.integers(-9, 9), max_size=3
        ),
        "delivery_mode": st.integers(1, 2),
        "priority": st.integers(1, 255),
        "correlation_id": _TEXT,
        "reply_to": _TEXT,
        "expiration": _TEXT,
        "message_id": _TEXT,
        "user_id": _TEXT,
        "app_id": _TEXT,
    },
)


@given(properties=_PROPERTIES, size=st.integers(0, 2**40))
def test_pamqp_reads_our_content_headers_and_we_read_its(
    properties: dict[str, Any], size: int
) -> None:
    """AMQP 0-9-1 spec 4.2.6.1."""
    ours = dict(properties)
    if "headers" in ours:
        ours["headers"] = typed_table(ours["headers"])
    octets = encode_header(size, ours)
    theirs = pamqp.header.ContentHeader()
    theirs.unmarshal(octets)
    assert theirs.body_size == size
    assert {name: getattr(theirs.properties, name) for name in properties} == properties

    back = pamqp.header.ContentHeader(
        0, size, pamqp.commands.Basic.Properties(**properties)
    ).marshal()
    decoded = decode_properties(back)
    decoded |= {"headers": plain_table(decoded["headers"])} if "headers" in decoded else {}
    assert decoded == properties


def test_flags_tell_what_is_there_without_decoding() -> None:
    octets = encode_header(3, {"expiration": "5", "headers": typed_table({"a": 1})})
    assert flags_of(octets) == EXPIRATION | HEADERS
    assert plain_table(headers_of(octets)) == {"a": 1}
    assert headers_of(encode_header(3, {})) == {}


def test_properties_cut_short_or_too_long_are_malformed() -> None:
    octets = encode_header(3, {"content_type": "text/plain", "priority": 3})
    for end in range(14, len(octets)):
        with pytest.raises(MalformedTable):
            decode_properties(octets[:end])
    with pytest.raises(MalformedTable):
        decode_properties(octets + b"\0")


def test_an_unknown_property_is_named() -> None:
    with pytest.raises(KeyError, match="colour"):
        encode_header(0, {"colour": "red"})
