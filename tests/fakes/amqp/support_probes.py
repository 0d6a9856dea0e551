"""How each probe is performed: the table from a probe's id to what is sent.

A performer sets the scene, calls `run.mark()`, and does what the probe is about; what the client
receives after the mark is what is compared. Families (`q.arg.*`, `q.quorum.*`, ...) read what to send
from the probe's own words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from tests.fakes.amqp.support_wire import START, Peer, Reply, Wire, publish_frames

from tomodachi_fakes.amqp.codec import encode_method
from tomodachi_fakes.amqp.fields import Field, FieldType, encode_table, typed_table
from tomodachi_fakes.amqp.frames import frame
from tomodachi_fakes.amqp.properties import encode_header
from tomodachi_fakes.amqp.spec import PROTOCOL_HEADER
from tomodachi_fakes.amqp.states import End

Probe = dict[str, Any]
_PATIENCE_S = 20


class Run:
    """One probe against one profile.

    Attributes:
        peer: The client whose replies count.
        found: Facts beside the replies ("deliveries", "order", ...).
    """

    def __init__(self, probe: Probe, version: str) -> None:
        self.probe = probe
        self.wire = Wire(version)
        self.found: dict[str, Any] = {}
        self._peer: Peer | None = None

    @property
    def peer(self) -> Peer:
        if self._peer is None:
            self._peer = self.wire.client()
        return self._peer

    @peer.setter
    def peer(self, peer: Peer) -> None:
        self._peer = peer

    def mark(self) -> None:
        self.peer.replies()

    def outcome(self) -> Probe:
        """What the client saw, in the words of the facts."""
        replies = self.peer.replies()
        if self.peer.ended is End.NO and not replies and self.probe["result"] == "tcp-close":
            self.wire.advance(_PATIENCE_S)
            replies = self.peer.replies()
        for name in ("connection.close", "channel.close"):
            for reply, channel, fields in replies:
                if reply == name:
                    return self._closed(name, channel, fields)
        if not replies:
            return {"result": "silence" if self.peer.ended is End.NO else "tcp-close"}
        return {"result": f"ok:{replies[-1][0]}", "replies": [shown(r) for r in replies]}

    def _closed(self, name: str, channel: int, fields: dict[str, Any]) -> Probe:
        outcome = {
            "result": name,
            "code": fields["reply_code"],
            "text": fields["reply_text"],
            "cls": fields["class_id"],
            "method": fields["method_id"],
        }
        if name == "channel.close":
            self.peer.send(channel, "channel.close-ok")
            self.peer.send(channel, "channel.open", "")
            outcome["channel_reusable"] = "channel.open-ok" in self.peer.names()
        return outcome


def shown(reply: Reply) -> list[Any]:
    """A reply as the facts write it."""
    name, channel, fields = reply
    short = {
        "delivery_tag": "dtag",
        "routing_key": "rk",
        "message_count": "messages",
        "consumer_count": "consumers",
        "consumer_tag": "tag",
        "reply_code": "code",
        "reply_text": "text",
    }
    values = {short.get(key, key): value for key, value in fields.items()}
    for flag in ("redelivered", "active", "nowait"):
        if flag in values:
            values[flag] = int(values[flag])
    if name in ("basic.ack", "basic.nack"):
        bits = int(values.pop("multiple")) | int(values.pop("requeue", False)) << 1
        values["bits"] = bits
    if name in ("channel.open-ok", "basic.get-empty", "connection.open-ok"):
        values = {}
    return [name, channel, values]


Performer = Callable[[Run], None]
PERFORMERS: dict[str, Performer] = {}


def performs(*ids: str) -> Callable[[Performer], Performer]:
    """Enter a performer into the table."""

    def enter(performer: Performer) -> Performer:
        PERFORMERS.update(dict.fromkeys(ids, performer))
        return performer

    return enter


def simply(
    probe_id: str, do: Callable[[Peer], Any], *, before: Callable[[Peer], Any] | None = None
) -> None:
    """A probe that is a few octets on an open channel."""

    def performer(run: Run) -> None:
        if before is not None:
            before(run.peer)
        run.mark()
        do(run.peer)

    PERFORMERS[probe_id] = performer


def performer_of(probe_id: str) -> Performer:
    """The performer of a probe.

    Raises:
        KeyError: nobody knows how to perform it.
    """
    if probe_id in PERFORMERS:
        return PERFORMERS[probe_id]
    for prefix, performer in _FAMILIES.items():
        if probe_id.startswith(prefix):
            return performer
    raise KeyError(probe_id)


# --- the start of a connection ---------------------------------------------------------------------


def _header(octets: bytes) -> Performer:
    def performer(run: Run) -> None:
        run.peer = run.wire.peer()
        run.peer.raw(octets)
        if octets == PROTOCOL_HEADER:
            return
        answer = run.peer.octets()
        if answer[:4] == b"AMQP":
            run.found = {
                "header": list(answer),
                "then": "eof" if run.peer.ended is End.CLEAN else "",
            }
        else:
            run.peer.replies = lambda: [  # type: ignore[method-assign]
                *_parse(answer)
            ]

    return performer


def _parse(octets: bytes) -> list[Reply]:
    other = Peer(Wire(), "nobody")
    other.octets = lambda: octets  # type: ignore[method-assign]
    return Peer.replies(other)


PERFORMERS |= {
    "conn.header.http": _header(b"GET / HT"),
    "conn.header.0-9": _header(b"AMQP\x00\x00\x09\x00"),
    "conn.header.0-8": _header(b"AMQP\x01\x01\x08\x00"),
    "conn.header.0-8b": _header(b"AMQP\x01\x01\x09\x01"),
    "conn.header.1-0": _header(b"AMQP\x00\x01\x00\x00"),
    "conn.header.0-10": _header(b"AMQP\x01\x01\x00\x0a"),
    "conn.start": _header(PROTOCOL_HEADER),
    "conn.silent-after-header": _header(PROTOCOL_HEADER),
}


@performs("conn.silent-after-header")
def _(run: Run) -> None:
    run.peer = run.wire.peer()
    run.peer.raw(PROTOCOL_HEADER)
    run.mark()
    run.wire.advance(12)


@performs("conn.tune")
def _(run: Run) -> None:
    run.peer = run.wire.peer()
    run.peer.raw(PROTOCOL_HEADER)
    run.mark()
    run.peer.start_ok("guest", "guest")


def _start_ok(
    run: Run, mechanism: str, response: bytes, capabilities: tuple[str, ...], **options: Any
) -> None:
    run.peer = run.wire.peer(**options)
    run.peer.raw(PROTOCOL_HEADER)
    run.mark()
    properties = typed_table({"capabilities": dict.fromkeys(capabilities, True)})
    run.peer.send(0, "connection.start-ok", properties, mechanism, response, "en_US")
    if run.probe["result"] == "ok:connection.open-ok":
        run.mark()
        run.peer.send(0, "connection.tune-ok", 2047, 131_072, 0)
        run.peer.send(0, "connection.open", "/", "", False)


def _amqplain(password: str) -> bytes:
    return encode_table(typed_table({"LOGIN": "guest", "PASSWORD": password}))[4:]


_FAILS = ("authentication_failure_close",)
_LOGINS: dict[str, tuple[str, bytes, tuple[str, ...], dict[str, Any]]] = {
    "conn.auth.bad-password": ("PLAIN", b"\0guest\0wrong", _FAILS, {}),
    "conn.auth.bad-password.nocap": ("PLAIN", b"\0guest\0wrong", (), {}),
    "conn.auth.unknown-user": ("PLAIN", b"\0nobody\0x", _FAILS, {}),
    "conn.auth.bad-mechanism": ("FOO", b"x", _FAILS, {}),
    "conn.auth.plain-malformed": ("PLAIN", b"guest", _FAILS, {}),
    "conn.auth.amqplain": ("AMQPLAIN", _amqplain("guest"), _FAILS, {}),
    "conn.auth.amqplain.bad": ("AMQPLAIN", _amqplain("wrong"), _FAILS, {}),
    "conn.auth.external.plain-tcp": ("EXTERNAL", b"", _FAILS, {}),
    "conn.tls.external": ("EXTERNAL", b"", _FAILS, {"tls_name": "guest"}),
    "conn.tls.external.nocert": ("EXTERNAL", b"", _FAILS, {"tls_name": ""}),
}


@performs(*_LOGINS)
def _(run: Run) -> None:
    mechanism, response, capabilities, options = _LOGINS[run.probe["id"]]
    _start_ok(run, mechanism, response, capabilities, **options)


def _tuned(run: Run, channel_max: int = 2047, frame_max: int = 131_072, heartbeat: int = 0) -> Peer:
    peer = run.peer = run.wire.peer()
    peer.raw(PROTOCOL_HEADER)
    peer.start_ok("guest", "guest")
    run.mark()
    peer.send(0, "connection.tune-ok", channel_max, frame_max, heartbeat)
    return peer


_TUNINGS = {
    "conn.tune.frame-max-high": {"frame_max": 131_073},
    "conn.tune.frame-max-low": {"frame_max": 1000},
    "conn.tune.frame-max-0": {"frame_max": 0},
    "conn.tune.channel-max-high": {"channel_max": 2048},
    "conn.tune.channel-max-0": {"channel_max": 0},
}


@performs(*_TUNINGS)
def _(run: Run) -> None:
    _tuned(run, **_TUNINGS[run.probe["id"]])


@performs("conn.tune.frame-max-4096")
def _(run: Run) -> None:
    _tuned(run, frame_max=4096).send(0, "connection.open", "/", "", False)


@performs("conn.open.no-vhost")
def _(run: Run) -> None:
    _tuned(run).send(0, "connection.open", "nope", "", False)


@performs("conn.open.refused-vhost")
def _(run: Run) -> None:
    run.wire.broker.add_vhost("noaccess")
    _tuned(run).send(0, "connection.open", "noaccess", "", False)


@performs("conn.order.open-before-start-ok")
def _(run: Run) -> None:
    run.peer = run.wire.peer()
    run.peer.raw(PROTOCOL_HEADER)
    run.mark()
    run.peer.send(0, "connection.open", "/", "", False)


@performs("conn.order.channel-before-open")
def _(run: Run) -> None:
    _tuned(run).send(1, "channel.open", "")


@performs("conn.tls.plain-on-tls-port")
def _(run: Run) -> None:
    """What a TLS server does with octets that are no TLS is the TLS library's matter."""
    run.peer = run.wire.peer()
    run.wire.broker.drop_connection(run.peer.id, now=run.wire.now)


