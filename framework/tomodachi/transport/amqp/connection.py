"""A connection to RabbitMQ and its channels: the only module that knows aioamqp.

aioamqp does the handshake and every method that waits for a reply. Three things it cannot do are done
here instead, on the same connection: messages, broker confirms and returns are read from the socket
straight into callbacks (`frames.py`), so that nothing a handler does can hold the frame reader; writes
are gathered and leave once per turn of the loop, in order; and silence is noticed (`heartbeat.py`).
When a connection is lost this module says so, once and with the reason. Mending it is `link.py`'s.

Source: aioamqp 0.15.0; AMQP 0-9-1 spec 2.2 (connections and channels).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import aioamqp
import aioamqp.channel
import aioamqp.exceptions
import aioamqp.protocol
import pamqp.commands
import pamqp.exceptions
import pamqp.frame

from tomodachi.transport.amqp import frames
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpConnectionException,
    AmqpException,
)
from tomodachi.transport.amqp.heartbeat import Heartbeat
from tomodachi.transport.amqp.settings import BrokerAddress

CONNECT_TIMEOUT_S = 10.0
REPLY_TIMEOUT_S = 30.0
CLOSE_TIMEOUT_S = 5.0
LIBRARY_VERSION: str = aioamqp.__version__

_CAPABILITIES = {
    "authentication_failure_close": True,
    "basic.nack": True,
    "connection.blocked": True,
    "consumer_cancel_notify": True,
    "publisher_confirms": True,
}
T = TypeVar("T")


@dataclass(slots=True)
class Delivery:
    """A message handed to a consumer.

    Attributes:
        channel: Where it has to be acknowledged.
        delivery_tag: Its number on that channel.
        redelivered: Whether it was handed out before.
        exchange: Exchange it was published to.
        routing_key: The message's own, as on the wire.
        header: Content header; `properties.py` reads it.
        body: The message.
    """

    channel: Channel
    delivery_tag: int
    redelivered: bool
    exchange: str
    routing_key: str
    header: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class DeclaredQueue:
    """What the broker says of a queue: its name, ready messages, consumers."""

    name: str
    messages: int
    consumers: int


class ChannelListener(Protocol):
    """Is told what the broker does on a channel of its own accord."""

    def channel_closed(self, channel: Channel, reason: AmqpException) -> None:
        """The channel is gone and nothing it was waiting for will come; called once."""
        ...

    def consumer_cancelled(self, channel: Channel, consumer_tag: str) -> None:
        """The broker ended a consumer: its queue is gone."""
        ...

    def confirmed(self, confirm: frames.Confirm) -> None:
        """The broker answered publishes of a channel in confirm mode."""
        ...

    def returned(self, message: frames.Return, body: bytes) -> None:
        """A mandatory message came back; its confirm follows."""
        ...


class _Channel(aioamqp.channel.Channel):  # type: ignore[misc]  # aioamqp has no types
    """aioamqp's channel, telling ours when it is closed."""

    owner: Channel | None = None

    def connection_closed(
        self,
        server_code: int | None = None,
        server_reason: str | None = None,
        exception: BaseException | None = None,
    ) -> None:
        super().connection_closed(server_code, server_reason, exception)
        if self.owner is not None:
            self.owner.closed_by_broker(server_code, server_reason)


