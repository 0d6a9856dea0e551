"""The fake and a real RabbitMQ in lockstep: the same octets to both, and everything they answer compared.

Two connections a side, two channels each. After each step a passive declare of every queue, on a channel
of its own, is the barrier; then frames are compared channel by channel, with message and consumer counts.
RabbitMQ's queues work beside its channels, so a side that is behind gets a moment to catch up before a
difference counts.
"""

from __future__ import annotations

import select
import socket
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from hypothesis import strategies as st
from tests.fakes.amqp.support_wire import CAPABILITIES, Reply, Wire, publish_frames, reply_of

from tomodachi_fakes.amqp.codec import encode_method, method_frame
from tomodachi_fakes.amqp.fields import Table, typed_table
from tomodachi_fakes.amqp.frames import FrameParser, frame
from tomodachi_fakes.amqp.spec import PROTOCOL_HEADER

BARRIER = 9
# Nothing may follow these before the answer: RabbitMQ calls a command during a tx.commit unexpected (504).
_ANSWERED_LAST = ("channel.close", "tx.commit")
_PATIENCE_S = 2.0
Command = tuple[Any, ...]


class FakeSide:
    """Connections to the fake."""

    def __init__(self, version: str) -> None:
        self.wire = Wire(version)
        self.peers = [self.wire.client(), self.wire.client()]

    def send(self, connection: int, octets: bytes) -> None:
        self.peers[connection].raw(octets)

    def replies(self, connection: int, wait_s: float) -> list[Reply]:
        return self.peers[connection].replies()

    def reconnect(self, connection: int) -> None:
        self.peers[connection].send(0, "connection.close-ok")
        self.peers[connection] = self.wire.client()

    def close(self) -> None:
        """Nothing to close."""


