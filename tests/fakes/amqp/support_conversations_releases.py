"""Conversations about what releases of RabbitMQ do differently: counts of letters, commits, new arguments, retries."""

# One conversation a line, or a few: they are read beside one another.
# fmt: off
from __future__ import annotations

from tests.fakes.amqp.support_conversations import (
    Conversation,
    Step,
    consume,
    count,
    drop,
    get,
    publish,
    queue,
    say,
    wait,
)
from tests.fakes.amqp.support_conversations_consumers import ack, fill, nack, qos, reject
from tests.fakes.amqp.support_conversations_declare import VALUES, one

from tomodachi_fakes.amqp.fields import Field, FieldType

_DEAD = {"dead_letter_exchange": "", "dead_letter_routing_key": "cv-dead"}


def _queue(kind: str, name: str = "cv-q", **arguments: object) -> Step:
    return queue(name, **({} if kind == "classic" else {"queue_type": kind}), **arguments)


def _quorum(name: str = "cv-q", **arguments: object) -> Step:
    return _queue("quorum", name, **arguments)


def _exchange(kind: str, name: str = "cv-x", **arguments: object) -> Step:
    return say("exchange.declare", exchange=name, type=kind, **arguments)


def _bind(name: str = "cv-q", exchange: str = "cv-x", key: str = "", where: str = "a1", **values: object) -> Step:
    return say("queue.bind", where, queue=name, exchange=exchange, routing_key=key, **values)


_ENDS: dict[str, Conversation] = {
    "reject": [get(), reject(1, requeue=False)],
    "nack": [get(), nack(1, requeue=False)],
    "reject_of_a_delivery": [consume(), reject(1, requeue=False)],
    "nack_and_expiry": [get(), nack(1), wait(0.6)],
    "reject_and_expiry": [get(), reject(1), wait(0.6)],
    "nack_and_reject": [get(), nack(1), get(), reject(2, requeue=False)],
    "nack_and_nack": [get(), nack(1), get(), nack(2, requeue=False)],
    "reject_and_nack": [get(), reject(1), get(), nack(2, requeue=False)],
    "rejects": [get(), reject(1), get(), reject(2), get(), reject(3, requeue=False)],
    "close_and_expiry": [get(where="b1"), say("channel.close", "b1"), wait(0.6)],
}


def _counts(source: str, target: str, name: str) -> Conversation:
    ttl = {"message_ttl": 400} if "expiry" in name else {}
    steps = _ENDS[name]
    last = sum(step.name in ("basic.get", "basic.consume") and step.where == "a1" for step in steps) + 1
    return [_queue(target, "cv-dead"), _queue(source, **_DEAD, **ttl), *fill(1), wait(0.1), *steps, wait(0.2), get("cv-dead"), reject(last), wait(0.1), get("cv-dead")]