simply("conn.second-open", lambda p: p.send(0, "connection.open", "/", "", False))
simply("conn.second-start-ok", lambda p: p.start_ok("guest", "guest"))
simply("conn.close", lambda p: p.send(0, "connection.close", 200, "bye", 0, 0))
simply("conn.method-on-channel", lambda p: p.send(1, "connection.close", 200, "bye", 0, 0))
simply("conn.update-secret", lambda p: p.send(0, "connection.update-secret", b"s", "why"))


@performs("conn.heartbeat-missed")
def _(run: Run) -> None:
    run.peer = run.wire.peer().login(heartbeat=1)
    run.mark()
    started, beats = run.wire.now, 0
    while run.peer.ended is End.NO and run.wire.now - started < 10:
        run.wire.advance(0.01)
        beats += run.peer.names().count("heartbeat")
    run.found = {"after_s": run.wire.now - started, "heartbeats_received": beats}


@performs("conn.heartbeat-interval")
def _(run: Run) -> None:
    run.peer = run.wire.peer().login(heartbeat=2)
    run.mark()
    at = []
    for tenth in range(1, 75):
        run.wire.advance(START + tenth / 10 - run.wire.now)
        run.peer.raw(b"\x08\0\0\0\0\0\0\xce")
        at += [round(tenth / 10, 1)] * run.peer.names().count("heartbeat")
    run.found = {"result": "ok:heartbeats", "at_s": at}


# --- frames ----------------------------------------------------------------------------------------

_EMPTY_DECLARE = bytes.fromhex("0032000a0000")


def _publish_then(*frames: bytes) -> Callable[[Peer], None]:
    method = frame(1, 1, encode_method("basic.publish", 0, "", "q", False, False))
    return lambda peer: peer.raw(method + b"".join(frames))


def _declare_frame() -> bytes:
    return frame(
        1, 1, encode_method("queue.declare", 0, "x", False, False, False, False, False, {})
    )


