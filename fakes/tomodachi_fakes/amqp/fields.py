"""Field tables: typed values that survive a decode and an encode bit for bit.

A value keeps its wire type, because RabbitMQ compares and reports types, and because a message's
headers are re-encoded when a dead letter adds to them. Strings are octets; names are text in UTF-8
with surrogate escapes, so any octets survive.

Source: https://www.rabbitmq.com/amqp-0-9-1-errata, section 3 (field types in use)
"""

from __future__ import annotations

import struct
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from tomodachi_fakes.amqp.errors import MalformedTable

MAX_DEPTH = 64


class FieldType(Enum):
    """Type tag on the wire, under the name that RabbitMQ's error texts use."""

    BOOL = "t"
    BYTE = "b"
    UNSIGNEDBYTE = "B"
    SHORT = "s"
    UNSIGNEDSHORT = "u"
    SIGNEDINT = "I"
    UNSIGNEDINT = "i"
    LONG = "l"
    FLOAT = "f"
    DOUBLE = "d"
    DECIMAL = "D"
    LONGSTR = "S"
    BINARY = "x"
    ARRAY = "A"
    TIMESTAMP = "T"
    TABLE = "F"
    VOID = "V"

    @property
    def title(self) -> str:
        """The name in RabbitMQ's reply texts."""
        return self.name.lower()


class Field(NamedTuple):
    """One typed value.

    `value` is bool, int, float, bytes (LONGSTR, BINARY), `(scale, unsigned)` for DECIMAL, a list of
    Field for ARRAY, a Table for TABLE, None for VOID; hence `Any`: the type tag says which.
    """

    type: FieldType
    value: Any


Table: TypeAlias = dict[str, Field]

INTEGERS = frozenset(
    {
        FieldType.BYTE,
        FieldType.UNSIGNEDBYTE,
        FieldType.SHORT,
        FieldType.UNSIGNEDSHORT,
        FieldType.SIGNEDINT,
        FieldType.UNSIGNEDINT,
        FieldType.LONG,
    }
)
_FIXED = {
    FieldType.BYTE: struct.Struct(">b"),
    FieldType.UNSIGNEDBYTE: struct.Struct(">B"),
    FieldType.SHORT: struct.Struct(">h"),
    FieldType.UNSIGNEDSHORT: struct.Struct(">H"),
    FieldType.SIGNEDINT: struct.Struct(">i"),
    FieldType.UNSIGNEDINT: struct.Struct(">I"),
    FieldType.LONG: struct.Struct(">q"),
    FieldType.FLOAT: struct.Struct(">f"),
    FieldType.DOUBLE: struct.Struct(">d"),
    FieldType.TIMESTAMP: struct.Struct(">Q"),
}
_BY_TAG = {ord(kind.value): kind for kind in FieldType}
_LENGTH = struct.Struct(">I")
_DECIMAL = struct.Struct(">BI")


def decode_table(data: bytes) -> Table:
    """The table whose entries fill `data` (without the leading length).

    Raises:
        MalformedTable: cut short, nested too deeply, or an unknown type.
    """
    try:
        return _table(data, 0, len(data), 0)
    except (struct.error, IndexError) as error:
        raise MalformedTable(str(error)) from error


def _table(data: bytes, at: int, end: int, depth: int) -> Table:
    table: Table = {}
    while at < end:
        size = data[at]
        name = data[at + 1 : at + 1 + size].decode("utf-8", "surrogateescape")
        field, at = _field(data, at + 1 + size, end, depth)
        table.setdefault(name, field)
    return table


