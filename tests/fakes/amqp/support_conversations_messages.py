"""Conversations about publishing, routing, properties, dead letters, limits and times to live."""

# One conversation a line, or a few: they are read beside one another.
# fmt: off
from __future__ import annotations

from tests.fakes.amqp.support_conversations import (
    Conversation,
    Step,
    consume,
    count,
    get,
    publish,
    queue,
    say,
    wait,
)

from tomodachi_fakes.amqp.fields import Field, FieldType

_DEAD = {"dead_letter_exchange": "", "dead_letter_routing_key": "cv-dead"}


def _dead() -> Step:
    return queue("cv-dead")


def _letters(number: int = 1) -> Conversation:
    return [get("cv-dead", no_ack=True) for _ in range(number)]


def _hop(number: int, to: str, **arguments: object) -> Step:
    """A queue whose letters go to another."""
    return queue(f"cv-{number}", dead_letter_exchange="", dead_letter_routing_key=to, **arguments)


_EVERY_TYPE = {
    "t": True,
    "f": False,
    "b": Field(FieldType.BYTE, -5),
    "B": Field(FieldType.UNSIGNEDBYTE, 200),
    "s": Field(FieldType.SHORT, -500),
    "u": Field(FieldType.UNSIGNEDSHORT, 50_000),
    "I": -100_000,
    "i": Field(FieldType.UNSIGNEDINT, 4_000_000_000),
    "l": 2**62,
    "fl": Field(FieldType.FLOAT, 1.5),
    "d": 2.25,
    "D": Field(FieldType.DECIMAL, (2, 12345)),
    "S": "text",
    "e": "",
    "x": Field(FieldType.BINARY, b"\x00\xff"),
    "A": [1, "two", [None, 3.5], {"four": 4}],
    "T": Field(FieldType.TIMESTAMP, 1_700_000_000),
    "F": {"deep": {"deeper": [True]}},
    "V": None,
}
_PROPERTIES = {
    "content_type": "text/plain",
    "content_encoding": "utf-8",
    "headers": _EVERY_TYPE,
    "delivery_mode": 2,
    "priority": 255,
    "correlation_id": "c",
    "reply_to": "r",
    "expiration": "60000",
    "message_id": "i",
    "timestamp": 2**63,
    "type": "t",
    "user_id": "guest",
    "app_id": "a",
    "cluster_id": "cl",
}


def _topic(*pairs: tuple[str, str]) -> Conversation:
    """Which of the keys reach a queue by the pattern: a mandatory message that does not is returned."""
    steps: Conversation = []
    for number, (pattern, key) in enumerate(pairs):
        name = f"cv-t{number}"
        steps += [
            say("exchange.declare", exchange=name, type="topic"),
            queue(name),
            say("queue.bind", queue=name, exchange=name, routing_key=pattern),
            publish(key, exchange=name, mandatory=True),
        ]
    return steps


def _headers(*cases: tuple[dict[str, object], dict[str, object]]) -> Conversation:
    steps: Conversation = []
    for number, (binding, given) in enumerate(cases):
        name = f"cv-h{number}"
        steps += [
            say("exchange.declare", exchange=name, type="headers"),
            queue(name),
            say("queue.bind", queue=name, exchange=name, arguments=binding),
            publish("k", exchange=name, mandatory=True, headers=given),
        ]
    return steps


def _expiration(*values: str) -> Conversation:
    return [queue(), *[publish("cv-q", expiration=value) for value in values]]


def _bind(name: str, exchange: str, key: str = "") -> Step:
    return say("queue.bind", queue=name, exchange=exchange, routing_key=key)


def _fill(number: int, name: str = "cv-q", **values: object) -> Conversation:
    return [publish(name, str(n), **values) for n in range(1, number + 1)]