def _too_large(peer: Peer) -> None:
    peer.raw(frame(1, 1, encode_method("basic.publish", 0, "", "q", False, False)))
    peer.raw(frame(2, 1, encode_header(1_000_000, {})))
    peer.raw(frame(3, 1, bytes(131_073 - 8)))
    assert peer.replies() == []
    peer.raw(frame(3, 1, bytes(131_073)))


simply(
    "frame.bad-end",
    lambda p: p.raw(bytes.fromhex("0100010000000c0032000a0000000400000000") + b"\0"),
)
simply("frame.too-large", _too_large)
simply("frame.unknown-type", lambda p: p.raw(frame(9, 1, b"abc")))
simply("frame.unknown-type-ch0", lambda p: p.raw(frame(9, 0, b"abc")))
simply("frame.heartbeat-on-channel", lambda p: p.raw(frame(8, 1, b"")))
simply("frame.heartbeat-with-payload", lambda p: p.raw(frame(8, 0, b"abc")))
simply("frame.unknown-class", lambda p: p.raw(frame(1, 1, bytes.fromhex("0063000a"))))
simply("frame.unknown-method", lambda p: p.raw(frame(1, 1, bytes.fromhex("003c0063"))))
simply(
    "frame.truncated-method", lambda p: p.raw(frame(1, 1, bytes.fromhex("0032000a000020616263")))
)
simply(
    "frame.bad-table",
    lambda p: p.raw(frame(1, 1, _EMPTY_DECLARE + b"\x01x\x00" + b"\x00\x00\x00\x03\x01aZ")),
)
simply("frame.channel-not-open", lambda p: p.declare("x", channel=7))
simply("frame.channel-open-twice", lambda p: p.send(1, "channel.open", ""))
simply("frame.channel-open-on-0", lambda p: p.send(0, "channel.open", ""))
simply("frame.basic-on-0", lambda p: p.send(0, "basic.get", 0, "q", False))
simply("frame.channel-above-max", lambda p: p.send(2048, "channel.open", ""))
simply("frame.header-without-method", lambda p: p.raw(frame(2, 1, encode_header(0, {}))))
simply("frame.body-without-header", _publish_then(frame(3, 1, b"x")))
simply("frame.method-inside-content", _publish_then(_declare_frame()))
simply(
    "frame.method-inside-body", _publish_then(frame(2, 1, encode_header(5, {})), _declare_frame())
)
simply(
    "frame.header-wrong-class",
    _publish_then(frame(2, 1, b"\x00\x32" + encode_header(0, {})[2:])),
)
simply(
    "frame.body-too-long", _publish_then(frame(2, 1, encode_header(2, {})), frame(3, 1, b"12345"))
)
simply("frame.body-on-other-channel", lambda p: p.raw(frame(3, 9, b"x")))


@performs("frame.channel-above-negotiated", "frame.too-many-channels")
def _(run: Run) -> None:
    run.peer = run.wire.peer().login(channel_max=10)
    if run.probe["id"].endswith("negotiated"):
        run.mark()
        run.peer.channel(11)
        return
    for number in range(1, 11):
        run.peer.channel(number)
    run.mark()
    run.peer.channel(11)


@performs("frame.after-channel-close")
def _(run: Run) -> None:
    run.peer.send(1, "channel.close", 200, "bye", 0, 0)
    run.mark()
    run.peer.declare("x")


@performs("frame.during-server-channel-close")
def _(run: Run) -> None:
    run.peer.declare("none", passive=True)
    run.peer.declare("dropped")
    run.peer.declare("dropped as well")
    run.peer.send(1, "channel.close-ok")
    run.peer.channel()
    run.mark()
    run.peer.declare("after", exclusive=True)


simply("channel.flow-off", lambda p: p.send(1, "channel.flow", False))
simply("channel.flow-on", lambda p: p.send(1, "channel.flow", True))
simply(
    "access.request", lambda p: p.send(1, "access.request", "/data", False, False, True, True, True)
)

# --- exchanges -------------------------------------------------------------------------------------


def _exchange(name: str, kind: str = "direct", **options: Any) -> Callable[[Peer], None]:
    return lambda peer: peer.exchange(name, kind, **options)


def _exchange_bind(destination: str, source: str, method: str = "bind") -> Callable[[Peer], None]:
    return lambda p: p.send(1, f"exchange.{method}", 0, destination, source, "", False, {})


def _exchange_delete(name: str, *, if_unused: bool = False) -> Callable[[Peer], None]:
    return lambda peer: peer.send(1, "exchange.delete", 0, name, if_unused, False)


def _used(peer: Peer) -> None:
    peer.exchange("used", "direct")
    peer.declare("u", exclusive=True)
    peer.bind("u", "used", "k")


simply("ex.passive-missing", _exchange("none", passive=True))
simply("ex.passive-other-type", _exchange("amq.direct", "fanout", passive=True))
simply("ex.declare-default", _exchange(""))
simply("ex.passive-default", _exchange("", passive=True))
simply("ex.declare-amq-prefix", _exchange("amq.foo"))
simply("ex.redeclare-amq-direct", _exchange("amq.direct", durable=True))
simply("ex.redeclare-amq-direct-transient", _exchange("amq.direct"))
simply("ex.unknown-type", _exchange("e", "ZZwwInvalid"))
for _name, _options in {
    "type": {"kind": "fanout"},
    "durable": {"durable": True},
    "auto-delete": {"auto_delete": True},
    "internal": {"internal": True},
    "ae": {"arguments": {"alternate-exchange": "foo"}},
    "other-arg": {"arguments": {"x-foo": "bar"}},
}.items():
    simply(f"ex.inequivalent.{_name}", _exchange("ex", **_options), before=_exchange("ex"))
simply("ex.ae-bad-type", _exchange("e", arguments={"alternate-exchange": 5}))
simply("ex.delete-missing", _exchange_delete("none"))
simply("ex.delete-default", _exchange_delete(""))
simply("ex.delete-amq", _exchange_delete("amq.direct"))
simply("ex.delete-in-use", _exchange_delete("used", if_unused=True), before=_used)
simply("ex.bind-missing-source", _exchange_bind("amq.direct", "none"))
simply("ex.bind-missing-dest", _exchange_bind("none", "amq.direct"))
simply("ex.bind-default-source", _exchange_bind("amq.direct", ""))
simply("ex.bind-default-dest", _exchange_bind("", "amq.direct"))
simply("ex.unbind-missing", _exchange_bind("amq.fanout", "amq.direct", "unbind"))
simply("ex.long-name", _exchange("x" * 255))

