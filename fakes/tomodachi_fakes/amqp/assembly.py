"""A publish and its content, put together from frames: the method, its header, its body in pieces.

Source: AMQP 0-9-1 spec 4.2.6; what breaks the order is as three releases of RabbitMQ answer it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpConnectionError, PeerGone
from tomodachi_fakes.amqp.reply_codes import ConnectionReply
from tomodachi_fakes.amqp.spec import BASIC_CLASS, FRAME_BODY, FRAME_HEADER

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.methods.basic_publish import Target
    from tomodachi_fakes.amqp.model.profiles import Profile

_PUBLISH_IDS = {"class_id": BASIC_CLASS, "method_id": 40}
_HEADER = struct.Struct(">HHQ")
_SMALLEST_HEADER = 14
_NO_HEADER = "expected content header for class 60, got non content header frame instead"


class Assembly:
    """What one channel has of a publish that is not complete.

    Attributes:
        target: Where it goes; None while no publish is begun, and only a method may come.
    """

    __slots__ = ("_chunks", "_header", "_profile", "_wanted", "target")

    def __init__(self, profile: Profile) -> None:
        self.target: Target | None = None
        self._profile = profile
        self._header: bytes | None = None
        self._wanted = 0
        self._chunks: list[bytes] = []

    def take(self, kind: int, payload: bytes) -> tuple[Target, bytes, bytes] | None:
        """Take the next frame; target, header and body once it was the last one.

        Raises:
            AmqpConnectionError: 501, more than was announced; 505, not what has to come.
            PeerGone: RabbitMQ cannot read it.
        """
        if self._header is None:
            return self._take_header(kind, payload)
        if kind == FRAME_BODY:
            return self._take_body(payload)
        raise _misplaced("expected content body, got non content body frame instead")

    def _take_header(self, kind: int, payload: bytes) -> tuple[Target, bytes, bytes] | None:
        if kind != FRAME_HEADER:
            raise _misplaced(_NO_HEADER)
        if len(payload) < _SMALLEST_HEADER:
            raise PeerGone("a content header that is too short")
        class_id, weight, size = _HEADER.unpack_from(payload)
        if weight:
            raise _misplaced(_NO_HEADER)
        if class_id != BASIC_CLASS:
            msg = f"expected content header for class 60, got one for class {class_id} instead"
            raise _misplaced(msg)
        limit = self._profile.body_size_limit
        if limit is not None and size > limit:
            raise AmqpConnectionError(
                ConnectionReply.FRAME_ERROR,
                f"content body size {size} exceeds maximum allowed size {limit}",
                **_PUBLISH_IDS,
            )
        self._header, self._wanted = payload, size
        return None if size else self._complete(b"")

    def _take_body(self, payload: bytes) -> tuple[Target, bytes, bytes] | None:
        size = len(payload)
        if size == self._wanted and not self._chunks:
            return self._complete(payload)
        if size > self._wanted and self._profile.body_overrun_is_error:
            raise AmqpConnectionError(
                ConnectionReply.FRAME_ERROR,
                "content body frame exceeds remaining content size",
                **_PUBLISH_IDS,
            )
        self._chunks.append(payload)
        self._wanted -= size
        if self._wanted < 0:
            self._chunks.clear()  # RabbitMQ waits for octets that would make it come out even
        elif self._wanted == 0:
            chunks, self._chunks = self._chunks, []
            return self._complete(b"".join(chunks))
        return None

    def _complete(self, body: bytes) -> tuple[Target, bytes, bytes]:
        target, header = self.target, self._header
        self.target = self._header = None
        assert target is not None  # content follows a publish
        assert header is not None
        return target, header, body


def _misplaced(explanation: str) -> AmqpConnectionError:
    return AmqpConnectionError(ConnectionReply.UNEXPECTED_FRAME, explanation, **_PUBLISH_IDS)
