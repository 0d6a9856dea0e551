"""Conversations about consuming, acknowledging, prefetch, transactions, confirms and each queue type's ways."""

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

from tomodachi_fakes.amqp.fields import Field, FieldType

_DEAD = {"dead_letter_exchange": "", "dead_letter_routing_key": "cv-dead"}


def ack(tag: int, where: str = "a1", **values: object) -> Step:
    """basic.ack."""
    return say("basic.ack", where, delivery_tag=tag, **values)


def nack(tag: int, where: str = "a1", **values: object) -> Step:
    """basic.nack, with requeue unless told."""
    return say("basic.nack", where, delivery_tag=tag, **{"requeue": True, **values})


def reject(tag: int, where: str = "a1", **values: object) -> Step:
    """basic.reject, with requeue unless told."""
    return say("basic.reject", where, delivery_tag=tag, **{"requeue": True, **values})


def qos(number: int, where: str = "a1", **values: object) -> Step:
    """basic.qos."""
    return say("basic.qos", where, prefetch_count=number, **values)


def cancel(tag: str = "t", where: str = "a1", **values: object) -> Step:
    """basic.cancel."""
    return say("basic.cancel", where, consumer_tag=tag, **values)


def fill(number: int, name: str = "cv-q", where: str = "w1", **values: object) -> Conversation:
    """Publish so many messages, by another connection."""
    return [publish(name, str(n), where, **values) for n in range(1, number + 1)]


_ACKS: dict[str, Conversation] = {
    "unknown": [ack(1)], "unknown_nack": [nack(7)], "unknown_reject": [reject(7)], "zero": [ack(0)], "zero_nack": [nack(0)], "zero_reject": [reject(0)],
    "zero_multiple": [ack(0, multiple=True), nack(0, multiple=True), queue(), *fill(2), get(), get(), ack(0, multiple=True), count(), ack(1)],
    "zero_multiple_nack": [queue(), *fill(2), get(), get(), nack(0, multiple=True), count(), get()],
    "huge": [queue(), *fill(1), get(), ack(2**64 - 1)], "huge_multiple": [queue(), *fill(1), get(), ack(2**63, multiple=True), count()],
    "multiple_beyond": [queue(), *fill(2), get(), get(), ack(3, multiple=True), count()],
    "multiple_again": [queue(), *fill(3), get(), get(), get(), ack(2, multiple=True), ack(2, multiple=True)],
    "multiple_after_one": [queue(), *fill(3), get(), get(), get(), ack(2), ack(2, multiple=True), ack(3, multiple=True), ack(3, multiple=True)],
    "multiple_gap": [queue(), *fill(3), get(), get(), get(), ack(1), ack(3), ack(2, multiple=True)],
    "twice": [queue(), *fill(1), get(), ack(1), ack(1)], "no_ack_delivery": [queue(), *fill(1), get(no_ack=True), ack(1)],
    "other_channel": [queue(), *fill(1), get(), ack(1, "a2"), count(), ack(1)],
    "tags_by_channel": [queue(), *fill(4), get(), get(where="a2"), get(), get(where="a2"), ack(2, multiple=True), nack(2, "a2", multiple=True), count()],
    "after_channel_close": [queue(), *fill(1), get(), say("channel.close", "a1"), ack(1), get()],
    "requeue_order": [queue(), *fill(4), get(), get(), get(), nack(2), nack(1), get(), get(), get(), get()],
    "requeue_multiple_order": [queue(), *fill(4), get(), get(), get(), nack(3, multiple=True), get(), get(), get(), get()],
    "reject_requeue": [queue(), *fill(2), get(), reject(1), get(), get()],
    "recover": [queue(), *fill(3), get(), get(), say("basic.recover", requeue=True), get(), ack(1), ack(3)],
    "recover_false": [queue(), *fill(1), get(), say("basic.recover")], "recover_async": [queue(), *fill(1), get(), say("basic.recover-async", requeue=True), get()], "recover_async_false": [say("basic.recover-async")],
    "recover_to_consumer": [queue(), consume(), *fill(2), say("basic.recover", requeue=True)],
    "nack_to_consumer": [queue(), consume(), *fill(1), nack(1), nack(2), ack(3)],
    "nack_to_other": [queue(), consume(), consume("cv-q", "u", "b1"), *fill(2), nack(1), count()],
    "reject_and_prefetch": [queue(), qos(1), consume(), *fill(3), reject(1), reject(2, requeue=False), ack(3)],
    "unacked_of_a_lost_connection": [queue(), consume(where="b1"), *fill(2), drop("b1"), get(), get()],
    "unacked_of_a_closed_channel": [queue(), consume(where="b2"), *fill(2), say("channel.close", "b2"), get(), get()],
    "get_counts": [queue(), *fill(3), get(), get(no_ack=True), get(), get(), nack(1), get()],
    "get_and_consumer_tags": [queue(), *fill(1), get(), consume(), *fill(1), get(), ack(2, multiple=True)],
    "get_missing": [get()], "get_redelivered": [queue(), *fill(1), get(), nack(1), get(), nack(2), get()],
}

