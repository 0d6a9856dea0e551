"""Methods to octets and back, compiled once from the table in `spec.py`.

A decoded method is the tuple of its arguments in wire order; what the values are is in `spec.py`,
hence `Any`. Content headers and bodies are not touched here.

Source: AMQP 0-9-1 spec 4.2.4, method payloads
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from tomodachi_fakes.amqp.errors import CannotDecode
from tomodachi_fakes.amqp.fields import decode_table, encode_table
from tomodachi_fakes.amqp.spec import BY_KEY, BY_NAME, FRAME_END, FRAME_METHOD, METHODS, MethodSpec

Arguments = tuple[Any, ...]
Decoder = Callable[[bytes], Arguments]

_FRAME = struct.Struct(">BHI")
_IDS = struct.Struct(">HH")
_LONG = struct.Struct(">I")
_END = bytes((FRAME_END,))
_NUMBERS = {
    "octet": struct.Struct(">B"),
    "short": struct.Struct(">H"),
    "long": _LONG,
    "longlong": struct.Struct(">Q"),
}
_MAX_BITS = 8


def _read_shortstr(data: bytes, at: int) -> tuple[str, int]:
    after = at + 1 + data[at]
    if after > len(data):
        raise IndexError(after)
    return data[at + 1 : after].decode("utf-8", "surrogateescape"), after


def _read_longstr(data: bytes, at: int) -> tuple[bytes, int]:
    after = at + 4 + _LONG.unpack_from(data, at)[0]
    if after > len(data):
        raise IndexError(after)
    return data[at + 4 : after], after


def _number_reader(number: struct.Struct) -> Callable[[bytes, int], tuple[Any, int]]:
    unpack, size = number.unpack_from, number.size
    return lambda data, at: (unpack(data, at)[0], at + size)


_READERS: dict[str, Callable[[bytes, int], tuple[Any, int]]] = {
    "shortstr": _read_shortstr,
    "longstr": _read_longstr,
    "table": _read_longstr,
    **{domain: _number_reader(number) for domain, number in _NUMBERS.items()},
}


def _grouped(method: MethodSpec) -> list[tuple[str, int]]:
    """Domains with runs of bits gathered: ("bit", how many), else (domain, 1)."""
    groups: list[tuple[str, int]] = []
    for _, domain in method.arguments:
        if domain == "bit" and groups and groups[-1][0] == "bit" and groups[-1][1] < _MAX_BITS:
            groups[-1] = ("bit", groups[-1][1] + 1)
        else:
            groups.append((domain, 1))
    return groups


def _compile_decoder(method: MethodSpec) -> Decoder:
    groups = _grouped(method)
    tables = [n for n, (_, domain) in enumerate(method.arguments) if domain == "table"]

    def decode(payload: bytes) -> Arguments:
        at = 4
        values: list[Any] = []
        try:
            for domain, count in groups:
                if domain == "bit":
                    octet = payload[at]
                    at += 1
                    values.extend(bool(octet >> bit & 1) for bit in range(count))
                else:
                    value, at = _READERS[domain](payload, at)
                    values.append(value)
        except (IndexError, struct.error):
            raise CannotDecode(payload[4:]) from None
        if at != len(payload):
            raise CannotDecode(payload[4:])
        for n in tables:  # the shape is right: now what is inside, as RabbitMQ does it
            values[n] = decode_table(values[n])
        return tuple(values)

    return decode


def _encode_shortstr(value: str) -> bytes:
    raw = value.encode("utf-8", "surrogateescape")
    return bytes((len(raw),)) + raw


def _encode_longstr(value: bytes) -> bytes:
    return _LONG.pack(len(value)) + value


_WRITERS: dict[str, Callable[[Any], bytes]] = {
    "shortstr": _encode_shortstr,
    "longstr": _encode_longstr,
    "table": encode_table,
    **{domain: number.pack for domain, number in _NUMBERS.items()},
}

shortstr = _encode_shortstr


def _compile_encoder(method: MethodSpec) -> Callable[[Arguments], bytes]:
    groups = _grouped(method)
    ids = _IDS.pack(method.class_id, method.method_id)
    wanted = len(method.arguments)

    def encode(values: Arguments) -> bytes:
        if len(values) != wanted:
            msg = f"{method.name} takes {wanted} arguments, not {len(values)}"
            raise TypeError(msg)
        parts, at = [ids], 0
        for domain, count in groups:
            if domain == "bit":
                parts.append(bytes((sum(bool(values[at + n]) << n for n in range(count)),)))
            else:
                parts.append(_WRITERS[domain](values[at]))
            at += count
        return b"".join(parts)

    return encode


DECODERS: dict[int, Decoder] = {method.key: _compile_decoder(method) for method in METHODS}
_ENCODERS = {method.name: _compile_encoder(method) for method in METHODS}


def decode_method(payload: bytes) -> tuple[MethodSpec, Arguments]:
    """The method in a method frame's payload.

    Raises:
        KeyError: no such class or method.
        CannotDecode: the arguments do not have the method's shape.
        MalformedTable: a table inside is broken.
    """
    key = _LONG.unpack_from(payload)[0]
    return BY_KEY[key], DECODERS[key](payload)


def encode_method(name: str, *values: Any) -> bytes:
    """The payload of a method frame; arguments in wire order."""
    return _ENCODERS[name](values)


def method_frame(channel: int, name: str, *values: Any) -> bytes:
    """A whole method frame; arguments in wire order."""
    payload = _ENCODERS[name](values)
    return _FRAME.pack(FRAME_METHOD, channel, len(payload)) + payload + _END


def has_content(name: str) -> bool:
    """Whether a content header and body follow the method."""
    return BY_NAME[name].content
