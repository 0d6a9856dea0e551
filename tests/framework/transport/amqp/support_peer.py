"""A broker that does what a test says: it answers every method at once, unless told otherwise.

It has no queues and routes nothing; a test delivers, confirms, refuses, falls silent or hangs up
exactly when it wants to. What a real broker makes of it all is asked elsewhere.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pamqp.body
import pamqp.commands
import pamqp.frame
import pamqp.header
import pamqp.heartbeat
from pamqp.commands import Basic, Channel, Confirm, Connection, Exchange, Queue

HEARTBEAT_S = 10


@dataclass(slots=True)
class Published:
    """A message that came in."""

    connection: PeerConnection
    channel: int
    number: int
    exchange: str
    routing_key: str
    mandatory: bool
    properties: Any = None
    body: bytes = b""
    size: int = 0


@dataclass(slots=True)
class PeerConsumer:
    """A consumer that was started."""

    connection: PeerConnection
    channel: int
    tag: str
    queue: str
    last_delivery: int = 0


@dataclass
class Peer:
    """Listens, and keeps what came.

    Attributes:
        received: Names of all methods received, in order ("Queue.Declare").
        published: Complete messages received.
        consumers: Consumers of open channels.
        confirming: Whether publishes are acked at once.
        silent: Whether nothing is sent or read any more (half-open connections).
        refusals: Method name to reply code and text of the channel close that answers it.
        goodbyes: Method name to reply code and text of the connection close that answers it.
        unanswered: Names of methods that are not answered.
        consumer_counts: What `queue.declare-ok` says of a queue's consumers.
    """

    received: list[str] = field(default_factory=list)
    methods: list[Any] = field(default_factory=list)
    published: list[Published] = field(default_factory=list)
    consumers: list[PeerConsumer] = field(default_factory=list)
    connections: list[PeerConnection] = field(default_factory=list)
    acked: list[int] = field(default_factory=list)
    nacked: list[tuple[int, bool]] = field(default_factory=list)
    confirming: bool = True
    silent: bool = False
    refusals: dict[str, tuple[int, str]] = field(default_factory=dict)
    goodbyes: dict[str, tuple[int, str]] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    consumer_counts: dict[str, int] = field(default_factory=dict)
    port: int = 0
    tls: ssl.SSLContext | None = None
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, on the same port as before."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: PeerConnection(self), "127.0.0.1", self.port, ssl=self.tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no longer and hang up."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.hang_up()

    def hang_up(self) -> None:
        """Reset every connection."""
        for connection in list(self.connections):
            connection.transport.abort()

    @property
    def connection(self) -> PeerConnection:
        """The connection that is open."""
        return self.connections[-1]

    @property
    def consumer(self) -> PeerConsumer:
        """The last consumer that was started."""
        return self.consumers[-1]

    def named(self, name: str) -> list[Any]:
        """The received methods of that name."""
        return [method for method in self.methods if method.name == name]

    @contextmanager
    def refusing(self, name: str, code: int, text: str) -> Iterator[None]:
        """Answer a method with a channel close."""
        self.refusals[name] = (code, text)
        try:
            yield
        finally:
            del self.refusals[name]

    def deliver(
        self,
        body: bytes,
        routing_key: str = "a.b",
        *,
        consumer: PeerConsumer | None = None,
        redelivered: bool = False,
        exchange: str = "amq.topic",
        **properties: Any,
    ) -> int:
        """Hand a message to a consumer; returns its delivery tag."""
        to = consumer or self.consumer
        to.last_delivery += 1
        method = Basic.Deliver(to.tag, to.last_delivery, redelivered, exchange, routing_key)
        to.connection.send_content(to.channel, method, body, properties)
        return to.last_delivery

    def confirm(self, published: Published, *, multiple: bool = False, ack: bool = True) -> None:
        """Answer a publish."""
        answer = (
            Basic.Ack(published.number, multiple)
            if ack
            else Basic.Nack(published.number, multiple, False)
        )
        published.connection.send(published.channel, answer)

    def give_back(self, published: Published, code: int = 312, text: str = "NO_ROUTE") -> None:
        """Return a publish as unroutable."""
        method = Basic.Return(code, text, published.exchange, published.routing_key)
        published.connection.send_content(published.channel, method, published.body, {})

    def cancel(self, consumer: PeerConsumer) -> None:
        """End a consumer, as when its queue is deleted."""
        self.consumers.remove(consumer)
        consumer.connection.send(consumer.channel, Basic.Cancel(consumer.tag))

    def cancel_ok(self, consumer: PeerConsumer) -> None:
        """Answer a cancel that was left unanswered."""
        consumer.connection.send(consumer.channel, Basic.CancelOk(consumer.tag))

    def close_channel(self, consumer: PeerConsumer, code: int, text: str) -> None:
        """Close the channel of a consumer."""
        consumer.connection.close_channel(consumer.channel, code, text)


class PeerConnection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._data = bytearray()
        self._header_seen = False
        self._publishing: dict[int, Published] = {}
        self._numbers: dict[int, int] = {}
        self._confirms: set[int] = set()
        self._heartbeat: asyncio.TimerHandle | None = None
        self.start_ok: Any = None
        self.heartbeats = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self._peer.connections.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        self._peer.connections.remove(self)
        self._peer.consumers[:] = [c for c in self._peer.consumers if c.connection is not self]

    def data_received(self, data: bytes) -> None:
        if self._peer.silent:
            return
        self._data += data
        if not self._header_seen:
            assert self._data[:4] == b"AMQP"
            del self._data[:8]
            self._header_seen = True
            self.send(0, Connection.Start())
        while len(self._data) >= 8:
            _, channel, size = struct.unpack(">BHI", self._data[:7])
            if len(self._data) < size + 8:
                return
            raw = bytes(self._data[: size + 8])
            del self._data[: size + 8]
            self._frame(channel, pamqp.frame.unmarshal(raw)[2])

    def send(self, channel: int, frame: Any) -> None:
        """Send one frame."""
        if not self._peer.silent:
            self.transport.write(pamqp.frame.marshal(frame, channel))

    def send_content(
        self, channel: int, method: Any, body: bytes, properties: dict[str, Any]
    ) -> None:
        """Send a method with content."""
        self.send(channel, method)
        header = pamqp.header.ContentHeader(
            body_size=len(body), properties=Basic.Properties(**properties)
        )
        self.send(channel, header)
        if body:
            self.send(channel, pamqp.body.ContentBody(body))

    def close_channel(self, channel: int, code: int, text: str) -> None:
        """Close a channel."""
        consumers = self._peer.consumers
        consumers[:] = [c for c in consumers if (c.connection, c.channel) != (self, channel)]
        self.send(channel, Channel.Close(code, text, 0, 0))

    def blocked(self, reason: str | None) -> None:
        """Say that publishes are blocked, or with None that they no longer are."""
        self.send(0, Connection.Unblocked() if reason is None else Connection.Blocked(reason))

    def close(self, code: int, text: str) -> None:
        """Close the connection as the protocol asks."""
        self.send(0, Connection.Close(code, text, 0, 0))

    # --- what the client sends ------------------------------------------------------------------

    def _frame(self, channel: int, frame: Any) -> None:
        refused = channel not in self._publishing
        if isinstance(frame, pamqp.header.ContentHeader | pamqp.body.ContentBody) and refused:
            return
        if isinstance(frame, pamqp.header.ContentHeader):
            self._publishing[channel].properties = frame.properties
            self._publishing[channel].size = frame.body_size
            self._content(channel, b"")
        elif isinstance(frame, pamqp.body.ContentBody):
            self._content(channel, frame.value)
        elif isinstance(frame, pamqp.heartbeat.Heartbeat):
            self.heartbeats += 1
        else:
            self._method(channel, frame)

    def _content(self, channel: int, part: bytes) -> None:
        message = self._publishing[channel]
        message.body += part
        if len(message.body) < message.size:
            return
        del self._publishing[channel]
        self._peer.published.append(message)
        if channel in self._confirms and self._peer.confirming:
            self._peer.confirm(message)

    def _method(self, channel: int, method: Any) -> None:
        peer = self._peer
        peer.received.append(method.name)
        peer.methods.append(method)
        if method.name in peer.refusals:
            self.close_channel(channel, *peer.refusals[method.name])
        elif method.name in peer.goodbyes:
            self.close(*peer.goodbyes[method.name])
        elif method.name not in peer.unanswered:
            getattr(self, "_" + method.name.replace(".", "_").lower(), self._nothing)(
                channel, method
            )

    def _nothing(self, channel: int, method: Any) -> None:
        """Methods without an answer."""

    def _connection_startok(self, channel: int, method: Any) -> None:
        self.start_ok = method
        self.send(0, Connection.Tune(2047, 131072, HEARTBEAT_S))

    def _connection_tuneok(self, channel: int, method: Any) -> None:
        if method.heartbeat:
            self._beat(method.heartbeat / 2)

    def _beat(self, interval: float) -> None:
        self.send(0, pamqp.heartbeat.Heartbeat())
        self._heartbeat = asyncio.get_running_loop().call_later(interval, self._beat, interval)

    def _connection_open(self, channel: int, method: Any) -> None:
        self.send(0, Connection.OpenOk())

    def _connection_close(self, channel: int, method: Any) -> None:
        self.send(0, Connection.CloseOk())
        self.transport.close()

    def _channel_open(self, channel: int, method: Any) -> None:
        self._confirms.discard(channel)
        self._numbers[channel] = 0
        self.send(channel, Channel.OpenOk())

    def _channel_close(self, channel: int, method: Any) -> None:
        self.send(channel, Channel.CloseOk())

    def _exchange_declare(self, channel: int, method: Any) -> None:
        self.send(channel, Exchange.DeclareOk())

    def _queue_declare(self, channel: int, method: Any) -> None:
        count = self._peer.consumer_counts.get(method.queue, 0)
        self.send(channel, Queue.DeclareOk(method.queue, 0, count))

    def _queue_bind(self, channel: int, method: Any) -> None:
        self.send(channel, Queue.BindOk())

    def _basic_qos(self, channel: int, method: Any) -> None:
        self.send(channel, Basic.QosOk())

    def _basic_consume(self, channel: int, method: Any) -> None:
        last = max(
            (c.last_delivery for c in self._peer.consumers if c.connection is self), default=0
        )
        self._peer.consumers.append(
            PeerConsumer(self, channel, method.consumer_tag, method.queue, last)
        )
        self.send(channel, Basic.ConsumeOk(method.consumer_tag))

    def _basic_cancel(self, channel: int, method: Any) -> None:
        self.send(channel, Basic.CancelOk(method.consumer_tag))

    def _confirm_select(self, channel: int, method: Any) -> None:
        self._confirms.add(channel)
        self.send(channel, Confirm.SelectOk())

    def _basic_publish(self, channel: int, method: Any) -> None:
        self._numbers[channel] += 1
        self._publishing[channel] = Published(
            self,
            channel,
            self._numbers[channel],
            method.exchange,
            method.routing_key,
            method.mandatory,
        )

    def _basic_ack(self, channel: int, method: Any) -> None:
        self._peer.acked.append(method.delivery_tag)

    def _basic_nack(self, channel: int, method: Any) -> None:
        self._peer.nacked.append((method.delivery_tag, method.requeue))
