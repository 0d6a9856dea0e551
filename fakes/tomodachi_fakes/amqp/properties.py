"""Basic properties: read only when a rule needs them, else relayed as the octets they came in.

`ContentHeader` keeps the raw payload of a content header frame. Looking at the flags costs nothing;
decoding happens once, on demand. A changed header is encoded anew, in the same wire types.

Source: AMQP 0-9-1 spec 4.2.6.1, content header; 1.8, basic class fields
"""

from __future__ import annotations

import struct
from typing import Any

from tomodachi_fakes.amqp.errors import MalformedTable
from tomodachi_fakes.amqp.fields import Table, decode_table, encode_table

CONTENT_TYPE, CONTENT_ENCODING, HEADERS, DELIVERY_MODE = 1 << 15, 1 << 14, 1 << 13, 1 << 12
PRIORITY, CORRELATION_ID, REPLY_TO, EXPIRATION = 1 << 11, 1 << 10, 1 << 9, 1 << 8
MESSAGE_ID, TIMESTAMP, TYPE, USER_ID = 1 << 7, 1 << 6, 1 << 5, 1 << 4
APP_ID, CLUSTER_ID = 1 << 3, 1 << 2

PROPERTIES: tuple[tuple[int, str, str], ...] = (
    (CONTENT_TYPE, "content_type", "shortstr"),
    (CONTENT_ENCODING, "content_encoding", "shortstr"),
    (HEADERS, "headers", "table"),
    (DELIVERY_MODE, "delivery_mode", "octet"),
    (PRIORITY, "priority", "octet"),
    (CORRELATION_ID, "correlation_id", "shortstr"),
    (REPLY_TO, "reply_to", "shortstr"),
    (EXPIRATION, "expiration", "shortstr"),
    (MESSAGE_ID, "message_id", "shortstr"),
    (TIMESTAMP, "timestamp", "longlong"),
    (TYPE, "type", "shortstr"),
    (USER_ID, "user_id", "shortstr"),
    (APP_ID, "app_id", "shortstr"),
    (CLUSTER_ID, "cluster_id", "shortstr"),
)
_BY_NAME = {name: (flag, domain) for flag, name, domain in PROPERTIES}
_HEADER = struct.Struct(">HHQH")
_LONG = struct.Struct(">I")
_LONGLONG = struct.Struct(">Q")
PREFIX_SIZE = 14
NO_PROPERTIES = _HEADER.pack(60, 0, 0, 0)


def decode_properties(raw: bytes) -> dict[str, Any]:
    """The properties in a content header's payload, by name, in wire order; headers as a Table.

    Raises:
        MalformedTable: the octets do not fit the flags, or the headers are broken.
    """
    flags, at, found = _HEADER.unpack_from(raw)[3], PREFIX_SIZE, {}
    try:
        for flag, name, domain in PROPERTIES:
            if flags & flag:
                found[name], at = _read(raw, at, domain)
    except (IndexError, struct.error) as error:
        msg = f"properties end early: {error}"
        raise MalformedTable(msg) from error
    if at != len(raw):
        msg = f"{len(raw) - at} octets too many after the properties"
        raise MalformedTable(msg)
    return found


def _read(raw: bytes, at: int, domain: str) -> tuple[Any, int]:
    if domain == "octet":
        return raw[at], at + 1
    if domain == "longlong":
        return _LONGLONG.unpack_from(raw, at)[0], at + 8
    start = at + (1 if domain == "shortstr" else 4)
    end = start + (raw[at] if domain == "shortstr" else _LONG.unpack_from(raw, at)[0])
    if end > len(raw):
        raise IndexError(end)
    if domain == "table":
        return decode_table(raw[start:end]), end
    return raw[start:end].decode("utf-8", "surrogateescape"), end


def encode_header(body_size: int, properties: dict[str, Any]) -> bytes:
    """A content header's payload with these properties; headers as a Table.

    Raises:
        KeyError: a property does not exist.
    """
    flags, parts = 0, []
    unknown = properties.keys() - _BY_NAME.keys()
    if unknown:
        msg = f"unknown properties: {', '.join(sorted(unknown))}"
        raise KeyError(msg)
    for flag, name, domain in PROPERTIES:
        if (value := properties.get(name)) is not None:
            flags |= flag
            parts.append(_write(value, domain))
    return _HEADER.pack(60, 0, body_size, flags) + b"".join(parts)


def _write(value: Any, domain: str) -> bytes:
    if domain == "octet":
        return bytes((value,))
    if domain == "longlong":
        return _LONGLONG.pack(value)
    if domain == "table":
        return encode_table(value)
    raw: bytes = value.encode("utf-8", "surrogateescape")
    return bytes((len(raw),)) + raw


def flags_of(raw: bytes) -> int:
    """The property flags of a content header's payload."""
    return raw[12] << 8 | raw[13]


def headers_of(raw: bytes) -> Table:
    """The headers table of a content header's payload; empty when there is none."""
    if not flags_of(raw) & HEADERS:
        return {}
    table: Table = decode_properties(raw)["headers"]
    return table
