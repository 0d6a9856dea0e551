"""Conversations about declaring, binding and deleting queues and exchanges."""

# One conversation a line, or a few: they are read beside one another.
# fmt: off
from __future__ import annotations

from tests.fakes.amqp.support_conversations import (
    Conversation,
    consume,
    count,
    drop,
    get,
    publish,
    queue,
    say,
)

from tomodachi_fakes.amqp.fields import Field, FieldType

VALUES: dict[str, object] = {
    "negative": -1,
    "zero": 0,
    "huge": 2**63 - 1,
    "short": Field(FieldType.SHORT, 5),
    "double": 1.5,
    "decimal": Field(FieldType.DECIMAL, (2, 150)),
    "string": "5",
    "empty_string": "",
    "binary": Field(FieldType.BINARY, b"5"),
    "true": True,
    "timestamp": Field(FieldType.TIMESTAMP, 5),
    "void": None,
    "array": [1, 2],
    "table": {"a": 1},
}
_ARGUMENTS = (
    "message-ttl",
    "expires",
    "max-length",
    "max-length-bytes",
    "max-priority",
    "overflow",
    "dead-letter-exchange",
    "dead-letter-routing-key",
    "dead-letter-strategy",
    "single-active-consumer",
    "queue-mode",
    "queue-version",
    "queue-type",
    "delivery-limit",
    "max-in-memory-length",
    "max-in-memory-bytes",
    "quorum-initial-group-size",
    "max-age",
    "stream-max-segment-size-bytes",
    "initial-cluster-size",
    "queue-leader-locator",
    "consumer-timeout",
    "cancel-on-ha-failover",
    "unknown",
)


def one(name: str, value: object, **more: object) -> Conversation:
    key = name.replace("-", "_")
    arguments = {**more, key: value}
    return [queue(**arguments), say("queue.delete", "y1", queue="cv-q")]


def _arguments() -> dict[str, Conversation]:
    found = {}
    for kind in ("classic", "quorum", "stream"):
        for name in _ARGUMENTS:
            steps: Conversation = []
            for value in VALUES.values():
                more = {} if kind == "classic" or name == "queue-type" else {"queue_type": kind}
                if name == "dead-letter-routing-key":
                    more["dead_letter_exchange"] = "e"
                steps += one(name, value, **more)
            found[f"argument_{kind}_{name.replace('-', '_')}"] = steps
    return found


def _two(first: dict[str, object], second: dict[str, object]) -> Conversation:
    return [queue(**first), queue(where="b1", **second)]