# --- queues ----------------------------------------------------------------------------------------


def _declare(name: str, **options: Any) -> Callable[[Peer], None]:
    return lambda peer: peer.declare(name, **options)


def _purge(name: str) -> Callable[[Peer], None]:
    return lambda peer: peer.send(1, "queue.purge", 0, name, False)


def _delete(
    name: str, *, if_unused: bool = False, if_empty: bool = False
) -> Callable[[Peer], None]:
    return lambda peer: peer.send(1, "queue.delete", 0, name, if_unused, if_empty, False)


def _unbind(name: str, exchange: str) -> Callable[[Peer], None]:
    return lambda peer: peer.send(1, "queue.unbind", 0, name, exchange, "k", {})


def _all(*steps: Callable[[Peer], Any]) -> Callable[[Peer], None]:
    def perform(peer: Peer) -> None:
        for step in steps:
            step(peer)

    return perform


def _publish(
    exchange: str, key: str, body: bytes = b"x", **properties: Any
) -> Callable[[Peer], None]:
    return lambda peer: peer.publish(exchange, key, body, **properties)


def _consume(queue: str, tag: str = "", **options: Any) -> Callable[[Peer], None]:
    return lambda peer: peer.consume(queue, tag, **options)


def _get(queue: str, *, no_ack: bool = False) -> Callable[[Peer], None]:
    return lambda peer: peer.get(queue, no_ack=no_ack)


def _qos(count: int, *, shared: bool = False) -> Callable[[Peer], None]:
    return lambda peer: peer.qos(count, shared=shared)


simply("q.passive-missing", _declare("none", passive=True))
simply("q.server-named", _declare("", exclusive=True))
simply("q.amq-prefix", _declare("amq.foo"))
simply("q.amq-gen-passive", _declare("amq.gen-nothere", passive=True))
simply("q.default-name-none", _purge(""))
simply("q.bind-default-name-none", lambda p: p.bind("", "amq.direct", "k"))
simply(
    "q.default-name",
    _get(""),
    before=_all(
        _declare("dn", exclusive=True),
        lambda p: p.bind("", "amq.direct", ""),
        _publish("amq.direct", "dn", b"hi"),
    ),
)
simply("q.transient-nonexclusive", _declare("tne"))
simply("q.transient-autodelete", _declare("tad", auto_delete=True))

_LOCKED: dict[str, Callable[[Peer], None]] = {
    "declare": _declare("excl", exclusive=True),
    "declare-nonexcl": _declare("excl"),
    "passive": _declare("excl", passive=True),
    "delete": _delete("excl"),
    "purge": _purge("excl"),
    "bind": lambda p: p.bind("excl", "amq.direct", "k"),
    "unbind": _unbind("excl", "amq.direct"),
    "consume": _consume("excl"),
    "get": _get("excl"),
    "publish": _publish("", "excl"),
}


def _locked(run: Run) -> None:
    run.wire.client().declare("excl", exclusive=True)
    run.mark()
    _LOCKED[run.probe["id"].rpartition(".")[2]](run.peer)


_INT64 = Field(FieldType.LONG, 1000)
_EXCLUSIVE: dict[str, Any] = {"exclusive": True}
_DURABLE: dict[str, Any] = {"durable": True}
_TTL_1000: dict[str, Any] = {"arguments": {"x-message-ttl": 1000}}
_REDECLARED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "durable": (_EXCLUSIVE, {**_EXCLUSIVE, **_DURABLE}),
    "auto-delete": (_EXCLUSIVE, {**_EXCLUSIVE, "auto_delete": True}),
    "exclusive": (_EXCLUSIVE, {}),
    "exclusive2": (_DURABLE, {**_DURABLE, **_EXCLUSIVE}),
    "ttl-value": (_TTL_1000, {"arguments": {"x-message-ttl": 2000}}),
    "ttl-added": ({}, {"arguments": {"x-message-ttl": 2000}}),
    "ttl-removed": (_TTL_1000, {}),
    "ttl-int-width": (_TTL_1000, {"arguments": {"x-message-ttl": _INT64}}),
    "dlx": ({}, {"arguments": {"x-dead-letter-exchange": ""}}),
    "maxlen": ({"arguments": {"x-max-length": 5}}, {"arguments": {"x-max-length": 6}}),
    "maxprio": ({"arguments": {"x-max-priority": 5}}, {"arguments": {"x-max-priority": 6}}),
    "type-classic": ({}, {"arguments": {"x-queue-type": "classic"}}),
    "type-quorum": (_DURABLE, {**_DURABLE, "arguments": {"x-queue-type": "quorum"}}),
    "other-arg": ({}, {"arguments": {"x-foo": 1}}),
    "passive-ignores": (
        _EXCLUSIVE,
        {"passive": True, "durable": True, "arguments": {"x-message-ttl": 5}},
    ),
}


def _redeclared(run: Run) -> None:
    first, second = _REDECLARED[run.probe["id"].rpartition(".")[2]]
    run.peer.declare("qi", **first)
    run.mark()
    run.peer.declare("qi", **second)


_ARGUMENT = re.compile(r"with (\S+) = '(.*)' \((\w+)\)")


def _argument(run: Run) -> None:
    name, value, kind = _ARGUMENT.search(run.probe["sent"]).groups()  # type: ignore[union-attr]
    types: dict[str, Callable[[str], Any]] = {
        "int": int,
        "str": str,
        "float": float,
        "bool": lambda text: text == "True",
    }
    run.mark()
    arguments = {name: types[kind](value)}
    run.peer.declare(_queue_named(run.probe), exclusive=True, arguments=arguments)


def _queue_named(probe: Probe) -> str:
    """The queue a probe declared, as its answer names it."""
    for name, _, fields in probe["replies"]:
        if name == "queue.declare-ok":
            return str(fields["queue"])
    found = re.search(r"queue '([^']*)'", probe.get("text") or "")
    return found[1] if found else f"any-{probe['id']}"


_TYPED_ARGUMENT = re.compile(r"x-queue-type (\w+) durable with (\S+) = (.*)")


