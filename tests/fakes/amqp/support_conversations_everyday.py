"""Conversations about what clients do every day: logins, prefetch, requeues, limits, dead letters, routes, commits."""

# One conversation a line, or a few: they are read beside one another.
# fmt: off
from __future__ import annotations

from tests.fakes.amqp.support_conversations import (
    Conversation,
    Step,
    consume,
    count,
    dial,
    drop,
    get,
    publish,
    queue,
    raw,
    say,
    wait,
)
from tests.fakes.amqp.support_conversations_consumers import ack, cancel, fill, nack, qos, reject
from tests.fakes.amqp.support_conversations_frames import opening, start_ok, tuning
from tests.fakes.amqp.support_wire import publish_frames

from tomodachi_fakes.amqp.codec import method_frame
from tomodachi_fakes.amqp.fields import Field, FieldType
from tomodachi_fakes.amqp.spec import PROTOCOL_HEADER

_DEAD = {"dead_letter_exchange": "", "dead_letter_routing_key": "cv-dead"}


def _exchange(name: str = "cv-x", kind: str = "fanout", **values: object) -> Step:
    return say("exchange.declare", exchange=name, type=kind, **values)


def _bind(name: str = "cv-q", exchange: str = "cv-x", key: str = "", **values: object) -> Step:
    return say("queue.bind", queue=name, exchange=exchange, routing_key=key, **values)


def _bind_exchange(destination: str, source: str, key: str = "", **values: object) -> Step:
    return say("exchange.bind", destination=destination, source=source, routing_key=key, **values)


def _unbind_exchange(destination: str, source: str, key: str = "", **values: object) -> Step:
    return say("exchange.unbind", destination=destination, source=source, routing_key=key, **values)


def _publish(key: str = "k", body: str = "m", exchange: str = "cv-x", **values: object) -> Step:
    return publish(key, body, exchange=exchange, **values)


def _quorum(name: str = "cv-q", **arguments: object) -> Step:
    return queue(name, queue_type="quorum", **arguments)


def _stream(name: str = "cv-q", **arguments: object) -> Step:
    return queue(name, queue_type="stream", **arguments)


def _gets(number: int = 1, name: str = "cv-q") -> Conversation:
    return [get(name, no_ack=True) for _ in range(number)]


def _login(response: bytes, mechanism: str = "PLAIN") -> Conversation:
    return [dial(PROTOCOL_HEADER + start_ok(mechanism=mechanism, response=response)), wait(0.2)]


def _tuned(**values: int) -> Conversation:
    return [dial(PROTOCOL_HEADER + start_ok() + tuning(**values) + opening("nowhere")), wait(0.3)]