_CONSUMERS: dict[str, Conversation] = {
    "tag_empty": [queue(), consume(tag="")], "tag_long": [queue(), consume(tag="t" * 255), *fill(1), cancel("t" * 255)],
    "tag_twice": [queue(), consume(), consume()], "tag_twice_on_other_channels": [queue(), consume(), consume(where="a2"), *fill(2)],
    "tag_again_after_cancel": [queue(), consume(), cancel(), consume(), *fill(1)],
    "missing": [consume()], "missing_nowait": [consume(nowait=True)], "nowait": [queue(), consume(nowait=True), *fill(1)],
    "cancel_unknown": [cancel("nobody"), cancel("nobody", nowait=True), cancel("")], "cancel_keeps_unacked": [queue(), consume(), *fill(2), cancel(), count(), ack(1), nack(2), count(), get()], "cancel_nowait": [queue(), consume(), cancel(nowait=True), *fill(1), count()],
    "exclusive": [queue(), consume(exclusive=True), consume("cv-q", "u", "b1"), consume("cv-q", "u", "b1", exclusive=True), consume("cv-q", "u"), get(where="b1")],
    "exclusive_second": [queue(), consume(), consume("cv-q", "u", "b1", exclusive=True)],
    "exclusive_freed": [queue(), consume(exclusive=True), cancel(), consume("cv-q", "u", "b1", exclusive=True)],
    "no_local": [queue(), consume(no_local=True), publish("cv-q")],
    "round_robin": [queue(), consume("cv-q", "1"), consume("cv-q", "2"), consume("cv-q", "3", "a2"), *fill(5)],
    "round_robin_with_prefetch": [queue(), qos(1), consume("cv-q", "1"), consume("cv-q", "2"), *fill(4), ack(2), ack(1)],
    "priorities": [queue(), consume("cv-q", "low", arguments={"x-priority": -1}), consume("cv-q", "mid"), consume("cv-q", "high", arguments={"x-priority": 10}), *fill(3)],
    "priorities_with_prefetch": [queue(), qos(1), consume("cv-q", "mid"), consume("cv-q", "high", arguments={"x-priority": 10}), *fill(4), ack(2), ack(1), ack(3)],
    "priority_bad": [queue(), *[consume(tag=f"t{n}", arguments={"x-priority": value}) for n, value in enumerate(("5", 1.5, None, True, 2**40, Field(FieldType.BYTE, 3), [1], {"a": 1}))]],
    "arguments_unknown": [queue(), consume(arguments={"x-whatever": 1, "x-cancel-on-ha-failover": True})],
    "qos_size": [qos(0, prefetch_size=1)], "qos_size_global": [qos(1, prefetch_size=1, global_=True)], "qos_max": [queue(), qos(65535), consume(), *fill(1)],
    "qos_later_consumers": [queue(), qos(1), consume("cv-q", "1"), qos(2), consume("cv-q", "2"), *fill(5)],
    "qos_zero": [queue(), qos(0), consume(), *fill(3)], "qos_raised_does_not_help": [queue(), qos(1), consume(), *fill(3), qos(3), qos(0)],
    "qos_global": [queue(), qos(2, global_=True), consume("cv-q", "1"), consume("cv-q", "2"), *fill(4), ack(1), qos(3, global_=True), qos(0, global_=True)],
    "qos_global_lowered": [queue(), qos(3, global_=True), consume(), *fill(5), qos(1, global_=True), ack(1), ack(2), ack(3)],
    "qos_both": [queue(), qos(1), consume("cv-q", "1"), qos(3, global_=True), consume("cv-q", "2"), *fill(6)],
    "qos_global_then_own": [queue(), qos(2, global_=True), qos(1), consume("cv-q", "1"), consume("cv-q", "2"), *fill(4)],
    "qos_global_counts_gets": [queue(), *fill(3), qos(1, global_=True), get(), consume(), ack(1)],
    "qos_and_no_ack": [queue(), qos(1), consume(no_ack=True), *fill(3)],
    "qos_get_is_free": [queue(), qos(1), consume(), *fill(2), get()],
    "qos_two_queues_global": [queue(), queue("cv-2"), qos(1, global_=True), consume("cv-q", "1"), consume("cv-2", "2"), *fill(1), *fill(1, "cv-2"), ack(1)],
    "ack_multiple_consumer_by_consumer": [queue(), qos(2), consume("cv-q", "1"), consume("cv-q", "2"), *fill(7), ack(4, multiple=True), ack(0, multiple=True)],
    "nack_multiple_consumer_by_consumer": [queue(), qos(2), consume("cv-q", "b"), consume("cv-q", "a"), *fill(5), nack(4, multiple=True)],
    "recover_queue_by_queue": [queue("cv-b"), queue("cv-a"), consume("cv-b", "u"), consume("cv-a", "t"), *fill(1, "cv-b"), *fill(1, "cv-a"), say("basic.recover", requeue=True)],
    "letters_consumer_by_consumer": [queue("cv-dead"), queue(**_DEAD), consume("cv-q", "b"), consume("cv-q", "a"), *fill(4), nack(0, multiple=True, requeue=False), *[get("cv-dead", no_ack=True) for _ in range(4)]],
    "nack_of_gets_and_deliveries": [queue(), *fill(2), get(), get(), consume(), *fill(1), consume("cv-q", "u", "b1"), nack(3, multiple=True)],
    "ack_multiple_wakes": [queue(), qos(2), consume(), *fill(5), ack(2, multiple=True), ack(0, multiple=True)],
    "flow": [say("channel.flow", active=True), say("channel.flow", active=False)], "flow_ok": [say("channel.flow-ok", active=True)],
    "single_active": [queue(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "2", "b1"), *fill(2), say("channel.close", "a1"), publish("cv-q", "3", "w1")],
    "single_active_exclusive": [queue(single_active_consumer=True), consume("cv-q", "1", exclusive=True)],
    "single_active_priority": [queue(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "2", "b1", arguments={"x-priority": 5}), *fill(1)],
    "single_active_cancelled": [queue(single_active_consumer=True), qos(2), consume("cv-q", "1"), consume("cv-q", "2", "b1"), *fill(1), ack(1), cancel("1"), publish("cv-q", "4", "w1")],
    "single_active_lost": [queue(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "2", "b1"), *fill(1), drop("a1"), publish("cv-q", "2", "w1")],
    "notified_on_delete": [queue(), consume(), say("queue.delete", "b1", queue="cv-q"), cancel(), consume()],
    "notified_on_expiry_never": [queue(expires=100), consume(), wait(0.4), count(), cancel(), wait(0.4), count()],
    "expires": [queue(expires=200), publish("cv-q"), wait(0.5), count()],
    "expires_renewed_by": [queue(expires=2000), wait(1.2), queue(expires=2000), wait(1.2), publish("cv-q"), say("queue.bind", queue="cv-q", exchange="amq.direct"), wait(1.2), count()],
    "access": [say("access.request", realm="/data", passive=True, active=True)], "second_open": [say("channel.open")], "close_ok_alone": [say("channel.close-ok"), queue()],
    "secret": [say("connection.update-secret", "a0", new_secret=b"x", reason="r"), queue()],
    "lazy": [queue(queue_mode="lazy"), *fill(2), get(), consume()],
}