_LETTERS: dict[str, Conversation] = {
    **{f"{source}_to_{target}_{name}": _counts(source, target, name) for source in ("classic", "quorum") for target in ("classic", "quorum") for name in _ENDS},
    "full_after_reject": [_quorum("cv-dead"), _quorum(max_length=1, **_DEAD), *fill(1), wait(0.1), get(), reject(1), wait(0.1), *fill(2), wait(0.2), get("cv-dead"), get("cv-dead")],
    "delivery_limit": [_quorum("cv-dead"), _quorum(delivery_limit=1, **_DEAD), *fill(1), wait(0.1), get(), reject(1), wait(0.1), get(), reject(2), wait(0.2), get("cv-dead")],
    "three_queues": [_quorum("cv-dead"), _quorum("cv-2", **_DEAD), _quorum(dead_letter_exchange="", dead_letter_routing_key="cv-2"), *fill(1), wait(0.1), get(), reject(1, requeue=False), wait(0.1), get("cv-2"), reject(2, requeue=False), wait(0.2), get("cv-dead"), reject(3), wait(0.1), get("cv-dead")],
    "a_classic_queue_between": [_quorum("cv-dead"), queue("cv-2", **_DEAD), _quorum(dead_letter_exchange="", dead_letter_routing_key="cv-2"), *fill(1), wait(0.1), get(), reject(1, requeue=False), wait(0.1), get("cv-2"), reject(2, requeue=False), wait(0.2), get("cv-dead"), reject(3), wait(0.1), get("cv-dead")],
    "the_next_limit": [queue("cv-end"), _quorum("cv-dead", delivery_limit=1, dead_letter_exchange="", dead_letter_routing_key="cv-end"), _quorum(**_DEAD), *fill(1), wait(0.1), get(), reject(1), wait(0.1), get(), reject(2, requeue=False), wait(0.2), get("cv-dead"), reject(3), wait(0.2), count("cv-end"), count("cv-dead")],
    "the_next_limit_from_a_classic_queue": [queue("cv-end"), _quorum("cv-dead", delivery_limit=1, dead_letter_exchange="", dead_letter_routing_key="cv-end"), queue(**_DEAD), *fill(1), wait(0.1), get(), reject(1), wait(0.1), get(), reject(2, requeue=False), wait(0.2), get("cv-dead"), reject(3), wait(0.2), count("cv-end"), count("cv-dead")],
}

_HEADERS: dict[str, Conversation] = {
    "of_a_get": [queue(), publish("cv-q", headers={"b": 1, "a": 2}), get(), publish("cv-q", headers={"b": 1, "a": 2, "c": {"z": 1, "y": 2}}, expiration="50000", priority=3), get()],
    "of_a_delivery": [queue(), consume(no_ack=True), publish("cv-q", headers={"b": 1, "a": 2})],
    "of_a_return": [publish("cv-q", headers={"b": 1, "a": 2}, mandatory=True)],
    "order": [queue(), publish("cv-q", headers={"x-b": 1, "x-a": 2, "B": 1, "A": 3, "é": 2, "zzzz": 3, "aa": 1, "a b": 1}), get()],
}

_CHECKS: dict[str, Conversation] = {
    "order_of_properties": [queue(), publish("cv-q", user_id="nobody", headers={"CC": 1}), publish("cv-q", expiration="x", headers={"CC": 1}), publish("cv-q", expiration="x", exchange="cv-none"), publish("cv-q", user_id="nobody", exchange="cv-none"), publish("cv-q", expiration="x", reply_to="amq.rabbitmq.reply-to"), publish("cv-q", user_id="nobody", reply_to="amq.rabbitmq.reply-to"), publish("cv-q", headers={"CC": 1}, reply_to="amq.rabbitmq.reply-to"), publish("k", exchange="cv-none", headers={"CC": 1}), publish("k", exchange="cv-none", immediate=True), publish("cv-q", immediate=True, expiration="x")],
    "topic_wildcards": [queue(), *[_bind(exchange="amq.topic", key=key) for key in ("#", "#.#", "#.a.#", "#.#.#", "#.a.#.b.#", "#.#.#.#", "##", "#a.#.#.#b.#")], say("exchange.bind", destination="amq.fanout", source="amq.topic", routing_key="#.#.#"), say("queue.unbind", queue="cv-q", exchange="amq.topic", routing_key="#.#.#"), _bind(exchange="amq.direct", key="#.#.#")],
    "empty_queue_type": [queue(queue_type=""), queue(queue_type="classic"), queue(), queue("cv-2", durable=True, queue_type=""), queue("cv-3", durable=True), queue("cv-3", queue_type="", durable=True)],
    "queue_version": [queue(queue_version=1), queue(queue_version=2), queue("cv-2"), queue("cv-2", queue_version=2), queue("cv-3", queue_version=3), queue("cv-3", queue_version=0)],
    "ages": [step for age in ("1D", "24h", "1440m", "1s", "0s", "1Y", "1M", "x", "1d", "1.5D") for step in (queue(queue_type="stream", max_age="1D"), queue("cv-q", "b1", queue_type="stream", max_age=age))],
    "strange_reply_addresses": [queue("amq.rabbitmq.reply-to.x"), queue("amq.rabbitmq.reply-to.x", passive=True), queue("amq.rabbitmq.reply-to", passive=True), queue("amq.rabbitmq.reply-to.", passive=True), publish("amq.rabbitmq.reply-to.x", mandatory=True), publish("amq.rabbitmq.reply-to.x")],
    "stream_offsets": [step for value in (True, 1.5, None, [1], {"a": 1}, Field(FieldType.BINARY, b"first"), "", "first ", "1D", "1x", Field(FieldType.TIMESTAMP, 5)) for step in (queue(queue_type="stream"), qos(5), consume(arguments={"x-stream-offset": value}), say("channel.close"))],
    "exchange_types": [step for kind in ("x-local-random", "x-random", "x-recent-history", "x-modulus-hash", "x-jms-topic", "x-event") for step in (_exchange(kind), say("exchange.delete", exchange="cv-x"))],
    "exchange_type_with_a_hyphen": [_exchange("x-local-random"), _exchange("direct")],
}

