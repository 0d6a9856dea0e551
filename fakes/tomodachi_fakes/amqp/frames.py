"""Octets to frames: incremental, with RabbitMQ's reply texts for frames that cannot be.

`FrameParser.feed` gives whole frames; a partial one waits without being copied again for every
octet that arrives. What a frame means is decided in `connection.py`.

Source: AMQP 0-9-1 spec 2.3.5, frame details; RabbitMQ lets 8 octets more than frame-max pass.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tomodachi_fakes.amqp.errors import AmqpConnectionError
from tomodachi_fakes.amqp.reply_codes import ConnectionReply
from tomodachi_fakes.amqp.spec import (
    FRAME_BODY,
    FRAME_END,
    FRAME_HEADER,
    FRAME_HEARTBEAT,
    FRAME_METHOD,
)

FRAME_HEAD = struct.Struct(">BHI")
HEAD_SIZE = FRAME_HEAD.size
OVERHEAD = HEAD_SIZE + 1
END = bytes((FRAME_END,))
HEARTBEAT = FRAME_HEAD.pack(FRAME_HEARTBEAT, 0, 0) + END
_KNOWN = frozenset({FRAME_METHOD, FRAME_HEADER, FRAME_BODY})
_IDS_SIZE = 4
_PRINTABLE = frozenset(range(32, 127)) | {9, 10, 13}
_LINE = 80


class FrameParser:
    """Cuts a stream of octets into frames.

    Attributes:
        frame_max: Largest payload that is let through, in octets.
    """

    __slots__ = ("_chunks", "_have", "_need", "frame_max")

    def __init__(self, frame_max: int) -> None:
        self.frame_max = frame_max
        self._chunks: list[bytes] = []
        self._have = 0
        self._need = HEAD_SIZE

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Frames completed by `data`, as (type, channel, payload).

        Raises:
            AmqpConnectionError: 501, a frame too large or without its end octet.
        """
        if self._chunks:
            self._chunks.append(data)
            self._have += len(data)
            if self._have < self._need:
                return
            data = b"".join(self._chunks)
            self._chunks = []
        unpack, limit, at, size = FRAME_HEAD.unpack_from, len(data), 0, 0
        while limit - at >= HEAD_SIZE:
            kind, channel, size = unpack(data, at)
            if size > self.frame_max:
                raise _too_large(kind, size, self.frame_max)
            end = at + HEAD_SIZE + size
            if end >= limit:
                break
            payload = data[at + HEAD_SIZE : end]
            if data[end] != FRAME_END:
                raise _bad_end(kind, payload, data[end])
            at = end + 1
            yield kind, channel, payload
        self._keep(data[at:] if at else data)

    def _keep(self, rest: bytes) -> None:
        self._have = len(rest)
        if not rest:
            self._need = HEAD_SIZE
            return
        self._chunks.append(rest)
        if self._have >= HEAD_SIZE:
            self._need = OVERHEAD + FRAME_HEAD.unpack_from(rest)[2]
        else:
            self._need = HEAD_SIZE


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    """One frame."""
    return FRAME_HEAD.pack(kind, channel, len(payload)) + payload + END


def body_frames(channel: int, body: bytes, frame_max: int) -> bytes:
    """The body frames that carry `body`; none for an empty one. `frame_max` 0 means no limit."""
    room = frame_max - OVERHEAD if frame_max else len(body)
    if len(body) <= room:
        return frame(FRAME_BODY, channel, body) if body else b""
    return b"".join(
        frame(FRAME_BODY, channel, body[at : at + room]) for at in range(0, len(body), room)
    )


def is_known(kind: int, payload: bytes) -> bool:
    """Whether RabbitMQ's parser has a clause for such a frame: a heartbeat is empty, a method has ids."""
    if kind == FRAME_HEARTBEAT:
        return not payload
    return kind in _KNOWN and (kind != FRAME_METHOD or len(payload) >= _IDS_SIZE)


def erlang_binary(octets: bytes) -> str:
    """Octets as Erlang prints a binary: <<"abc">> or <<0,50>>."""
    if octets and all(octet in _PRINTABLE for octet in octets):
        quoted = octets.decode().replace("\\", "\\\\").replace('"', '\\"')
        return f'<<"{quoted}">>'
    return f"<<{','.join(map(str, octets))}>>"


def unexpected_frame(kind: int, payload: bytes) -> AmqpConnectionError:
    """505 for a frame that has no place where it came."""
    return AmqpConnectionError(
        ConnectionReply.UNEXPECTED_FRAME,
        f"type {kind}, all octets = {erlang_binary(payload)}",
        class_id=0,
        method_id=0,
    )


def frame_error(kind: int, payload: bytes, reason: str) -> AmqpConnectionError:
    """501 for a frame that cannot be; `reason` breaks its line where Erlang's printer would."""
    start = f"type {kind}, all octets = {erlang_binary(payload)}: "
    if len(start) + len(reason) >= _LINE and reason.startswith("{"):
        reason = reason.replace(",", ",\n" + " " * (len(start) + 1))
    return AmqpConnectionError(ConnectionReply.FRAME_ERROR, start + reason, class_id=0, method_id=0)


def _too_large(kind: int, size: int, frame_max: int) -> AmqpConnectionError:
    return frame_error(kind, b"", f"{{frame_too_large,{size},{frame_max - OVERHEAD}}}")


def _bad_end(kind: int, payload: bytes, octet: int) -> AmqpConnectionError:
    return frame_error(kind, payload, f"{{invalid_frame_end_marker,{octet}}}")
