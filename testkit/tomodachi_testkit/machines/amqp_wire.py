"""An AMQP client of octets, without a socket: what a machine says to the pure broker, and hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.amqp.codec import decode_method, encode_method
from tomodachi_fakes.amqp.fields import plain_table, typed_table
from tomodachi_fakes.amqp.frames import FrameParser, frame
from tomodachi_fakes.amqp.properties import decode_properties, encode_header
from tomodachi_fakes.amqp.spec import FRAME_BODY, FRAME_HEADER, FRAME_METHOD, PROTOCOL_HEADER

_CAPABILITIES = ("publisher_confirms", "consumer_cancel_notify", "basic.nack", "connection.blocked")
_LARGEST = 1 << 30
CLIENT_PROPERTIES = typed_table({"capabilities": dict.fromkeys(_CAPABILITIES, True)})


@dataclass(slots=True)
class Said:
    """One method that the broker sent, with its content where it has one.

    Attributes:
        channel: Its channel.
        name: "basic.deliver", ...
        values: Its arguments by name.
        properties: Content properties; headers as plain values.
        body: Content.
    """

    channel: int
    name: str
    values: dict[str, Any]
    properties: dict[str, Any]
    body: bytes = b""


class Listener:
    """Reads what a broker sends."""

    def __init__(self) -> None:
        self._parser = FrameParser(_LARGEST)
        self._last: Said | None = None

    def feed(self, octets: bytes) -> list[Said]:
        """The methods that begin in these octets; content that comes later completes them."""
        said: list[Said] = []
        for kind, channel, payload in self._parser.feed(octets):
            if kind == FRAME_METHOD:
                method, values = decode_method(payload)
                named = {name: v for (name, _), v in zip(method.arguments, values, strict=True)}
                self._last = Said(channel, method.name, named, {})
                said.append(self._last)
            elif kind == FRAME_HEADER and self._last is not None:
                self._last.properties = decode_properties(payload)
                if "headers" in self._last.properties:
                    plain = plain_table(self._last.properties["headers"])
                    self._last.properties["headers"] = plain
            elif kind == FRAME_BODY and self._last is not None:
                self._last.body += payload
        return said


class Client:
    """One connection."""

    def __init__(self, broker: Broker, name: str, now: float) -> None:
        self._broker = broker
        self.name = name
        self._listener = Listener()
        broker.open(name, now=now)
        self._log_in(now)

    def _log_in(self, now: float) -> None:
        self.raw(PROTOCOL_HEADER, now=now)
        plain = b"\0guest\0guest"
        self.send(0, "connection.start-ok", CLIENT_PROPERTIES, "PLAIN", plain, "en_US", now=now)
        self.send(0, "connection.tune-ok", 2047, 131_072, 0, now=now)
        self.send(0, "connection.open", "/", "", False, now=now)
        self.hear()

    def send(self, channel: int, name: str, *values: Any, now: float) -> None:
        """Send a method."""
        self.raw(frame(FRAME_METHOD, channel, encode_method(name, *values)), now=now)

    def raw(self, octets: bytes, *, now: float) -> None:
        """Send octets."""
        self._broker.receive_bytes(self.name, octets, now=now)

    def hear(self) -> list[Said]:
        """What the broker sent since the last call, in order."""
        octets = b""
        while more := self._broker.bytes_to_send(self.name):
            octets += more
        return self._listener.feed(octets)

    def lose(self, *, now: float) -> None:
        """The connection breaks."""
        self._broker.lost(self.name, now=now)


def publish_octets(
    channel: int, exchange: str, key: str, body: bytes, *, mandatory: bool, **properties: Any
) -> bytes:
    """The frames of one publish; `headers` as a plain dict."""
    if "headers" in properties:
        properties["headers"] = typed_table(properties["headers"])
    method = encode_method("basic.publish", 0, exchange, key, mandatory, False)
    octets = frame(FRAME_METHOD, channel, method)
    octets += frame(FRAME_HEADER, channel, encode_header(len(body), properties))
    return octets + frame(FRAME_BODY, channel, body)