class _Writer:
    """Gathers what is written during one turn of the loop and sends it at once.

    Stands in for the stream writer that aioamqp expects, so that its frames and ours keep their order.
    """

    def __init__(self, transport: asyncio.Transport, sent: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._sent = sent
        self._gathered: list[bytes] = []
        self._flow: asyncio.Future[None] | None = None

    def write(self, data: bytes) -> None:
        """Send soon."""
        if not self._gathered:
            self._loop.call_soon(self.flush)
        self._gathered.append(data)

    def flush(self) -> None:
        """Send now."""
        if self._gathered and not self._transport.is_closing():
            self._transport.write(b"".join(self._gathered))
            self._sent()
        self._gathered.clear()

    async def drain(self) -> None:
        """Return when the peer takes bytes."""
        if self._flow is not None:
            await asyncio.shield(self._flow)

    def close(self) -> None:
        """Send what was gathered, then close."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close without sending what was gathered."""
        self._gathered.clear()
        self._transport.abort()

    def pause(self) -> None:
        """The peer is slow: `drain` waits from here on."""
        self._flow = self._loop.create_future()

    def resume(self) -> None:
        """The peer takes bytes again, or never will."""
        flow, self._flow = self._flow, None
        if flow is not None and not flow.done():
            flow.set_result(None)


class _Protocol(aioamqp.protocol.AmqpProtocol):  # type: ignore[misc]  # aioamqp has no types
    """aioamqp's protocol with our reader and writer under it."""

    CHANNEL_FACTORY = _Channel

    def __init__(self, connection: Connection, heartbeat: int) -> None:
        super().__init__(
            heartbeat=heartbeat, client_properties={"capabilities": dict(_CAPABILITIES)}
        )
        self._connection = connection
        self._splitter = frames.FrameSplitter()
        self._incoming: dict[int, frames.Content] = {}
        self._replies: asyncio.Queue[tuple[int, Any] | None] = asyncio.Queue()
        self._heartbeat: Heartbeat | None = None
        self.close_reason: AmqpException | None = None

    # --- what asyncio calls -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:
        # Past aioamqp's own, whose stream writer would close the connection when it is collected.
        asyncio.StreamReaderProtocol.connection_made(self, transport)
        self.writer = self._stream_writer = _Writer(transport, self._bytes_sent)

    def data_received(self, data: bytes) -> None:
        if self._heartbeat is not None:
            self._heartbeat.received()
        try:
            for kind, number, payload in self._splitter.feed(data):
                self._frame_received(kind, number, payload)
        except (ValueError, LookupError, pamqp.exceptions.PAMQPException) as error:
            self.abort(AmqpConnectionException(f"the broker sent what is no AMQP frame: {error}"))

    def pause_writing(self) -> None:
        self.writer.pause()

    def resume_writing(self) -> None:
        self.writer.resume()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self.close_reason is None:
            text = f"connection lost: {exc}" if exc else "connection closed by the broker"
            self.close_reason = AmqpConnectionException(text)
        if self._heartbeat is not None:
            self._heartbeat.stop()
        self.writer.resume()
        self._replies.put_nowait(None)
        super().connection_lost(None)
        self._connection.lost(self.close_reason)

    # --- frames -----------------------------------------------------------------------------------

    def _frame_received(self, kind: int, number: int, payload: bytes) -> None:
        if kind == frames.METHOD:
            self._method_received(number, payload)
        elif kind == frames.BODY:
            if self._incoming[number].add_body(payload):
                self._content_complete(number)
        elif kind == frames.HEADER:
            if self._incoming[number].add_header(payload):
                self._content_complete(number)
        elif kind != frames.HEARTBEAT:
            msg = f"unknown frame type {kind}"
            raise frames.MalformedFrameError(msg)

    def _method_received(self, number: int, payload: bytes) -> None:
        method = frames.method_id(payload)
        if method == frames.DELIVER:
            self._incoming[number] = frames.Content(frames.read_deliver(payload))
        elif method in (frames.ACK, frames.NACK):
            self._owner_of(number).listener.confirmed(frames.read_confirm(payload))
        elif method == frames.RETURN:
            self._incoming[number] = frames.Content(frames.read_return(payload))
        else:
            self._other_method(
                number, pamqp.frame.unmarshal(frames.write_method(number, payload))[2]
            )

    def _other_method(self, number: int, method: Any) -> None:
        if method.name == "Connection.Blocked":
            self._connection.on_blocked(method.reason)
        elif method.name == "Connection.Unblocked":
            self._connection.on_blocked(None)
        elif method.name == "Connection.Close":
            self._closed_by_broker(method)
        else:
            self._replies.put_nowait((number, method))

    def _closed_by_broker(self, method: Any) -> None:
        reason = AmqpChannelClosed(method.reply_code, method.reply_text)
        self.close_reason = AmqpConnectionException(f"closed by the broker: {reason}")
        self.close_reason.__cause__ = reason
        self.writer.write(pamqp.frame.marshal(pamqp.commands.Connection.CloseOk(), 0))
        self.writer.close()
        self._replies.put_nowait(None)

    def _content_complete(self, number: int) -> None:
        content = self._incoming.pop(number)
        owner = self._owner_of(number)
        if isinstance(content.method, frames.Deliver):
            owner.deliver(content.method, content.header, content.body)
        else:
            owner.listener.returned(content.method, content.body)

    def _owner_of(self, number: int) -> Channel:
        channel = self.channels.get(number)
        if channel is None or channel.owner is None:
            msg = f"a method for channel {number}, which is not open"
            raise frames.MalformedFrameError(msg)
        owner: Channel = channel.owner
        return owner

    # --- what aioamqp calls -----------------------------------------------------------------------

    async def get_frame(self) -> tuple[int, Any]:
        found = await self._replies.get()
        if found is None:
            self._replies.put_nowait(None)
            raise aioamqp.exceptions.AmqpClosedConnection
        return found

    def _heartbeat_timer_recv_reset(self) -> None:
        """Ours to do, see `watch`."""

    def _heartbeat_timer_send_reset(self) -> None:
        """Ours to do, see `watch`."""

    # --- what the connection calls ----------------------------------------------------------------

    def watch(self) -> None:
        """Send heartbeats and notice silence from here on, if heartbeats were agreed on."""
        if self.server_heartbeat:
            self._heartbeat = Heartbeat(
                self.server_heartbeat, send=self._send_heartbeat, lost=self._silent
            )

    def abort(self, reason: AmqpException) -> None:
        """End the connection without asking the broker."""
        if self.close_reason is None:
            self.close_reason = reason
        self.writer.abort()

    def _send_heartbeat(self) -> None:
        self.writer.write(frames.HEARTBEAT_FRAME)

    def _silent(self) -> None:
        self.abort(AmqpConnectionException("missed heartbeats from the broker"))

    def _bytes_sent(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.sent()


class Connection:
    """An open connection; make one with `open_connection`.

    Attributes:
        on_blocked: Called with the broker's reason when it takes no more publishes, with None when
            it does again.
        reason: Why the connection ended; None while it is open.
    """

    def __init__(
        self,
        on_lost: Callable[[Connection, AmqpException], None],
        on_blocked: Callable[[str | None], None],
    ) -> None:
        self.on_blocked = on_blocked
        self.reason: AmqpException | None = None
        self._on_lost = on_lost
        self._open = False
        self._closing = False
        self._protocol: Any = None  # _Protocol, which is untyped as aioamqp is

    async def connect(self, address: BrokerAddress) -> None:
        """Connect, log in and open the virtual host; see `open_connection`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, self._protocol = await loop.create_connection(
                    lambda: _Protocol(self, address.heartbeat),
                    address.host,
                    address.port,
                    ssl=address.tls,
                )
                await self._protocol.start_connection(
                    address.host,
                    address.port,
                    address.login,
                    address.password,
                    address.virtualhost,
                )
        except BaseException as error:
            reason = _why_not_connected(
                error, self.reason or getattr(self._protocol, "close_reason", None)
            )
            if self._protocol is not None:
                self._protocol.abort(reason)
            if isinstance(error, Exception):
                raise reason from error
            raise
        self._open = True
        self._protocol.watch()

    async def open_channel(self, listener: ChannelListener) -> Channel:
        """Open a channel.

        Raises:
            AmqpConnectionException: the connection was lost meanwhile.
        """
        raw = await self.reply(self._protocol.channel())
        return Channel(self, self._protocol, raw, listener)

    async def reply(self, waiting: Awaitable[T]) -> T:
        """Wait for what aioamqp waits for, in our own exceptions.

        Raises:
            AmqpChannelClosed: the broker closed the channel instead of answering.
            AmqpConnectionException: the connection was lost, or the broker did not answer in time.
            AmqpException: a name or argument that can't go on the wire.
        """
        try:
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                return await waiting
        except aioamqp.exceptions.ChannelClosed as error:
            if error.code:
                raise AmqpChannelClosed(error.code, error.message) from error
            raise self._ended(error) from error
        except (aioamqp.exceptions.AioamqpException, OSError) as error:
            if isinstance(error, TimeoutError):
                self.abort(f"the broker did not answer within {REPLY_TIMEOUT_S:g} s")
            raise self._ended(error) from error
        except ValueError as error:
            msg = f"AMQP does not allow that: {error}"
            raise AmqpException(msg) from error

    def _ended(self, error: BaseException) -> AmqpException:
        reason = self._protocol.close_reason
        text = str(reason) if reason is not None else f"channel closed: {error}"
        return AmqpConnectionException(text)

    async def drain(self) -> None:
        """Return when the broker takes bytes, or the connection is lost."""
        await self._protocol.writer.drain()

    async def close(self) -> None:
        """Close as the protocol asks; a broker that does not answer is left after 5 s."""
        self._closing = True
        if self.reason is not None:
            return
        try:
            await self._protocol.close(timeout=CLOSE_TIMEOUT_S)
        except (aioamqp.exceptions.AioamqpException, OSError):
            # Lost meanwhile, or no answer in time: closed all the same.
            self.abort("closed")

    def abort(self, reason: str) -> None:
        """End the connection at once; whoever waits on it is told."""
        self._protocol.abort(AmqpConnectionException(reason))

    def lost(self, reason: AmqpException) -> None:
        """The socket is gone (called by the protocol)."""
        self.reason = reason
        if self._open and not self._closing:
            self._on_lost(self, reason)


class Channel:
    """A channel of a connection.

    Attributes:
        listener: Is told of confirms, returns, cancelled consumers and the channel's end.
        reason: Why the channel ended; None while it is open.
    """

    def __init__(
        self, connection: Connection, protocol: Any, raw: Any, listener: ChannelListener
    ) -> None:
        self.listener = listener
        self.reason: AmqpException | None = None
        self._connection = connection
        self._writer: _Writer = protocol.writer
        self._frame_max: int = protocol.server_frame_max or 0
        self._raw = raw
        self._number: int = raw.channel_id
        self._consumers: dict[str, Callable[[Delivery], None]] = {}
        self._one_method_at_a_time = asyncio.Lock()
        raw.owner = self
        raw.add_cancellation_callback(self._cancelled)

    # --- methods with a reply -------------------------------------------------------------------

    async def _call(self, method: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        async with self._one_method_at_a_time:
            return await self._connection.reply(method(*args, **kwargs))

    async def declare_exchange(self, name: str, kind: str) -> None:
        """Declare a durable exchange that stays when unused."""
        await self._call(self._raw.exchange_declare, name, kind, durable=True, auto_delete=False)

    async def declare_queue(self, name: str, arguments: dict[str, Any]) -> DeclaredQueue:
        """Declare a durable queue that any connection may use."""
        found: dict[str, Any] = await self._call(
            self._raw.queue_declare, name, durable=True, arguments=arguments
        )
        return DeclaredQueue(found["queue"], found["message_count"], found["consumer_count"])

    async def bind_queue(self, queue: str, exchange: str, binding_key: str) -> None:
        """Let messages whose key matches `binding_key` go from the exchange to the queue."""
        await self._call(self._raw.queue_bind, queue, exchange, binding_key)

    async def limit_prefetch(self, *, per_consumer: int, in_all: int) -> None:
        """Bound the unacknowledged messages of each later consumer, and of the channel."""
        await self._call(self._raw.basic_qos, prefetch_count=per_consumer, connection_global=False)
        await self._call(self._raw.basic_qos, prefetch_count=in_all, connection_global=True)

    async def consume(
        self, queue: str, consumer_tag: str, on_delivery: Callable[[Delivery], None]
    ) -> None:
        """Have the messages of a queue handed to `on_delivery`, to be acknowledged one by one."""
        self._consumers[consumer_tag] = on_delivery
        try:
            await self._call(self._raw.basic_consume, None, queue, consumer_tag=consumer_tag)
        except BaseException:
            del self._consumers[consumer_tag]
            raise

    async def cancel(self, consumer_tag: str) -> None:
        """End a consumer; once this returns, none of its messages comes any more."""
        await self._call(self._raw.basic_cancel, consumer_tag)
        self._consumers.pop(consumer_tag, None)

    async def confirm_publishes(self) -> None:
        """Have the broker answer every publish from here on."""
        await self._call(self._raw.confirm_select)

    async def close(self) -> None:
        """Close the channel, if it is open."""
        if self.reason is None:
            self.reason = AmqpException("channel closed by the service")
            await self._call(self._raw.close)

    # --- methods without one --------------------------------------------------------------------

    def ack(self, delivery_tag: int) -> bool:
        """Acknowledge a message; False if the channel is gone and the message will come again."""
        return self._write(frames.write_ack(self._number, delivery_tag))

    def nack(self, delivery_tag: int, *, requeue: bool) -> bool:
        """Put a message back or dead-letter it; False as in `ack`."""
        return self._write(frames.write_nack(self._number, delivery_tag, requeue=requeue))

    def publish(
        self, exchange: str, routing_key: str, properties: bytes, body: bytes, *, mandatory: bool
    ) -> None:
        """Write a message; `properties` as `frames.encode_properties` gives them.

        Raises:
            AmqpException: the channel is closed.
        """
        if self.reason is not None:
            raise self.reason
        self._writer.write(
            frames.write_publish(
                self._number,
                exchange,
                routing_key,
                properties,
                body,
                mandatory=mandatory,
                frame_max=self._frame_max,
            )
        )

    async def drain(self) -> None:
        """Return when the broker takes bytes, or the connection is lost."""
        await self._writer.drain()

    def _write(self, frame: bytes) -> bool:
        if self.reason is not None:
            return False
        self._writer.write(frame)
        return True

    # --- what the protocol calls ----------------------------------------------------------------

    def deliver(self, method: frames.Deliver, header: bytes, body: bytes) -> None:
        """A message came; one for a consumer that was cancelled meanwhile goes back."""
        on_delivery = self._consumers.get(method.consumer_tag)
        if on_delivery is None:
            self.nack(method.delivery_tag, requeue=True)
            return
        on_delivery(
            Delivery(
                self,
                method.delivery_tag,
                method.redelivered,
                method.exchange,
                method.routing_key,
                header,
                body,
            )
        )

    def closed_by_broker(self, reply_code: int | None, reply_text: str | None) -> None:
        """The channel is gone, alone or with its connection."""
        if self.reason is not None:
            return
        if reply_code:
            self.reason = AmqpChannelClosed(reply_code, reply_text or "")
        else:
            self.reason = self._connection._ended(ConnectionError("connection lost"))
        self.listener.channel_closed(self, self.reason)

    async def _cancelled(self, _: object, consumer_tag: str) -> None:
        if self._consumers.pop(consumer_tag, None) is not None:
            self.listener.consumer_cancelled(self, consumer_tag)


async def open_connection(
    address: BrokerAddress,
    *,
    on_lost: Callable[[Connection, AmqpException], None],
    on_blocked: Callable[[str | None], None],
) -> Connection:
    """Connect to a broker, within 10 s.

    Args:
        address: Where, and as whom.
        on_lost: Called once, with the reason, when the connection ends without `close`.
        on_blocked: See `Connection.on_blocked`.

    Raises:
        AmqpConnectionException: no connection; the text is the reason ("connection refused", ...).
    """
    connection = Connection(on_lost, on_blocked)
    await connection.connect(address)
    return connection


def _why_not_connected(
    error: BaseException, reason: AmqpException | None
) -> AmqpConnectionException:
    if isinstance(error, TimeoutError):
        return AmqpConnectionException(f"no answer within {CONNECT_TIMEOUT_S:g} s")
    if isinstance(error, ConnectionRefusedError):
        return AmqpConnectionException("connection refused")
    if isinstance(reason, AmqpConnectionException):
        return reason
    if isinstance(error, ssl.SSLError):
        return AmqpConnectionException(f"TLS: {error.reason or error}")
    if isinstance(error, OSError):
        return AmqpConnectionException(error.strerror or str(error))
    return AmqpConnectionException(str(error) or type(error).__name__)