_UNEQUAL: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "durable": ({}, {"durable": True}),
    "durable_other": ({"durable": True}, {}),
    "auto_delete": ({}, {"auto_delete": True}),
    "both": ({}, {"auto_delete": True, "durable": True}),
    "exclusive": ({}, {"exclusive": True}),
    "ttl": ({"message_ttl": 1000}, {"message_ttl": 2000}),
    "ttl_none": ({"message_ttl": 1000}, {}),
    "ttl_new": ({}, {"message_ttl": 1000}),
    "ttl_types": ({"message_ttl": 1000}, {"message_ttl": Field(FieldType.LONG, 1000)}),
    "ttl_types_differ": ({"message_ttl": 1000}, {"message_ttl": Field(FieldType.LONG, 1001)}),
    "expires": ({"expires": 100000}, {"expires": 200000}),
    "max_length": ({"max_length": 1}, {"max_length": 2}),
    "max_length_bytes": ({"max_length_bytes": 1}, {}),
    "priority": ({"max_priority": 1}, {"max_priority": 2}),
    "priority_new": ({}, {"max_priority": 2}),
    "overflow": ({"overflow": "drop-head"}, {"overflow": "reject-publish"}),
    "overflow_default": ({}, {"overflow": "drop-head"}),
    "dlx": ({"dead_letter_exchange": "a"}, {"dead_letter_exchange": "b"}),
    "dlx_new": ({}, {"dead_letter_exchange": "b"}),
    "dlrk": (
        {"dead_letter_exchange": "a", "dead_letter_routing_key": "r"},
        {"dead_letter_exchange": "a", "dead_letter_routing_key": "s"},
    ),
    "dlrk_none": (
        {"dead_letter_exchange": "a", "dead_letter_routing_key": "r"},
        {"dead_letter_exchange": "a"},
    ),
    "single": ({"single_active_consumer": True}, {"single_active_consumer": False}),
    "single_none": ({"single_active_consumer": True}, {}),
    "single_new": ({}, {"single_active_consumer": True}),
    "single_false": ({}, {"single_active_consumer": False}),
    "mode": ({"queue_mode": "lazy"}, {"queue_mode": "default"}),
    "mode_new": ({}, {"queue_mode": "lazy"}),
    "version": ({"queue_version": 1}, {"queue_version": 2}),
    "version_new": ({}, {"queue_version": 1}),
    "type_default": ({}, {"queue_type": "classic"}),
    "type_default_other": ({"queue_type": "classic"}, {}),
    "type": ({"durable": True}, {"queue_type": "quorum"}),
    "type_other": ({"queue_type": "quorum"}, {"queue_type": "classic", "durable": True}),
    "type_none": ({"queue_type": "quorum"}, {"durable": True}),
    "type_stream": ({"queue_type": "stream"}, {"queue_type": "quorum"}),
    "type_bad": ({}, {"queue_type": "nonsense"}),
    "argument_bad": ({}, {"message_ttl": -1}),
    "argument_of_other_type": ({"queue_type": "quorum"}, {"queue_type": "quorum", "max_priority": 5}),
    "limit": (
        {"queue_type": "quorum", "delivery_limit": 2},
        {"queue_type": "quorum", "delivery_limit": 3},
    ),
    "limit_new": ({"queue_type": "quorum"}, {"queue_type": "quorum", "delivery_limit": 3}),
    "strategy": (
        {"queue_type": "quorum", "dead_letter_strategy": "at-most-once"},
        {"queue_type": "quorum", "dead_letter_strategy": "at-least-once"},
    ),
    "in_memory": (
        {"queue_type": "quorum", "max_in_memory_length": 2},
        {"queue_type": "quorum", "max_in_memory_length": 3},
    ),
    "group": (
        {"queue_type": "quorum", "quorum_initial_group_size": 1},
        {"queue_type": "quorum", "quorum_initial_group_size": 3},
    ),
    "age": ({"queue_type": "stream", "max_age": "1D"}, {"queue_type": "stream", "max_age": "2D"}),
    "segment": (
        {"queue_type": "stream", "stream_max_segment_size_bytes": 1000},
        {"queue_type": "stream", "stream_max_segment_size_bytes": 2000},
    ),
    "leader": (
        {"queue_type": "quorum", "queue_leader_locator": "client-local"},
        {"queue_type": "quorum", "queue_leader_locator": "balanced"},
    ),
    "unknown": ({"whatever": 1}, {"whatever": 2}),
    "several": ({"max_length": 1, "message_ttl": 5}, {"max_length": 2, "message_ttl": 6}),
    "order_of_checks": ({"max_length": 1}, {"max_length": "x", "durable": True}),
    "priority_float": ({"max_priority": 1}, {"max_priority": 1.0}),
    "max_length_float": ({"max_length": 1}, {"max_length": 1.0}),
}