_MODES: dict[str, Conversation] = {
    "tx_not_selected": [say("tx.commit"), say("tx.rollback")], "tx_twice": [say("tx.select"), say("tx.select"), say("tx.commit"), say("tx.rollback")], "tx_after_confirm": [say("confirm.select"), say("tx.select")], "confirm_after_tx": [say("tx.select"), say("confirm.select")], "confirm_after_tx_nowait": [say("tx.select"), say("confirm.select", nowait=True)], "confirm_twice": [say("confirm.select"), say("confirm.select"), publish("cv-none"), say("confirm.select", nowait=True), publish("cv-none")],
    "tx_publish": [queue(), say("tx.select"), publish("cv-q"), count(), say("tx.commit"), count(), publish("cv-q"), say("tx.rollback"), count(), say("tx.commit"), count()],
    "tx_ack": [queue(), *fill(2), get(), get(), say("tx.select"), ack(1), ack(1)], "tx_ack_rollback": [queue(), *fill(2), get(), get(), say("tx.select"), ack(2, multiple=True), say("tx.rollback"), ack(2, multiple=True), say("tx.commit"), say("channel.close"), count()],
    "tx_nack": [queue(), *fill(1), get(), say("tx.select"), nack(1), count(), say("tx.commit"), count(), get()], "tx_unknown_tag": [say("tx.select"), ack(5), say("tx.commit")],
    "tx_mandatory": [say("tx.select"), publish("cv-none", mandatory=True), say("tx.rollback"), publish("cv-none", mandatory=True), say("tx.commit")],
    "tx_closed": [queue(), *fill(1), get(), say("tx.select"), publish("cv-q", "more"), ack(1), say("channel.close"), count()], "tx_error_loses_publishes": [queue(), say("tx.select"), publish("cv-q"), ack(9), count()],
    "tx_get": [queue(), say("tx.select"), publish("cv-q"), say("tx.commit"), get(), ack(1), say("tx.commit"), count()], "tx_recover": [queue(), *fill(1), get(), say("tx.select"), ack(1), say("basic.recover", requeue=True), count(), say("tx.commit"), count()],
    "tx_queue_deleted": [queue(), say("tx.select"), publish("cv-q", mandatory=True), say("queue.delete", queue="cv-q"), say("tx.commit")], "tx_exchange_deleted": [say("exchange.declare", exchange="cv-x", type="fanout"), say("tx.select"), publish("k", exchange="cv-x", mandatory=True), say("exchange.delete", exchange="cv-x"), say("tx.commit")],
    "tx_bad_publish": [queue(), say("tx.select"), publish("cv-q"), publish("cv-q", expiration="x"), count()],
    "confirms": [queue(), say("confirm.select"), publish("cv-q"), publish("cv-none"), publish("cv-none", mandatory=True), publish("k", exchange="amq.fanout"), publish("cv-q", where="a2")], "confirm_nowait": [say("confirm.select", nowait=True), publish("cv-none")],
    "confirm_to_consumer": [queue(), consume(no_ack=True), say("confirm.select", "a2"), publish("cv-q", where="a2")], "confirm_quorum": [queue(queue_type="quorum"), say("confirm.select"), publish("cv-q"), wait(0.1), publish("cv-q"), wait(0.1)], "confirm_stream": [queue(queue_type="stream"), say("confirm.select"), publish("cv-q"), wait(0.2)],
    "tx_refused": [queue(max_length=1, overflow="reject-publish"), queue("cv-2"), *fill(1, "cv-2"), get("cv-2"), say("tx.select"), publish("cv-q", "1"), publish("cv-q", "2"), publish("cv-2", "3"), ack(1), say("tx.commit"), count(), count("cv-2")],
    "tx_refused_and_returned": [queue(max_length=0, overflow="reject-publish"), say("tx.select"), publish("cv-q"), publish("cv-none", mandatory=True), say("tx.commit")],
    "confirm_persistent": [queue(durable=True), say("confirm.select"), publish("cv-q", delivery_mode=2), wait(0.3)],
}

