"""A client of octets: talks to the pure broker without a socket, and reads what it answers."""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.amqp.codec import decode_method, encode_method
from tomodachi_fakes.amqp.fields import Field, plain_table, typed_table
from tomodachi_fakes.amqp.frames import FrameParser, frame
from tomodachi_fakes.amqp.properties import decode_properties, encode_header
from tomodachi_fakes.amqp.spec import PROTOCOL_HEADER
from tomodachi_fakes.amqp.states import End
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.ids import SeededIds

CAPABILITIES = (
    "publisher_confirms",
    "consumer_cancel_notify",
    "basic.nack",
    "connection.blocked",
    "authentication_failure_close",
)
START = 1_700_000_000.0
Reply = tuple[str, int, dict[str, Any]]


class Peer:
    """One connection to a broker, by octets."""

    def __init__(self, wire: Wire, conn_id: str) -> None:
        self.wire = wire
        self.id = conn_id
        self._parser = FrameParser(1 << 30)

    def raw(self, data: bytes) -> None:
        self.wire.broker.receive_bytes(self.id, data, now=self.wire.now)

    def send(self, channel: int, name: str, *values: Any) -> None:
        self.raw(frame(1, channel, encode_method(name, *values)))

    def octets(self) -> bytes:
        taken = b""
        while self.id in self.wire.broker.connections_with_output():
            before = len(taken)
            taken += self.wire.broker.bytes_to_send(self.id)
            if len(taken) == before:
                break
        return taken

    def replies(self) -> list[Reply]:
        """What came since the last call, oldest first."""
        return [reply_of(*parts) for parts in self._parser.feed(self.octets())]

    def names(self) -> list[str]:
        return [name for name, _, _ in self.replies()]

    @property
    def ended(self) -> End:
        return self.wire.broker.end_of(self.id)

    def login(
        self,
        *,
        user: str = "guest",
        password: str = "guest",
        vhost: str = "/",
        capabilities: tuple[str, ...] = CAPABILITIES,
        channel_max: int = 2047,
        frame_max: int = 131_072,
        heartbeat: int = 0,
    ) -> Peer:
        self.raw(PROTOCOL_HEADER)
        self.start_ok(user, password, capabilities)
        self.send(0, "connection.tune-ok", channel_max, frame_max, heartbeat)
        self.send(0, "connection.open", vhost, "", False)
        return self

    def start_ok(
        self, user: str, password: str, capabilities: tuple[str, ...] = CAPABILITIES
    ) -> None:
        properties = typed_table({"capabilities": dict.fromkeys(capabilities, True)})
        self.send(
            0,
            "connection.start-ok",
            properties,
            "PLAIN",
            f"\0{user}\0{password}".encode(),
            "en_US",
        )

    def channel(self, number: int = 1) -> Peer:
        self.send(number, "channel.open", "")
        return self

    # --- shorthands, on channel 1 unless told -----------------------------------------------------

    def declare(self, queue: str, channel: int = 1, **options: Any) -> None:
        arguments = options.pop("arguments", {})
        flags = ("passive", "durable", "exclusive", "auto_delete", "nowait")
        values = [bool(options.pop(flag, False)) for flag in flags]
        assert not options
        self.send(channel, "queue.declare", 0, queue, *values, typed_table(arguments))

    def exchange(self, name: str, kind: str, channel: int = 1, **options: Any) -> None:
        arguments = options.pop("arguments", {})
        flags = ("passive", "durable", "auto_delete", "internal", "nowait")
        values = [bool(options.pop(flag, False)) for flag in flags]
        assert not options
        self.send(channel, "exchange.declare", 0, name, kind, *values, typed_table(arguments))

    def bind(
        self, queue: str, exchange: str, key: str = "", channel: int = 1, **arguments: Any
    ) -> None:
        table = typed_table(arguments.get("arguments", {}))
        self.send(channel, "queue.bind", 0, queue, exchange, key, False, table)

    def publish(
        self,
        exchange: str,
        key: str,
        body: bytes = b"",
        channel: int = 1,
        *,
        mandatory: bool = False,
        immediate: bool = False,
        **properties: Any,
    ) -> None:
        self.raw(publish_frames(exchange, key, body, channel, mandatory, immediate, **properties))

    def consume(self, queue: str, tag: str = "", channel: int = 1, **options: Any) -> None:
        arguments = options.pop("arguments", {})
        flags = ("no_local", "no_ack", "exclusive", "nowait")
        values = [bool(options.pop(flag, False)) for flag in flags]
        assert not options
        self.send(channel, "basic.consume", 0, queue, tag, *values, typed_table(arguments))

    def get(self, queue: str, channel: int = 1, *, no_ack: bool = False) -> None:
        self.send(channel, "basic.get", 0, queue, no_ack)

    def qos(self, count: int, channel: int = 1, *, shared: bool = False) -> None:
        self.send(channel, "basic.qos", 0, count, shared)


def publish_frames(
    exchange: str,
    key: str,
    body: bytes = b"",
    channel: int = 1,
    mandatory: bool = False,
    immediate: bool = False,
    **properties: Any,
) -> bytes:
    """The frames of one publish; `headers` as a plain dict or a dict of Field."""
    if "headers" in properties:
        properties["headers"] = typed_table(properties["headers"])
    method = encode_method("basic.publish", 0, exchange, key, mandatory, immediate)
    octets = frame(1, channel, method) + frame(2, channel, encode_header(len(body), properties))
    return octets + (frame(3, channel, body) if body else b"")


class Wire:
    """A broker with its own time, and peers that talk to it."""

    def __init__(self, version: str = "4.0", **options: Any) -> None:
        self.now = START
        self.events = EventLog()
        self.broker = Broker(ids=SeededIds(1), events=self.events, version=version, **options)
        self._count = 0

    def peer(self, **options: Any) -> Peer:
        """A TCP connection on which nothing was said yet."""
        self._count += 1
        peer = Peer(self, f"peer-{self._count}")
        self.broker.open(peer.id, now=self.now, **options)
        return peer

    def client(self, **login: Any) -> Peer:
        """An open connection with channel 1; the handshake's replies are read."""
        peer = self.peer().login(**login).channel()
        peer.replies()
        return peer

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self.broker.advance(now=self.now)


def reply_of(kind: int, channel: int, payload: bytes) -> Reply:
    if kind == 1:
        method, values = decode_method(payload)
        shown = {
            name: _plain(value) for (name, _), value in zip(method.arguments, values, strict=True)
        }
        return method.name, channel, shown
    if kind == 2:
        properties = decode_properties(payload)
        if "headers" in properties:
            properties["headers"] = plain_table(properties["headers"])
        return "header-frame", channel, {"size": int.from_bytes(payload[4:12]), "props": properties}
    if kind == 3:
        return "body", channel, {"body": payload.decode("latin-1")}
    return "heartbeat", channel, {}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return plain_table(value)
    return value.decode("latin-1") if isinstance(value, bytes) else value


__all__ = ["CAPABILITIES", "START", "Field", "Peer", "Reply", "Wire", "publish_frames", "reply_of"]
