"""aioamqp's protocol with our reader, writer and heartbeats under it.

aioamqp does the handshake and every method that waits for a reply. Three things it cannot do are done
here on the same connection: messages, broker confirms and returns are read from the socket straight
into callbacks, so that nothing a handler does can hold the frame reader; writes are gathered
(`writer.py`); and silence is noticed (`heartbeat.py`).

Source: aioamqp 0.15.0; AMQP 0-9-1 spec 2.2.4, 4.2.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from typing import TYPE_CHECKING, Any

import aioamqp.channel
import aioamqp.exceptions
import aioamqp.protocol
import pamqp.commands
import pamqp.frame
from pamqp.exceptions import PAMQPException

from tomodachi.transport.amqp import frames
from tomodachi.transport.amqp.connection.writer import GatheringWriter
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpConnectionException,
    AmqpException,
)
from tomodachi.transport.amqp.heartbeat import Heartbeat

if TYPE_CHECKING:
    from tomodachi.transport.amqp.connection.channel import Channel
    from tomodachi.transport.amqp.connection.connection import Connection

for _name in ("aioamqp.protocol", "aioamqp.channel"):
    # Every connection and channel it opens or closes is a line to it; who wants them turns them on.
    logging.getLogger(_name).setLevel(logging.WARNING)

_CAPABILITIES = {
    "authentication_failure_close": True,
    "basic.nack": True,
    "connection.blocked": True,
    "consumer_cancel_notify": True,
    "publisher_confirms": True,
}


class AmqpChannel(aioamqp.channel.Channel):  # type: ignore[misc]  # aioamqp has no types
    """aioamqp's channel, telling ours when it is closed."""

    owner: Channel | None = None

    def connection_closed(
        self,
        server_code: int | None = None,
        server_reason: str | None = None,
        exception: BaseException | None = None,
    ) -> None:
        """The broker closed this channel, or the connection is gone."""
        super().connection_closed(server_code, server_reason, exception)
        if self.owner is not None:
            self.owner.closed_by_broker(server_code, server_reason)


class AmqpProtocol(aioamqp.protocol.AmqpProtocol):  # type: ignore[misc]  # aioamqp has no types
    """One connection's bytes, both ways."""

    CHANNEL_FACTORY = AmqpChannel

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
        """The socket is connected."""
        # Past aioamqp's own, whose stream writer would close the connection when it is collected.
        asyncio.StreamReaderProtocol.connection_made(self, transport)
        self.writer = self._stream_writer = GatheringWriter(transport, self._bytes_sent)

    def data_received(self, data: bytes) -> None:
        """Bytes came: hand over every frame that is complete."""
        if self._heartbeat is not None:
            self._heartbeat.received()
        try:
            for kind, number, payload in self._splitter.feed(data):
                self._frame_received(kind, number, payload)
        except (ValueError, LookupError, struct.error, PAMQPException) as error:
            self.abort(AmqpConnectionException(f"the broker sent what is no AMQP frame: {error}"))

    def pause_writing(self) -> None:
        """The peer is slow to take what was written."""
        self.writer.pause()

    def resume_writing(self) -> None:
        """The peer takes bytes again."""
        self.writer.resume()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The socket is gone, by whoever's doing."""
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
        """The next frame that is aioamqp's: channel number and method."""
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
        """Keep to what was agreed on: send heartbeats, notice silence, refuse larger frames."""
        self._splitter.frame_max = self.server_frame_max or 0
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