_EXCHANGES: dict[str, list[dict[str, object]]] = {
    "type": [{"type": "direct"}, {"type": "fanout"}],
    "durable": [{"type": "direct"}, {"type": "direct", "durable": True}],
    "auto_delete": [{"type": "direct"}, {"type": "direct", "auto_delete": True}],
    "internal": [{"type": "direct"}, {"type": "direct", "internal": True}],
    "all": [
        {"type": "direct"},
        {"type": "topic", "durable": True, "auto_delete": True, "internal": True},
    ],
    "alternate": [
        {"type": "direct", "arguments": {"alternate-exchange": "a"}},
        {"type": "direct", "arguments": {"alternate-exchange": "b"}},
    ],
    "alternate_none": [
        {"type": "direct", "arguments": {"alternate-exchange": "a"}},
        {"type": "direct"},
    ],
    "alternate_new": [
        {"type": "direct"},
        {"type": "direct", "arguments": {"alternate-exchange": "a"}},
    ],
    "alternate_number": [
        {"type": "direct", "arguments": {"alternate-exchange": 5}},
        {"type": "direct", "arguments": {"alternate-exchange": None}},
        {"type": "direct", "arguments": {"alternate-exchange": True}},
        {"type": "direct", "arguments": {"alternate-exchange": ""}},
        {"type": "direct", "arguments": {"alternate-exchange": ""}},
        {"type": "direct", "arguments": {"alternate-exchange": {"a": 1}}},
    ],
    "unknown_argument": [
        {"type": "direct", "arguments": {"x-whatever": 1}},
        {"type": "direct", "arguments": {"x-whatever": 2}},
    ],
    "no_type": [{}],
    "bad_type": [{"type": "nonsense"}],
    "type_in_capitals": [{"type": "Direct"}],
    "type_with_a_space": [{"type": "direct "}],
    "words": [{"type": word} for word in ("Direct", "Topic", "FANOUT", "invalid", "unknown", "nonexistent", "foo", "bar", "test", "bogus", "wrong", "x-random", "system", "rpc", "bad", "custom", "none", "null", "default", "x", "a", "queue", "exchange", "invalid_type", "nope", "nonsense", "type", "broadcast", "multicast")],
    "long_type": [{"type": "t" * 255}],
    "passive_bad_type": [
        {"type": "direct"},
        {"type": "nonsense", "passive": True},
        {"type": "fanout", "passive": True, "durable": True},
        {"type": "", "passive": True},
    ],
    "passive_missing": [{"type": "direct", "passive": True}],
    "nowait_error": [{"type": "nonsense", "nowait": True}],
    "nowait": [{"type": "direct", "nowait": True}, {"type": "direct", "passive": True}],
}


def _exchange_redeclared(declarations: list[dict[str, object]]) -> Conversation:
    return [say("exchange.declare", exchange="cv-x", **values) for values in declarations]


def _x(name: str, kind: str = "fanout", where: str = "a1", **values: object) -> object:
    return say("exchange.declare", where, exchange=name, type=kind, **values)


def _qbind(name: str, exchange: str, key: str = "", where: str = "a1", **values: object) -> object:
    return say("queue.bind", where, queue=name, exchange=exchange, routing_key=key, **values)


def _xbind(destination: str, source: str, key: str = "", **values: object) -> object:
    return say(
        "exchange.bind", destination=destination, source=source, routing_key=key, **values
    )


_LONG = "n" * 255
_UTF8 = "ключ-☃"

