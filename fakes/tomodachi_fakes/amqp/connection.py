"""One client's connection: the order of the handshake, frames to channels, errors to closes.

Pure: octets come in with `receive`, octets to send gather in `out`. What a method does is in
`channel.py` and `methods/`; the values of the handshake are in `handshake.py`; time in `liveness.py`.

Source: AMQP 0-9-1 spec 2.2.4, 4.9; https://www.rabbitmq.com/docs/connections
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.backlog import Backlog
from tomodachi_fakes.amqp.codec import method_frame
from tomodachi_fakes.amqp.errors import (
    AmqpChannelError,
    AmqpConnectionError,
    CannotDecode,
    MalformedTable,
    PeerGone,
)
from tomodachi_fakes.amqp.fields import Table, plain_table
from tomodachi_fakes.amqp.frames import (
    FrameParser,
    frame_error,
    is_known,
    unexpected_frame,
)
from tomodachi_fakes.amqp.handshake import (
    CHANNEL_MAX,
    FRAME_MAX,
    HANDSHAKE_TIMEOUT_S,
    LOCALES,
    server_properties,
)
from tomodachi_fakes.amqp.liveness import Liveness
from tomodachi_fakes.amqp.methods.connection_methods import HANDLERS
from tomodachi_fakes.amqp.opening import decode, open_channel
from tomodachi_fakes.amqp.reply_codes import ConnectionReply
from tomodachi_fakes.amqp.sabotage import sabotage
from tomodachi_fakes.amqp.spec import (
    FRAME_HEARTBEAT,
    FRAME_METHOD,
    PROTOCOL_HEADER,
)
from tomodachi_fakes.amqp.states import End, State

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.access import User
    from tomodachi_fakes.amqp.model.timers import Timer
    from tomodachi_fakes.amqp.model.vhost import Vhost

OUTPUT_LIMIT = 256 * 1024
_CLOSE_TIMEOUT_S = 30.0
_IDS = struct.Struct(">HH")
_OLD_HEADERS = (b"AMQP\x01\x01\x08\x00", b"AMQP\x01\x01\x09\x01")
_HEADERS_0_9 = (PROTOCOL_HEADER, b"AMQP\x01\x01\x00\x09")  # the second is what 0-9 clients send
_ALMOST_0_9_1 = b"AMQP\x00\x00\x09"
_HEADER_SIZE = 8
_NAMES_OF_STATES = {State.OPEN: "opening", State.RUNNING: "running"}
_CONNECTION_CLOSE, _CONNECTION_CLOSE_OK = 10 << 16 | 50, 10 << 16 | 51


class Connection:
    """One connection.

    Attributes:
        out: Octets to send, in order.
        out_size: How many.
        octets_received: Octets that came, in `reads` pieces; likewise `octets_sent` in `writes` pieces.
        saturated: Enough output waits; consumers get nothing until it is taken.
        paused: The shell cannot write at the moment.
        answered: Channels with publisher confirms to send.
        crossed: Channels that both sides closed at once: a close-ok of the client's is still to come.
        backlog: Frames that wait because publishers are blocked or a fault delays them.
        end: How the TCP connection shall end, once the output is sent.
        mechanism: How the client logged in.
        heartbeat_s: The interval that both agreed on; 0 is none.
    """

    def __init__(
        self, broker: Broker, conn_id: str, *, tls_name: str | None, loopback: bool, peer: str
    ) -> None:
        self.broker = broker
        self.id = conn_id
        self.peer = peer
        self.state = State.HEADER
        self.end = End.NO
        self.out: list[bytes] = []
        self.out_size = 0
        self.octets_received = self.octets_sent = 0
        self.reads = self.writes = 0
        self.saturated = False
        self.paused = False
        self.half_open = False
        self.channels: dict[int, Channel] = {}
        self.crossed: set[int] = set()
        self.frame_max = FRAME_MAX
        self.channel_max = CHANNEL_MAX
        self.answered: dict[Channel, None] = {}
        self.capabilities: frozenset[str] = frozenset()
        self.client_properties: Table = {}
        self.user: User | None = None
        self.vhost: Vhost | None = None
        self.backlog = Backlog(self)
        self.opened_at = broker.now
        self.mechanism = ""
        self.heartbeat_s = 0
        self.tls_name = tls_name
        self.loopback = loopback
        self.parser = FrameParser(FRAME_MAX)
        self._header = b""
        self._timer: Timer | None = broker.timers.at(
            broker.now + HANDSHAKE_TIMEOUT_S, self._on_handshake_timeout, "handshake"
        )
        self.liveness = Liveness(self)

    # --- octets ---------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take octets from the client."""
        if self.state is State.CLOSED or self.half_open:
            return
        self.liveness.received = True
        self.octets_received += len(data)
        self.reads += 1
        if self.state is State.HEADER:
            data = self._read_header(data)
        if not data:
            return
        try:
            for frame in self.parser.feed(data):
                if self.backlog.held is not None:
                    self.backlog.held.append(frame)
                    continue
                self.handle(*frame)
                if self.end is not End.NO:
                    return
        except AmqpConnectionError as error:
            self.fail(error)
        self.flush_confirms()

    def write(self, octets: bytes) -> None:
        """Queue octets for the client."""
        if self.end is not End.NO or self.half_open:
            return
        if not self.out:
            self.broker.has_output(self)
        self.out.append(octets)
        self.out_size += len(octets)
        if self.out_size > OUTPUT_LIMIT:
            self.saturated = True

    def send(self, channel: int, name: str, *values: Any) -> None:
        """Queue a method."""
        self.write(method_frame(channel, name, *values))

    def take_output(self) -> bytes:
        """The octets to send; the connection is no longer saturated unless the shell paused it."""
        octets = b"".join(self.out)
        self.octets_sent += len(octets)
        self.writes += 1
        self.out.clear()
        self.out_size = 0
        if self.saturated and not self.paused:
            self.resume_deliveries()
        return octets

    def resume_deliveries(self) -> None:
        """Consumers get what they could not be sent."""
        self.saturated = False
        for channel in list(self.channels.values()):
            channel.wake_consumers()

    # --- the handshake --------------------------------------------------------------------------

    def _read_header(self, data: bytes) -> bytes:
        self._header += data
        if len(self._header) < _HEADER_SIZE:
            return b""
        header, rest = self._header[:_HEADER_SIZE], self._header[_HEADER_SIZE:]
        old = header in _OLD_HEADERS and self.broker.profile.answers_0_8
        if header not in _HEADERS_0_9 and not old:
            near = header.startswith(_ALMOST_0_9_1)
            self.write(PROTOCOL_HEADER if near else self.broker.profile.wrong_header_reply)
            self.finish(End.CLEAN)
            return b""
        self.state = State.START
        self.send(
            0,
            "connection.start",
            *((8, 0) if old else (0, 9)),
            server_properties(self.broker.profile, self.broker.cluster_name, capabilities=not old),
            b"PLAIN AMQPLAIN" if self.tls_name is None else b"EXTERNAL PLAIN AMQPLAIN",
            LOCALES,
        )
        return rest

    def _on_handshake_timeout(self, now: float) -> None:
        self._timer = None
        self.half_open = False
        self.finish(End.CLEAN)

    def cancel_timer(self) -> None:
        """The handshake, or the close, came in time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- frames ---------------------------------------------------------------------------------

    def handle(self, kind: int, number: int, payload: bytes, *, unharmed: bool = False) -> None:
        """Handle a frame; `unharmed` asks no planned faults."""
        broker, channel = self.broker, self.channels.get(number)
        try:
            if channel is None or self.state is not State.RUNNING or kind == FRAME_HEARTBEAT:
                self._frame_without_channel(kind, number, payload)
            elif unharmed or not broker.faults or not sabotage(channel, kind, payload):
                channel.frame(kind, payload)
        except AmqpChannelError as error:
            self.channels[number].fail(error, *_ids_of(kind, payload))
        except (AmqpConnectionError, CannotDecode, MalformedTable, PeerGone) as error:
            self._on_error(error, *_ids_of(kind, payload))
        if broker.later:
            broker.do_later()

    def _frame_without_channel(self, kind: int, number: int, payload: bytes) -> None:
        if self.state is State.RUNNING and number and kind != FRAME_HEARTBEAT:
            channel = open_channel(self, kind, number, payload)
            if channel is not None:
                channel.frame(kind, payload)
        elif self.state is State.CLOSING:
            self._closing_frame(kind, number, payload)
        else:
            self._connection_frame(kind, number, payload)

    def _on_error(self, error: Exception, class_id: int, method_id: int) -> None:
        match error:
            case AmqpConnectionError():
                self.fail(error, class_id, method_id)
            case CannotDecode():
                text = f"cannot decode {erlang_list(error.arguments)}"
                failed = AmqpConnectionError(ConnectionReply.FRAME_ERROR, text)
                self.fail(failed, class_id, method_id)
            case PeerGone():
                self.drop(error)
            case _:
                self.drop(PeerGone(str(error)))

    def _connection_frame(self, kind: int, number: int, payload: bytes) -> None:
        if kind == FRAME_HEARTBEAT and not payload and not number:
            return
        if not is_known(kind, payload):
            raise frame_error(kind, payload, "unknown_frame")
        if kind != FRAME_METHOD or number:
            if self.state is State.RUNNING or self.state is State.OPEN:
                raise unexpected_frame(kind, payload)
            raise PeerGone("a frame that does not belong into the handshake", delay_s=3.0)
        key, name, arguments = decode(payload)
        if key == _CONNECTION_CLOSE and self.state is State.RUNNING:
            self._on_close()
            return
        handler = HANDLERS.get((self.state, name))
        if handler is not None:
            handler(self, *arguments)
        elif self.state in _NAMES_OF_STATES:
            raise AmqpConnectionError(
                ConnectionReply.CHANNEL_ERROR,
                f"unexpected method in connection state {_NAMES_OF_STATES[self.state]}",
            )
        else:
            msg = f"{name} does not belong here"
            raise PeerGone(msg, delay_s=3.0)

    def _closing_frame(self, kind: int, number: int, payload: bytes) -> None:
        """After an error of ours only the end of the conversation counts."""
        if kind != FRAME_METHOD or number or len(payload) < _IDS.size:
            return
        key = int.from_bytes(payload[:4])
        if key == _CONNECTION_CLOSE:
            self.send(0, "connection.close-ok")
        if key in (_CONNECTION_CLOSE, _CONNECTION_CLOSE_OK):
            self.finish(End.CLEAN)

    # --- the end --------------------------------------------------------------------------------

    def _on_close(self) -> None:
        self.release_all()
        self.send(0, "connection.close-ok")
        self.finish(End.CLEAN)

    def fail(self, error: AmqpConnectionError, class_id: int = 0, method_id: int = 0) -> None:
        """Tell the client why its connection ends; before it is open, just end it."""
        if self.state in (State.CLOSING, State.CLOSED):
            return
        login = error.reply_code is ConnectionReply.ACCESS_REFUSED
        if self.state not in (State.OPEN, State.RUNNING) and not login:
            self.drop(PeerGone(error.reply_text, delay_s=3.0))
            return
        self.release_all()
        self.state = State.CLOSING
        self.send(
            0,
            "connection.close",
            int(error.reply_code),
            error.reply_text,
            class_id if error.class_id is None else error.class_id,
            method_id if error.method_id is None else error.method_id,
        )
        self.broker.record("connection-error", self.id, text=error.reply_text)
        self.cancel_timer()
        self._timer = self.broker.timers.at(
            self.broker.now + _CLOSE_TIMEOUT_S, self._on_handshake_timeout, "close"
        )

    def close_by_operator(self, reason: str) -> None:
        """320: an operator ends the connection."""
        self.fail(
            AmqpConnectionError(ConnectionReply.CONNECTION_FORCED, reason, class_id=0, method_id=0)
        )

    def drop(self, gone: PeerGone) -> None:
        """End the TCP connection without a word, now or after a delay."""
        if gone.delay_s:
            self.half_open = True
            self.cancel_timer()
            self._timer = self.broker.timers.at(
                self.broker.now + gone.delay_s, self._on_handshake_timeout, "drop"
            )
            return
        self.finish(End.RESET)

    def cut(self) -> None:
        """End the TCP connection at once."""
        self.finish(End.RESET)

    def finish(self, end: End) -> None:
        """Nothing more is read; what is in `out` is sent, then the TCP connection ends."""
        if self.state is State.CLOSED:
            return
        self.release_all()
        self.state = State.CLOSED
        self.end = end
        self.cancel_timer()
        self.broker.has_output(self)

    def release_all(self) -> None:
        """Give back what the connection holds: channels, consumers, unacked, exclusive queues.

        RabbitMQ's channels end in any order, so that what one held may go to another one that is about
        to end. Here all of them end at once, which is one of the outcomes, and always the same.
        """
        self.flush_confirms()
        for channel in self.channels.values():
            for consumer in channel.consumers.values():
                consumer.paused = True
        for channel in list(self.channels.values()):
            channel.release()
        self.channels.clear()
        self.backlog.forget()
        self.liveness.stop()
        if self.vhost is not None:
            self.broker.delete_exclusive_queues(self)
            self.broker.do_later()
            self.broker.record("disconnected", self.id)
            self.vhost.octets_received += self.octets_received
            self.vhost.octets_sent += self.octets_sent
            self.vhost = None

    def flush_confirms(self) -> None:
        """Send the publisher confirms that have gathered."""
        answered, self.answered = self.answered, {}
        for channel in answered:
            channel.flush_confirms()

    def describe(self) -> dict[str, Any]:
        """Plain facts for people and tests."""
        return {
            "id": self.id,
            "peer": self.peer,
            "user": self.user.name if self.user else None,
            "vhost": self.vhost.name if self.vhost else None,
            "state": self.state.name.lower(),
            "client_properties": plain_table(self.client_properties),
            "channels": [channel.describe() for channel in self.channels.values()],
            "blocked": self.backlog.blocked,
        }


def _ids_of(kind: int, payload: bytes) -> tuple[int, int]:
    if kind != FRAME_METHOD or len(payload) < _IDS.size:
        return 0, 0
    class_id, method_id = _IDS.unpack_from(payload)
    return class_id, method_id


def erlang_list(octets: bytes) -> str:
    """Octets as Erlang prints a binary with ~w: never as text."""
    return f"<<{','.join(map(str, octets))}>>"