_ROUTING: dict[str, Conversation] = {
    "topic_empty": _topic(("", ""), ("#", ""), ("*", ""), ("", "a"), ("#", "a.b.c"), ("*.*", "."), ("*", "."), ("#.#", ""), ("*.#", ""), ("#.*", "a")),
    "topic_words": _topic(("a.*.c", "a.b.c"), ("a.*.c", "a..c"), ("a.#.c", "a.c"), ("a.#.c", "a.b.b.c"), ("a.#", "a"), ("a.#", "a."), ("#.a", "a"), ("#.a.#", "x.a.y"), ("*.a.#.b", "x.a.b"), ("#.#.#", "a"), ("a*", "ab"), ("a#", "a#"), ("a.*", "a.*"), ("A", "a")),
    "headers_match": _headers(
        ({"x-match": "all", "a": 1}, {"a": 1}), ({"x-match": "all", "a": 1}, {"a": Field(FieldType.LONG, 1)}), ({"x-match": "all", "a": 1}, {"a": 1.0}), ({"x-match": "all", "a": 1}, {"a": "1"}), ({"x-match": "all", "a": 1}, {}), ({"x-match": "all"}, {}), ({"x-match": "any"}, {}), ({"x-match": "any"}, {"a": 1}), ({}, {"a": 1}), ({"a": 1}, {"a": 1, "b": 2}),
        ({"x-match": "any", "a": 1, "b": 2}, {"b": 2}), ({"x-match": "any", "a": 1, "b": 2}, {"b": 1}), ({"x-match": "all", "a": None}, {"a": 5}), ({"x-match": "all", "a": None}, {}), ({"x-match": "any", "a": None}, {"a": None}), ({"x-match": "all", "x-a": 1}, {}), ({"x-match": "any", "x-a": 1}, {"x-a": 1}), ({"x-match": "all-with-x", "x-a": 1}, {}), ({"x-match": "all-with-x", "x-a": 1}, {"x-a": 1}), ({"x-match": "any-with-x", "x-a": 1, "b": 1}, {"x-a": 1}), ({"x-match": "any-with-x", "x-a": 1}, {"x-match": "any-with-x"}),
        ({"a": {}}, {"a": []}), ({"a": []}, {"a": {}}), ({"a": {}}, {"a": [1]}), ({"a": {"b": 1}}, {"a": {"b": 1}}), ({"a": [1]}, {"a": [1]}), ({"a": [1]}, {"a": [Field(FieldType.LONG, 1)]}), ({"a": True}, {"a": True}), ({"a": True}, {"a": 1}), ({"a": "x"}, {"a": Field(FieldType.BINARY, b"x")}), ({"a": Field(FieldType.FLOAT, 1.5)}, {"a": 1.5}), ({"a": Field(FieldType.TIMESTAMP, 1)}, {"a": 1}), ({"a": Field(FieldType.DECIMAL, (1, 5))}, {"a": Field(FieldType.DECIMAL, (1, 5))}),
    ),
    "headers_bad_match": [
        say("exchange.declare", exchange="cv-h", type="headers"), queue(),
        *[say("queue.bind", queue="cv-q", exchange="cv-h", arguments={"x-match": value}) for value in ("none", "", "ALL", 1, None, True, Field(FieldType.BINARY, b"all"), ["all"], {"a": 1}, 1.5)],
        say("exchange.declare", exchange="cv-y", type="fanout"), say("exchange.bind", destination="cv-y", source="cv-h", arguments={"x-match": "some"}), say("queue.bind", queue="cv-q", exchange="cv-h", nowait=True, arguments={"x-match": "some"}), say("queue.unbind", queue="cv-q", exchange="cv-h", arguments={"x-match": "some"}), say("queue.bind", queue="cv-q", exchange="amq.direct", arguments={"x-match": "some"}),
    ],
    "headers_without_headers": [say("exchange.declare", exchange="cv-h", type="headers"), queue(), say("queue.bind", queue="cv-q", exchange="cv-h", arguments={"a": 1}), publish("k", exchange="cv-h", mandatory=True), say("queue.bind", queue="cv-q", exchange="cv-h"), publish("k", exchange="cv-h", mandatory=True)],
    "alternate": [say("exchange.declare", exchange="cv-x", type="direct", arguments={"alternate-exchange": "cv-y"}), publish("k", exchange="cv-x", mandatory=True), say("exchange.declare", exchange="cv-y", type="fanout"), publish("k", exchange="cv-x", mandatory=True), queue(), _bind("cv-q", "cv-y"), publish("k", exchange="cv-x", mandatory=True), get(), queue("cv-2"), _bind("cv-2", "cv-x", "k"), publish("k", exchange="cv-x"), get(), get("cv-2")],
    "alternate_cycle": [say("exchange.declare", exchange="cv-x", type="direct", arguments={"alternate-exchange": "cv-y"}), say("exchange.declare", exchange="cv-y", type="direct", arguments={"alternate-exchange": "cv-x"}), publish("k", exchange="cv-x", mandatory=True)],
    "alternate_through_e2e": [say("exchange.declare", exchange="cv-x", type="fanout"), say("exchange.declare", exchange="cv-y", type="direct", arguments={"alternate-exchange": "cv-z"}), say("exchange.declare", exchange="cv-z", type="fanout"), queue(), _bind("cv-q", "cv-z"), say("exchange.bind", destination="cv-y", source="cv-x"), publish("k", exchange="cv-x", mandatory=True), get()],
    "alternate_default": [say("exchange.declare", exchange="cv-x", type="direct", arguments={"alternate-exchange": ""}), queue(), publish("cv-q", exchange="cv-x", mandatory=True), publish("k", exchange="cv-x", mandatory=True), get()],
    "e2e": [say("exchange.declare", exchange="cv-x", type="topic"), say("exchange.declare", exchange="cv-y", type="direct"), queue(), _bind("cv-q", "cv-y", "a.b"), say("exchange.bind", destination="cv-y", source="cv-x", routing_key="a.*"), publish("a.b", exchange="cv-x", mandatory=True), publish("a.c", exchange="cv-x", mandatory=True), get(), say("exchange.unbind", destination="cv-y", source="cv-x", routing_key="a.*"), publish("a.b", exchange="cv-x", mandatory=True)],
    "cc": [queue(), queue("cv-2"), queue("cv-3"), publish("cv-q", headers={"CC": ["cv-2", "cv-2", "cv-q"], "BCC": ["cv-3"], "n": 1}), get(), get("cv-2"), get("cv-3"), get(), get("cv-2")],
    "cc_bad": [queue(), publish("cv-q", headers={"CC": "cv-q"}), publish("cv-q", headers={"CC": None}), publish("cv-q", headers={"BCC": 1}), publish("cv-q", headers={"CC": [1, "cv-q"]}), publish("cv-q", headers={"CC": []}), publish("cv-q", headers={"cc": "x"}), publish("cv-q", headers={"CC": {"a": 1}}), publish("cv-q", headers={"CC": ["x", None]}), count()],
    "cc_only": [queue(), publish("cv-none", mandatory=True, headers={"CC": ["cv-q"]}), publish("cv-none", mandatory=True, headers={"CC": ["cv-none2"], "BCC": ["cv-none3"]}), get()],
    "mandatory": [publish("cv-none", mandatory=True), publish("cv-none", mandatory=True, content_type="a", headers={"h": 1}), publish("cv-none"), publish("k", exchange="amq.fanout", mandatory=True), publish("k", exchange="amq.fanout", mandatory=True, body="")],
    "mandatory_confirmed": [say("confirm.select"), publish("cv-none", mandatory=True), publish("cv-none"), queue(), publish("cv-q", mandatory=True)],
    "immediate": [queue(), publish("cv-q", immediate=True)],
    "missing_exchange": [publish("k", exchange="cv-none"), publish("k", exchange="cv-none", mandatory=True), say("confirm.select"), publish("k", exchange="cv-none")],
    "missing_exchange_and_after": [say("tx.select"), publish("k", exchange="cv-none"), say("tx.commit")],
    "internal": [say("exchange.declare", exchange="cv-x", type="fanout", internal=True), publish("k", exchange="cv-x")],
    "immediate_missing": [publish("k", exchange="cv-none", immediate=True)],
    "routing_key_long": [queue(), say("exchange.declare", exchange="cv-x", type="fanout"), _bind("cv-q", "cv-x"), publish("k" * 255, exchange="cv-x"), get(), publish("ключ", exchange="cv-x"), get()],
}