_EVERYDAY: dict[str, Conversation] = {
    "sasl_authzid": _login(b"guest\0guest\0guest"), "sasl_other_authzid": _login(b"nobody\0guest\0guest"), "sasl_authzid_and_wrong_password": _login(b"guest\0guest\0nope"),
    "sasl_empty": _login(b""),
    "sasl_two_parts": _login(b"guest\0guest"),
    "sasl_four_parts": _login(b"\0guest\0guest\0x"),
    "sasl_wrong_password": _login(b"\0guest\0nope"),
    "sasl_empty_user": _login(b"\0\0"),
    "sasl_lower_mechanism": _login(b"\0guest\0guest", "plain"),
    "sasl_amqplain_no_password": _login(b"\x05LOGINS\0\0\0\x05guest", "AMQPLAIN"),
    "sasl_amqplain_wrong": _login(b"\x05LOGINS\0\0\0\x05guest\x08PASSWORDS\0\0\0\x04nope", "AMQPLAIN"),
    "sasl_amqplain_int": _login(b"\x05LOGINI\0\0\0\x05\x08PASSWORDS\0\0\0\x05guest", "AMQPLAIN"),
    "sasl_cr_demo": _login(b"x", "RABBIT-CR-DEMO"),
    "tune_zero_channels": _tuned(channels=0),
    "tune_zero_frame": _tuned(frame_max=0),
    "tune_large_frame": _tuned(frame_max=1 << 20),
    "tune_many_channels": _tuned(channels=65535),
    "tune_heartbeat_large": _tuned(heartbeat=65535),
    "split_small_frames": [dial(PROTOCOL_HEADER + start_ok() + tuning(frame_max=8192), "b0"), say("connection.open", "b0", virtual_host="$vhost"), queue("cv-q", "b1"), publish("cv-q", "x"*20000), get("cv-q", "b1"), consume("cv-q", "t", "b1", no_ack=True), publish("cv-q", "y"*8184), publish("cv-q", "y"*8185), publish("cv-q", "")],
    "get_exclusive_consumer": [queue(), consume(exclusive=True), *fill(1), get(where="b1"), say("queue.purge", "b1", queue="cv-q"), say("queue.delete", "b1", queue="cv-q", if_unused=True)],
    "get_sac": [queue(single_active_consumer=True), *fill(2), get(), consume(), get(where="b1")],
    "consumer_on_two": [queue(), consume("cv-q", "1"), consume("cv-q", "1", "b1"), *fill(3), cancel("1"), *fill(1)],
    "cancel_other_channel": [queue(), consume("cv-q", "1"), cancel("1", "a2"), *fill(1)],
    "qos_change_midway": [queue(), qos(1), consume("cv-q", "1"), *fill(3), qos(2), ack(1), ack(2)],
    "nack_requeue_false_no_dlx_multiple": [queue(), *fill(3), get(), get(), get(), nack(0, multiple=True, requeue=False), count(), get()],
    "reject_then_ack": [queue(), *fill(1), get(), reject(1), ack(1)],
    "redelivered_of_second": [queue(), *fill(2), get(where="b1"), drop("b1"), wait(0.1), get(), get()],
    "prefetch_and_get": [queue(), qos(1), *fill(3), get(), get(), consume()],
    "maxlen_drop_head_confirm": [queue(max_length=1), say("confirm.select"), publish("cv-q", "1"), publish("cv-q", "2"), *_gets(2)],
    "maxlen_with_consumer": [queue(max_length=1), qos(1), consume(), *fill(4), count(), ack(1)],
    "maxlen_zero_consumer": [queue(max_length=0), consume(no_ack=True), *fill(2)],
    "dlx_to_topic": [_exchange("cv-x", "topic"), queue("cv-dead"), _bind("cv-dead", "cv-x", "*.cv-q"), queue(dead_letter_exchange="cv-x", dead_letter_routing_key="dead.cv-q"), *fill(1), get(), reject(1, requeue=False), *_gets(1, "cv-dead")],
    "dlx_deleted_later": [_exchange(), queue("cv-dead"), _bind("cv-dead"), queue(dead_letter_exchange="cv-x"), *fill(1), get(), say("exchange.delete", exchange="cv-x"), reject(1, requeue=False), count("cv-dead")],
    "dlx_self_maxlen": [queue(max_length=2, dead_letter_exchange="", dead_letter_routing_key="cv-q"), *fill(3), count(), *_gets(3)],
    "dlx_ttl_chain": [queue("cv-dead"), queue("cv-2", message_ttl=100, **_DEAD), queue(message_ttl=100, dead_letter_exchange="", dead_letter_routing_key="cv-2"), *fill(1), wait(0.6), *_gets(1, "cv-dead")],
    "dlx_headers_kept": [queue("cv-dead"), queue(message_ttl=0, **_DEAD), publish("cv-q", "m", content_type="t", correlation_id="c", message_id="i", headers={"k": "v"}, priority=4, delivery_mode=2, reply_to="r", type="ty", app_id="a", timestamp=5), *_gets(1, "cv-dead")],
    "ttl_msg_vs_queue_requeue": [queue(message_ttl=2000), publish("cv-q", "m", expiration="300"), get(), wait(0.5), nack(1), wait(0.1), get()],
    "ttl_with_unacked_head": [queue("cv-dead"), queue(message_ttl=300, **_DEAD), *fill(2), get(), wait(0.6), count(), count("cv-dead"), nack(1), wait(0.1), count("cv-dead")],
    "expires_with_get": [queue(expires=800), wait(0.5), get(), wait(0.5), count(), wait(0.9), count()],
    "priority_default_zero": [queue(max_priority=2), publish("cv-q", "n"), publish("cv-q", "0", priority=0), publish("cv-q", "1", priority=1), publish("cv-q", "9", priority=9), publish("cv-q", "2", priority=2), *_gets(5)],
    "priority_requeue": [queue(max_priority=5), publish("cv-q", "1", priority=1), publish("cv-q", "5", priority=5), get(), get(), nack(2), get(), nack(1), *_gets(2)],
    "priority_consumer": [queue(max_priority=5), qos(1), consume(), publish("cv-q", "1", priority=1), publish("cv-q", "2", priority=2), publish("cv-q", "3", priority=3), ack(1), ack(2), ack(3)],
    "e2e_cycle": [_exchange("cv-x"), _exchange("cv-y"), _bind_exchange("cv-x", "cv-y"), _bind_exchange("cv-y", "cv-x"), queue(), _bind("cv-q", "cv-y"), _publish(mandatory=True), *_gets(2)],
    "e2e_twice": [_exchange("cv-x"), _exchange("cv-y"), _bind_exchange("cv-y", "cv-x"), _bind_exchange("cv-y", "cv-x", "2"), queue(), _bind("cv-q", "cv-y"), _bind("cv-q", "cv-x"), _publish(), *_gets(2)],
    "e2e_headers": [_exchange("cv-x", "headers"), _exchange("cv-y"), _bind_exchange("cv-y", "cv-x", arguments={"x-match": "any", "a": 1}), queue(), _bind("cv-q", "cv-y"), _publish(headers={"a": 1}, mandatory=True), _publish(headers={"a": 2}, mandatory=True), *_gets(1), _unbind_exchange("cv-y", "cv-x", arguments={"x-match": "any", "a": 1}), _publish(headers={"a": 1}, mandatory=True)],
    "e2e_internal": [_exchange("cv-x"), _exchange("cv-y", internal=True), _bind_exchange("cv-y", "cv-x"), queue(), _bind("cv-q", "cv-y"), _publish(), *_gets(1), _publish(exchange="cv-y")],
    "ae_twice": [_exchange("cv-z"), _exchange("cv-y", "direct", arguments={"alternate-exchange": "cv-z"}), _exchange("cv-x", "direct", arguments={"alternate-exchange": "cv-y"}), queue(), _bind("cv-q", "cv-z"), _publish(mandatory=True), *_gets(1)],
    "topic_alternate": [_exchange("cv-y"), _exchange("cv-x", "topic", arguments={"alternate-exchange": "cv-y"}), queue(), queue("cv-2"), _bind("cv-q", "cv-x", "a.*"), _bind("cv-2", "cv-y"), _publish("a.b"), _publish("b.b"), count(), count("cv-2")],
    "confirm_fanout_none": [_exchange(), say("confirm.select"), _publish(), _publish(mandatory=True)],
    "confirm_after_error": [queue(), say("confirm.select"), publish("cv-q"), publish("cv-none", exchange="cv-none"), say("confirm.select"), publish("cv-q")],
    "confirm_many": [queue(), say("confirm.select"), *[publish("cv-q") for _ in range(3)], publish("cv-none", mandatory=True)],
    "tx_many": [queue(), say("tx.select"), *[publish("cv-q", str(i)) for i in range(3)], say("tx.rollback"), publish("cv-q", "x"), say("tx.commit"), *_gets(2)],
    "tx_ack_unknown": [queue(), *fill(2), get(), say("tx.select"), ack(1), ack(1), ],
    "tx_ack_multiple_then_rollback": [queue(), *fill(3), get(), get(), get(), say("tx.select"), ack(2, multiple=True), say("tx.rollback"), nack(3, multiple=True), say("tx.commit"), count()],
    "passive_exchange": [_exchange(passive=True), _exchange(), _exchange(passive=True), _exchange("cv-x", "topic", passive=True, durable=True)],
    "declare_same_args": [queue(max_length=5, message_ttl=1000), queue(message_ttl=1000, max_length=5), queue(message_ttl=Field(FieldType.SHORT, 1000), max_length=Field(FieldType.LONG, 5))],
    "exclusive_auto_delete": [queue(exclusive=True, auto_delete=True), consume(), cancel(), count()],
    "auto_delete_delete_unused": [queue(auto_delete=True), say("queue.delete", queue="cv-q", if_unused=True)],
    "delete_auto_deleted_exchange": [_exchange(auto_delete=True), queue(), _bind(), say("queue.unbind", queue="cv-q", exchange="cv-x"), _publish(mandatory=True)],
    "unbind_wrong_args": [_exchange(), queue(), _bind(arguments={"a": 1}), say("queue.unbind", queue="cv-q", exchange="cv-x"), _publish(mandatory=True), *_gets(1)],
    "body_exact_then_next": [queue(), raw(publish_frames("", "cv-q", b"a")+publish_frames("", "cv-q", b"b")), count()],
    "heartbeat_frame_size": [queue(), raw(b"\x08\0\0\0\0\0\0\xce"*3), queue()],
    "channel_zero_open": [queue(), raw(method_frame(0, "channel.open", ""))],
    "open_many": [*[queue("cv-q", f"a{n}") for n in (1, 2, 3, 100, 2047, 2048)]],
    "close_code_odd": [queue(), say("channel.close", "a1", reply_code=0, reply_text="x"*255), queue()],
    "unknown_props_flags": [queue(), publish("cv-q", "m", message_id="x"*255, correlation_id="é"*100), get()],
    "flow_twice": [say("channel.flow", active=True), say("channel.flow", active=True), queue()],
    "cancel_notify_redeclare": [queue(), consume(), say("queue.delete", "b1", queue="cv-q"), queue(), consume(), *fill(1)],
    "nowait_everything": [_exchange(nowait=True), queue(nowait=True), _bind(nowait=True), consume(nowait=True), _publish(), cancel(nowait=True), say("queue.purge", queue="cv-q", nowait=True), say("queue.delete", queue="cv-q", nowait=True), say("exchange.delete", exchange="cv-x", nowait=True), queue(passive=True)],
    "bcc_only": [queue(), queue("cv-2"), publish("cv-none", headers={"BCC": ["cv-q"], "a": 1}), *_gets(1), publish("cv-2", headers={"CC": ["cv-q"], "BCC": ["cv-q"]}), *_gets(1), *_gets(1, "cv-2")],
}