_NAMES: dict[str, Conversation] = {
    "queue_name_of_255_octets": [queue(_LONG), publish(_LONG), get(_LONG), queue(_LONG, max_length=1)],
    "queue_name_in_utf8": [queue(_UTF8), publish(_UTF8), get(_UTF8), queue(_UTF8, max_length=1), queue(_UTF8 + "2", passive=True)],
    "queue_name_with_quotes": [queue("cv'q"), queue("cv'q", max_length=1), queue('cv"q', max_length=-1)],
    "queue_name_with_newline": [queue("cv\nq"), queue("cv\nq", max_length=1), get("cv\rq")],
    "queue_name_with_nul": [queue("cv\0q"), queue("cv\0q", max_length=1), get("cv\0r")],
    "exchange_name_of_255_octets": [_x(_LONG), _x(_LONG, "topic"), publish("k", exchange=_LONG)],
    "exchange_name_in_utf8": [_x(_UTF8), _x(_UTF8, "topic"), publish("k", exchange=_UTF8 + "2")],
    "exchange_name_with_newline": [_x("cv\nx"), _x("cv\nx", "topic"), _x("cv\rx", passive=True)],
    "exchange_name_reserved": [_x("amq.cv"), _x("amq."), _x("amq"), say("exchange.delete", exchange="amq")],
    "exchange_reserved_passive": [_x("amq.cv", passive=True), _x("amq.direct", "direct", passive=True), _x("amq.topic", "topic", durable=True), _x("amq.topic", "topic"), _x("amq.topic", "direct", durable=True)],
    "exchange_reserved_deleted": [say("exchange.delete", exchange="amq.direct"), say("exchange.delete", exchange="amq.nothing"), say("exchange.delete", exchange="amq.direct", if_unused=True)],
    "queue_name_reserved": [queue("amq.cv"), queue("amq."), queue("amq.gen-cv"), queue("amq.cv", passive=True), queue("amq.rabbitmq.reply-to"), queue("amq.rabbitmq.reply-to.x")],
    "queue_reserved_deleted": [say("queue.delete", queue="amq.cv"), say("queue.purge", queue="amq.cv"), get("amq.cv"), consume("amq.cv")],
    "default_exchange": [
        _x("", "direct"), _x("", "direct", passive=True), say("exchange.delete"), _qbind("cv-q", ""), queue(),
        _qbind("cv-q", "", "k"), say("queue.unbind", queue="cv-q", exchange="", routing_key="cv-q"), _xbind("amq.direct", ""), _xbind("", "amq.direct"), say("exchange.unbind", destination="amq.direct", source=""), say("exchange.unbind", destination="", source="amq.direct"),
    ],
    "line_ends_of_queues": [queue(), say("queue.purge", queue="cv\n-q"), get("cv\n-q"), consume("cv\n-q"), say("queue.delete", queue="cv\n-q"), count()],
    "line_ends_of_bindings": [queue(), _x("cv-x"), _qbind("cv\n-q", "cv\n-x", "a\nb"), publish("a\nb", exchange="cv-x", mandatory=True), publish("k", exchange="cv\n-x"), say("queue.unbind", queue="cv\n-q", exchange="cv\n-x", routing_key="a\nb"), publish("a\nb", exchange="cv-x", mandatory=True)],
    "line_ends_of_exchanges": [_x("cv-x"), _x("cv-y"), _xbind("cv\n-x", "cv\r-y"), say("exchange.unbind", destination="cv\n-x", source="cv\r-y"), say("exchange.delete", exchange="cv\n-x"), _x("cv-x", passive=True), _x("\n"), say("exchange.delete", exchange="\r")],
    "line_ends_of_what_is_missing": [_qbind("cv\n-n", "amq.direct"), say("queue.delete", queue="cv\n-n"), say("queue.purge", queue="cv\n-n"), _x("cv\n-n", passive=True), queue("cv\n-n", passive=True), _xbind("cv\n-n", "amq.direct"), publish("k", exchange="cv\n-n"), consume("cv\n-n")],
    "server_named_queue": [queue("", exclusive=True), publish("$queue"), get(""), say("queue.purge"), _qbind("", "amq.direct"), say("queue.delete")],
    "no_queue_was_declared": [get(""), consume(""), say("queue.purge"), say("queue.delete"), _qbind("", "amq.direct"), say("queue.unbind", exchange="amq.direct"), queue("", passive=True)],
    "last_queue_is_of_the_channel": [queue(), get("", "a2"), get(""), queue("cv-r", passive=True), queue("cv-s"), get("")],
    "last_queue_was_deleted": [queue(), say("queue.delete"), get(""), queue("cv-2"), say("queue.delete"), say("queue.delete"), queue("", passive=True)],
    "passive_sets_the_last_queue": [queue(), queue("cv-q", "a2", passive=True), publish("cv-q"), get("", "a2")],
    "bind_with_no_key_and_no_queue": [queue(), _qbind("", "amq.direct", ""), publish("cv-q", exchange="amq.direct"), publish("", exchange="amq.direct"), get(), get(), say("queue.unbind", exchange="amq.direct"), publish("cv-q", exchange="amq.direct", mandatory=True)],
    "bind_with_no_key": [queue(), _qbind("cv-q", "amq.direct", ""), publish("cv-q", exchange="amq.direct", mandatory=True), publish("", exchange="amq.direct"), get()],
}