_CONTENT: dict[str, Conversation] = {
    "every_property": [queue(), publish("cv-q", **_PROPERTIES), get()],
    "no_property": [queue(), publish("cv-q"), get()],
    "empty_body": [queue(), publish("cv-q", ""), get(), consume(no_ack=True), publish("cv-q", "")],
    "empty_values": [queue(), publish("cv-q", content_type="", headers={}, correlation_id="", message_id="", priority=0, timestamp=0, type=""), get()],
    "headers_after_a_dead_letter": [_dead(), queue(**_DEAD), publish("cv-q", **{**_PROPERTIES, "expiration": "0"}), *_letters()],
    "delivery_mode": [queue(), *[publish("cv-q", delivery_mode=mode) for mode in (0, 1, 2, 3, 255)], count()],
    "priority_values": [queue(max_priority=5), *[publish("cv-q", str(p), priority=p) for p in (0, 1, 5, 6, 255, 3)], publish("cv-q", "none"), *[get(no_ack=True) for _ in range(7)]],
    "priority_on_a_plain_queue": [queue(), publish("cv-q", "1", priority=1), publish("cv-q", "9", priority=9), get(), get()],
    "user_id": [queue(), publish("cv-q", user_id="guest"), publish("cv-q", user_id="nobody"), publish("cv-q", user_id=""), publish("cv-none", user_id="nobody", mandatory=True), publish("k", exchange="cv-none", user_id="nobody")],
    "expiration_texts": _expiration("", "x", "-1", "1.5", " 5", "5 ", "0x5", "5ms", "1e3", "+5", "315360000000", "315360000001", "99999999999999999999", "\u0665", "00060000"),
    "expiration_zero_without_a_consumer": [_dead(), queue(**_DEAD), publish("cv-q", expiration="0"), get(), *_letters()],
    "expiration_zero_with_a_consumer": [_dead(), queue(**_DEAD), consume(no_ack=True), publish("cv-q", expiration="0"), *_letters()],
    "expiration_zero_with_a_full_consumer": [_dead(), queue(**_DEAD), say("basic.qos", prefetch_count=1), consume(), publish("cv-q", "1", expiration="0"), publish("cv-q", "2", expiration="0"), *_letters()],
    "bad_properties": [queue(), publish("cv-q", user_id="nobody", expiration="x"), publish("cv-q", expiration="x", delivery_mode=9), publish("cv-q", delivery_mode=9, headers={"CC": 1}), publish("cv-q", expiration="x", immediate=True)],
    "confirm_of_a_bad_publish": [queue(), say("confirm.select"), publish("cv-q"), publish("cv-q", expiration="x"), publish("cv-q")],
    "x_death_of_the_client": [_dead(), queue(**_DEAD), publish("cv-q", expiration="0", headers={"x-death": "nonsense"}), *_letters(), publish("cv-q", expiration="0", headers={"x-death": [{"queue": "cv-q", "reason": "expired", "count": 5}]}), *_letters(), publish("cv-q", expiration="0", headers={"x-first-death-queue": "mine"}), *_letters(), publish("cv-q", expiration="0", headers={"x-death": []}), *_letters()],
}