_OFFSET = "x-stream-offset"
_MORE: dict[str, Conversation] = {
    "cc_tx": [queue(), queue("cv-2"), say("tx.select"), publish("cv-q", headers={"CC": ["cv-2"]}), say("tx.commit"), *_gets(1), *_gets(1, "cv-2")],
    "cc_confirm_missing": [queue(), say("confirm.select"), publish("cv-none", headers={"CC": ["cv-q"]}, mandatory=True), *_gets(1)],
    "cc_topic": [_exchange("cv-x", "topic"), queue(), _bind("cv-q", "cv-x", "b.*"), _publish("a.b", headers={"CC": ["b.c"]}, mandatory=True), *_gets(1)],
    "cc_letter": [queue("cv-dead"), queue(message_ttl=0, dead_letter_exchange="cv-x"), _exchange("cv-x", "direct"), _bind("cv-dead", "cv-x", "cc1"), publish("cv-q", headers={"CC": ["cc1"]}), *_gets(1, "cv-dead")],
    "letter_expiration_removed": [queue("cv-dead"), queue(**_DEAD), publish("cv-q", expiration="100"), wait(0.4), *_gets(1, "cv-dead")],
    "letter_expiration_kept_on_reject": [queue("cv-dead"), queue(**_DEAD), publish("cv-q", expiration="60000"), get(), reject(1, requeue=False), *_gets(1, "cv-dead")],
    "letter_maxlen_reject_publish_dlx_confirm": [queue("cv-dead"), queue(max_length=1, overflow="reject-publish-dlx", **_DEAD), say("confirm.select"), publish("cv-q", "1"), publish("cv-q", "2"), *_gets(1, "cv-dead")],
    "deaths_three": [queue("cv-dead"), queue("cv-3", message_ttl=0, **_DEAD), queue("cv-2", message_ttl=0, dead_letter_exchange="", dead_letter_routing_key="cv-3"), queue(dead_letter_exchange="", dead_letter_routing_key="cv-2"), publish("cv-q", headers={"a": 1}), get(), reject(1, requeue=False), wait(0.2), *_gets(1, "cv-dead")],
    "deaths_counted": [queue(dead_letter_exchange="", dead_letter_routing_key="cv-2"), queue("cv-2", dead_letter_exchange="", dead_letter_routing_key="cv-q"), publish("cv-q"), get(), reject(1, requeue=False), get("cv-2"), reject(2, requeue=False), get(), reject(3, requeue=False), get("cv-2"), reject(4, requeue=False), get()],
    "deaths_republished": [queue("cv-dead"), queue(message_ttl=0, **_DEAD), publish("cv-q", headers={"x-death": [{"queue": "cv-q", "reason": "rejected", "count": 3, "exchange": "", "routing-keys": ["cv-q"], "time": Field(FieldType.TIMESTAMP, 5)}], "x-first-death-queue": "other", "x-last-death-queue": "z"}), *_gets(1, "cv-dead")],
    "deaths_republished_cycle": [queue(message_ttl=0, dead_letter_exchange="", dead_letter_routing_key="cv-2"), queue("cv-2", message_ttl=100, dead_letter_exchange="", dead_letter_routing_key="cv-q"), publish("cv-q"), wait(0.5), count(), count("cv-2")],
    "quorum_letter_reasons": [queue("cv-dead"), _quorum(message_ttl=200, max_length=1, **_DEAD), *fill(2), wait(0.6), *_gets(2, "cv-dead")],
    "stream_two_consumers_one_channel": [_stream(), *fill(1), wait(0.3), qos(10), consume("cv-q", "1", arguments={_OFFSET: "first"}), consume("cv-q", "2", arguments={_OFFSET: 0}), ack(0, multiple=True), publish("cv-q", "n", "w1"), wait(0.3)],
    "stream_last": [_stream(), *fill(1), wait(0.3), qos(5), consume(arguments={_OFFSET: "last"}), wait(0.2)],
    "stream_bind": [_stream(), _exchange(), _bind(), _publish("k", "1"), wait(0.3), qos(5), consume(arguments={_OFFSET: "first"})],
    "stream_confirm": [_stream(), say("confirm.select"), publish("cv-q"), wait(0.3), publish("cv-q", mandatory=True), wait(0.3)],
    "stream_redeclare": [_stream(max_age="1D"), _stream(max_age="1D"), queue(durable=True), say("queue.delete", queue="cv-q")],
    "stream_cancel": [_stream(), qos(5), consume(), cancel(), *fill(1), wait(0.2)],
    "stream_as_dlx": [_stream("cv-dead"), queue(message_ttl=0, **_DEAD), publish("cv-q"), wait(0.3), qos(5), consume("cv-dead", arguments={_OFFSET: "first"})],
    "stream_tx": [_stream(), say("tx.select"), publish("cv-q"), say("tx.commit"), wait(0.3), qos(5), consume(arguments={_OFFSET: "first"})],
    "stream_order_of_consumers": [_stream(), qos(10), consume("cv-q", "b"), consume("cv-q", "a"), consume("cv-q", "c"), publish("cv-q", "n", "w1"), wait(0.3)],
    "quorum_bind_many": [_quorum(), _exchange("cv-x", "topic"), _bind("cv-q", "cv-x", "a.#"), _bind("cv-q", "cv-x", "#"), _publish("a.b"), wait(0.1), count()],
    "quorum_expires": [_quorum(expires=100000), count()],
    "quorum_get_empty": [_quorum(), get(), get()],
    "quorum_nack_multiple": [_quorum(), *fill(3), wait(0.1), get(), get(), get(), nack(3, multiple=True), wait(0.1), count(), get()],
    "quorum_mandatory": [_quorum(), say("confirm.select"), publish("cv-q", mandatory=True), wait(0.1)],
    "quorum_redeclare": [_quorum(), _quorum(), _quorum(max_length=5), queue(durable=True)],
    "quorum_reject_publish": [_quorum(max_length=1, overflow="reject-publish"), say("confirm.select"), publish("cv-q", "1"), wait(0.1), publish("cv-q", "2"), wait(0.1), publish("cv-q", "3"), wait(0.1), count()],
    "quorum_channel_close_requeue": [_quorum(), *fill(2), wait(0.1), consume(where="b1"), say("channel.close", "b1"), wait(0.2), get(), get()],
    "quorum_cc": [_quorum(), queue("cv-2"), publish("cv-2", headers={"CC": ["cv-q"], "BCC": ["x"]}), wait(0.1), get()],
    "quorum_prefetch_two": [_quorum(), qos(1), consume("cv-q", "1"), consume("cv-q", "2"), *fill(4), wait(0.1), ack(2), wait(0.1), ack(1), wait(0.1)],
    "exclusive_of_closed": [queue(exclusive=True), say("channel.close"), queue("cv-q", "a2", passive=True), drop("a1"), wait(0.2), queue("cv-q", "b1", passive=True)],
    "consumer_utf8_tag": [queue(), consume("cv-q", "é☃"), *fill(1), cancel("é☃")],
    "headers_nested_match": [_exchange("cv-x", "headers"), queue(), _bind(arguments={"x-match": "all", "a": {"b": [1, 2]}}), _publish(headers={"a": {"b": [1, 2]}}, mandatory=True), _publish(headers={"a": {"b": [2, 1]}}, mandatory=True)],
    "headers_any_none": [_exchange("cv-x", "headers"), queue(), _bind(arguments={"x-match": "any"}), _publish(headers={"a": 1}, mandatory=True), _bind(arguments={"x-match": "all"}), _publish(headers={"a": 1}, mandatory=True), _publish(mandatory=True)],
    "fanout_key_ignored": [_exchange(), queue(), _bind(key="abc"), _publish("zzz", mandatory=True), *_gets(1)],
    "direct_many": [_exchange("cv-x", "direct"), queue(), queue("cv-2"), _bind(key="k"), _bind("cv-2", key="k"), _publish(), *_gets(1), *_gets(1, "cv-2")],
    "default_binding_kept": [queue(), say("queue.unbind", queue="cv-q", exchange="amq.direct", routing_key="cv-q"), publish("cv-q", mandatory=True), *_gets(1)],
    "return_order": [say("confirm.select"), publish("cv-a", mandatory=True), publish("cv-b", mandatory=True)],
    "ack_on_closed_queue": [queue("cv-q"), *fill(1), consume(), say("queue.delete", "b1", queue="cv-q"), ack(1), qos(1)],
    "recover_redelivered": [queue(), *fill(2), get(), say("basic.recover", requeue=True), get(), get()],
    "queue_type_classic_args": [queue(queue_type="classic", delivery_limit=3), queue(queue_type="classic", max_age="1D"), queue(queue_type="quorum", max_priority=2), queue(queue_type="quorum", queue_mode="lazy"), queue(queue_type="stream", message_ttl=5), queue(queue_type="stream", max_length=5), queue(queue_type="stream", dead_letter_exchange="x"), queue(queue_type="stream", expires=5), queue(queue_type="stream", overflow="drop-head"), queue(queue_type="stream", single_active_consumer=True)],
}

CONVERSATIONS: dict[str, Conversation] = {
    f"day_{name}": steps for name, steps in {**_EVERYDAY, **_MORE}.items()
}