_LIFE: dict[str, Conversation] = {
    "exclusive_queue_of_another_connection": [
        queue(exclusive=True), queue("cv-q", "b1", exclusive=True), queue("cv-q", "b1"), queue("cv-q", "b1", passive=True),
        publish("cv-q", where="b1"), get("cv-q", "b1"), consume("cv-q", "t", "b1"), say("queue.purge", "b1", queue="cv-q"),
        say("queue.delete", "b1", queue="cv-q"), say("queue.delete", "b1", queue="cv-q", if_unused=True), _qbind("cv-q", "amq.direct", "k", "b1"), say("queue.unbind", "b1", queue="cv-q", exchange="amq.direct", routing_key="k"),
        queue(exclusive=True), queue(), queue(passive=True), get(), queue("cv-q", "b1", durable=True, max_length=-1),
    ],
    "exclusive_queue_ends_with_its_connection": [queue(exclusive=True), consume("cv-q"), say("channel.close", "a1", reply_code=200), queue("cv-q", "a2", passive=True), say("connection.close", "a0", reply_code=200), queue("cv-q", "b1", passive=True)],
    "exclusive_queue_ends_with_a_lost_connection": [queue(exclusive=True), drop("a1"), queue("cv-q", "b1", passive=True)],
    "exclusive_durable": [queue(exclusive=True, durable=True), queue(exclusive=True), queue(exclusive=True, auto_delete=True)],
    "auto_delete_waits_for_a_consumer": [queue(auto_delete=True), publish("cv-q"), get(), consume(), say("basic.cancel", consumer_tag="t"), queue(passive=True)],
    "auto_delete_by_channel": [queue(auto_delete=True), consume(), consume("cv-q", "u", "a2"), say("channel.close", "a1"), count(), say("channel.close", "a2"), count()],
    "auto_delete_by_error": [queue(auto_delete=True), consume(), say("basic.ack", delivery_tag=9), count()],
    "auto_delete_by_loss": [queue(auto_delete=True), consume(), drop("a1"), count()],
    "delete_if_unused": [queue(), consume("cv-q", "t", "b1"), say("queue.delete", queue="cv-q", if_unused=True), say("basic.cancel", "b1", consumer_tag="t"), say("queue.delete", queue="cv-q", if_unused=True)],
    "delete_if_empty": [queue(), publish("cv-q"), say("queue.delete", queue="cv-q", if_empty=True), get(), say("queue.delete", queue="cv-q", if_empty=True), get()],
    "delete_with_unacked": [queue(), publish("cv-q"), get(), say("queue.delete", queue="cv-q"), say("basic.ack", delivery_tag=1), say("basic.ack", delivery_tag=1)],
    "delete_with_unacked_nack": [queue(), publish("cv-q"), get(), say("queue.delete", queue="cv-q"), say("basic.nack", delivery_tag=1, requeue=True), say("basic.nack", delivery_tag=1)],
    "delete_and_consumers": [queue(), consume("cv-q", "b", "b1"), consume("cv-q", "c", "c1"), consume("cv-q", "a"), say("queue.delete", queue="cv-q"), say("basic.cancel", consumer_tag="a"), say("basic.cancel", "b1", consumer_tag="b")],
    "delete_nowait": [queue(), publish("cv-q"), say("queue.delete", queue="cv-q", nowait=True), queue(passive=True)],
    "delete_twice": [queue(), say("queue.delete", queue="cv-q"), say("queue.delete", queue="cv-q"), say("queue.delete", queue="cv-q", if_unused=True, if_empty=True)],
    "purge": [queue(), publish("cv-q"), publish("cv-q"), get(), say("queue.purge", queue="cv-q"), say("queue.purge", queue="cv-q", nowait=True), say("basic.nack", delivery_tag=1, requeue=True), say("queue.purge", queue="cv-q")],
    "purge_missing": [say("queue.purge", queue="cv-q"), say("queue.purge", queue="cv-q", nowait=True)],
    "passive_with_other_flags": [queue(), queue(passive=True, durable=True, auto_delete=True), queue(passive=True, max_length=-1), queue(passive=True, exclusive=True), queue("cv-q", "b1", passive=True, exclusive=True)],
    "passive_nowait_missing": [queue("cv-r", passive=True, nowait=True)],
    "nowait_declare": [queue(nowait=True), queue(nowait=True, durable=True)],
    "counts": [queue(), publish("cv-q"), publish("cv-q"), queue(), consume("cv-q", "t", "b1"), queue(), consume("cv-q", "u", "b1", no_ack=True), queue(), queue(passive=True)],
    "exchange_delete_if_unused": [_x("cv-x"), queue(), _qbind("cv-q", "cv-x"), say("exchange.delete", exchange="cv-x", if_unused=True), say("queue.unbind", queue="cv-q", exchange="cv-x"), say("exchange.delete", exchange="cv-x", if_unused=True), say("exchange.delete", exchange="cv-x", if_unused=True)],
    "exchange_delete_if_unused_as_destination": [_x("cv-x"), _x("cv-y"), _xbind("cv-x", "cv-y"), say("exchange.delete", exchange="cv-x", if_unused=True), _xbind("cv-x", "cv-y"), say("exchange.delete", exchange="cv-y")],
    "exchange_delete_nowait": [_x("cv-x"), say("exchange.delete", exchange="cv-x", nowait=True), publish("k", exchange="cv-x")],
    "exchange_auto_delete": [_x("cv-x", auto_delete=True), queue(), _qbind("cv-q", "cv-x"), _qbind("cv-q", "cv-x", "2"), say("queue.unbind", queue="cv-q", exchange="cv-x"), _x("cv-x", passive=True), say("queue.delete", queue="cv-q"), _x("cv-x", passive=True)],
    "exchange_auto_delete_never_bound": [_x("cv-x", auto_delete=True), queue(), say("queue.unbind", queue="cv-q", exchange="cv-x"), _x("cv-x", passive=True)],
    "exchange_auto_delete_cascade": [_x("cv-x", auto_delete=True), _x("cv-y", auto_delete=True), _x("cv-z", auto_delete=True), queue(), _xbind("cv-y", "cv-x"), _xbind("cv-z", "cv-y"), _qbind("cv-q", "cv-z"), say("queue.delete", queue="cv-q"), _x("cv-z", passive=True), _x("cv-y", passive=True), _x("cv-x", passive=True)],
    "exchange_auto_delete_by_source": [_x("cv-x"), _x("cv-y", auto_delete=True), _xbind("cv-y", "cv-x"), say("exchange.delete", exchange="cv-x"), _x("cv-y", passive=True)],
    "exchange_auto_delete_unbind": [_x("cv-x", auto_delete=True), _x("cv-y"), _xbind("cv-y", "cv-x"), say("exchange.unbind", destination="cv-y", source="cv-x"), _x("cv-x", passive=True)],
    "bind_missing": [queue(), _qbind("cv-q", "cv-none"), _qbind("cv-none", "amq.direct"), _qbind("cv-none", "cv-none"), _xbind("cv-none", "amq.direct"), _xbind("amq.direct", "cv-none"), _xbind("cv-none", "cv-none2"), _qbind("cv-q", "cv-none", nowait=True)],
    "unbind_missing": [queue(), say("queue.unbind", queue="cv-none", exchange="amq.direct"), say("queue.unbind", queue="cv-q", exchange="cv-none"), say("queue.unbind", queue="cv-q", exchange="amq.direct", routing_key="k"), say("exchange.unbind", destination="cv-none", source="amq.direct"), say("exchange.unbind", destination="amq.direct", source="cv-none")],
    "bind_twice": [queue(), _qbind("cv-q", "amq.direct", "cv-k"), _qbind("cv-q", "amq.direct", "cv-k"), publish("cv-k", exchange="amq.direct"), get(), get(), say("queue.unbind", queue="cv-q", exchange="amq.direct", routing_key="cv-k"), publish("cv-k", exchange="amq.direct", mandatory=True)],
    "bind_with_other_arguments": [queue(), _qbind("cv-q", "amq.direct", "cv-k", arguments={"a": 1}), _qbind("cv-q", "amq.direct", "cv-k", arguments={"a": 2}), say("queue.unbind", queue="cv-q", exchange="amq.direct", routing_key="cv-k"), publish("cv-k", exchange="amq.direct"), get(), get(), say("queue.unbind", queue="cv-q", exchange="amq.direct", routing_key="cv-k", arguments={"a": 1}), say("queue.unbind", queue="cv-q", exchange="amq.direct", routing_key="cv-k", arguments={"a": Field(FieldType.LONG, 2)}), publish("cv-k", exchange="amq.direct", mandatory=True)],
    "bind_to_internal": [_x("cv-x", internal=True), queue(), _qbind("cv-q", "cv-x"), publish("k", exchange="cv-x"), _x("cv-y"), _xbind("cv-x", "cv-y"), publish("k", exchange="cv-y"), get()],
    "bind_to_itself": [_x("cv-x"), _xbind("cv-x", "cv-x"), publish("k", exchange="cv-x", mandatory=True), say("exchange.delete", exchange="cv-x", if_unused=True)],
    "trace_exchange": [queue(), publish("k", exchange="amq.rabbitmq.trace"), _qbind("cv-q", "amq.rabbitmq.trace", "#"), publish("k", exchange="amq.rabbitmq.event"), _qbind("cv-q", "amq.rabbitmq.log")],
    "durable_binding_mixture": [queue(durable=True), _x("cv-x"), _qbind("cv-q", "cv-x"), publish("k", exchange="cv-x"), get()],
    "leader_locators": [step for value in ("client-local", "balanced", "random", "least-leaders", "min-masters") for step in (queue(queue_type="quorum", queue_leader_locator=value), say("queue.delete", queue="cv-q"))],
    "expires_zero_and_lazy": [queue(expires=0), queue(queue_mode="lazy"), queue(queue_mode="Lazy"), queue("cv-2", queue_mode=5)],
    "quorum_flags": [queue(queue_type="quorum", durable=False), queue(queue_type="quorum", exclusive=True), queue(queue_type="quorum", auto_delete=True), queue(queue_type="quorum", durable=False, exclusive=True, auto_delete=True), queue("", queue_type="quorum")],
    "stream_flags": [queue(queue_type="stream", durable=False), queue(queue_type="stream", exclusive=True), queue(queue_type="stream", auto_delete=True), queue("", queue_type="stream")],
}