def _field(data: bytes, at: int, end: int, depth: int) -> tuple[Field, int]:
    kind = _BY_TAG.get(data[at])
    if kind is None or depth > MAX_DEPTH:
        msg = f"field type {data[at]} at octet {at}, depth {depth}"
        raise MalformedTable(msg)
    at += 1
    if (fixed := _FIXED.get(kind)) is not None:
        after = at + fixed.size
        field = Field(kind, fixed.unpack_from(data, at)[0])
    elif kind is FieldType.VOID:
        after, field = at, Field(kind, None)
    elif kind is FieldType.BOOL:
        after, field = at + 1, Field(kind, data[at] != 0)
    elif kind is FieldType.DECIMAL:
        after, field = at + 5, Field(kind, _DECIMAL.unpack_from(data, at))
    else:
        field, after = _sized(kind, data, at, depth)
    if after > end:
        msg = f"a {kind.title} runs over the end of its table"
        raise MalformedTable(msg)
    return field, after


def _sized(kind: FieldType, data: bytes, at: int, depth: int) -> tuple[Field, int]:
    start = at + 4
    after = start + _LENGTH.unpack_from(data, at)[0]
    if after > len(data):
        msg = f"a {kind.title} of {after - start} octets runs over the end"
        raise MalformedTable(msg)
    if kind is FieldType.TABLE:
        return Field(kind, _table(data, start, after, depth + 1)), after
    if kind is FieldType.ARRAY:
        items: list[Field] = []
        while start < after:
            item, start = _field(data, start, after, depth + 1)
            items.append(item)
        return Field(kind, items), after
    return Field(kind, data[start:after]), after


def encode_table(table: Table) -> bytes:
    """`table` as it goes on the wire, with its leading length."""
    entries = b"".join(
        bytes((len(raw := name.encode("utf-8", "surrogateescape")),)) + raw + encode_field(field)
        for name, field in table.items()
    )
    return _LENGTH.pack(len(entries)) + entries


def encode_field(field: Field) -> bytes:
    """One value with its type tag."""
    kind, value = field
    tag = kind.value.encode()
    if (fixed := _FIXED.get(kind)) is not None:
        return tag + fixed.pack(value)
    if kind is FieldType.VOID:
        return tag
    if kind is FieldType.BOOL:
        return tag + (b"\x01" if value else b"\x00")
    if kind is FieldType.DECIMAL:
        return tag + _DECIMAL.pack(*value)
    if kind is FieldType.TABLE:
        return tag + encode_table(value)
    if kind is FieldType.ARRAY:
        value = b"".join(map(encode_field, value))
    return tag + _LENGTH.pack(len(value)) + bytes(value)


def text(value: str) -> Field:
    """A LONGSTR."""
    return Field(FieldType.LONGSTR, value.encode("utf-8", "surrogateescape"))


def plain(field: Field) -> Any:
    """The value without its types, for people and tests: LONGSTR becomes text."""
    if field.type is FieldType.TABLE:
        return plain_table(field.value)
    if field.type is FieldType.ARRAY:
        return [plain(item) for item in field.value]
    if field.type in (FieldType.LONGSTR, FieldType.BINARY):
        return field.value.decode("utf-8", "replace")
    return field.value


def plain_table(table: Table) -> dict[str, Any]:
    """A table without its types, for people and tests."""
    return {name: plain(field) for name, field in table.items()}


def typed(value: object) -> Field:
    """A Python value as the type that most clients would choose for it.

    Raises:
        TypeError: no field type holds the value.
    """
    match value:
        case Field():
            return value
        case None:
            return Field(FieldType.VOID, None)
        case bool():
            return Field(FieldType.BOOL, value)
        case int():
            small = -(2**31) <= value < 2**31
            return Field(FieldType.SIGNEDINT if small else FieldType.LONG, value)
        case float():
            return Field(FieldType.DOUBLE, value)
        case str():
            return text(value)
        case bytes():
            return Field(FieldType.LONGSTR, value)
        case list() | tuple():
            return Field(FieldType.ARRAY, [typed(item) for item in value])
        case dict():
            return Field(FieldType.TABLE, typed_table(value))
    msg = f"{value!r} of type {type(value).__name__} has no AMQP field type"
    raise TypeError(msg)


def typed_table(values: dict[str, Any]) -> Table:
    """Python values as a table; see `typed`."""
    return {name: typed(value) for name, value in values.items()}
