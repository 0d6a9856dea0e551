"""Field tables keep their types and octets."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pamqp import decode as pamqp_decode

from tomodachi_fakes.amqp.errors import MalformedTable
from tomodachi_fakes.amqp.fields import (
    Field,
    FieldType,
    Table,
    decode_table,
    encode_table,
    plain_table,
    typed,
    typed_table,
)

_NAMES = st.text(min_size=1, max_size=20).filter(lambda name: len(name.encode()) < 256)
_F = FieldType
_SCALARS = st.one_of(
    st.builds(Field, st.just(_F.BOOL), st.booleans()),
    st.builds(Field, st.just(_F.BYTE), st.integers(-128, 127)),
    st.builds(Field, st.just(_F.UNSIGNEDBYTE), st.integers(0, 255)),
    st.builds(Field, st.just(_F.SHORT), st.integers(-(2**15), 2**15 - 1)),
    st.builds(Field, st.just(_F.UNSIGNEDSHORT), st.integers(0, 2**16 - 1)),
    st.builds(Field, st.just(_F.SIGNEDINT), st.integers(-(2**31), 2**31 - 1)),
    st.builds(Field, st.just(_F.UNSIGNEDINT), st.integers(0, 2**32 - 1)),
    st.builds(Field, st.just(_F.LONG), st.integers(-(2**63), 2**63 - 1)),
    st.builds(Field, st.just(_F.DOUBLE), st.floats(allow_nan=False)),
    st.builds(Field, st.just(_F.FLOAT), st.floats(width=32, allow_nan=False)),
    st.builds(
        Field, st.just(_F.DECIMAL), st.tuples(st.integers(0, 255), st.integers(0, 2**32 - 1))
    ),
    st.builds(Field, st.just(_F.LONGSTR), st.binary(max_size=20)),
    st.builds(Field, st.just(_F.BINARY), st.binary(max_size=20)),
    st.builds(Field, st.just(_F.TIMESTAMP), st.integers(0, 2**40)),
    st.just(Field(_F.VOID, None)),
)
_FIELDS = st.recursive(
    _SCALARS,
    lambda inner: (
        st.builds(Field, st.just(_F.ARRAY), st.lists(inner, max_size=3))
        | st.builds(Field, st.just(_F.TABLE), st.dictionaries(_NAMES, inner, max_size=3))
    ),
    max_leaves=8,
)


@given(table=st.dictionaries(_NAMES, _FIELDS, max_size=6))
def test_a_table_survives_encoding_with_every_type(table: Table) -> None:
    """https://www.rabbitmq.com/amqp-0-9-1-errata, section 3."""
    octets = encode_table(table)
    assert decode_table(octets[4:]) == table
    assert encode_table(decode_table(octets[4:])) == octets


@settings(max_examples=50)
@given(
    values=st.dictionaries(
        _NAMES, st.integers(-(2**63), 2**63 - 1) | st.text(max_size=10) | st.booleans()
    )
)
def test_pamqp_reads_our_tables(values: dict[str, Any]) -> None:
    _, seen = pamqp_decode.field_table(encode_table(typed_table(values)))
    assert seen == values


@given(octets=st.binary(max_size=60))
def test_any_octets_are_a_table_or_malformed(octets: bytes) -> None:
    try:
        table = decode_table(octets)
    except MalformedTable:
        return
    assert isinstance(plain_table(table), dict)


def test_a_table_nested_without_end_is_malformed_not_a_crash() -> None:
    nested = b""
    for _ in range(5000):
        nested = b"\x01aF" + struct.pack(">I", len(nested)) + nested
    with pytest.raises(MalformedTable):
        decode_table(nested)


def test_the_first_of_two_entries_with_one_name_counts() -> None:
    assert plain_table(decode_table(b"\x01aB\x01\x01aB\x02")) == {"a": 1}


def test_a_value_without_field_type_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="object"):
        typed(object())