def _typed(run: Run) -> None:
    """A quorum queue or stream, durable unless the probe is about that, perhaps with an argument."""
    sent = run.probe["sent"]
    run.mark()
    if (found := _TYPED_ARGUMENT.search(sent)) is not None:
        kind, name, value = found.groups()
        arguments = {"x-queue-type": kind, name: ast.literal_eval(value)}
        run.peer.declare(_queue_named(run.probe), durable=True, arguments=arguments)
        return
    kind = sent.split()[2].rstrip(",")
    flags = {"transient": {}, "exclusive": {"durable": True, "exclusive": True}}
    flags |= {"auto-delete": {"durable": True, "auto_delete": True}, "durable": {"durable": True}}
    word = run.probe["id"].rpartition(".")[2]
    arguments = {"x-queue-type": kind}
    run.peer.declare(_queue_named(run.probe), **flags[word], arguments=arguments)


def _replicated(name: str, kind: str) -> Callable[[Peer], None]:
    return _declare(name, durable=True, arguments={"x-queue-type": kind})


def _stream_consume(name: str, *, no_ack: bool = False, **arguments: Any) -> Callable[[Peer], None]:
    return _consume(name, "s", no_ack=no_ack, arguments=arguments)


simply("q.stream.get", _get("sg"), before=_replicated("sg", "stream"))
simply("q.stream.purge", _purge("qstreampurge"), before=_replicated("qstreampurge", "stream"))
simply(
    "q.stream.consume-no-qos",
    _stream_consume("qstreamconsume-no-qos"),
    before=_replicated("qstreamconsume-no-qos", "stream"),
)
simply(
    "q.stream.consume-no-ack",
    _stream_consume("qstreamconsume-no-ack", no_ack=True),
    before=_all(_replicated("qstreamconsume-no-ack", "stream"), _qos(10)),
)
simply(
    "q.stream.consume-bad-offset",
    _stream_consume("qstreamconsume-bad-offset", **{"x-stream-offset": "foo"}),
    before=_all(_replicated("qstreamconsume-bad-offset", "stream"), _qos(10)),
)


@performs("q.stream.consume-first")
def _(run: Run) -> None:
    name = "qstreamconsume-first"
    _all(_replicated(name, "stream"), _publish("", name, b"1"), _publish("", name, b"2"), _qos(10))(
        run.peer
    )
    run.peer.replies()
    run.peer.consume(name, "s", arguments={"x-stream-offset": "first"})
    replies = run.peer.replies()
    assert replies[0][0] == "basic.consume-ok"
    run.peer.replies = lambda: replies[1:]  # type: ignore[method-assign]


simply(
    "q.quorum.global-qos",
    _consume("qgq"),
    before=_all(_replicated("qgq", "quorum"), _qos(10, shared=True)),
)


@performs("q.quorum.delivery-count", "q.quorum.nack-count")
def _(run: Run) -> None:
    _all(_replicated("qc", "quorum"), _publish("", "qc"))(run.peer)
    deliveries = []
    for tag in range(1, 4):
        run.peer.replies()
        run.peer.get("qc")
        got, header, _ = run.peer.replies()
        headers = header[2]["props"].get("headers")
        deliveries.append({"redelivered": int(got[2]["redelivered"]), "headers": headers})
        if run.probe["id"].endswith("nack-count"):
            run.peer.send(1, "basic.nack", tag, False, True)
        else:
            run.peer.send(1, "basic.reject", tag, True)
    run.found = {"result": "ok", "deliveries": deliveries}


simply("q.delete-missing", _delete("none"))
simply(
    "q.delete-not-empty",
    _delete("ne", if_empty=True),
    before=_all(_declare("ne"), _publish("", "ne")),
)
simply(
    "q.delete-in-use", _delete("iu", if_unused=True), before=_all(_declare("iu"), _consume("iu"))
)
simply("q.delete-count", _delete("dc"), before=_all(_declare("dc"), *[_publish("", "dc")] * 3))


@performs("q.delete-consumer-cancel", "q.delete-consumer-nocap")
def _(run: Run) -> None:
    if run.probe["id"].endswith("nocap"):
        run.peer = run.wire.client(capabilities=())
    _all(_declare("cc"), _consume("cc", "ct"))(run.peer)
    run.mark()
    _delete("cc")(run.peer)


simply("q.purge-missing", _purge("none"))
simply(
    "q.purge-count",
    _purge("pc"),
    before=_all(_declare("pc"), *[_publish("", "pc")] * 3, _get("pc")),
)
simply("q.bind-missing-queue", lambda p: p.bind("none", "amq.direct", "k"))
simply("q.bind-missing-exchange", lambda p: p.bind("be", "noex", "k"), before=_declare("be"))
simply("q.bind-default-exchange", lambda p: p.bind("bd", "", "k"), before=_declare("bd"))
simply("q.unbind-default-exchange", _unbind("ud", ""), before=_declare("ud"))
simply("q.unbind-missing-binding", _unbind("ub", "amq.direct"), before=_declare("ub"))
simply("q.unbind-missing-exchange", _unbind("ue", "noex"), before=_declare("ue"))
simply("q.unbind-missing-queue", _unbind("none", "amq.direct"))
for _value in ("foo", 5):
    simply(
        f"q.bind-headers-x-match={_value}",
        lambda p, value=_value: p.bind("bh", "amq.headers", "", arguments={"x-match": value}),
        before=_declare("bh"),
    )
simply(
    "q.bind-headers-nomatch",
    lambda p: p.bind("bh", "amq.headers", "", arguments={"a": 1}),
    before=_declare("bh"),
)

# --- basic -----------------------------------------------------------------------------------------