_REPLY = "amq.rabbitmq.reply-to"
_REPLIES: dict[str, Conversation] = {
    "round_trip": [consume(_REPLY, no_ack=True), queue("cv-q", "b1"), publish("cv-q", reply_to=_REPLY), get(where="b1", no_ack=True), publish("$reply_to", "answer", "b1"), publish("$reply_to", "answer", "b1", mandatory=True), publish("$reply_to", "answer", "b1")],
    "with_acks": [consume(_REPLY)], "twice": [consume(_REPLY, no_ack=True), consume(_REPLY, "u", no_ack=True)], "exclusive": [consume(_REPLY, no_ack=True, exclusive=True)], "same_tag": [queue(), consume(), consume(_REPLY, no_ack=True)],
    "no_consumer": [queue(), publish("cv-q", reply_to=_REPLY)], "other_channel": [queue(), consume(_REPLY, where="a2", no_ack=True), publish("cv-q", reply_to=_REPLY)], "cancelled": [queue(), consume(_REPLY, no_ack=True), cancel(), publish("cv-q", reply_to=_REPLY)],
    "again_after_cancel": [consume(_REPLY, no_ack=True), cancel(), consume(_REPLY, "u", no_ack=True)], "empty_tag": [consume(_REPLY, "", no_ack=True)], "nowait": [consume(_REPLY, no_ack=True, nowait=True)],
    "consumer_gone": [consume(_REPLY, no_ack=True), queue("cv-q", "b1"), publish("cv-q", reply_to=_REPLY), get(where="b1", no_ack=True), say("channel.close"), publish("$reply_to", "answer", "b1"), publish("$reply_to", "answer", "b1", mandatory=True), say("confirm.select", "b1"), publish("$reply_to", "answer", "b1", mandatory=True)],
    "passive_declare": [consume(_REPLY, no_ack=True), queue("cv-q", "b1"), publish("cv-q", reply_to=_REPLY), get(where="b1", no_ack=True), queue("$reply_to", "b1", passive=True), queue("$reply_to", "b1"), say("channel.close"), queue("$reply_to", "b2", passive=True), queue(_REPLY, passive=True), queue(_REPLY)],
    "nonsense_address": [queue(_REPLY + ".nonsense", passive=True), publish(_REPLY + ".nonsense"), publish(_REPLY + ".nonsense", mandatory=True), publish(_REPLY), publish(_REPLY, mandatory=True), say("confirm.select"), publish(_REPLY + ".nonsense", mandatory=True)],
    "other_methods": [get(_REPLY), say("queue.purge", queue=_REPLY), say("queue.delete", queue=_REPLY), say("queue.bind", queue=_REPLY, exchange="amq.direct"), say("queue.delete", queue=_REPLY + ".x")],
    "properties": [consume(_REPLY, no_ack=True), queue("cv-q", "b1"), publish("cv-q", reply_to=_REPLY, correlation_id="c", headers={"b": 1, "a": 2}), get(where="b1", no_ack=True), publish("$reply_to", "answer", "b1", correlation_id="c", headers={"b": 1, "a": 2}), ack(1)],
    "in_tx": [say("tx.select"), consume(_REPLY, no_ack=True), queue(), publish("cv-q", reply_to=_REPLY), say("tx.commit"), get(no_ack=True)],
    "other_reply_to": [queue(), publish("cv-q", reply_to="amq.rabbitmq.reply-to.x"), publish("cv-q", reply_to="cv-mine"), get(), get()],
    "to_an_exchange": [consume(_REPLY, no_ack=True), queue("cv-q", "b1"), publish("cv-q", reply_to=_REPLY), get(where="b1", no_ack=True), publish("$reply_to", "answer", "b1", exchange="amq.direct", mandatory=True)],
}


def _quorum(**values: object) -> Step:
    return queue(queue_type="quorum", **values)