# Wrong values, and what is not for the queue type, in one declaration: which of them is told.
_BAD: dict[str, object] = {"max_priority": True, "message_ttl": -1, "expires": 0, "max_length": "x", "overflow": "no", "queue_version": 9, "dead_letter_routing_key": 5, "single_active_consumer": "x", "queue_leader_locator": "nope", "stream_max_segment_size_bytes": -1, "max_age": "zz", "initial_cluster_size": 0, "max_in_memory_length": -1}
_NOT_TAKEN = (("classic", "stream_max_segment_size_bytes"), ("quorum", "max_priority"), ("stream", "max_length"), ("classic", "delivery_limit"))
_OF_QUORUM: dict[str, tuple[object, object]] = {
    "dead_letter_exchange": ("a", "b"), "dead_letter_routing_key": ("a", "b"), "dead_letter_strategy": ("at-most-once", "at-least-once"), "expires": (100_000, 200_000), "max_length": (1, 2), "overflow": ("drop-head", "reject-publish"),
    "single_active_consumer": (True, False), "delivery_limit": (1, 2), "message_ttl": (1000, 2000), "queue_leader_locator": ("client-local", "balanced"),
}
_SEVERAL: dict[str, Conversation] = {
    **{f"of_{kind}_with_{more}": [step for key, value in _BAD.items() if key != more for step in one(key, value, queue_type=kind) + one(key, value, queue_type=kind, **{more: 5}) + one(more, 5, queue_type=kind, **{key: value})] for kind, more in _NOT_TAKEN},
    "two_values": [queue(max_priority=True, message_ttl=-1), queue(max_length=-1, expires=-1, max_age="x"), queue(max_length=-1, dead_letter_exchange=5), queue(queue_type="nonsense", max_length=-1), queue(queue_type="nonsense", dead_letter_exchange=5)],
    "two_not_taken": [queue(max_age="1D", initial_cluster_size=1), queue(initial_cluster_size=1, max_age="1D"), queue(stream_max_segment_size_bytes=1, max_age="1D", initial_cluster_size=1)],
    "flags": [queue(queue_type="quorum", durable=False, max_length=-1), queue(queue_type="quorum", exclusive=True, max_priority=5), queue(queue_type="stream", durable=False, stream_max_segment_size_bytes=4_000_000_000)],
    "named_by_the_server": [queue("", queue_type=kind, **more) for kind in ("quorum", "stream") for more in ({}, {"durable": False}, {"exclusive": True}, {"max_length": -1}, {"max_priority": 5}, {"dead_letter_exchange": 5})],
    "named_by_the_server_with_an_odd_type": [queue("", queue_type=kind) for kind in ("", "nonsense", "Quorum", 5, True, False, None, ["a"], {"a": 1}, 1.5)],
    "filter_sizes": [step for value in (0, 15, 16, 255, 256, -1, "x", 1.5, True, None) for step in (*one("stream-filter-size-bytes", value, queue_type="stream"), *one("stream-filter-size-bytes", value))],
    "filter_sizes_again": [queue(queue_type="stream", stream_filter_size_bytes=16), queue(queue_type="stream", stream_filter_size_bytes=17), queue(queue_type="stream")],
    "target_group_sizes": [step for value in (0, -1, "x", 5) for kind in ("classic", "quorum", "stream") for step in one("quorum-target-group-size", value, queue_type=kind)],
    "master_locator": [queue(queue_master_locator="min-masters", max_length=-1), queue(queue_master_locator="min-masters", delivery_limit=5), queue("cv-2", queue_type="quorum", queue_master_locator="min-masters"), queue(queue_master_locator="min-masters")],
    # What is told of a queue that is declared again with other values: the first in RabbitMQ's order.
    "unequal_quorum": [step for left in range(len(_OF_QUORUM)) for step in (queue(queue_type="quorum", **{name: values[0] for name, values in _OF_QUORUM.items()}), queue(where="b1", queue_type="quorum", **{name: values[number >= left] for number, (name, values) in enumerate(_OF_QUORUM.items())}), say("queue.delete", queue="cv-q"))],
    "exchange_type_first": [say("exchange.declare", exchange="", type="nonsense"), say("exchange.declare", exchange="amq.direct", type="nonsense"), say("exchange.declare", exchange="amq.new", type="nonsense"), say("exchange.declare", exchange="", type="nonsense", passive=True)],
    "reply_address_is_the_last_queue": [queue("amq.rabbitmq.reply-to"), say("queue.bind", exchange="amq.direct", routing_key="x"), queue("amq.rabbitmq.reply-to", passive=True), get(""), queue(), queue("amq.rabbitmq.reply-to", nowait=True), say("queue.purge")],
}

CONVERSATIONS: dict[str, Conversation] = {
    **_arguments(),
    **{f"unequal_queue_{name}": _two(*pair) for name, pair in _UNEQUAL.items()},
    **{f"unequal_exchange_{name}": _exchange_redeclared(all_) for name, all_ in _EXCHANGES.items()},
    **{f"names_{name}": steps for name, steps in _NAMES.items()},
    **{f"life_{name}": steps for name, steps in _LIFE.items()},
    **{f"several_{name}": steps for name, steps in _SEVERAL.items()},
}