simply("basic.consume-missing", _consume("none"))
simply("basic.consume-tag", _consume("c1"), before=_declare("c1"))
simply(
    "basic.consume-dup-tag", _consume("c2", "t"), before=_all(_declare("c2"), _consume("c2", "t"))
)
simply(
    "basic.consume-exclusive-conflict",
    _consume("c3", exclusive=True),
    before=_all(_declare("c3"), _consume("c3")),
)
simply(
    "basic.consume-after-exclusive",
    _consume("c4"),
    before=_all(_declare("c4"), _consume("c4", exclusive=True)),
)
simply(
    "basic.get-with-exclusive-consumer",
    _get("c5"),
    before=_all(_declare("c5"), _consume("c5", exclusive=True)),
)
simply(
    "basic.consume-sac-exclusive",
    _consume("c6", exclusive=True),
    before=_declare("c6", arguments={"x-single-active-consumer": True}),
)
simply(
    "basic.consume-bad-priority",
    _consume("c7", arguments={"x-priority": "a"}),
    before=_declare("c7"),
)
simply("basic.cancel-unknown", lambda p: p.send(1, "basic.cancel", "nope", False))
simply("basic.get-missing", _get("none"))
simply("basic.get-empty", _get("ge"), before=_declare("ge"))
simply("basic.ack-unknown", lambda p: p.send(1, "basic.ack", 99, False))
simply("basic.ack-unknown-multiple", lambda p: p.send(1, "basic.ack", 99, True))
simply("basic.ack-zero", lambda p: p.send(1, "basic.ack", 0, False))
simply("basic.ack-zero-multiple", lambda p: p.send(1, "basic.ack", 0, True))
simply("basic.nack-unknown", lambda p: p.send(1, "basic.nack", 99, False, True))
simply("basic.reject-unknown", lambda p: p.send(1, "basic.reject", 99, True))
simply(
    "basic.ack-twice",
    lambda p: p.send(1, "basic.ack", 1, False),
    before=_all(
        _declare("at"),
        _publish("", "at"),
        _get("at"),
        lambda p: p.send(1, "basic.ack", 1, False),
    ),
)
simply(
    "basic.ack-no-ack-delivery",
    lambda p: p.send(1, "basic.ack", 1, False),
    before=_all(_declare("an"), _publish("", "an"), _get("an", no_ack=True)),
)
simply(
    "basic.ack-other-channel",
    lambda p: p.send(2, "basic.ack", 1, False),
    before=_all(_declare("ao"), _publish("", "ao"), _get("ao"), lambda p: p.channel(2)),
)
_confirm = lambda p: p.send(1, "confirm.select", False)  # noqa: E731 - one step among others
simply("basic.publish-missing-exchange", _publish("noex", "k"))
simply("basic.publish-missing-exchange-confirm", _publish("noex", "k"), before=_confirm)
simply("basic.publish-internal", _publish("int", "k"), before=_exchange("int", internal=True))
simply("basic.publish-unroutable", _publish("", "none"))
simply(
    "basic.publish-mandatory",
    lambda p: p.publish("", "none", b"body", mandatory=True, content_type="t"),
)
simply(
    "basic.publish-mandatory-confirm",
    lambda p: p.publish("", "none", b"body", mandatory=True),
    before=_confirm,
)
simply("basic.publish-immediate", lambda p: p.publish("", "none", b"x", immediate=True))
for _text in ("abc", "-1", "", "1.5", "4294967296", "99999999999", "0"):
    simply(f"basic.publish-expiration={_text}", _publish("", "none", expiration=_text))
simply("basic.publish-user-id", _publish("", "none", user_id="other"))
simply("basic.publish-user-id-ok", _publish("", "none", user_id="guest"))
for _copies in ("CC", "BCC"):
    simply(f"basic.publish-{_copies}-bad", _publish("", "none", headers={_copies: "a string"}))
    simply(f"basic.publish-{_copies}-bad-item", _publish("", "none", headers={_copies: [5]}))
    simply(
        f"basic.publish-{_copies}",
        _get("cc2"),
        before=_all(
            _declare("cc1"),
            _declare("cc2"),
            _publish("", "cc1", headers={_copies: ["cc2"], "a": 1}),
        ),
    )


@performs("basic.publish-delivery-mode-3")
def _(run: Run) -> None:
    run.peer.declare("dm")
    run.mark()
    run.peer.publish("", "dm", b"x", delivery_mode=3)
    run.peer.get("dm")


simply(
    "basic.publish-empty-body",
    _get("eb"),
    before=_all(_declare("eb"), _publish("", "eb", b"")),
)
simply("basic.publish-too-large", _publish_then(frame(2, 1, encode_header(600 * 1024 * 1024, {}))))
simply("basic.publish-17MB-header", _publish_then(frame(2, 1, encode_header(17 * 1024 * 1024, {}))))
simply("basic.qos-size", lambda p: p.send(1, "basic.qos", 10, 0, False))
simply("basic.qos-global", _qos(10, shared=True))
simply("basic.qos-65536", _qos(65_535))


@performs("basic.recover-true")
def _(run: Run) -> None:
    _all(_declare("rec"), _publish("", "rec"), _get("rec"))(run.peer)
    run.peer.send(1, "basic.recover", True)
    run.mark()
    run.peer.get("rec")


simply("basic.recover-false", lambda p: p.send(1, "basic.recover", False))
simply("basic.recover-async-true", lambda p: p.send(1, "basic.recover-async", True))
simply("basic.recover-async-false", lambda p: p.send(1, "basic.recover-async", False))

# --- direct replies --------------------------------------------------------------------------------

_REPLY = "amq.rabbitmq.reply-to"
simply("drt.publish-no-consumer", _publish("", "none", reply_to=_REPLY))
simply("drt.consume-ack", _consume(_REPLY))
simply(
    "drt.consume-twice",
    _consume(_REPLY, "b", no_ack=True),
    before=_consume(_REPLY, "a", no_ack=True),
)
simply("drt.declare", _declare(_REPLY))
simply("drt.declare-passive", _declare(_REPLY, passive=True))
simply("drt.get", _get(_REPLY))


def _ask(run: Run) -> str:
    """Ask with a direct reply-to on channel 1; the address the server side sees."""
    peer = run.peer
    peer.channel(2)
    peer.declare("drq", channel=2)
    peer.consume(_REPLY, "r", no_ack=True)
    peer.publish("", "drq", b"req", reply_to=_REPLY, correlation_id="1")
    peer.replies()
    peer.get("drq", channel=2, no_ack=True)
    return str(peer.replies()[1][2]["props"]["reply_to"])


@performs("drt.roundtrip")
def _(run: Run) -> None:
    address = _ask(run)
    run.peer.declare(address, channel=2, passive=True)
    run.mark()
    run.peer.publish("", address, b"rep", channel=2, mandatory=True, correlation_id="1")


@performs("drt.reply-to-closed")
def _(run: Run) -> None:
    address = _ask(run)
    run.peer.send(1, "channel.close", 200, "", 0, 0)
    run.mark()
    run.peer.publish("", address, b"late", channel=2, mandatory=True)


# --- confirms and transactions ---------------------------------------------------------------------

