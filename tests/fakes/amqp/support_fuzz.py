"""Mutated frames and methods out of order, from a seed, against the pure broker.

After each attack an innocent client must still work: publish, get and acknowledge its own message.
"""

from __future__ import annotations

import random

from tests.fakes.amqp.support_wire import Peer, Wire

from tomodachi_fakes.amqp.codec import encode_method
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.amqp.frames import frame
from tomodachi_fakes.amqp.properties import encode_header
from tomodachi_fakes.amqp.spec import METHODS, PROTOCOL_HEADER
from tomodachi_fakes.amqp.states import End

_NAMES = ("", "q1", "q2", "amq.direct", "amq.topic", "amq.headers", "x1", "amq.rabbitmq.reply-to")
_TABLES = (
    {},
    {"x-message-ttl": 5},
    {"x-max-length": 1, "x-dead-letter-exchange": ""},
    {"x-queue-type": "quorum"},
    {"x-queue-type": "stream"},
    {"x-match": "any", "a": 1},
    {"x-max-priority": 3},
    {"alternate-exchange": "x1"},
    {"x-stream-offset": "first"},
)
_LIKELY = {
    "queue": ("q1", "q2"),
    "exchange": ("", "", "x1", "amq.topic", "amq.headers"),
    "source": ("x1", "amq.topic", "amq.headers"),
    "destination": ("x1", "amq.topic", "amq.headers"),
    "routing_key": ("q1", "q2", "#"),
    "type": ("direct", "topic", "fanout", "headers"),
    "consumer_tag": ("", "t1", "t2"),
}
_TEXTS = (*_NAMES, "direct", "topic", "fanout", "headers", "x-delayed-message", "x-consistent-hash")
_HEADERS = (
    {},
    {"priority": 2, "expiration": "1"},
    {"headers": typed_table({"CC": ["q1"], "x-delay": 3, "x-death": "no array"})},
    {"reply_to": "amq.rabbitmq.reply-to"},
    {"user_id": "guest", "delivery_mode": 9},
)


_CLIENTS_OWN = tuple(
    method
    for method in METHODS
    if method.class_id >= 40
    and method.name.rpartition("-")[2] not in ("ok", "empty")
    and method.name not in ("basic.deliver", "basic.return")
)
_CONNECTION_CLOSE, _CHANNEL_CLOSE = b"\x00\x0a\x00\x32", b"\x00\x14\x00\x28"


class Fuzzer:
    """Attacks from one seed.

    Attributes:
        frames: How many frames were sent.
    """

    def __init__(self, seed: int, version: str = "4.0") -> None:
        self.random = random.Random(seed)
        self.wire = Wire(version, max_connections=10_000)
        self.frames = 0
        self.innocent = self.wire.client()
        self.innocent.declare("innocent", exclusive=True)
        self.innocent.replies()
        self._peer: Peer | None = None

    def attack(self) -> None:
        """Send one mutated or misplaced frame, on a connection that may be in any state."""
        peer = self._victim()
        octets = self._frame()
        if self.random.random() < 0.08:
            octets = self._mutated(octets)
        peer.raw(octets)
        self.frames += 1
        self._answer(peer)
        if self.random.random() < 0.02:
            self.wire.advance(self.random.random() * 20)

    def check_innocent(self) -> None:
        """The other connection works and got nothing it did not ask for."""
        peer = self.innocent
        peer.publish("", "innocent", b"mine")
        peer.get("innocent", no_ack=True)
        names = [reply for reply in peer.replies() if reply[0] != "heartbeat"]
        assert [name for name, _, _ in names] == ["basic.get-ok", "header-frame", "body"]
        assert names[2][2] == {"body": "mine"}

    def _answer(self, peer: Peer) -> None:
        """Mostly do what a client does after an error, so that attacks reach open channels."""
        said = peer.octets()
        if self.random.random() < 0.2:
            return
        if _CONNECTION_CLOSE in said:
            self._leave(peer)
        elif _CHANNEL_CLOSE in said:
            for channel in (1, 2):
                peer.send(channel, "channel.close-ok")
            self._open_channels(peer)

    def _leave(self, peer: Peer) -> None:
        self.wire.broker.lost(peer.id, now=self.wire.now)
        self._peer = None

    def _open_channels(self, peer: Peer) -> None:
        state = self.wire.broker.connections[peer.id]
        for channel in {1, 2} - state.channels.keys():
            peer.channel(channel)

    def _victim(self) -> Peer:
        peer = self._peer
        if peer is not None and (
            self.wire.broker.end_of(peer.id) is not End.NO or self.random.random() < 0.03
        ):
            self._leave(peer)
        if self._peer is None:
            self._peer = self.wire.peer()
            if self.random.random() < 0.95:
                self._set_up(self._peer)
            elif self.random.random() < 0.5:
                self._peer.raw(PROTOCOL_HEADER)
            self._peer.octets()
        return self._peer

    def _set_up(self, peer: Peer) -> None:
        """An open connection, with queues and an exchange to attack."""
        peer.login().channel(1).channel(2)
        for queue in ("q1", "q2"):
            table = self.random.choice(_TABLES[:4])
            flags = {"durable": True} if "x-queue-type" in table else {}
            if queue not in self.wire.broker.vhost().queues:
                peer.declare(queue, 2, arguments=table, **flags)
        if "x1" not in self.wire.broker.vhost().exchanges:
            peer.exchange("x1", self.random.choice(("direct", "topic", "fanout", "headers")), 2)

    def _frame(self) -> bytes:
        pick = self.random.random()
        channel = self.random.choice((1,) * 60 + (2,) * 38 + (0, 3))
        if pick < 0.3:
            return self._publish(channel)
        if pick < 0.32:
            kind = self.random.choice((2, 3, 8, 9))
            return frame(kind, channel, self.random.randbytes(self.random.randrange(30)))
        method = self.random.choice(METHODS if self.random.random() < 0.02 else _CLIENTS_OWN)
        values = [self._value(name, domain) for name, domain in method.arguments]
        return frame(1, channel, encode_method(method.name, *values))

    def _publish(self, channel: int) -> bytes:
        body = self.random.randbytes(self.random.randrange(20))
        target = (self.random.choice(_LIKELY["exchange"]), self.random.choice(_NAMES))
        method = encode_method("basic.publish", 0, *target, self.random.random() < 0.3, False)
        header = encode_header(len(body), self.random.choice(_HEADERS))
        octets = frame(1, channel, method) + frame(2, channel, header)
        return octets + (frame(3, channel, body) if body else b"")

    def _value(self, name: str, domain: str) -> object:
        if domain == "bit":
            return self.random.random() < 0.3
        if domain == "shortstr":
            likely = _LIKELY.get(name)
            if likely is not None and self.random.random() < 0.85:
                return self.random.choice(likely)
            return self.random.choice(_TEXTS)
        if domain == "longstr":
            return self.random.randbytes(self.random.randrange(10))
        if domain == "table":
            return typed_table(self.random.choice(_TABLES))
        top = {"octet": 255, "short": 65_535, "long": 2**32 - 1, "longlong": 2**63}[domain]
        return self.random.choice((0, 1, 2, 3, self.random.randrange(top)))

    def _mutated(self, octets: bytes) -> bytes:
        changed = bytearray(octets)
        for _ in range(self.random.choice((1, 1, 2, 5))):
            at = self.random.randrange(len(changed))
            action = self.random.randrange(3)
            if action == 0:
                changed[at] = self.random.randrange(256)
            elif action == 1 and len(changed) > 1:
                del changed[at]
            else:
                changed.insert(at, self.random.randrange(256))
        return bytes(changed)