_TX: dict[str, Conversation] = {
    "queue_deleted": [queue("cv-2"), queue(), say("tx.select"), publish("cv-q"), publish("cv-2"), say("queue.delete", "b1", queue="cv-q"), say("tx.commit"), count("cv-2")],
    "queue_deleted_after_another": [queue("cv-2"), queue(), say("tx.select"), publish("cv-2"), publish("cv-q"), say("queue.delete", "b1", queue="cv-q"), say("tx.commit"), count("cv-2")],
    "one_of_two_deleted": [queue("cv-2"), queue(), _exchange("fanout"), _bind(), _bind("cv-2"), say("tx.select"), publish("k", exchange="cv-x"), say("queue.delete", "b1", queue="cv-q"), say("tx.commit"), count("cv-2")],
    "bound_after": [queue(), _exchange("fanout"), say("tx.select"), publish("k", exchange="cv-x", mandatory=True), _bind(where="b1"), say("tx.commit"), count()],
    "unbound_after": [queue(), _exchange("fanout"), _bind(), say("tx.select"), publish("k", exchange="cv-x", mandatory=True), say("queue.unbind", "b1", queue="cv-q", exchange="cv-x"), say("tx.commit"), count()],
    "exchange_deleted": [queue(), _exchange("fanout"), _bind(), say("tx.select"), publish("k", exchange="cv-x", mandatory=True), say("exchange.delete", "b1", exchange="cv-x"), say("tx.commit"), count()],
    "deleted_and_redeclared": [queue(), say("tx.select"), publish("cv-q", mandatory=True), say("queue.delete", "b1", queue="cv-q"), queue("cv-q", "b1"), say("tx.commit"), count()],
    "declared_after": [say("tx.select"), publish("cv-q", mandatory=True), queue("cv-q", "b1"), say("tx.commit"), count()],
    "quorum_queue_deleted": [_quorum(), say("tx.select"), publish("cv-q"), say("queue.delete", "b1", queue="cv-q"), say("tx.commit")],
}

_STREAMS: dict[str, Conversation] = {
    "nack_and_reject": [_queue("stream"), *fill(2), wait(0.3), qos(1), consume(arguments={"x-stream-offset": "first"}), nack(1, requeue=False), wait(0.2), reject(2), wait(0.2)],
    "recover": [_queue("stream"), *fill(1), wait(0.2), *fill(1), wait(0.3), qos(1), consume(arguments={"x-stream-offset": "first"}), say("basic.recover", requeue=True), wait(0.2)],
    "nack_multiple": [_queue("stream"), *fill(1), wait(0.1), *fill(1), wait(0.1), *fill(1), wait(0.3), qos(2), consume(arguments={"x-stream-offset": "first"}), nack(2, multiple=True), wait(0.2), ack(3), wait(0.2)],
}