_tx = lambda p: p.send(1, "tx.select")  # noqa: E731 - one step among others
simply("confirm.select-twice", _confirm, before=_confirm)
simply("confirm.on-tx", _confirm, before=_tx)
simply("tx.on-confirm", _tx, before=_confirm)
simply("tx.commit-without-select", lambda p: p.send(1, "tx.commit"))
simply("tx.rollback-without-select", lambda p: p.send(1, "tx.rollback"))
simply("tx.publish-missing-exchange", _publish("noex", "k"), before=_tx)
simply("tx.ack-unknown", lambda p: p.send(1, "basic.ack", 99, False), before=_tx)


@performs("tx.mandatory")
def _(run: Run) -> None:
    _tx(run.peer)
    run.mark()
    run.peer.publish("", "none", b"x", mandatory=True)
    run.found = {"before_commit": run.peer.replies() or None}
    run.peer.send(1, "tx.commit")


@performs("confirm.ack-batch")
def _(run: Run) -> None:
    _all(_declare("ab"), _confirm)(run.peer)
    run.mark()
    run.peer.raw(publish_frames("", "ab", b"x") * 20)
    replies = run.peer.replies()
    acks = [[name, f["delivery_tag"], int(f["multiple"])] for name, _, f in replies]
    run.found = {"result": f"ok:{acks[-1][0]}", "acks": acks}


@performs("confirm.nack-overflow")
def _(run: Run) -> None:
    arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
    _all(_declare("no", arguments=arguments), _confirm, _publish("", "no"))(run.peer)
    run.mark()
    run.peer.publish("", "no", b"x")


# --- dead letters, expiry --------------------------------------------------------------------------


def _dead_letter(
    run: Run, arguments: dict[str, Any], act: Callable[[Peer], None], **properties: Any
) -> None:
    peer = run.peer
    letters = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dlq"}
    peer.declare("dlq")
    peer.declare("src", arguments={**letters, **arguments})
    peer.publish("", "src", b"x", **properties)
    act(peer)
    run.wire.advance(1)
    peer.replies()
    peer.get("dlq")
    got, header, _ = peer.replies()
    values = {key: value for key, value in shown(got)[2].items() if key != "dtag"}
    props = header[2]["props"]
    run.found = {"result": "ok:dead-lettered", "get": values, "props": props}


def _get_and_reject(peer: Peer) -> None:
    peer.get("src")
    peer.send(1, "basic.reject", 1, False)


def _nothing(peer: Peer) -> None:
    """Time alone does it."""


_LETTERS: dict[str, tuple[dict[str, Any], Callable[[Peer], None], dict[str, Any]]] = {
    "dlx.rejected": ({}, _get_and_reject, {"expiration": "60000", "headers": {"a": 1}}),
    "dlx.expired-message": ({}, _nothing, {"expiration": "50"}),
    "dlx.expired-queue": ({"x-message-ttl": 50}, _nothing, {}),
    "dlx.maxlen": ({"x-max-length": 1}, _publish("", "src", b"y"), {}),
    "dlx.reject-publish-dlx": (
        {"x-max-length": 1, "x-overflow": "reject-publish-dlx"},
        _publish("", "src", b"y"),
        {},
    ),
}


@performs(*_LETTERS)
def _(run: Run) -> None:
    arguments, act, properties = _LETTERS[run.probe["id"]]
    _dead_letter(run, arguments, act, **properties)


simply(
    "dlx.rk-without-dlx",
    _declare("rkx", arguments={"x-dead-letter-routing-key": "k"}),
)


@performs("dlx.cycle")
def _(run: Run) -> None:
    run.peer.declare("cyc", arguments={"x-message-ttl": 20, "x-dead-letter-exchange": ""})
    run.peer.publish("", "cyc", b"x")
    run.wire.advance(1)
    run.mark()
    run.peer.get("cyc")


@performs("q.expires")
def _(run: Run) -> None:
    run.peer.declare("xp", arguments={"x-expires": 200})
    run.wire.advance(1)
    run.mark()
    run.peer.declare("xp", passive=True)


@performs("q.auto-delete")
def _(run: Run) -> None:
    _all(_declare("ad", auto_delete=True), _consume("ad", "c"))(run.peer)
    run.peer.send(1, "basic.cancel", "c", False)
    run.mark()
    run.peer.declare("ad", passive=True)


# --- order and turns -------------------------------------------------------------------------------


def _tags(peer: Peer) -> list[str]:
    return [fields["consumer_tag"] for name, _, fields in peer.replies() if name == "basic.deliver"]


@performs("priority.order")
def _(run: Run) -> None:
    peer = run.peer
    peer.declare("po", arguments={"x-max-priority": 10})
    for priority in (1, 5, 9, None, 20):
        properties = {} if priority is None else {"priority": priority}
        peer.publish("", "po", str(priority).encode(), **properties)
    order = []
    for _ in range(5):
        peer.replies()
        peer.get("po", no_ack=True)
        order.append(peer.replies()[-1][2]["body"])
    run.found = {"result": "ok", "order": order}


@performs("sac.failover")
def _(run: Run) -> None:
    peer = run.peer
    peer.declare("sf", arguments={"x-single-active-consumer": True})
    _all(_consume("sf", "a", no_ack=True), _consume("sf", "b", no_ack=True))(peer)
    _all(*[_publish("", "sf")] * 3)(peer)
    peer.send(1, "basic.cancel", "a", False)
    peer.publish("", "sf", b"x")
    run.found = {"result": "ok", "tags": _tags(peer)}


@performs("consumer.round-robin", "consumer.priority")
def _(run: Run) -> None:
    peer = run.peer
    peer.declare("rr")
    if run.probe["id"].endswith("robin"):
        _all(_consume("rr", "a"), _consume("rr", "b"), *[_publish("", "rr")] * 4)(peer)
    else:
        peer.consume("rr", "low", arguments={"x-priority": 1})
        peer.consume("rr", "high", arguments={"x-priority": 10})
        _all(*[_publish("", "rr")] * 3)(peer)
    run.found = {"result": "ok", "tags": _tags(peer)}


@performs("qos.per-consumer", "qos.global")
def _(run: Run) -> None:
    peer = run.peer
    peer.declare("qg")
    peer.qos(1, shared=run.probe["id"].endswith("global"))
    _all(_consume("qg", "a"), _consume("qg", "b"), *[_publish("", "qg")] * 5)(peer)
    run.found = {"result": "ok", "deliveries": _tags(peer)}


