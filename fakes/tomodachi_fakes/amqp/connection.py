"""One client's connection: the order of the handshake, frames to channels, errors to closes.

Pure: octets come in with `receive`, octets to send gather in `out`. What a method does is in
`channel.py` and `methods/`; the values of the handshake are in `handshake.py`; time in `liveness.py`.

Source: AMQP 0-9-1 spec 2.2.4, 4.9; https://www.rabbitmq.com/docs/connections
"""

from __future__ import annotations

import struct
from collections import deque
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.channel import Channel
from tomodachi_fakes.amqp.codec import DECODERS, method_frame
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
from tomodachi_fakes.amqp.reply_codes import ConnectionReply
from tomodachi_fakes.amqp.sabotage import sabotage
from tomodachi_fakes.amqp.spec import (
    BY_KEY,
    FRAME_HEARTBEAT,
    FRAME_METHOD,
    PROTOCOL_HEADER,
)
from tomodachi_fakes.amqp.states import End, State

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.model.access import User
    from tomodachi_fakes.amqp.model.timers import Timer
    from tomodachi_fakes.amqp.model.vhost import Vhost

OUTPUT_LIMIT = 256 * 1024
_CLOSE_TIMEOUT_S = 30.0
_IDS = struct.Struct(">HH")
_OLD_HEADERS = (b"AMQP\x01\x01\x08\x00", b"AMQP\x01\x01\x09\x01")
_HEADERS_0_9 = (PROTOCOL_HEADER, b"AMQP\x01\x01\x00\x09")  # the second is what 0-9 clients send
_ALMOST_0_9_1 = b"AMQP\x00\x00"
_HEADER_SIZE = 8
_CONNECTION_CLOSE, _CONNECTION_CLOSE_OK = 10 << 16 | 50, 10 << 16 | 51


