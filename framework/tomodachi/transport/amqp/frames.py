"""The frames that every message takes, as bytes: split, read and written without a detour.

`basic.deliver`, `basic.return` and broker confirms are read here, `basic.publish`, `basic.ack` and
`basic.nack` written; whatever else passes over a connection is left to the library that
`connection.py` wraps. Property lists other than the usual ones, and every field table, are pamqp's.

Source: AMQP 0-9-1 spec 4.2 (frames), 2.3.5 (frame details); https://www.rabbitmq.com/amqp-0-9-1-reference
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pamqp.commands

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
FRAME_END = 0xCE
FRAME_OVERHEAD = 8
HEARTBEAT_FRAME = b"\x08\x00\x00\x00\x00\x00\x00\xce"

RETURN, DELIVER, ACK, NACK = 0x003C0032, 0x003C003C, 0x003C0050, 0x003C0078
"""Class and method ids in one number, as they start a method frame's payload."""

PERSISTENT = 2

_USUAL_PROPERTIES = {"content_type", "delivery_mode"}
_FRAME = struct.Struct(">BHI")
_METHOD_ID = struct.Struct(">I")
_TAG_AND_BITS = struct.Struct(">QB")
_CONTENT_HEADER = struct.Struct(">HHQ")
_ACK_FRAME = struct.Struct(">BHIIQBB")
_PUBLISH_START = struct.Struct(">IH")
_ACK_SIZE = 13
_BASIC = 60
_PUBLISH = 0x003C0028


class MalformedFrameError(ValueError):
    """The peer sent bytes that are no frame of AMQP 0-9-1."""


class FrameSplitter:
    """Cuts a stream of bytes into frames; keeps what is incomplete.

    Attributes:
        frame_max: Octets of the largest frame that was agreed on; 0 means any size.
    """

    __slots__ = ("_rest", "frame_max")

    def __init__(self) -> None:
        self._rest = b""
        self.frame_max = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Frame type, channel number and payload of every frame that is complete now.

        Raises:
            MalformedFrameError: a frame does not end where it should, is of no known type, or too
                large.
        """
        buffer = self._rest + data if self._rest else data
        self._rest = b""
        start, size = 0, len(buffer)
        while size - start >= FRAME_OVERHEAD:
            kind, channel, length = _FRAME.unpack_from(buffer, start)
            end = start + 7 + length
            if end >= size:
                self._check(kind, length)
                break
            if buffer[end] != FRAME_END:
                msg = f"frame of type {kind} and {length} octets has no frame end"
                raise MalformedFrameError(msg)
            yield kind, channel, buffer[start + 7 : end]
            start = end + 1
        self._rest = buffer[start:]

    def _check(self, kind: int, length: int) -> None:
        """Refuse to wait for the rest of what can't be a frame."""
        if kind not in (METHOD, HEADER, BODY, HEARTBEAT):
            msg = f"unknown frame type {kind}"
            raise MalformedFrameError(msg)
        if self.frame_max and length > self.frame_max:
            msg = f"frame of {length} octets, where {self.frame_max} are the most"
            raise MalformedFrameError(msg)


def method_id(payload: bytes) -> int:
    """Class and method ids of a method frame, in one number."""
    number: int = _METHOD_ID.unpack_from(payload)[0]
    return number


@dataclass(frozen=True, slots=True)
class Deliver:
    """`basic.deliver`: a message for a consumer follows."""

    consumer_tag: str
    delivery_tag: int
    redelivered: bool
    exchange: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class Return:
    """`basic.return`: a message that could not be routed follows."""

    reply_code: int
    reply_text: str
    exchange: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """`basic.ack` or `basic.nack` from the broker: publishes it has taken charge of, or not."""

    delivery_tag: int
    multiple: bool
    positive: bool


