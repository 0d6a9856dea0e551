"""The codec against pamqp: every method both has, in both directions, with drawn arguments."""

from __future__ import annotations

from inspect import signature
from typing import Any

import pamqp.commands
import pamqp.frame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pamqp.base import Frame

from tomodachi_fakes.amqp.codec import (
    DECODERS,
    decode_method,
    encode_method,
    has_content,
    method_frame,
)
from tomodachi_fakes.amqp.errors import CannotDecode
from tomodachi_fakes.amqp.fields import plain_table, typed_table
from tomodachi_fakes.amqp.spec import BY_NAME, METHODS, MethodSpec

_WORD = st.text(alphabet="abcXYZ09._-#", max_size=20)
_KEYS = st.text(alphabet="abcxyz-", min_size=1, max_size=10)
_VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)
_DOMAINS: dict[str, st.SearchStrategy[Any]] = {
    "bit": st.booleans(),
    "octet": st.integers(0, 255),
    "short": st.integers(0, 65_535),
    "long": st.integers(0, 2**32 - 1),
    "longlong": st.integers(0, 2**63 - 1),  # pamqp writes delivery tags as signed numbers
    "shortstr": _WORD,
    "longstr": _WORD,
    "table": st.dictionaries(_KEYS, _VALUES, max_size=4),
}
# Arguments that the specification reserves: pamqp insists on its own value.
_RESERVED = {
    "ticket",
    "insist",
    "capabilities",
    "known_hosts",
    "out_of_band",
    "channel_id",
    "cluster_id",
}


def _class_of(method: MethodSpec) -> type[Frame] | None:
    """Pamqp's class for a method; pamqp has none for access.request."""
    return pamqp.commands.INDEX_MAPPING.get(method.class_id << 16 | method.method_id)


KNOWN = [method for method in METHODS if _class_of(method) is not None]


def test_every_method_of_pamqp_is_in_the_table() -> None:
    """AMQP 0-9-1 and RabbitMQ's extensions: 64 methods, and the pair of access.request."""
    assert {method.key for method in KNOWN} == set(pamqp.commands.INDEX_MAPPING)
    assert len(KNOWN) == 64
    assert {m.name for m in METHODS} - {m.name for m in KNOWN} == {
        "access.request",
        "access.request-ok",
    }


@pytest.mark.filterwarnings("ignore:This command is deprecated")
@pytest.mark.parametrize("method", KNOWN, ids=lambda method: method.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_method_survives_both_codecs_in_both_directions(
    method: MethodSpec, data: st.DataObject
) -> None:
    """AMQP 0-9-1 spec 4.2.4: octets of one codec mean the same to the other."""
    theirs = _class_of(method)
    assert theirs is not None
    names = theirs.attributes()
    values = [
        _reserved(theirs, attribute) if name in _RESERVED else data.draw(_DOMAINS[domain])
        for (name, domain), attribute in zip(method.arguments, names, strict=True)
    ]
    frame = theirs(**dict(zip(names, values, strict=True)))

    expected = pamqp.frame.marshal(frame, 1)
    ours = [
        _ours(domain, value) for (_, domain), value in zip(method.arguments, values, strict=True)
    ]
    decoded, arguments = decode_method(expected[7:-1])
    assert decoded is method
    assert [_plain(value) for value in arguments] == [_plain(value) for value in ours]

    _, _, back = pamqp.frame.unmarshal(method_frame(1, method.name, *ours))
    assert {n: getattr(back, n) for n in names} == {n: getattr(frame, n) for n in names}


def _reserved(theirs: type[Frame], attribute: str) -> Any:
    return signature(theirs).parameters[attribute].default


def _ours(domain: str, value: Any) -> Any:
    if domain == "table":
        return typed_table(value)
    return value.encode() if domain == "longstr" else value


def _plain(value: Any) -> Any:
    return plain_table(value) if isinstance(value, dict) else value


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_cut_short_or_too_long_cannot_be_decoded(method: MethodSpec) -> None:
    """RabbitMQ answers 501 "cannot decode" for arguments of the wrong shape."""
    zeros = {"bit": False, "shortstr": "", "longstr": b"", "table": {}}
    payload = encode_method(method.name, *[zeros.get(domain, 0) for _, domain in method.arguments])
    assert DECODERS[method.key](payload) == tuple(
        zeros.get(domain, 0) for _, domain in method.arguments
    )
    with pytest.raises(CannotDecode):
        DECODERS[method.key](payload + b"\0")
    for end in range(4, len(payload)):
        with pytest.raises(CannotDecode):
            DECODERS[method.key](payload[:end])


def test_encoding_with_the_wrong_number_of_arguments_names_the_method() -> None:
    with pytest.raises(TypeError, match=r"basic\.ack takes 2 arguments, not 1"):
        encode_method("basic.ack", 1)


def test_only_the_four_methods_that_carry_messages_have_content() -> None:
    """AMQP 0-9-1 spec 1.8: publish, return, deliver, get-ok."""
    carrying = {name for name in BY_NAME if has_content(name)}
    assert carrying == {"basic.publish", "basic.return", "basic.deliver", "basic.get-ok"}