class RealConnection:
    """A socket to a RabbitMQ."""

    def __init__(self, url: str, heartbeat_s: int = 0) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection(
            (parts.hostname or "", parts.port or 5672), timeout=5
        )
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parser = FrameParser(1 << 30)
        user, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
        properties = typed_table({"capabilities": dict.fromkeys(CAPABILITIES, True)})
        plain = f"\0{user}\0{password}".encode()
        self.send(PROTOCOL_HEADER)
        self.send(method_frame(0, "connection.start-ok", properties, "PLAIN", plain, "en_US"))
        self.send(method_frame(0, "connection.tune-ok", 2047, 131_072, heartbeat_s))
        self.send(method_frame(0, "connection.open", unquote(parts.path[1:]) or "/", "", False))
        self.send(method_frame(1, "channel.open", ""))
        self.until("channel.open-ok")

    def send(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def replies(self, wait_s: float) -> list[Reply]:
        found: list[Reply] = []
        while select.select([self._socket], [], [], 0 if found else wait_s)[0]:
            try:
                data = self._socket.recv(1 << 20)
            except ConnectionError:
                data = b""
            if not data:
                break
            found += [reply_of(*parts) for parts in self._parser.feed(data)]
        return found

    def until(self, name: str) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if any(reply[0] == name for reply in self.replies(0.5)):
                return
        msg = f"no {name} from the real RabbitMQ"
        raise TimeoutError(msg)

    def close(self) -> None:
        self._socket.close()


class RealSide:
    """Connections to a RabbitMQ."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connections = [RealConnection(url), RealConnection(url)]

    def send(self, connection: int, octets: bytes) -> None:
        self.connections[connection].send(octets)

    def replies(self, connection: int, wait_s: float) -> list[Reply]:
        return self.connections[connection].replies(wait_s)

    def reconnect(self, connection: int) -> None:
        self.connections[connection].send(method_frame(0, "connection.close-ok"))
        self.connections[connection].close()
        self.connections[connection] = RealConnection(self.url)

    def close(self) -> None:
        for connection in self.connections:
            connection.close()


Seen = dict[tuple[int, int], list[Any]]


@dataclass
class Lockstep:
    """Both sides, and what both said in a step.

    Attributes:
        prefix: Begins every name, so that runs do not meet in one RabbitMQ.
        queues: Names of the queues that were declared.
        unacked: Delivery tags given out, by (connection, channel).
        modes: "confirm" or "tx", by (connection, channel).
    """

    sides: list[FakeSide | RealSide]
    prefix: str
    queues: set[str] = field(default_factory=set)
    unacked: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    barriers: set[tuple[int, int]] = field(default_factory=set)
    opened: set[tuple[int, int]] = field(default_factory=lambda: {(0, 1), (1, 1)})
    bodies: int = 0
    exchanges: set[str] = field(default_factory=set)

    def step(self, command: Command) -> None:
        """Do one command on both sides; AssertionError when they answer differently."""
        connection, channel, octets = self._octets(command)
        if (connection, channel) not in self.opened:
            self.opened.add((connection, channel))
            octets = method_frame(channel, "channel.open", "") + octets
        for side in self.sides:
            marked = command[0] != "plain" or command[3] not in _ANSWERED_LAST
            side.send(connection, octets + self._mark(channel) if marked else octets)
        seen = self._compare(command, connection)
        self._follow(seen)
        if any(name == "channel.close" for said in seen.values() for name, _ in said):
            self._follow(self._compare(("close-ok after", *command), None))  # what it gave back

    @staticmethod
    def _mark(channel: int) -> bytes:
        """A question that a channel answers itself, once it has done what came before."""
        return method_frame(channel, "access.request", "/", False, False, True, True, True)

    # --- comparing ------------------------------------------------------------------------------

    def _compare(self, command: Command, connection: int | None) -> Seen:
        """Gather until both sides have said the same, or time is up."""
        heard: list[Seen] = [defaultdict(list) for _ in self.sides]
        deadline = time.monotonic() + _PATIENCE_S
        for number in range(len(self.sides) if connection is not None else 0):
            self._listen(number, connection or 0, heard[number])
        self._barrier(heard)
        while not _alike(heard) and time.monotonic() < deadline:
            for seen in heard:
                for key in [key for key in seen if key[1] == BARRIER]:
                    del seen[key]
            self._barrier(heard)
        assert _alike(heard), f"after {command}: {difference(*heard)}"
        return heard[0]

    def _barrier(self, heard: list[Seen]) -> None:
        """Passive declares of every queue, after what the queues had to do."""
        ask = b"".join(
            method_frame(BARRIER, "queue.declare", 0, q, True, False, False, False, False, {})
            for q in sorted(self.queues)
        )
        open_ones = [
            (number, connection)
            for number, seen in enumerate(heard)
            for connection in (0, 1)
            if not any(name == "connection.close" for name, _ in seen[connection, 0])
        ]
        for number, connection in open_ones:
            opening = b""
            if (number, connection) not in self.barriers:
                self.barriers.add((number, connection))
                opening = method_frame(BARRIER, "channel.open", "")
            self.sides[number].send(connection, opening + ask + self._mark(BARRIER))
        for number, connection in open_ones:
            self._listen(number, connection, heard[number])
            if any(name == "channel.close" for name, _ in heard[number][connection, BARRIER]):
                self.barriers.discard((number, connection))
                closed = method_frame(BARRIER, "channel.close-ok")
                self.sides[number].send(connection, closed)

    def _listen(self, number: int, connection: int, seen: Seen) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        ends = ("access.request-ok", "connection.close", "channel.close", "channel.close-ok")
        ends += ("tx.commit-ok",)
        while time.monotonic() < deadline:
            done = False
            for name, channel, values in self.sides[number].replies(connection, 0.05):
                done = done or name in ends
                if name not in ("access.request-ok", "channel.open-ok"):
                    seen[connection, channel].extend(_normal(name, values))
            if done:
                return

    # --- following what happened ----------------------------------------------------------------

    def _follow(self, seen: Seen) -> None:
        for (connection, channel), said in seen.items():
            for name, values in said:
                self._follow_reply(connection, channel, name, values)

    def _follow_reply(
        self, connection: int, channel: int, name: str, values: dict[str, Any]
    ) -> None:
        if name in ("basic.deliver", "basic.get-ok"):
            self.unacked[connection, channel].append(values["delivery_tag"])
        if name == "channel.close" and channel == BARRIER:
            self._find_queues()
        elif name == "channel.close":
            for side in self.sides:
                side.send(connection, method_frame(channel, "channel.close-ok"))
            self._forget(connection, channel)
        if name == "connection.close":
            for side in self.sides:
                side.reconnect(connection)
            for known in (1, 2):
                self._forget(connection, known)
            self.opened.add((connection, 1))
            self.barriers -= {(number, connection) for number in range(len(self.sides))}

    def _forget(self, connection: int, channel: int) -> None:
        self.unacked.pop((connection, channel), None)
        self.opened.discard((connection, channel))

    def _find_queues(self) -> None:
        """Queues that are gone; the fake says which."""
        fake = next(side for side in self.sides if isinstance(side, FakeSide))
        self.queues &= set(fake.wire.broker.vhost().queues)

    # --- commands -------------------------------------------------------------------------------

    def _octets(self, command: Command) -> tuple[int, int, bytes]:
        name, connection, channel, *rest = command
        octets = getattr(self, f"_do_{name}")(connection, channel, *rest)
        return connection, channel, octets

    def _named(self, name: str) -> str:
        return f"{self.prefix}{name}"

    def _do_declare(
        self, connection: int, channel: int, queue: str, flags: int, kind: str
    ) -> bytes:
        name = self._named(queue)
        arguments = {
            key: self._named(v) if v == "q-dead" else v for key, v in ARGUMENTS[kind].items()
        }
        self.queues.add(name)
        durable, auto_delete = bool(flags & 1), bool(flags & 2)
        return method_frame(
            channel,
            "queue.declare",
            0,
            name,
            False,
            durable,
            False,
            auto_delete,
            False,
            typed_table(arguments),
        )

    def _do_delete(self, connection: int, channel: int, queue: str, flags: int) -> bytes:
        name = self._named(queue)
        return method_frame(
            channel, "queue.delete", 0, name, bool(flags & 1), bool(flags & 2), False
        )

    def _do_purge(self, connection: int, channel: int, queue: str) -> bytes:
        return method_frame(channel, "queue.purge", 0, self._named(queue), False)

    def _do_exchange(self, connection: int, channel: int, name: str, kind: str) -> bytes:
        self.exchanges.add(self._named(name))
        return method_frame(
            channel,
            "exchange.declare",
            0,
            self._named(name),
            kind,
            False,
            False,
            False,
            False,
            False,
            {},
        )

    def _do_bind(
        self, connection: int, channel: int, queue: str, exchange: str, key: str, undo: bool
    ) -> bytes:
        arguments: Table = {}
        names = (0, self._named(queue), self._named(exchange), key)
        if undo:
            return method_frame(channel, "queue.unbind", *names, arguments)
        return method_frame(channel, "queue.bind", *names, False, arguments)

    def _do_publish(
        self, connection: int, channel: int, exchange: str, key: str, mandatory: bool, kind: str
    ) -> bytes:
        self.bodies += 1
        if not exchange:
            key = self._named(key)
        properties = dict(PROPERTIES[kind])
        if kind == "cc":
            properties["headers"] = {"CC": [self._named("q0")], "n": self.bodies}
        target = self._named(exchange) if exchange else ""
        body = str(self.bodies).encode()
        return publish_frames(target, key, body, channel, mandatory, **properties)

    def _do_consume(
        self, connection: int, channel: int, queue: str, tag: str, flags: int, priority: int
    ) -> bytes:
        arguments = typed_table({"x-priority": priority} if priority else {})
        no_ack, exclusive = bool(flags & 1), flags == 2
        return method_frame(
            channel,
            "basic.consume",
            0,
            self._named(queue),
            tag,
            False,
            no_ack,
            exclusive,
            False,
            arguments,
        )

    def _do_cancel(self, connection: int, channel: int, tag: str) -> bytes:
        return method_frame(channel, "basic.cancel", tag, False)

    def _do_get(self, connection: int, channel: int, queue: str, no_ack: bool) -> bytes:
        return method_frame(channel, "basic.get", 0, self._named(queue), no_ack)

    def _tag(self, connection: int, channel: int, which: int) -> int:
        tags = self.unacked[connection, channel]
        return tags[which % len(tags)] if tags and which < 90 else which

    def _do_settle(self, connection: int, channel: int, how: str, which: int, flags: int) -> bytes:
        tag = self._tag(connection, channel, which)
        multiple, requeue = bool(flags & 1), bool(flags & 2)
        values = {
            "ack": (tag, multiple),
            "nack": (tag, multiple, requeue),
            "reject": (tag, requeue),
        }
        return method_frame(channel, f"basic.{how}", *values[how])

    def _do_qos(self, connection: int, channel: int, count: int, shared: bool) -> bytes:
        return method_frame(channel, "basic.qos", 0, count, shared)

    def _do_plain(self, connection: int, channel: int, name: str, values: tuple[Any, ...]) -> bytes:
        if name == "channel.close":
            self._forget(connection, channel)
        return frame(1, channel, encode_method(name, *values))

    def clean_up(self) -> None:
        """Delete what the run declared on the real server."""
        for side in self.sides:
            if isinstance(side, RealSide):
                last = RealConnection(side.url)
                for queue in sorted(
                    self.queues | {self._named(name) for name in (*QUEUES, "q-dead")}
                ):
                    last.send(method_frame(1, "queue.delete", 0, queue, False, False, True))
                for exchange in sorted(self.exchanges):
                    last.send(method_frame(1, "exchange.delete", 0, exchange, False, True))
                last.send(method_frame(1, "channel.close", 200, "", 0, 0))
                last.until("channel.close-ok")
                last.close()
            side.close()


def _alike(heard: list[Seen]) -> bool:
    """Whether both sides said the same.

    While RabbitMQ ends a connection, its channels end one after the other, and one that is still there
    may be given what another one has just lost: those last deliveries are a matter of its timing.
    Its channels put confirms before whatever else waits for them, so whether a confirm comes before or
    after a delivery is a matter of timing too; it always comes after a return.
    """
    fake, real = heard
    ending = {
        connection
        for seen in heard
        for connection in (0, 1)
        if any(name == "connection.close" for name, _ in seen[connection, 0])
    }
    places = [
        place for place in fake.keys() | real.keys() if not place[1] or place[0] not in ending
    ]
    return all(_views(fake[place]) == _views(real[place]) for place in places)


def _views(said: list[Any]) -> tuple[list[Any], list[Any]]:
    """What was said without the confirms, and the confirms among the returns."""
    confirms = ("basic.ack", "basic.nack")
    return (
        [reply for reply in said if reply[0] not in confirms],
        [reply for reply in said if reply[0] in (*confirms, "basic.return")],
    )


def difference(fake: Seen, real: Seen) -> str:
    """What the two sides said differently, by connection and channel."""
    places = [place for place in sorted(fake.keys() | real.keys()) if fake[place] != real[place]]
    return "; ".join(f"{place}: fake {fake[place]}, real {real[place]}" for place in places)


def _normal(name: str, values: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """A reply as it is compared: confirms one by one, times left out."""
    if name == "header-frame":
        headers = values["props"].get("headers")
        for death in (headers or {}).get("x-death", []):
            death["time"] = 0
    return [(name, values)]


QUEUES = ("q0", "q1", "q2")
EXCHANGES = {"x-direct": "direct", "x-fanout": "fanout", "x-topic": "topic"}
KEYS = ("a", "a.b", "b", "")
BINDING_KEYS = ("a", "a.*", "#", "b", "")
_DEAD = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "q-dead"}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "dead": _DEAD,
    "maxlen": {"x-max-length": 2, **_DEAD},
    "reject": {"x-max-length": 2, "x-overflow": "reject-publish"},
    "priority": {"x-max-priority": 3},
    "single": {"x-single-active-consumer": True},
    "ttl0": {"x-message-ttl": 0, **_DEAD},
}
PROPERTIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "persistent": {"delivery_mode": 2, "content_type": "text/plain"},
    "priority": {"priority": 2},
    "cc": {},
    "headers": {"headers": {"a": 1, "b": {"c": [True, None]}}},
    "bad-expiration": {"expiration": "x"},
}


def commands(confirm_channels: bool = True) -> st.SearchStrategy[Command]:
    """One command; small pools of names, so that commands meet."""
    connections, channels = st.integers(0, 1), st.integers(1, 2)
    where = (connections, channels)
    queues, tags = st.sampled_from(QUEUES), st.sampled_from(("t1", "t2"))
    plain = st.sampled_from(
        [
            ("basic.recover", (True,)),
            ("channel.close", (200, "", 0, 0)),
            ("tx.select", ()),
            ("tx.commit", ()),
            ("tx.rollback", ()),
            ("confirm.select", (False,)),
        ]
    )
    publish = st.tuples(
        st.just("publish"),
        *where,
        st.sampled_from(("", "", *EXCHANGES)),
        st.sampled_from((*QUEUES, *KEYS)),
        st.booleans(),
        st.sampled_from(list(PROPERTIES)),
    )
    settle = st.tuples(
        st.just("settle"),
        *where,
        st.sampled_from(("ack", "nack", "reject")),
        st.integers(0, 5) | st.just(99),
        st.integers(0, 3),
    )
    consume = st.tuples(
        st.just("consume"),
        *where,
        queues,
        tags,
        st.sampled_from((0, 0, 0, 1, 2)),
        st.sampled_from((0, 0, 5)),
    )
    return st.one_of(
        st.tuples(
            st.just("declare"),
            *where,
            queues,
            st.sampled_from((0, 0, 0, 1, 2)),
            st.sampled_from(list(ARGUMENTS)),
        ),
        publish,
        publish,
        st.tuples(st.just("get"), *where, queues, st.booleans()),
        consume,
        settle,
        settle,
        st.tuples(st.just("cancel"), *where, tags),
        st.tuples(st.just("qos"), *where, st.integers(0, 3), st.booleans()),
        st.tuples(
            st.just("bind"),
            *where,
            queues,
            st.sampled_from(list(EXCHANGES)),
            st.sampled_from(BINDING_KEYS),
            st.sampled_from((False, False, True)),
        ),
        st.tuples(
            st.just("exchange"),
            *where,
            st.sampled_from(list(EXCHANGES)),
            st.sampled_from(list(EXCHANGES.values())),
        ),
        st.tuples(st.just("delete"), *where, queues, st.integers(0, 3)),
        st.tuples(st.just("purge"), *where, queues),
        plain.map(lambda pair: pair).flatmap(
            lambda pair: st.tuples(st.just("plain"), *where, st.just(pair[0]), st.just(pair[1]))
        ),
    )


SCENE: list[Command] = [
    ("declare", 0, 1, "q-dead", 0, "plain"),
    *[("exchange", 0, 1, name, kind) for name, kind in EXCHANGES.items()],
    ("declare", 0, 1, "q0", 0, "plain"),
    ("bind", 0, 1, "q0", "x-topic", "a.*", False),
]


def run(url: str, prefix: str, steps: list[Command], version: str = "3.10") -> None:
    """Perform the steps on both sides from a clean start.

    Raises:
        AssertionError: the sides differ.
    """
    lockstep = Lockstep([FakeSide(version), RealSide(url)], prefix)
    try:
        for command in (*SCENE, *steps):
            lockstep.step(command)
    finally:
        lockstep.clean_up()
