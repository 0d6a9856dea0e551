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
_TEXTS = (*_NAMES, "direct", "topic", "fanout", "headers", "x-delayed-message", "x-consistent-hash")
_HEADERS = (
    {},
    {"priority": 2, "expiration": "1"},
    {"headers": typed_table({"CC": ["q1"], "x-delay": 3, "x-death": "no array"})},
    {"reply_to": "amq.rabbitmq.reply-to"},
    {"user_id": "guest", "delivery_mode": 9},
)


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
        if self.random.random() < 0.5:
            octets = self._mutated(octets)
        peer.raw(octets)
        self.frames += 1
        peer.octets()
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

    def _victim(self) -> Peer:
        peer = self._peer
        ended = peer is not None and self.wire.broker.end_of(peer.id) is not End.NO
        if peer is None or ended or self.random.random() < 0.01:
            if peer is not None:
                self.wire.broker.lost(peer.id, now=self.wire.now)
            peer = self._peer = self.wire.peer()
            if self.random.random() < 0.9:
                peer.login().channel(1).channel(2)
            elif self.random.random() < 0.5:
                peer.raw(PROTOCOL_HEADER)
            peer.octets()
        return peer

    def _frame(self) -> bytes:
        pick = self.random.random()
        channel = self.random.choice((0, 1, 1, 1, 2, 3))
        if pick < 0.3:
            return self._publish(channel)
        if pick < 0.4:
            kind = self.random.choice((2, 3, 8, 9))
            return frame(kind, channel, self.random.randbytes(self.random.randrange(30)))
        method = self.random.choice(METHODS)
        values = [self._value(name, domain) for name, domain in method.arguments]
        return frame(1, channel, encode_method(method.name, *values))

    def _publish(self, channel: int) -> bytes:
        body = self.random.randbytes(self.random.randrange(20))
        target = (self.random.choice(_NAMES), self.random.choice(_NAMES))
        method = encode_method("basic.publish", 0, *target, self.random.random() < 0.3, False)
        header = encode_header(len(body), self.random.choice(_HEADERS))
        octets = frame(1, channel, method) + frame(2, channel, header)
        return octets + (frame(3, channel, body) if body else b"")

    def _value(self, name: str, domain: str) -> object:
        if domain == "bit":
            return self.random.random() < 0.3
        if domain == "shortstr":
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