_LETTERS: dict[str, Conversation] = {
    "rejected": [_dead(), queue(**_DEAD), publish("cv-q", headers={"h": 1}), get(), say("basic.reject", delivery_tag=1), *_letters()],
    "nacked_multiple": [_dead(), queue(**_DEAD), *_fill(3), get(), get(), get(), say("basic.nack", delivery_tag=3, multiple=True), *_letters(3)],
    "nacked_without": [queue(), publish("cv-q"), get(), say("basic.nack", delivery_tag=1), get()],
    "own_key": [queue("cv-dead"), queue(dead_letter_exchange="amq.direct"), _bind("cv-dead", "amq.direct", "cv-q"), publish("cv-q"), get(), say("basic.reject", delivery_tag=1), *_letters()],
    "own_keys_with_cc": [queue("cv-dead"), queue("cv-2"), queue(dead_letter_exchange="cv-x"), say("exchange.declare", exchange="cv-x", type="direct"), _bind("cv-dead", "cv-x", "cv-q"), _bind("cv-2", "cv-x", "cv-cc"), publish("cv-q", headers={"CC": ["cv-cc"], "BCC": ["cv-bcc"]}), get(), say("basic.reject", delivery_tag=1), *_letters(), get("cv-2")],
    "new_key_with_cc": [_dead(), queue(**_DEAD), publish("cv-q", headers={"CC": ["cv-cc"], "BCC": ["cv-bcc"]}), get(), say("basic.reject", delivery_tag=1), *_letters()],
    "missing_exchange": [queue(dead_letter_exchange="cv-none"), publish("cv-q"), get(), say("basic.reject", delivery_tag=1), get()],
    "unroutable": [queue(dead_letter_exchange="", dead_letter_routing_key="cv-none"), publish("cv-q"), get(), say("basic.reject", delivery_tag=1), get()],
    "empty_key": [queue(dead_letter_exchange="cv-x", dead_letter_routing_key=""), say("exchange.declare", exchange="cv-x", type="fanout"), _dead(), _bind("cv-dead", "cv-x"), publish("cv-q"), get(), say("basic.reject", delivery_tag=1), *_letters()],
    "default_exchange_own_key": [queue(dead_letter_exchange=""), publish("cv-q"), get(), say("basic.reject", delivery_tag=1), get(), say("basic.reject", delivery_tag=2), get()],
    "maxlen": [_dead(), queue(max_length=1, **_DEAD), publish("cv-q", "1", expiration="60000"), publish("cv-q", "2"), *_letters(), get()],
    "maxlen_zero": [_dead(), queue(max_length=0, **_DEAD), publish("cv-q"), *_letters(), count(), consume(), publish("cv-q")],
    "maxlen_twice": [queue("cv-2", max_length=0, dead_letter_exchange="", dead_letter_routing_key="cv-dead"), _dead(), queue(max_length=0, dead_letter_exchange="", dead_letter_routing_key="cv-2"), publish("cv-q"), *_letters()],
    "maxlen_bytes": [_dead(), queue(max_length_bytes=5, **_DEAD), publish("cv-q", "123"), publish("cv-q", "45"), publish("cv-q", "6"), *_letters(2), count(), publish("cv-q", "1234567"), *_letters(4), count()],
    "maxlen_unacked_do_not_count": [queue(max_length=1), publish("cv-q", "1"), get(), publish("cv-q", "2"), count(), say("basic.nack", delivery_tag=1, requeue=True), count(), get()],
    "maxlen_both_limits": [_dead(), queue(max_length=3, max_length_bytes=4, **_DEAD), publish("cv-q", "12"), publish("cv-q", "3"), publish("cv-q", "4"), publish("cv-q", "5"), *_letters(3), count()],
    "maxlen_and_priority": [_dead(), queue(max_length=2, max_priority=3, **_DEAD), publish("cv-q", "h", priority=3), publish("cv-q", "l", priority=1), publish("cv-q", "m", priority=2), *_letters(2), publish("cv-q", "lowest"), *_letters(2)],
    "reject_publish": [queue(max_length=1, overflow="reject-publish"), publish("cv-q", "1"), publish("cv-q", "2"), count(), say("confirm.select"), publish("cv-q", "3"), get(), publish("cv-q", "4"), publish("cv-q", "5", mandatory=True)],
    "reject_publish_bytes": [queue(max_length_bytes=3, overflow="reject-publish"), say("confirm.select"), publish("cv-q", "1234"), publish("cv-q", "123"), publish("cv-q", "1"), publish("cv-q", ""), count()],
    "reject_publish_dlx": [_dead(), queue(max_length=1, overflow="reject-publish-dlx", **_DEAD), say("confirm.select"), publish("cv-q", "1"), publish("cv-q", "2"), *_letters(), count()],
    "reject_publish_consumer": [queue(max_length=0, overflow="reject-publish"), say("confirm.select"), consume(), publish("cv-q", "1")],
    "reject_publish_of_two": [queue(max_length=0, overflow="reject-publish"), queue("cv-2"), say("exchange.declare", exchange="cv-x", type="fanout"), _bind("cv-q", "cv-x"), _bind("cv-2", "cv-x"), say("confirm.select"), publish("k", exchange="cv-x"), count("cv-2")],
    "reject_publish_in_tx": [queue(max_length=0, overflow="reject-publish"), say("tx.select"), publish("cv-q"), say("tx.commit"), count()],
    "reject_publish_requeue": [queue(max_length=1, overflow="reject-publish"), publish("cv-q", "1"), get(), publish("cv-q", "2"), say("basic.nack", delivery_tag=1, requeue=True), count()],
    "cycle_of_rejects": [queue(dead_letter_exchange="", dead_letter_routing_key="cv-2"), queue("cv-2", dead_letter_exchange="", dead_letter_routing_key="cv-q"), publish("cv-q"), *[step for n in (1, 3) for step in (get(), say("basic.reject", delivery_tag=n), get("cv-2"), say("basic.reject", delivery_tag=n + 1))], get()],
    "cycle_of_expiry": [queue(message_ttl=50, dead_letter_exchange="", dead_letter_routing_key="cv-2"), queue("cv-2", message_ttl=50, dead_letter_exchange="", dead_letter_routing_key="cv-q"), publish("cv-q"), wait(0.6), count(), count("cv-2")],
    "cycle_of_maxlen": [queue(max_length=0, dead_letter_exchange="", dead_letter_routing_key="cv-q"), publish("cv-q"), count()],
    "deaths_in_many_queues": [_dead(), *[_hop(n, f"cv-{n + 1}" if n < 4 else "cv-dead") for n in (1, 2, 3, 4)], publish("cv-1"), *[step for n in (1, 2, 3, 4) for step in (get(f"cv-{n}"), say("basic.reject", delivery_tag=n), wait(0.1))], *_letters()],
    "blind_copies_that_are_shown_elsewhere": [_dead(), queue(message_ttl=0, **_DEAD), *[step for headers in ({"BCC": ["cv-q"]}, {"CC": ["cv-c"], "BCC": ["cv-c", "cv-b"]}) for step in (publish("cv-q", headers=headers), wait(0.1), *_letters())]],
    "deaths_in_a_ring": [*[_hop(n, f"cv-{n % 3 + 1}") for n in (1, 2, 3)], publish("cv-1"), *[step for tag in range(1, 8) for step in (get(f"cv-{(tag - 1) % 3 + 1}"), say("basic.reject", delivery_tag=tag), wait(0.1))], get("cv-2")],
    "ring_that_one_reject_does_not_keep_open": [_hop(1, "cv-2", message_ttl=0), _hop(2, "cv-3", message_ttl=0), _hop(3, "cv-1"), publish("cv-1"), wait(0.2), get("cv-3"), say("basic.reject", delivery_tag=1), wait(0.2), count("cv-1"), count("cv-2"), count("cv-3")],
    "ring_of_limits": [_hop(1, "cv-2", max_length=0), _hop(2, "cv-3", max_length=0), _hop(3, "cv-1"), publish("cv-1"), wait(0.2), get("cv-3"), say("basic.reject", delivery_tag=1), wait(0.2), count("cv-1"), count("cv-2"), count("cv-3")],
    "deaths_that_a_client_tells": [_dead(), queue(message_ttl=0, **_DEAD), publish("cv-q", headers={"x-death": [{"queue": q, "reason": "expired", "count": 1} for q in ("a", "b", "cv-q", "c", "d")]}), wait(0.1), *_letters()],
    "two_reasons": [_dead(), queue(message_ttl=50, dead_letter_exchange="", dead_letter_routing_key="cv-2"), queue("cv-2", **_DEAD), publish("cv-q", exchange="amq.direct"), publish("cv-q", expiration="60000"), wait(0.3), get("cv-2"), say("basic.reject", delivery_tag=1), *_letters()],
    "same_queue_two_reasons": [queue(dead_letter_exchange="", dead_letter_routing_key="cv-2"), queue("cv-2", message_ttl=50, dead_letter_exchange="", dead_letter_routing_key="cv-q"), publish("cv-q"), get(), say("basic.reject", delivery_tag=1), wait(0.3), get(), say("basic.reject", delivery_tag=2), wait(0.3), get()],
    "expired_both": [_dead(), queue(message_ttl=5000, **_DEAD), publish("cv-q", expiration="50"), wait(0.3), *_letters()],
    "expired_by_queue": [_dead(), queue(message_ttl=50, **_DEAD), publish("cv-q", expiration="5000"), wait(0.3), *_letters()],
    "expired_order": [_dead(), queue(**_DEAD), publish("cv-q", "1", expiration="1500"), publish("cv-q", "2", expiration="50"), publish("cv-q", "3"), wait(0.2), count(), wait(1.5), *_letters(3), count()],
    "expired_while_unacked": [_dead(), queue(message_ttl=100, **_DEAD), publish("cv-q"), get(), wait(0.3), say("basic.nack", delivery_tag=1, requeue=True), *_letters(), get()],
    "expired_before_a_consumer": [queue(), publish("cv-q", "1", expiration="50"), publish("cv-q", "2"), wait(0.2), consume()],
    "ttl_zero": [_dead(), queue(message_ttl=0, **_DEAD), publish("cv-q"), *_letters(), consume(no_ack=True), publish("cv-q")],
    "ttl_and_priority": [_dead(), queue(max_priority=2, **_DEAD), publish("cv-q", "high", priority=2), publish("cv-q", "low", expiration="50"), wait(0.3), *_letters(), count()],
    "ttl_of_a_high_priority": [_dead(), queue(max_priority=2, **_DEAD), publish("cv-q", "high", priority=2, expiration="1500"), publish("cv-q", "low", expiration="50"), wait(0.3), count(), wait(1.5), count(), *_letters(2)],
    "reject_publish_and_priority": [queue(max_length=2, max_priority=2, overflow="reject-publish"), say("confirm.select"), publish("cv-q", "1", priority=1), publish("cv-q", "2"), publish("cv-q", "3", priority=2), count()],
    "letter_to_the_same_queue_by_limit": [queue(max_length=1, dead_letter_exchange="", dead_letter_routing_key="cv-q"), publish("cv-q", "1"), publish("cv-q", "2"), count(), get()],
    "delete_and_purge_make_no_letters": [_dead(), queue(**_DEAD), publish("cv-q"), say("queue.purge", queue="cv-q"), publish("cv-q"), say("queue.delete", queue="cv-q"), *_letters()],
    "exclusive_queue_gone_while_unacked": [_dead(), queue(exclusive=True, **_DEAD), publish("cv-q"), get(), say("basic.reject", delivery_tag=1), *_letters()],
    "rejected_in_tx": [_dead(), queue(**_DEAD), publish("cv-q"), get(), say("tx.select"), say("basic.reject", delivery_tag=1), *_letters(), say("tx.commit"), *_letters()],
    "letter_is_confirmed_for_nobody": [_dead(), queue(**_DEAD), say("confirm.select"), publish("cv-q"), get(), say("basic.nack", delivery_tag=1), *_letters()],
    "letter_keeps_priority_and_mode": [_dead(), queue(**_DEAD), publish("cv-q", priority=3, delivery_mode=2, reply_to="r", correlation_id="c"), get(), say("basic.reject", delivery_tag=1), *_letters()],
    "letter_by_headers_exchange": [queue(dead_letter_exchange="cv-x"), _dead(), say("exchange.declare", exchange="cv-x", type="headers"), say("queue.bind", queue="cv-dead", exchange="cv-x", arguments={"a": 1}), publish("cv-q", headers={"a": 1}), get(), say("basic.reject", delivery_tag=1), *_letters()],
    "letter_to_quorum": [queue("cv-dead", queue_type="quorum"), queue(**_DEAD), publish("cv-q"), get(), say("basic.reject", delivery_tag=1), wait(0.1), *_letters()],
}

CONVERSATIONS: dict[str, Conversation] = {
    **{f"routing_{name}": steps for name, steps in _ROUTING.items()},
    **{f"content_{name}": steps for name, steps in _CONTENT.items()},
    **{f"letters_{name}": steps for name, steps in _LETTERS.items()},
}