_EXCHANGES: dict[str, Conversation] = {
    "local_random": [_exchange("x-local-random"), queue(), _bind(), _bind(key="k"), _bind(arguments={"a": 1}), publish("any", exchange="cv-x", mandatory=True), count(), _exchange("fanout", "cv-y"), say("exchange.bind", destination="cv-y", source="cv-x"), say("exchange.bind", destination="cv-x", source="cv-y", routing_key="k")],
    "local_random_and_other_queues": [_exchange("x-local-random"), _quorum(), _bind(), _queue("stream", "cv-2"), _bind("cv-2"), publish("any", exchange="cv-x", mandatory=True), wait(0.1), count()],
    "local_random_without_queues": [_exchange("x-local-random"), publish("any", exchange="cv-x", mandatory=True)],
    "modulus_hash": [_exchange("x-modulus-hash"), _exchange("x-modulus-hash", arguments={"hash-header": "h"}), queue(), _bind(key="z"), publish("a", exchange="cv-x", mandatory=True), count(), publish("b", exchange="cv-x"), count()],
}


def _retry(*steps: Step, **arguments: object) -> Conversation:
    return [queue("cv-dead"), _quorum(**{"delayed_retry_type": "all", "delayed_retry_min": 1000, **_DEAD, **arguments}), *fill(1), wait(0.1), *steps]


_RETRIES: dict[str, Conversation] = {
    **{f"argument_{kind}_{name.replace('-', '_')}": [step for value in VALUES.values() for step in one(name, value, **({} if kind == "classic" else {"queue_type": kind}))] for name in ("delayed-retry-type", "delayed-retry-min", "delayed-retry-max", "consumer-disconnected-timeout") for kind in ("classic", "quorum", "stream")},
    "unequal": [_quorum(delayed_retry_type="all", delayed_retry_min=100, delayed_retry_max=200, consumer_disconnected_timeout=500), *[_quorum(**{"delayed_retry_type": "all", "delayed_retry_min": 100, "delayed_retry_max": 200, "consumer_disconnected_timeout": 500, **other}) for other in ({"delayed_retry_min": 101}, {"delayed_retry_max": 201}, {"consumer_disconnected_timeout": 501}, {"delayed_retry_type": "failed"}, {"delayed_retry_type": "failed", "delayed_retry_min": 5, "delivery_limit": 3}, {"delayed_retry_min": 5, "delayed_retry_max": 6}, {"delayed_retry_max": 6, "consumer_disconnected_timeout": 7}, {"consumer_timeout": 7, "consumer_disconnected_timeout": 7, "max_length": 4})]],
    "reject": _retry(get(), reject(1), get(), wait(1.2), get()),
    "nack": _retry(get(), nack(1), get(), wait(1.2), get(), nack(2), wait(1.3), get(), nack(3), wait(1.3), get()),
    "longer_each_time": _retry(get(), reject(1), wait(1.2), get(), reject(2), wait(1.2), get(), wait(0.9), get(), reject(3), wait(2.2), get(), wait(0.9), get(), delayed_retry_max=10000),
    "as_long_each_time": _retry(get(), reject(1), wait(1.2), get(), reject(2), wait(1.2), get(), reject(3), wait(1.2), get()),
    "at_most": _retry(get(), reject(1), wait(1.2), get(), reject(2), wait(1.2), get(), reject(3), wait(1.2), get(), delayed_retry_max=1000),
    "most_below_least": _retry(get(), reject(1), wait(0.4), get(), delayed_retry_max=100),
    "failed": _retry(get(), nack(1), get(), reject(2), get(), wait(1.2), get(), delayed_retry_type="failed"),
    "returned": _retry(get(), reject(1), get(), nack(2), get(), wait(1.2), get(), delayed_retry_type="returned"),
    "other_type": _retry(get(), reject(1), get(), delayed_retry_type="sometimes"),
    "no_shortest": _retry(get(), reject(1), get(), delayed_retry_min=0),
    "closed_channel": _retry(get(where="b1"), say("channel.close", "b1"), wait(0.1), get(), wait(1.2), get()),
    "order": _retry(*fill(2), wait(0.1), get(), get(), reject(2), reject(1), wait(0.1), count(), wait(1.3), get(), get(), get()),
    "purge": _retry(get(), reject(1), wait(0.1), count(), say("queue.purge", queue="cv-q"), wait(1.2), count()),
    "full": _retry(get(), reject(1), wait(0.1), publish("cv-q", "x", "w1"), wait(0.1), count(), get("cv-dead"), wait(2), count(), max_length=1, delayed_retry_min=2000),
    "full_and_refusing": _retry(get(), reject(1), wait(0.1), say("confirm.select"), publish("cv-q", "x"), wait(0.1), publish("cv-q", "y"), wait(0.1), count(), wait(2), count(), max_length=1, overflow="reject-publish", delayed_retry_min=2000),
    "delivery_limit": _retry(get(), reject(1), wait(1.2), get(), reject(2), wait(0.1), get("cv-dead"), delivery_limit=1),
    "expiry": _retry(get(), reject(1), wait(1.2), count("cv-dead"), wait(1), count("cv-dead"), count(), message_ttl=1000, delayed_retry_min=2000),
    "delivery": _retry(consume(), reject(1), wait(0.2), wait(1.2)),
}