def _short_string(payload: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + payload[at]
    return payload[at + 1 : end].decode(errors="replace"), end


def read_deliver(payload: bytes) -> Deliver:
    """Read the arguments of `basic.deliver`."""
    consumer_tag, at = _short_string(payload, 4)
    delivery_tag, bits = _TAG_AND_BITS.unpack_from(payload, at)
    exchange, at = _short_string(payload, at + 9)
    routing_key, _ = _short_string(payload, at)
    return Deliver(consumer_tag, delivery_tag, bool(bits & 1), exchange, routing_key)


def read_return(payload: bytes) -> Return:
    """Read the arguments of `basic.return`."""
    reply_text, at = _short_string(payload, 6)
    exchange, at = _short_string(payload, at)
    routing_key, _ = _short_string(payload, at)
    return Return(int.from_bytes(payload[4:6], "big"), reply_text, exchange, routing_key)


def read_confirm(payload: bytes) -> Confirm:
    """Read the arguments of a broker's `basic.ack` or `basic.nack`."""
    delivery_tag, bits = _TAG_AND_BITS.unpack_from(payload, 4)
    return Confirm(delivery_tag, bool(bits & 1), method_id(payload) == ACK)


def read_body_size(header: bytes) -> int:
    """Octets of the body that a content header announces."""
    size: int = _CONTENT_HEADER.unpack_from(header)[2]
    return size


class Content:
    """A message on its way in: its method is read, header and body follow."""

    __slots__ = ("_parts", "body_size", "header", "method", "received")

    def __init__(self, method: Deliver | Return) -> None:
        self.method = method
        self.header = b""
        self.body_size = -1
        self.received = 0
        self._parts: list[bytes] = []

    def add_header(self, header: bytes) -> bool:
        """Take the content header; whether the message is complete."""
        self.header = header
        self.body_size = read_body_size(header)
        return self.body_size == 0

    def add_body(self, part: bytes) -> bool:
        """Take a body frame; whether the message is complete."""
        self._parts.append(part)
        self.received += len(part)
        return self.received >= self.body_size

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return b"%b%b\xce" % (_FRAME.pack(kind, channel, len(payload)), payload)


def write_method(channel: int, payload: bytes) -> bytes:
    """A method frame around a payload that is encoded already."""
    return _frame(METHOD, channel, payload)


def write_ack(channel: int, delivery_tag: int) -> bytes:
    """`basic.ack` of one message."""
    return _ACK_FRAME.pack(METHOD, channel, _ACK_SIZE, ACK, delivery_tag, 0, FRAME_END)


def write_nack(channel: int, delivery_tag: int, *, requeue: bool) -> bytes:
    """`basic.nack` of one message: put it back, or dead-letter it."""
    bits = 2 if requeue else 0
    return _ACK_FRAME.pack(METHOD, channel, _ACK_SIZE, NACK, delivery_tag, bits, FRAME_END)


def _encoded_short_string(text: str) -> bytes:
    octets = text.encode()
    return bytes((len(octets),)) + octets


def write_publish(
    channel: int,
    exchange: str,
    routing_key: str,
    properties: bytes,
    body: bytes,
    *,
    mandatory: bool,
    frame_max: int,
) -> bytes:
    """`basic.publish` with its content, cut into frames.

    Args:
        channel: Channel number.
        exchange: At most 255 octets.
        routing_key: At most 255 octets.
        properties: What `encode_properties` gave.
        body: The message.
        mandatory: Whether it comes back if no queue is bound for it.
        frame_max: Octets of the largest frame that was agreed on; 0 means any size.
    """
    method = b"%b%b%b%b" % (
        _PUBLISH_START.pack(_PUBLISH, 0),
        _encoded_short_string(exchange),
        _encoded_short_string(routing_key),
        b"\x01" if mandatory else b"\x00",
    )
    header = _CONTENT_HEADER.pack(_BASIC, 0, len(body)) + properties
    frames = [_frame(METHOD, channel, method), _frame(HEADER, channel, header)]
    step = frame_max - FRAME_OVERHEAD if frame_max else len(body)
    frames.extend(
        _frame(BODY, channel, body[start : start + step])
        for start in range(0, len(body), step or 1)
    )
    return b"".join(frames)


def encode_properties(properties: Mapping[str, Any]) -> bytes:
    """Property flags and list of a content header.

    Args:
        properties: AMQP property names (`content_type`, `headers`, ...); None leaves one out.

    Raises:
        ValueError: a value that its property can't have.
        TypeError: a property that AMQP does not know.
    """
    given = {name: value for name, value in properties.items() if value is not None}
    if given.keys() <= _USUAL_PROPERTIES:
        return _encode_usual_properties(given.get("content_type"), given.get("delivery_mode"))
    return _encode_properties(given)


@lru_cache(maxsize=64)
def _encode_usual_properties(content_type: str | None, delivery_mode: int | None) -> bytes:
    return _encode_properties({"content_type": content_type, "delivery_mode": delivery_mode})


def _encode_properties(given: Mapping[str, Any]) -> bytes:
    encoded: bytes = pamqp.commands.Basic.Properties(**given).marshal()
    return encoded


def read_properties(header: bytes) -> pamqp.commands.Basic.Properties:
    """The properties in a content header.

    Raises:
        ValueError: they are malformed.
    """
    properties = pamqp.commands.Basic.Properties()
    flags = int.from_bytes(header[12:14], "big")
    try:
        properties.unmarshal(flags, header[14:])
    except (struct.error, IndexError, ValueError) as error:
        msg = f"malformed message properties: {error}"
        raise ValueError(msg) from error
    return properties
