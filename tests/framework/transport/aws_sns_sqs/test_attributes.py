"""Message attributes: out and in again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.aws_sns_sqs import attributes

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.text(max_size=9))
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=4),
    st.binary(min_size=1, max_size=9),
    st.floats(allow_nan=False, allow_infinity=False),
)


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("x", {"DataType": "String", "StringValue": "x"}),
        (None, {"DataType": "String.Array", "StringValue": "null"}),
        (True, {"DataType": "String.Array", "StringValue": "true"}),
        ([1, "a"], {"DataType": "String.Array", "StringValue": '[1, "a"]'}),
        (7, {"DataType": "Number", "StringValue": "7"}),
        (7.5, {"DataType": "Number", "StringValue": "7.5"}),
        (Decimal("1.20"), {"DataType": "Number", "StringValue": "1.20"}),
        (b"\x00x", {"DataType": "Binary", "BinaryValue": b"\x00x"}),
        (frozenset(), {"DataType": "String", "StringValue": "frozenset()"}),
        (("a", 1), {"DataType": "String", "StringValue": "('a', 1)"}),
    ],
)
def test_python_values_have_a_data_type(value: Any, wire: dict[str, Any]) -> None:
    assert attributes.to_botocore({"name": value}) == {"name": wire}


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4))
def test_values_come_back_through_sqs_as_they_went(values: dict[str, Any]) -> None:
    assert attributes.from_wire(attributes.to_botocore(values)) == values


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4))
def test_values_come_back_through_a_message_body_as_they_went(values: dict[str, Any]) -> None:
    assert attributes.from_wire(attributes.to_message_body(values)) == values


@pytest.mark.parametrize("type_key", ["DataType", "Type", "dataType", "type"])
@pytest.mark.parametrize("value_key", ["StringValue", "Value", "stringValue", "value"])
def test_every_spelling_of_type_and_value_is_read(type_key: str, value_key: str) -> None:
    assert attributes.from_wire({"n": {type_key: "Number", value_key: "7"}}) == {"n": 7}


def test_a_number_with_a_dot_is_a_float() -> None:
    assert attributes.from_wire({"n": {"Type": "Number", "Value": "7.0"}}) == {"n": 7.0}
    assert isinstance(attributes.from_wire({"n": {"Type": "Number", "Value": "7"}})["n"], int)


def test_a_custom_label_does_not_change_the_type() -> None:
    """SNS developer guide: data types may carry a label after a dot."""
    assert attributes.from_wire({"n": {"Type": "Number.int", "Value": "7"}}) == {"n": 7}


@pytest.mark.parametrize(
    "wire",
    [
        {"Type": "Number", "Value": "many"},
        {"Type": "String.Array", "Value": "[broken"},
        {"Type": "Other", "Value": "text"},
    ],
)
def test_a_value_that_does_not_fit_its_type_stays_text(wire: dict[str, Any]) -> None:
    assert attributes.from_wire({"n": wire}) == {"n": wire["Value"]}


def test_binary_that_is_no_base64_is_the_text_s_octets() -> None:
    assert attributes.from_wire({"n": {"Type": "Binary", "Value": "å"}}) == {"n": "å".encode()}


def test_no_attributes_are_an_empty_dict() -> None:
    assert attributes.to_botocore(None) == {}
    assert attributes.from_wire(None) == {}


@pytest.mark.parametrize("wire", [{}, {"Value": "x"}, {"Type": "String"}])
def test_what_lacks_a_type_or_a_value_is_no_attribute(wire: dict[str, Any]) -> None:
    """Seen with 0.29.0."""
    assert attributes.from_wire({"n": wire, "m": {"Type": "Number", "Value": "7"}}) == {"m": 7}