def _of(*priorities: int) -> Conversation:
    """Publish messages of these priorities; the body is the priority and a number."""
    return [publish("cv-q", f"{p}.{n}", "w1", priority=p) for n, p in enumerate(priorities)]


def _gets(number: int) -> Conversation:
    return [get(no_ack=True) for _ in range(number)]


_PRIORITIES: dict[str, Conversation] = {
    "normal_first": [_quorum(), *_of(0, 0, 0, 0, 5, 5, 5, 5, 5, 5), wait(0.1), *_gets(11)],
    "high_first": [_quorum(), *_of(9, 9, 9, 9, 0, 0, 0), wait(0.1), *_gets(8)],
    "mixed": [_quorum(), *_of(0, 9, 0, 9, 0, 9, 0, 9), wait(0.1), *_gets(9)],
    "levels": [_quorum(), *_of(0, 1, 4, 5, 9, 31, 32, 255, 3), publish("cv-q", "none", "w1"), wait(0.1), *_gets(11)],
    "more_come": [_quorum(), *_of(9, 9, 9, 0, 0), wait(0.1), *_gets(2), *_of(9, 9), wait(0.1), *_gets(6)],
    "normal_ones_count": [_quorum(), *_of(0, 0), wait(0.1), *_gets(2), *_of(9, 9, 9, 0), wait(0.1), *_gets(5)],
    "returned": [_quorum(), *_of(0, 9, 0, 9), wait(0.1), get(), get(), nack(1), nack(2), wait(0.1), *_gets(5)],
    "returned_before_high": [_quorum(), *_of(0, 0), wait(0.1), get(), *_of(9), nack(1), wait(0.1), *_gets(4)],
    "delivered": [_quorum(), qos(1), *_of(0, 0, 0, 9, 9, 9, 9), wait(0.1), consume(), *[step for tag in range(1, 8) for step in (ack(tag), wait(0.1))]],
    "full": [queue("cv-dead"), _quorum(max_length=2, **_DEAD), *_of(9, 0, 5), wait(0.2), get("cv-dead", no_ack=True), *_gets(3)],
    "full_of_high": [queue("cv-dead"), _quorum(max_length=2, **_DEAD), *_of(0, 9, 9), wait(0.2), get("cv-dead", no_ack=True), *_gets(3)],
    "expiry_behind_a_higher": [queue("cv-dead"), _quorum(**_DEAD), publish("cv-q", "low", "w1", priority=0, expiration="400"), publish("cv-q", "high", "w1", priority=9), wait(0.8), count("cv-dead"), count(), *_gets(2)],
    "expiry_before_a_lower": [queue("cv-dead"), _quorum(**_DEAD), publish("cv-q", "low", "w1", priority=0), publish("cv-q", "high", "w1", priority=9, expiration="400"), wait(0.8), count("cv-dead"), count()],
    "expiry_behind_its_own": [queue("cv-dead"), _quorum(**_DEAD), publish("cv-q", "1", "w1", priority=9), publish("cv-q", "2", "w1", priority=9, expiration="400"), wait(0.8), count("cv-dead"), count()],
    "argument": [_quorum(max_priority=5)],
}