class Connection:
    """One connection.

    Attributes:
        out: Octets to send, in order.
        out_size: How many.
        saturated: Enough output waits; consumers get nothing until it is taken.
        paused: The shell cannot write at the moment.
        answered: Channels with publisher confirms to send.
        held: Frames that wait because publishers are blocked or a fault delays them; None when open.
        end: How the TCP connection shall end, once the output is sent.
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
        self.saturated = False
        self.paused = False
        self.half_open = False
        self.channels: dict[int, Channel] = {}
        self.frame_max = FRAME_MAX
        self.channel_max = CHANNEL_MAX
        self.answered: dict[Channel, None] = {}
        self.capabilities: frozenset[str] = frozenset()
        self.client_properties: Table = {}
        self.user: User | None = None
        self.vhost: Vhost | None = None
        self.held: deque[tuple[int, int, bytes]] | None = None
        self.blocked = False
        self.opened_at = broker.now
        self.tls_name = tls_name
        self.loopback = loopback
        self.parser = FrameParser(FRAME_MAX)
        self._header = b""
        self._timer: Timer | None = broker.timers.at(
            broker.now + HANDSHAKE_TIMEOUT_S, self._on_handshake_timeout
        )
        self.liveness = Liveness(self)

    # --- octets ---------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take octets from the client."""
        if self.state is State.CLOSED or self.half_open:
            return
        self.liveness.received = True
        if self.state is State.HEADER:
            data = self._read_header(data)
        if not data:
            return
        try:
            for frame in self.parser.feed(data):
                if self.held is not None:
                    self.held.append(frame)
                    continue
                self._frame(*frame)
                if self.end is not End.NO:
                    return
        except AmqpConnectionError as error:
            self.fail(error)
        self._flush_confirms()

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

    def _frame(self, kind: int, number: int, payload: bytes, *, unharmed: bool = False) -> None:
        channel = self.channels.get(number)
        try:
            if channel is not None and kind != FRAME_HEARTBEAT and self.state is State.RUNNING:
                faults = self.broker.faults
                if faults and kind == FRAME_METHOD and not unharmed and sabotage(channel, payload):
                    return
                channel.frame(kind, payload)
            elif self.state is State.RUNNING and number and kind != FRAME_HEARTBEAT:
                channel = self._open_channel(kind, number, payload)
                if channel is None:
                    return
                channel.frame(kind, payload)
            elif self.state is State.CLOSING:
                self._closing_frame(kind, number, payload)
            else:
                self._connection_frame(kind, number, payload)
        except AmqpChannelError as error:
            assert channel is not None  # only channels raise it
            channel.fail(error, *_ids_of(kind, payload))
        except AmqpConnectionError as error:
            self.fail(error, *_ids_of(kind, payload))
        except CannotDecode as error:
            text = f"cannot decode {erlang_list(error.arguments)}"
            self.fail(
                AmqpConnectionError(ConnectionReply.FRAME_ERROR, text), *_ids_of(kind, payload)
            )
        except MalformedTable as error:
            self.drop(PeerGone(str(error)))
        except PeerGone as gone:
            self.drop(gone)
        if self.broker.later:
            self.broker.do_later()

    def _open_channel(self, kind: int, number: int, payload: bytes) -> Channel | None:
        if not is_known(kind, payload):
            raise frame_error(kind, payload, "unknown_frame")
        if kind != FRAME_METHOD:
            raise AmqpConnectionError(
                ConnectionReply.UNEXPECTED_FRAME,
                "expected method frame, got non method frame instead",
                class_id=0,
                method_id=0,
            )
        _, name, _ = _decode(payload)
        if name == "channel.close-ok":
            return None
        if name != "channel.open":
            raise AmqpConnectionError(ConnectionReply.CHANNEL_ERROR, "expected 'channel.open'")
        if len(self.channels) >= self.channel_max:
            raise AmqpConnectionError(
                ConnectionReply.NOT_ALLOWED,
                f"number of channels opened ({len(self.channels)}) has reached the negotiated "
                f"channel_max ({self.channel_max})",
                class_id=0,
                method_id=0,
            )
        self._check_user_limit()
        channel = self.channels[number] = Channel(self, number)
        return channel

    def _check_user_limit(self) -> None:
        user = self.user
        if user is None or user.max_channels is None:
            return
        others = (other for other in self.broker.connections.values() if other.user is user)
        if sum(len(other.channels) for other in others) >= user.max_channels:
            raise AmqpConnectionError(
                ConnectionReply.NOT_ALLOWED,
                f"number of channels opened for user '{user.name}' has reached the maximum allowed "
                f"user limit of ({user.max_channels})",
                class_id=0,
                method_id=0,
            )

    def _connection_frame(self, kind: int, number: int, payload: bytes) -> None:
        if kind == FRAME_HEARTBEAT and not payload and not number:
            return
        if not is_known(kind, payload):
            raise frame_error(kind, payload, "unknown_frame")
        if kind != FRAME_METHOD or number:
            if self.state is State.RUNNING or self.state is State.OPEN:
                raise unexpected_frame(kind, payload)
            raise PeerGone("a frame that does not belong into the handshake", delay_s=3.0)
        key, name, arguments = _decode(payload)
        if key == _CONNECTION_CLOSE and self.state is not State.START:
            self._on_close()
            return
        handler = HANDLERS.get((self.state, name))
        if handler is not None:
            handler(self, *arguments)
        elif self.state is State.RUNNING:
            raise AmqpConnectionError(
                ConnectionReply.CHANNEL_ERROR, "unexpected method in connection state running"
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

    # --- frames that have to wait ---------------------------------------------------

    def hold(self) -> None:
        """Keep what the client sends until `release`."""
        if self.held is None:
            self.held = deque()

    def delay(self, kind: int, number: int, payload: bytes, *, until: float) -> None:
        """Handle a frame, and all that follow it, at `until` (Unix seconds)."""
        self.held = deque([(kind, number, payload)])
        self.broker.timers.at(until, lambda now: self._after_delay())

    def _after_delay(self) -> None:
        """Handle the delayed frame itself without asking the faults again, then what followed it."""
        if not self.held:
            return
        frame = self.held.popleft()
        self._frame(*frame, unharmed=True)
        self.release()

    def release(self) -> None:
        """Handle what was held, in order."""
        frames, self.held = self.held or deque(), None
        while frames and self.end is End.NO:
            self._frame(*frames.popleft())
            if self._put_back(frames):
                return
        self._flush_confirms()

    def _put_back(self, frames: deque[tuple[int, int, bytes]]) -> bool:
        """Whether the frame just handled holds back those that follow it."""
        if self.held is None:
            return False
        self.held.extend(frames)
        return True

    def block(self, reason: str) -> None:
        """Publishers wait: tell a client that wants to know, and hold what comes."""
        if self.blocked:
            return
        self.blocked = True
        self.broker.blocked[self.id] = self
        self.hold()
        self.broker.record("blocked", self.id, reason=reason)
        if "connection.blocked" in self.capabilities:
            self.send(0, "connection.blocked", reason)

    def unblock(self) -> None:
        """Publishers go on."""
        if not self.blocked:
            return
        self.blocked = False
        self.broker.blocked.pop(self.id, None)
        if "connection.blocked" in self.capabilities:
            self.send(0, "connection.unblocked")
        self.release()

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
            self.broker.now + _CLOSE_TIMEOUT_S, self._on_handshake_timeout
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
                self.broker.now + gone.delay_s, self._on_handshake_timeout
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
        """Give back what the connection holds: channels, consumers, unacked, exclusive queues."""
        self._flush_confirms()
        for channel in list(self.channels.values()):
            channel.release()
        self.channels.clear()
        self.held = None
        self.broker.blocked.pop(self.id, None)
        self.liveness.stop()
        if self.vhost is not None:
            self.broker.delete_exclusive_queues(self)
            self.broker.do_later()
            self.broker.record("disconnected", self.id)
            self.vhost = None

    def _flush_confirms(self) -> None:
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
            "blocked": self.blocked,
        }


def _decode(payload: bytes) -> tuple[int, str, tuple[Any, ...]]:
    if len(payload) < _IDS.size:
        raise PeerGone("a method frame without a method")
    key = int.from_bytes(payload[:4])
    if (decoder := DECODERS.get(key)) is None:
        msg = f"unknown class or method {key >> 16}.{key & 0xFFFF}"
        raise PeerGone(msg)
    return key, BY_KEY[key].name, decoder(payload)


def _ids_of(kind: int, payload: bytes) -> tuple[int, int]:
    if kind != FRAME_METHOD or len(payload) < _IDS.size:
        return 0, 0
    class_id, method_id = _IDS.unpack_from(payload)
    return class_id, method_id


def erlang_list(octets: bytes) -> str:
    """Octets as Erlang prints a binary with ~w: never as text."""
    return f"<<{','.join(map(str, octets))}>>"