_QUORUM: dict[str, Conversation] = {
    "limit": [queue("cv-dead"), _quorum(delivery_limit=2, **_DEAD), *fill(1), consume(), reject(1), reject(2), reject(3), wait(0.1), get("cv-dead")],
    "limit_zero": [queue("cv-dead"), _quorum(delivery_limit=0, **_DEAD), *fill(1), get(), nack(1), wait(0.1), get("cv-dead"), count()],
    "limit_without_letters": [_quorum(delivery_limit=1), *fill(1), get(), nack(1), get(), nack(2), wait(0.1), get(), count()],
    "limit_counts_lost_connections": [_quorum(), *fill(1), get(where="b1"), drop("b1"), wait(0.2), get()],
    "limit_counts_closed_channels": [_quorum(), *fill(1), get(where="b1"), say("channel.close", "b1"), wait(0.2), get()],
    "counts": [_quorum(), *fill(1, headers={"z": 1, "a": 2}), get(), nack(1), get(), reject(2), get(), say("basic.recover", requeue=True), get()],
    "counts_consumer": [_quorum(), *fill(1), consume(), nack(1), reject(2), ack(3)],
    "requeue_order": [_quorum(delivery_limit=5), *fill(4), get(), get(), get(), nack(2), nack(1), nack(3), wait(0.1), get(), get(), get(), get()],
    "requeue_order_no_limit": [_quorum(), *fill(4), get(), get(), get(), nack(2), nack(1), nack(3), wait(0.1), get(), get(), get(), get()],
    "requeue_multiple": [_quorum(delivery_limit=5), *fill(3), get(), get(), nack(2, multiple=True), wait(0.1), get(), get(), get()],
    "global_qos": [_quorum(), qos(1, global_=True), consume(), qos(0, global_=True), consume("cv-q", "u")],
    "global_qos_after": [_quorum(), consume(), qos(1, global_=True), *fill(2)],
    "prefetch": [_quorum(), qos(2), consume(), *fill(4), ack(1), ack(0, multiple=True)],
    "priority": [_quorum(), consume("cv-q", "low"), consume("cv-q", "high", arguments={"x-priority": 5}), *fill(2)],
    "exclusive": [_quorum(), consume("cv-q", "1", exclusive=True), consume("cv-q", "2", "b1", exclusive=True), consume("cv-q", "3", "b1"), *fill(3)],
    "exclusive_single_active": [_quorum(single_active_consumer=True), consume("cv-q", "1", exclusive=True), consume("cv-q", "2", "b1", exclusive=True)],
    "consumers_that_hold_deliveries": [_quorum(), consume(), *fill(2), cancel(), count(), ack(1), wait(0.1), count(), ack(2), wait(0.1), count()],
    "gets_that_come_back_are_none": [_quorum(), *fill(1), wait(0.1), get(where="b1"), count(), say("channel.close", "b1"), consume(), count()],
    "gets_are_consumers": [_quorum(), *fill(2), wait(0.1), get(), get(), count(), ack(1), wait(0.1), count(), ack(2), wait(0.1), count()],
    "expiry": [queue("cv-dead"), _quorum(message_ttl=100, **_DEAD), *fill(1), wait(0.5), count(), get("cv-dead")],
    "max_length": [queue("cv-dead"), _quorum(max_length=1, **_DEAD), *fill(2), wait(0.1), count(), get("cv-dead")],
    "max_length_bytes": [_quorum(max_length_bytes=10), publish("cv-q", "123456"), publish("cv-q", "1234567"), wait(0.1), count(), get()],
    "reject_publish_dlx": [_quorum(max_length=1, overflow="reject-publish-dlx")],
    "purge": [_quorum(), *fill(3), wait(0.1), get(), say("queue.purge", queue="cv-q"), nack(1), wait(0.1), count()],
    "delete": [_quorum(), *fill(2), wait(0.1), get(), consume(), say("queue.delete", queue="cv-q"), ack(1)],
    "delete_flags": [_quorum(), say("queue.delete", queue="cv-q", if_unused=True), say("queue.delete", queue="cv-q", if_empty=True), say("queue.delete", queue="cv-q", if_unused=True, if_empty=True)],
    "no_ack": [_quorum(), *fill(2), wait(0.1), get(no_ack=True), consume(no_ack=True)],
    "tx": [_quorum(), say("tx.select"), publish("cv-q"), say("tx.commit"), wait(0.1), count()],
    "rejected_letter": [queue("cv-dead"), _quorum(**_DEAD), publish("cv-q", where="w1", headers={"h": 1}), wait(0.1), get(), reject(1, requeue=False), wait(0.1), get("cv-dead")],
    "letter_to_itself": [_quorum(dead_letter_exchange="", dead_letter_routing_key="cv-q"), *fill(1), wait(0.1), get(), reject(1, requeue=False), wait(0.1), get()],
    "unacked_of_a_cancelled_consumer": [_quorum(), consume(), *fill(1), cancel(), count(), nack(1), wait(0.1), get()],
    "single_active": [_quorum(single_active_consumer=True), consume("cv-q", "1"), consume("cv-q", "2", "b1"), *fill(1), drop("a1"), wait(0.3), publish("cv-q", "2", "w1")],
    "properties": [_quorum(), publish("cv-q", where="w1", priority=5, delivery_mode=1, expiration="60000", headers={"z": 1}), wait(0.1), get(), consume()],
    "at_least_once": [queue("cv-dead"), _quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", **_DEAD), *fill(2), wait(0.1), get(), reject(1, requeue=False), wait(0.3), get("cv-dead"), count()],
    "at_least_once_no_route": [_quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", **_DEAD), *fill(2), wait(0.1), get(), reject(1, requeue=False), wait(0.3), count(), queue("cv-dead"), wait(1), get("cv-dead"), get()],
    "at_least_once_drop_head": [queue("cv-dead"), _quorum(dead_letter_strategy="at-least-once", **_DEAD), *fill(1), wait(0.1), get(), reject(1, requeue=False), wait(0.3), get("cv-dead")],
    "at_least_once_no_exchange": [_quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", dead_letter_exchange="cv-x", dead_letter_routing_key="k"), *fill(1), wait(0.1), get(), reject(1, requeue=False), wait(0.3), count()],
    "at_least_once_without_dlx": [_quorum(dead_letter_strategy="at-least-once", overflow="reject-publish"), *fill(1), wait(0.1), get(), reject(1, requeue=False), wait(0.3), count()],
    "at_least_once_expired": [queue("cv-dead"), _quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", message_ttl=100, **_DEAD), *fill(1), wait(0.6), get("cv-dead")],
    "at_least_once_limit": [queue("cv-dead"), _quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", delivery_limit=0, **_DEAD), *fill(1), wait(0.1), get(), nack(1), wait(0.3), get("cv-dead")],
    "at_least_once_counts_against_the_limit": [_quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", max_length=2, **_DEAD), say("confirm.select"), publish("cv-q", "1"), wait(0.1), publish("cv-q", "2"), wait(0.1), get(), reject(1, requeue=False), get(), reject(2, requeue=False), wait(0.2), publish("cv-q", "3"), wait(0.1), publish("cv-q", "4"), wait(0.1), publish("cv-q", "5"), wait(0.1), count()],
    "at_least_once_two_targets": [queue("cv-dead"), queue("cv-2"), say("exchange.declare", exchange="cv-x", type="fanout"), say("queue.bind", queue="cv-dead", exchange="cv-x"), say("queue.bind", queue="cv-2", exchange="cv-x"), _quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", dead_letter_exchange="cv-x"), *fill(1), wait(0.1), get(), reject(1, requeue=False), wait(0.3), get("cv-dead"), get("cv-2")],
    "at_least_once_purge": [_quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", **_DEAD), *fill(2), wait(0.1), get(), reject(1, requeue=False), wait(0.2), say("queue.purge", queue="cv-q"), queue("cv-dead"), wait(0.5), get("cv-dead")],
    "at_least_once_delete": [_quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", **_DEAD), *fill(2), wait(0.1), get(), reject(1, requeue=False), wait(0.2), say("queue.delete", queue="cv-q")],
    "at_least_once_to_itself": [_quorum(dead_letter_strategy="at-least-once", overflow="reject-publish", dead_letter_exchange="", dead_letter_routing_key="cv-q"), *fill(1), wait(0.1), get(), reject(1, requeue=False), wait(0.3), get()],
}


def _stream(**values: object) -> Step:
    return queue(queue_type="stream", **values)


_STREAM: dict[str, Conversation] = {
    "no_qos": [_stream(), consume()], "no_ack": [_stream(), qos(5), consume(no_ack=True)], "get": [_stream(), get()], "purge": [_stream(), say("queue.purge", queue="cv-q")],
    "bad_offset": [_stream(), qos(5), consume(arguments={"x-stream-offset": "nonsense"})], "bad_offset_type": [_stream(), qos(5), consume(arguments={"x-stream-offset": True})],
    "order_of_checks": [step for offset in ("x", "first", 1, 1.5, True, None, ["a"]) for where, no_ack, prefetch in (("b1", False, 0), ("b1", True, 0), ("c1", True, 5), ("d1", False, 5)) for step in (_stream(), qos(prefetch, where), consume("cv-q", "t", where, no_ack=no_ack, arguments={"x-stream-offset": offset}), say("queue.delete", queue="cv-q"), say("channel.close", where, reply_code=200))],
    "offset_negative": [_stream(), *fill(1), wait(0.3), qos(5), consume(arguments={"x-stream-offset": -1})],
    "offset_too_high": [_stream(), *fill(2), wait(0.3), qos(5), consume(arguments={"x-stream-offset": 50}), *fill(1), wait(0.3)],
    "first": [_stream(), *fill(1), wait(0.3), qos(5), consume(arguments={"x-stream-offset": "first"}), ack(1)],
    "next": [_stream(), *fill(1), wait(0.3), qos(5), consume(arguments={"x-stream-offset": "next"}), publish("cv-q", "new", "w1"), wait(0.3)],
    "default": [_stream(), *fill(1), wait(0.3), qos(5), consume(), publish("cv-q", "new", "w1"), wait(0.3)],
    "one_by_one": [_stream(), qos(1), consume(arguments={"x-stream-offset": "first"}), publish("cv-q", "1", "w1"), wait(0.2), publish("cv-q", "2", "w1"), wait(0.2), publish("cv-q", "3", "w1"), wait(0.2), ack(1), wait(0.2), ack(2), wait(0.2)],
    "two_consumers": [_stream(), *fill(1), wait(0.3), qos(5), consume("cv-q", "1", arguments={"x-stream-offset": "first"}), consume("cv-q", "2", arguments={"x-stream-offset": "first"}), cancel("1")],
    "exclusive": [_stream(), qos(5), consume(exclusive=True), consume("cv-q", "u", "b1")], "global_qos": [_stream(), qos(5, global_=True), consume()],
    "delete_flags": [_stream(), say("queue.delete", queue="cv-q", if_unused=True, if_empty=True)],
    "nack": [_stream(), *fill(1), wait(0.3), qos(5), consume(arguments={"x-stream-offset": "first"}), nack(1)],
    "recover": [_stream(), *fill(1), wait(0.3), qos(5), consume(arguments={"x-stream-offset": "first"}), say("basic.recover", requeue=True)],
    "properties": [_stream(), publish("cv-q", where="w1", headers={"z": 1, "a": 2}, priority=3, expiration="5", delivery_mode=2), wait(0.3), qos(5), consume(arguments={"x-stream-offset": "first"})],
    "no_properties": [_stream(), publish("cv-q", where="w1"), wait(0.3), qos(5), consume(arguments={"x-stream-offset": "first"})],
    "consumers_are_not_told": [_stream(), qos(3), consume(), count(), _stream()],
    "recover_async": [_stream(), *fill(1), wait(0.3), qos(5), consume(arguments={"x-stream-offset": "first"}), say("basic.recover-async", requeue=True)],
    "delete_with_consumer": [_stream(), qos(5), consume(), say("queue.delete", queue="cv-q"), wait(0.2)],
}

_RT = "amq.rabbitmq.reply-to"
_ASKED: Conversation = [queue(), consume(_RT, no_ack=True), publish("cv-q", "q", reply_to=_RT), get("cv-q", "b1", no_ack=True)]
_ADDRESSES: dict[str, Conversation] = {
    "declared_by_itself": [*_ASKED, queue("$reply_to", passive=True)],
    "declared_by_itself_nowait": [*_ASKED, queue("$reply_to", nowait=True)],
    "declared_by_others": [*_ASKED, queue("$reply_to", "a2", passive=True), queue("$reply_to", "b1")],
    "twice_by_one_tag": [consume(_RT, no_ack=True), consume(_RT, no_ack=True)],
    "twice_by_two_tags": [consume(_RT, no_ack=True), consume(_RT, "u", no_ack=True)],
    "twice_and_acknowledged": [consume(_RT, no_ack=True), consume(_RT)],
    "tag_of_another_consumer": [queue(), consume(), consume(_RT, no_ack=True)],
    "tag_for_another_consumer": [queue(), consume(_RT, no_ack=True), consume(no_ack=True), publish("cv-q", "q", reply_to=_RT), cancel(), publish("cv-q", "q2", reply_to=_RT), publish("$reply_to", "a", "b1"), consume(no_ack=True)],
    "cancelled_twice": [*_ASKED, cancel(), cancel(), publish("$reply_to", "late", "b1", mandatory=True), consume(_RT, "u", no_ack=True), queue("$reply_to", "b1", passive=True)],
}
# Whose turn it is in a quorum queue, when who had a message gives it back.
_LINE: dict[str, Conversation] = {
    "one_of_two_is_full": [queue(queue_type="quorum"), *fill(1), qos(1, "b1"), consume("cv-q", "t", "b1"), consume("cv-q", "u", "a2"), nack(1, "b1"), nack(1, "a2"), nack(2, "b1"), nack(2, "a2")],
    "both_are_full": [queue(queue_type="quorum"), qos(1, "b1"), consume("cv-q", "t", "b1"), qos(1, "a2"), consume("cv-q", "u", "a2"), *fill(3), ack(1, "a2"), ack(1, "b1"), nack(2, "a2"), count()],
    "exclusive": [queue(queue_type="quorum"), consume("cv-q", "t", "b1", exclusive=True), consume("cv-q", "u", "a2"), *fill(3), count()],
    "rejected": [queue(queue_type="quorum"), qos(1, "b1"), consume("cv-q", "t", "b1"), *fill(1), qos(1, "a2"), consume("cv-q", "u", "a2"), reject(1, "b1"), reject(1, "a2"), ack(2, "b1"), *fill(1)],
}

# A single active consumer of a quorum queue, and one of higher priority that comes and goes.
def _low() -> Conversation:
    return [queue(queue_type="quorum", single_active_consumer=True), consume("cv-q", "t", "b1", arguments={"x-priority": -1}), *fill(1)]


def _to(name: str) -> dict[str, object]:
    return {"dead_letter_exchange": "", "dead_letter_routing_key": name}


_HIGHER: dict[str, Conversation] = {
    "was_there": [*_low(), consume("cv-q", "v"), cancel("v"), *fill(1), ack(1, "b1")],
    "channel_ended": [*_low(), consume("cv-q", "v"), say("channel.close", "a1", reply_code=200), *fill(1), ack(1, "b1"), *fill(1)],
    "channel_erred": [*_low(), consume("cv-q", "v"), ack(1, "a1"), *fill(2), ack(1, "b1")],
    "is_there": [*_low(), consume("cv-q", "v"), *fill(1), ack(1, "b1"), *fill(1)],
    "counted": [queue(queue_type="quorum", single_active_consumer=True), consume("cv-q", "t", "b1"), consume("cv-q", "v", exclusive=True), count(), *fill(2), count(), cancel("t", "b1"), count(), ack(2, "b1", multiple=True), count(), cancel("v"), count()],
    "came_when_idle": [queue(queue_type="quorum", single_active_consumer=True), consume("cv-q", "t", "b1", arguments={"x-priority": -1}), consume("cv-q", "v"), cancel("v"), *fill(2)],
}
_MISCELLANEOUS: dict[str, Conversation] = {
    **{f"argument_{name}": [step for kind in ("classic", "quorum", "stream") for value in values for where in ("b1", "c1") for step in (queue(queue_type=kind), qos(5 if where == "c1" else 0, where), consume("cv-q", "t", where, arguments={f"x-{name.replace('_', '-')}": value}), say("queue.delete", queue="cv-q"), say("channel.close", where, reply_code=200))] for name, values in {"priority": (1, "x", None), "stream_offset": ("first", "x"), "stream_filter": ("a",), "stream_match_unfiltered": (True,), "cancel_on_ha_failover": (True,), "whatever": (1,)}.items()},
    "shared_limit_counts_what_was_got": [queue(), *fill(2), get(), qos(2, global_=True), consume(), *fill(2), ack(1), ack(2), count(), qos(3, global_=True), count(), qos(0), *fill(1), qos(3, global_=True), count()],
    "shared_limit_counts_what_was_delivered": [queue(), *fill(2), consume(), qos(2, global_=True), consume("cv-q", "u"), *fill(2), ack(1), ack(2), count(), get(), *fill(1), count()],
    **{f"too_much_and_too_old_{kind}": [queue("cv-dead"), queue(max_length=0, queue_type=kind, **_to("cv-dead")), publish("cv-q", "1", "w1", expiration="0"), wait(0.2), get("cv-dead"), say("queue.delete", queue="cv-q"), queue(max_length=0, message_ttl=0, queue_type=kind, **_to("cv-dead")), *fill(1), wait(0.2), get("cv-dead"), say("queue.delete", queue="cv-q"), queue(max_length=1, queue_type=kind, **_to("cv-dead")), *fill(1), publish("cv-q", "2", "w1", expiration="0"), wait(0.2), get("cv-dead"), get("cv-dead"), count()] for kind in ("classic", "quorum")},
    **{f"back_too_much_and_too_old_{kind}": [queue("cv-dead"), queue(max_length=0, message_ttl=0, queue_type=kind, **_to("cv-dead")), consume(), *fill(1), nack(1), wait(0.2), get("cv-dead", "b1")] for kind in ("classic", "quorum")},
    "two_arguments": [queue(queue_type="stream"), qos(5), consume(arguments={"x-priority": "x", "x-stream-offset": "x"}), qos(5), consume(arguments={"x-stream-offset": 1.5, "x-priority": 1})],
    "letters_to_who_waits": [queue(**_to("cv-2")), queue("cv-2", message_ttl=0, **_to("cv-q")), consume(), *fill(1), reject(1, requeue=False), reject(2, requeue=False), nack(3)],
    "cancelled_and_erred": [queue(queue_type="quorum"), consume("cv-q", "u", "a2"), *fill(1), cancel("u", "a2"), count(), nack(3, "a2", multiple=True), count()],
    "stream_that_was_deleted": [queue(queue_type="stream"), *fill(1), wait(0.3), qos(5), consume(arguments={"x-stream-offset": "first"}), wait(0.2), say("queue.delete", "b1", queue="cv-q"), nack(1, requeue=False)],
    **{f"octets_of_quorum_{most}": [queue(queue_type="quorum", max_length_bytes=most), *fill(1), count(), publish("cv-q", "53", "w1", priority=1), count(), publish("cv-q", "", "w1"), count(), publish("cv-q", "5", "w1", headers={"a": 1}), count()] for most in (1, 3, 4, 5, 8, 20)},
    "octets_of_a_letter": [queue("cv-1", **_to("cv-q")), queue(queue_type="quorum", max_length_bytes=4), publish("cv-1", "53", "w1"), get("cv-1"), reject(1, requeue=False), wait(0.2), count()],
}

CONVERSATIONS: dict[str, Conversation] = {
    **{f"acks_{name}": steps for name, steps in _ACKS.items()},
    **{f"consumers_{name}": steps for name, steps in _CONSUMERS.items()},
    **{f"modes_{name}": steps for name, steps in _MODES.items()},
    **{f"replies_{name}": steps for name, steps in _REPLIES.items()},
    **{f"quorum_{name}": steps for name, steps in _QUORUM.items()},
    **{f"stream_{name}": steps for name, steps in _STREAM.items()},
    **{f"address_{name}": steps for name, steps in _ADDRESSES.items()},
    **{f"line_{name}": steps for name, steps in _LINE.items()},
    **{f"higher_consumer_{name}": steps for name, steps in _HIGHER.items()},
    **{f"mixed_{name}": steps for name, steps in _MISCELLANEOUS.items()},
}