_RULES: dict[str, Conversation] = {
    "negative_limit": [_quorum(delivery_limit=-1), *fill(3), wait(0.1), get(), get(), nack(1), nack(2), wait(0.1), *_gets(4)],
    "limit_of_a_strange_type": [_quorum(delivery_limit="1"), *fill(1), wait(0.1), *[step for tag in (1, 2, 3) for step in (get(), reject(tag), wait(0.1))], count()],
    "default_limit": [queue("cv-dead"), _quorum(**_DEAD), *fill(1), wait(0.1), consume(), *[step for tag in range(1, 22) for step in (reject(tag), wait(0.1))], get("cv-dead", no_ack=True)],
    "default_limit_and_nacks": [queue("cv-dead"), _quorum(**_DEAD), *fill(1), wait(0.1), consume(), *[step for tag in range(1, 22) for step in (nack(tag), wait(0.1))], get("cv-dead", no_ack=True), count()],
    "full_and_at_least_once": [queue("cv-dead"), _quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", max_length=1, **_DEAD), say("confirm.select"), *[step for body in "123" for step in (publish("cv-q", body), wait(0.1))]],
}

_FOUND_AT_RANDOM: dict[str, Conversation] = {
    "get_from_a_single_active_one": [_quorum(single_active_consumer=True), *fill(1), wait(0.1), get(), get(no_ack=True), count()],
    "late_refusal_after_a_delivery": [_quorum(max_length=1, overflow="reject-publish"), *fill(2), wait(0.1), qos(1), consume(), wait(0.1), publish("cv-q", "3", "w1"), wait(0.1), count()],
    "late_head_of_a_priority_queue": [queue("cv-dead"), queue(max_priority=5, **_DEAD), publish("cv-q", "low", "w1"), publish("cv-q", "high", "w1", priority=5, expiration="0"), wait(0.2), count(), get(no_ack=True), count(), count("cv-dead")],
    "lost_ones_come_first_without_a_limit": [_quorum(delivery_limit=-1), *fill(3), wait(0.1), get(where="b1"), say("channel.close", "b1"), wait(0.2), *_gets(3)],
    "expiry_behind_what_came_back": [queue("cv-dead"), _quorum(**_DEAD), *fill(1), wait(0.1), get(where="b1"), *fill(1), say("channel.close", "b1"), publish("cv-q", "x", "w1", priority=9, expiration="0"), wait(0.2), count(), count("cv-dead")],
    "count_of_a_get_before_an_expired_one": [_quorum(), *fill(1), publish("cv-q", "2", "w1", expiration="0"), *fill(1), wait(0.1), get(), count()],
}

_HIGH = {"x-priority": 5}
_ACTIVE: dict[str, Conversation] = {
    "priority": [_quorum(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "2", "b1", arguments=_HIGH), *fill(2), wait(0.1)],
    "equal_priority": [_quorum(single_active_consumer=True), consume("cv-q", "1", arguments=_HIGH), consume("cv-q", "2", "b1", arguments=_HIGH), *fill(1), wait(0.1)],
    "settles_first": [_quorum(single_active_consumer=True), consume("cv-q", "1"), *fill(1), wait(0.1), consume("cv-q", "2", "b1", arguments=_HIGH), wait(0.1), publish("cv-q", "2", "w1"), wait(0.1), ack(1), wait(0.1), publish("cv-q", "3", "w1"), wait(0.1)],
    "back_to_the_lower": [_quorum(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "2", "b1", arguments=_HIGH), *fill(1), wait(0.1), say("basic.cancel", "b1", consumer_tag="2"), wait(0.1), publish("cv-q", "2", "w1"), wait(0.1)],
    "the_next_when_it_is_lost": [_quorum(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "3", "c1", arguments={"x-priority": 3}), consume("cv-q", "2", "b1", arguments=_HIGH), *fill(1), wait(0.1), drop("b1"), wait(0.4)],
    "on_one_channel": [_quorum(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "2", arguments=_HIGH), *fill(2), wait(0.1)],
    "classic_queue": [queue(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "2", "b1", arguments=_HIGH), *fill(2)],
}

_TIMEOUTS: dict[str, Conversation] = {
    "of_a_delivery": [_quorum(consumer_timeout=2000), qos(2), consume(), *fill(3), wait(1), wait(1.8), count(), ack(1), get("cv-q", "b1"), publish("cv-q", "x", "w1"), wait(0.3), count()],
    "of_a_get": [_quorum(consumer_timeout=2000), *fill(1), wait(0.1), get(), wait(1), wait(1.8), count(), ack(1)],
    "of_a_consumer": [_quorum(), consume(arguments={"x-consumer-timeout": 2000}), *fill(2), wait(1), wait(1.8), count(), ack(1), ack(2), wait(0.2)],
    "settled_late": [_quorum(consumer_timeout=2000), qos(1), consume(), *fill(2), wait(3), ack(1), wait(0.3), ack(2), wait(0.3)],
    "one_by_one": [_quorum(consumer_timeout=3000), consume(), *fill(1), wait(1.5), *fill(1), wait(1.7), count(), ack(2), wait(1.5), count(), ack(1), wait(0.2)],
    "settled_in_time": [_quorum(consumer_timeout=2000), consume(), *fill(2), wait(1), ack(1), wait(1.8), count()],
    "another_consumer": [_quorum(consumer_timeout=2000), qos(1), consume(), *fill(1), consume("cv-q", "u", "b1"), wait(3), ack(1), wait(0.2), ack(1, "b1"), wait(0.2), count()],
    "consumed_anew": [_quorum(consumer_timeout=2000), qos(1), consume(), *fill(1), wait(3), consume("cv-q", "v"), wait(0.3), ack(1), wait(0.2), ack(2), wait(0.2), count()],
    "arguments": [queue(), consume(arguments={"x-consumer-timeout": 1000}), _quorum("cv-2"), consume("cv-2", "u", arguments={"x-consumer-timeout": 100000}), consume("cv-2", "v", arguments={"x-consumer-timeout": "x"}), _queue("stream", "cv-3"), qos(1), consume("cv-3", "w", arguments={"x-consumer-timeout": 1000})],
}

CONVERSATIONS: dict[str, Conversation] = {
    **{f"counts_{name}": steps for name, steps in _LETTERS.items()},
    **{f"sorted_{name}": steps for name, steps in _HEADERS.items()},
    **{f"checks_{name}": steps for name, steps in _CHECKS.items()},
    **{f"commit_{name}": steps for name, steps in _TX.items()},
    **{f"stream_takes_{name}": steps for name, steps in _STREAMS.items()},
    **{f"exchange_{name}": steps for name, steps in _EXCHANGES.items()},
    **{f"retry_{name}": steps for name, steps in _RETRIES.items()},
    **{f"levels_{name}": steps for name, steps in _PRIORITIES.items()},
    **{f"random_{name}": steps for name, steps in _FOUND_AT_RANDOM.items()},
    **{f"rules_{name}": steps for name, steps in _RULES.items()},
    **{f"late_{name}": steps for name, steps in _TIMEOUTS.items()},
    **{f"active_{name}": steps for name, steps in _ACTIVE.items()},
}
