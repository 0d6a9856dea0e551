"""Steps of conversations with a broker that are made up at random: what is declared, said and published.

Every maker takes the randomness and gives a step. Few names, so that steps meet; arguments of each kind a
RabbitMQ knows, mostly with values that it takes, sometimes with others.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.fakes.amqp.support_conversations import Step, publish, queue, raw, say
from tests.fakes.amqp.support_conversations_declare import VALUES

from tomodachi_fakes.amqp.codec import method_frame
from tomodachi_fakes.amqp.fields import Field, FieldType
from tomodachi_fakes.amqp.frames import HEARTBEAT, frame

PLACES = ("a1", "a1", "a2", "b1")
QUEUES = ("cv-q", "cv-q", "cv-2", "cv-dead")
ODD_QUEUES = (*QUEUES, "cv-none", "", "amq.rabbitmq.reply-to", "amq.cv", "cv q", "q" * 200)
OWN_EXCHANGES = ("cv-x", "cv-y", "cv-z")
EXCHANGES = (
    *OWN_EXCHANGES,
    *OWN_EXCHANGES,
    "amq.direct",
    "amq.topic",
    "amq.headers",
    "amq.fanout",
    "",
)
KINDS = ("direct", "fanout", "topic", "headers")
ODD_KINDS = (*KINDS, *KINDS, "", "nonsense")
KEYS = ("k", "a.b", "a.b.c", "cv-q", "cv-2", "", "a..c", ".")
PATTERNS = (*KEYS, "#", "*", "a.*", "a.#", "#.c", "*.*", "a.*.c", "#.b.#", "*.#", "#.#")
TAGS = ("t", "u", "v")

_QUEUE_ARGUMENTS: dict[str, tuple[object, ...]] = {
    "message_ttl": (0, 100_000, 86_400_000),
    "expires": (100_000, 3_600_000),
    "max_length": (0, 1, 2, 3),
    "max_length_bytes": (0, 1, 3, 1000),
    "max_priority": (0, 1, 5, 255),
    "overflow": ("drop-head", "reject-publish", "reject-publish-dlx"),
    "dead_letter_exchange": ("", "cv-x", "amq.fanout", "cv-none"),
    "dead_letter_routing_key": ("cv-dead", "cv-q", "a.b", ""),
    "dead_letter_strategy": ("at-most-once", "at-least-once"),
    "single_active_consumer": (True, False),
    "queue_mode": ("lazy", "default"),
    "queue_version": (1, 2),
    "queue_type": ("classic", "quorum", "stream"),
    "delivery_limit": (0, 1, 5),
    "max_in_memory_length": (0, 5),
    "quorum_initial_group_size": (1, 3),
    "queue_leader_locator": ("client-local", "balanced"),
    "consumer_timeout": (60_000, 100_000),
    "max_age": ("1D", "5m", "1X"),
    "stream_max_segment_size_bytes": (1000, 0),
    "whatever": (1, "x"),
}
_HEADER_TABLES: tuple[dict[str, object], ...] = (
    {},
    {"a": 1},
    {"a": 1, "b": "x"},
    {"a": "1"},
    {"a": None},
    {"a": True, "b": [1, "x"]},
    {"a": 1.0},
    {"a": Field(FieldType.SHORT, 1), "x-c": 5},
    {"b": {"c": 1}, "a": Field(FieldType.DECIMAL, (2, 150))},
)


def _flags(r: Random, *names: str, often: float = 0.25) -> dict[str, bool]:
    return {name: True for name in names if r.random() < often}


def _value(r: Random, valid: tuple[object, ...], odd: float) -> object:
    return r.choice(tuple(VALUES.values())) if r.random() < odd else r.choice(valid)


def queue_arguments(r: Random, odd: float = 0.1) -> dict[str, object]:
    """Some arguments of a queue, by the names that `queue` takes."""
    number = r.choice((0, 1, 1, 1, 2, 2, 3))
    names = r.sample(sorted(_QUEUE_ARGUMENTS), number)
    return {name: _value(r, _QUEUE_ARGUMENTS[name], odd) for name in names}


def any_queue(r: Random) -> Step:
    """A declaration of whatever kind, the same name with other arguments sooner or later."""
    flags = _flags(r, "durable", "exclusive", "auto_delete") | _flags(r, "nowait", often=0.05)
    if r.random() < 0.15:
        flags["passive"] = True
    return queue(r.choice(ODD_QUEUES), r.choice(PLACES), **flags, **queue_arguments(r))


def queue_again(r: Random) -> Step:
    """A declaration with at most one argument: often the second of its name."""
    flags = _flags(r, "durable", "exclusive", "auto_delete", often=0.15)
    few = r.choice(("max_length", "message_ttl", "queue_type", "overflow", "expires"))
    arguments = {few: r.choice(_QUEUE_ARGUMENTS[few])} if r.random() < 0.4 else {}
    return queue(r.choice(QUEUES), r.choice(PLACES), **flags, **arguments)


def any_exchange(r: Random) -> Step:
    """A declaration of an exchange of whatever kind."""
    arguments: dict[str, object] = {}
    if r.random() < 0.3:
        arguments["alternate-exchange"] = _value(r, (*OWN_EXCHANGES, "cv-none", ""), 0.2)
    if r.random() < 0.1:
        arguments["x-whatever"] = r.choice(tuple(VALUES.values()))
    flags = _flags(r, "durable", "auto_delete", "internal", "passive", often=0.15)
    name = r.choice((*OWN_EXCHANGES, *OWN_EXCHANGES, "amq.direct", "amq.cv", "", "cv-none"))
    kind = r.choice(ODD_KINDS)
    return say(
        "exchange.declare", r.choice(PLACES), exchange=name, type=kind, **flags, arguments=arguments
    )


def exchange(r: Random, kind: str | None = None) -> Step:
    """A declaration of an exchange that is there for routing."""
    arguments = {"alternate-exchange": r.choice(OWN_EXCHANGES)} if r.random() < 0.2 else {}
    name, kind = r.choice(OWN_EXCHANGES), kind or r.choice(KINDS)
    return say("exchange.declare", exchange=name, type=kind, arguments=arguments)


def binding_arguments(r: Random) -> dict[str, object]:
    """Arguments for a headers exchange, which the others ignore."""
    arguments = dict(r.choice(_HEADER_TABLES))
    if r.random() < 0.6:
        ways = ("all", "any", "all-with-x", "any-with-x", "all")
        arguments["x-match"] = _value(r, ways, 0.1)
    return arguments


def bind_queue(r: Random, where: str = "a1", *, undo: float = 0.2) -> Step:
    """A queue bound, or no longer."""
    name = "queue.unbind" if r.random() < undo else "queue.bind"
    key = r.choice(PATTERNS)
    arguments = binding_arguments(r) if r.random() < 0.3 else {}
    return say(
        name,
        where,
        queue=r.choice((*QUEUES, *QUEUES, "cv-none", "")),
        exchange=r.choice((*EXCHANGES, "cv-none")),
        routing_key=key,
        arguments=arguments,
    )


def bind_exchange(r: Random, where: str = "a1", *, undo: float = 0.2) -> Step:
    """An exchange bound to another, or no longer; one of the two is ours, and is deleted afterwards."""
    names = [r.choice(OWN_EXCHANGES), r.choice((*EXCHANGES, "cv-none"))]
    r.shuffle(names)
    return say(
        "exchange.unbind" if r.random() < undo else "exchange.bind",
        where,
        destination=names[0],
        source=names[1],
        routing_key=r.choice(PATTERNS),
        arguments=binding_arguments(r) if r.random() < 0.3 else {},
    )


def delete(r: Random) -> Step:
    """A queue or an exchange deleted, under a condition or not; the exchange is ours, or cannot be."""
    where = r.choice(PLACES)
    if r.random() < 0.5:
        flags = _flags(r, "if_unused", "if_empty") | _flags(r, "nowait", often=0.1)
        return say("queue.delete", where, queue=r.choice((*QUEUES, "cv-none", "")), **flags)
    flags = _flags(r, "if_unused") | _flags(r, "nowait", often=0.1)
    name = r.choice((*OWN_EXCHANGES, *OWN_EXCHANGES, "amq.direct", "cv-none", ""))
    return say("exchange.delete", where, exchange=name, **flags)


def purge(r: Random) -> Step:
    """A queue emptied."""
    return say("queue.purge", r.choice(PLACES), queue=r.choice((*QUEUES, "cv-none", "")))


def message(r: Random, where: str = "w1", **values: Any) -> Step:
    """A publish to an exchange, with headers that bindings ask for."""
    values = {"exchange": r.choice(EXCHANGES), **values}
    if r.random() < 0.3:
        values["headers"] = dict(r.choice(_HEADER_TABLES))
    if r.random() < 0.1:
        copies = "CC" if r.random() < 0.5 else "BCC"
        values["headers"] = {**values.get("headers", {}), copies: ["cv-2", r.choice(KEYS)]}
    return publish(r.choice(KEYS), str(r.randint(0, 99)), where, mandatory=True, **values)


_ODD_PROPERTIES: dict[str, tuple[object, ...]] = {
    "expiration": ("", "x", "-1", "1.5", " 50000", "50000 ", "4294967295", "4294967296", "100000", "1e3"),
    "user_id": ("guest", "nobody", "", "Guest"),
    "delivery_mode": (0, 1, 2, 3, 255),
    "priority": (0, 1, 9, 255),
    "timestamp": (0, 1, 2**63, 2**64 - 1),
    "content_type": ("", "text/plain", "t" * 255),
    "content_encoding": ("utf-8", ""),
    "correlation_id": ("", "c"),
    "reply_to": ("", "r", "amq.rabbitmq.reply-to", "amq.rabbitmq.reply-to.x"),
    "message_id": ("", "i"),
    "type": ("", "t"),
    "app_id": ("", "a"),
    "cluster_id": ("", "c"),
}  # fmt: skip
_ODD_HEADERS: tuple[dict[str, object], ...] = (
    {"CC": ["cv-2"]},
    {"CC": "cv-2"},
    {"CC": ["cv-2", 5]},
    {"CC": 5},
    {"CC": None},
    {"CC": []},
    {"CC": [["cv-2"]]},
    {"BCC": ["cv-2"]},
    {"BCC": {"a": 1}},
    {"BCC": ["cv-2"], "CC": ["cv-q", "cv-2"]},
    {"x-death": []},
    {"x-delay": 0},
    {"x-delivery-count": 5},
    {"x-first-death-queue": "mine"},
    {"": ""},
    {name: value for name, value in VALUES.items() if name != "void"},
)


def odd_message(r: Random, where: str = "w1") -> Step:
    """A publish with properties of every kind, some of which no RabbitMQ takes."""
    names = r.sample(sorted(_ODD_PROPERTIES), r.choice((0, 1, 1, 2, 3)))
    values: dict[str, object] = {name: r.choice(_ODD_PROPERTIES[name]) for name in names}
    if r.random() < 0.4:
        values["headers"] = dict(r.choice(_ODD_HEADERS))
    values |= _flags(r, "mandatory", often=0.4) | _flags(r, "immediate", often=0.05)
    values["exchange"] = r.choice(
        ("", "", "", "cv-x", "amq.direct", "cv-none", "amq.rabbitmq.trace")
    )
    body = r.choice(("", "m", "m", "long" * 40_000))
    return publish(r.choice(("cv-q", "cv-2", "cv-none", "")), body, where, **values)


def mode(r: Random, where: str = "w1") -> Step:
    """Confirms, or one of the methods of a transaction."""
    name = r.choice(
        ("confirm.select", "tx.select", "tx.select", "tx.commit", "tx.commit", "tx.rollback")
    )
    return say(name, where)


def odd_frame(r: Random) -> Step:
    """What a client says out of turn, wrongly or with no need."""
    where = r.choice(PLACES)
    channel = int(where[1:])
    odd: tuple[bytes, ...] = (
        HEARTBEAT,
        frame(8, channel, b""),
        method_frame(channel, "channel.open", ""),
        method_frame(channel + 6, "basic.get", 0, "cv-q", False),
        method_frame(channel, "channel.close-ok"),
        method_frame(channel + 6, "channel.close-ok"),
        method_frame(channel, "channel.flow", True),
        method_frame(channel, "channel.flow", False),
        method_frame(channel, "channel.flow-ok", True),
        method_frame(channel, "basic.qos-ok"),
        method_frame(channel, "queue.declare-ok", "cv-q", 0, 0),
        method_frame(channel, "basic.qos", 5, 0, False),
        method_frame(channel, "basic.recover", False),
        method_frame(channel, "basic.recover-async", True),
        method_frame(channel, "basic.publish", 0, "", "cv-q", False, False) + method_frame(channel, "tx.select"),
        method_frame(channel, "connection.close", 200, "", 0, 0),
        method_frame(0, "channel.open", ""),
        method_frame(0, "connection.tune-ok", 0, 0, 0),
        method_frame(0, "connection.open", "/", "", False),
        method_frame(0, "connection.update-secret", b"x", "why"),
        method_frame(0, "connection.blocked", "x"),
        frame(2, channel, b"\0<\0\0" + bytes(10)),
        frame(3, channel, b"body"),
        frame(1, channel, b"\0\x63\0\x0a"),
        frame(1, channel, b"\0<\0\x63"),
        frame(4, channel, b""),
        frame(1, channel, b"\0"),
        b"\x01\0\x01\0\0\0\x04\0\x5a\0\x0a\xcd",
    )  # fmt: skip
    return raw(r.choice(odd), where)