@performs("qos.change-after-consume")
def _(run: Run) -> None:
    peer = run.peer
    _all(_declare("ca"), _consume("ca", "a"), _qos(1), *[_publish("", "ca")] * 3)(peer)
    run.found = {"result": "ok", "deliveries": len(_tags(peer))}


@performs("requeue.order")
def _(run: Run) -> None:
    peer = run.peer
    peer.declare("ro")
    for number in range(5):
        peer.publish("", "ro", str(number).encode())
    _all(*[_get("ro")] * 3)(peer)
    peer.send(1, "basic.nack", 3, True, True)
    order = []
    for _ in range(5):
        peer.replies()
        peer.get("ro")
        got, _, body = peer.replies()
        order.append([body[2]["body"], int(got[2]["redelivered"])])
    run.found = {"result": "ok", "order": order}


@performs("channel.close-requeues")
def _(run: Run) -> None:
    peer = run.peer
    _all(_declare("ccr"), _publish("", "ccr", b"1"), _get("ccr"))(peer)
    peer.send(1, "channel.close", 200, "", 0, 0)
    peer.channel()
    run.mark()
    peer.get("ccr")


# --- matching, fields ------------------------------------------------------------------------------


@performs("topic.match")
def _(run: Run) -> None:
    peer = run.peer
    wanted = run.probe["matches"]
    keys = ["a", "a.b", "a.b.c", "b", "", "a..b", "a.x.y.c", ".", "b.b.b"]
    matches = {}
    for number, pattern in enumerate(wanted):
        queue = f"tm{number}"
        peer.declare(queue)
        peer.bind(queue, "amq.topic", pattern)
    for key in keys:
        peer.publish("amq.topic", key, key.encode() or b"(empty)")
    for number, pattern in enumerate(wanted):
        bodies = [peek["body"].decode() for peek in run.wire.broker.peek(f"tm{number}")]
        matches[pattern] = ["" if body == "(empty)" else body for body in bodies]
    run.found = {"result": "ok", "matches": matches}


# The facts tell which of nine messages matched eight bindings, not what those were: these are the
# simplest that must give the same answer (equal values, other integer widths, other types, x- names).
_BINDINGS: dict[str, dict[str, Any]] = {
    "all": {"x-match": "all", "a": 1, "b": "x"},
    "any": {"x-match": "any", "a": 1, "b": "x"},
    "void": {"x-match": "all", "a": None},
    "empty-all": {"x-match": "all"},
    "empty-any": {"x-match": "any"},
    "x-all": {"x-match": "all", "a": 1, "x-foo": "y"},
    "all-with-x": {"x-match": "all-with-x", "x-foo": "y"},
    "any-with-x": {"x-match": "any-with-x", "x-foo": "y"},
}
_MESSAGES: dict[str, dict[str, Any]] = {
    "m1": {"a": 1, "b": "x"},
    "m2": {"a": 1, "b": "other"},
    "m3": {"b": "x"},
    "m4": {"c": 1},
    "m5": {"a": "1"},
    "m6": {"x-foo": "y"},
    "m7": {"a": Field(FieldType.LONG, 1)},
    "m8": {"a": Field(FieldType.UNSIGNEDBYTE, 1)},
    "m9": {},
}


@performs("headers.match")
def _(run: Run) -> None:
    peer = run.peer
    for name, arguments in _BINDINGS.items():
        peer.declare(name)
        peer.bind(name, "amq.headers", "", arguments=arguments)
    for name, headers in _MESSAGES.items():
        peer.publish("amq.headers", "", name.encode(), headers=headers)
    peek = run.wire.broker.peek
    matches = {name: [found["body"].decode() for found in peek(name)] for name in _BINDINGS}
    run.found = {"result": "ok", "matches": matches}


_F = FieldType
_EVERY_TYPE = {
    "arr": [1, "a", {"x": 1}],
    "bool": True,
    "bytes": Field(_F.BINARY, b"\x00\xc3\xbf"),
    "dec": Field(_F.DECIMAL, (2, 314)),
    "f32": Field(_F.FLOAT, 1.5),
    "f64": 2.5,
    "i16": Field(_F.SHORT, -1),
    "i32": -1,
    "i64": Field(_F.LONG, -1),
    "i8": Field(_F.BYTE, -1),
    "str": "s",
    "tab": {"n": {"m": 1}},
    "ts": Field(_F.TIMESTAMP, 1_700_000_000),
    "u16": Field(_F.UNSIGNEDSHORT, 65_535),
    "u32": Field(_F.UNSIGNEDINT, 4_294_967_295),
    "u8": Field(_F.UNSIGNEDBYTE, 255),
    "void": None,
}


@performs("field.roundtrip")
def _(run: Run) -> None:
    peer = run.peer
    peer.declare("fr")
    others = {k: v for k, v in run.probe["props"].items() if k != "headers"}
    peer.publish("", "fr", b"x", headers=_EVERY_TYPE, **others)
    run.mark()
    peer.get("fr")
    props = peer.replies()[1][2]["props"]
    props["headers"]["dec"] = list(props["headers"]["dec"])
    run.found = {"result": "ok", "props": props}


# --- permissions -----------------------------------------------------------------------------------

_FORBIDDEN: dict[str, Callable[[Peer], None]] = {
    "perm.configure-queue": _declare("noperm"),
    "perm.configure-exchange": _exchange("noperm"),
    "perm.passive-queue": _declare("noperm", passive=True),
    "perm.delete-queue": _delete("noperm"),
    "perm.publish": _publish("amq.direct", "k"),
    "perm.publish-default": _publish("", "k"),
    "perm.get": _get("noperm"),
    "perm.consume": _consume("noperm"),
    "perm.bind": lambda p: p.bind("noperm", "amq.direct", "k"),
}


@performs(*_FORBIDDEN)
def _(run: Run) -> None:
    broker = run.wire.broker
    broker.add_user("limited", "limited")
    broker.set_permissions("limited", "/", "^$", "^$", "^$")
    run.peer = run.wire.client(user="limited", password="limited")
    _FORBIDDEN[run.probe["id"]](run.peer)


_FAMILIES: dict[str, Performer] = {
    "q.locked.": _locked,
    "q.inequivalent.": _redeclared,
    "q.arg.": _argument,
    "q.quorum.": _typed,
    "q.stream.": _typed,
}
