"""Queues: time, overflow, requeue, delivery limits, auto-delete."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.amqp.support_wire import Peer, Wire


def bodies(wire: Wire, queue: str) -> list[bytes]:
    return [found["body"] for found in wire.broker.peek(queue)]


def scene(version: str = "4.0", **declared: object) -> tuple[Wire, Peer]:
    wire = Wire(version)
    peer = wire.client()
    peer.declare("q", **declared)
    peer.replies()
    return wire, peer


def test_a_message_ttl_ends_exactly_when_it_is_due() -> None:
    """https://www.rabbitmq.com/docs/ttl#message-ttl-using-x-args."""
    wire, peer = scene(arguments={"x-message-ttl": 1000})
    peer.publish("", "q", b"x")
    wire.advance(0.999)
    assert bodies(wire, "q") == [b"x"]
    wire.advance(0.001)
    assert bodies(wire, "q") == []


def test_a_message_expires_at_the_head_only() -> None:
    """https://www.rabbitmq.com/docs/ttl#per-message-ttl-caveats: a short-lived one waits behind a long-lived."""
    wire, peer = scene()
    peer.publish("", "q", b"long", expiration="10000")
    peer.publish("", "q", b"short", expiration="1000")
    wire.advance(5)
    assert bodies(wire, "q") == [b"long", b"short"]
    peer.get("q", no_ack=True)
    assert bodies(wire, "q") == []
    wire.advance(10)
    assert wire.broker.next_deadline() is None


def test_the_lower_of_queue_ttl_and_expiration_counts() -> None:
    """https://www.rabbitmq.com/docs/ttl: the lower value is chosen."""
    wire, peer = scene(arguments={"x-message-ttl": 1000})
    peer.publish("", "q", b"x", expiration="200")
    wire.advance(0.2)
    assert bodies(wire, "q") == []


def test_a_ttl_of_zero_lets_a_message_pass_to_a_consumer_only() -> None:
    """https://www.rabbitmq.com/docs/ttl: expired upon reaching a queue unless delivered at once."""
    wire, peer = scene(arguments={"x-message-ttl": 0})
    peer.publish("", "q", b"lost")
    assert bodies(wire, "q") == []
    peer.consume("q", "c")
    peer.publish("", "q", b"seen")
    assert [r[2]["body"] for r in peer.replies() if r[0] == "body"] == [b"seen".decode()]


def test_an_unused_queue_expires_and_each_use_delays_that() -> None:
    """https://www.rabbitmq.com/docs/ttl#queue-ttl: unused is no consumer, no redeclare, no get."""
    wire, peer = scene(arguments={"x-expires": 1000})
    wire.advance(0.9)
    peer.get("q")
    wire.advance(0.9)
    peer.consume("q", "c")
    wire.advance(100)
    assert "q" in wire.broker.vhost().queues
    peer.send(1, "basic.cancel", "c", False)
    wire.advance(0.999)
    assert "q" in wire.broker.vhost().queues
    wire.advance(0.001)
    assert "q" not in wire.broker.vhost().queues


def test_drop_head_keeps_the_newest_by_count_and_by_octets() -> None:
    """https://www.rabbitmq.com/docs/maxlength#default-behaviour."""
    wire, peer = scene(arguments={"x-max-length": 3, "x-max-length-bytes": 5})
    for body in (b"a", b"b", b"c", b"d"):
        peer.publish("", "q", body)
    assert bodies(wire, "q") == [b"b", b"c", b"d"]
    peer.publish("", "q", b"four")
    assert bodies(wire, "q") == [b"d", b"four"]


def test_a_limit_that_is_not_reached_makes_no_queue_look_for_expired_messages() -> None:
    """What its priority brings before others is out of sight until something leaves. Source: RabbitMQ 3.10.8."""
    wire, peer = scene("3.10", arguments={"x-max-priority": 10, "x-max-length": 5})
    peer.publish("", "q", b"stays")
    peer.publish("", "q", b"late", priority=9, expiration="0")
    assert bodies(wire, "q") == [b"late", b"stays"]


def test_max_length_counts_ready_messages_only() -> None:
    """https://www.rabbitmq.com/docs/maxlength: unacknowledged messages do not count."""
    wire, peer = scene(arguments={"x-max-length": 1})
    peer.publish("", "q", b"1")
    peer.get("q")
    peer.publish("", "q", b"2")
    assert (bodies(wire, "q"), len(wire.broker.peek_unacked("q"))) == ([b"2"], 1)


def test_a_quorum_queue_gives_up_after_its_delivery_limit() -> None:
    """https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling: 20 by default on 4.0."""
    wire = Wire("4.0")
    peer = wire.client()
    peer.declare("dead")
    letters = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    peer.declare("q", durable=True, arguments={"x-queue-type": "quorum", **letters})
    peer.publish("", "q", b"poison")
    for tag in range(1, 22):
        assert bodies(wire, "dead") == []
        peer.get("q")
        peer.send(1, "basic.reject", tag, True)
    assert bodies(wire, "dead") == [b"poison"]
    death = wire.broker.peek("dead")[0]["properties"]["headers"]["x-death"][0]
    assert (death["reason"], death["count"]) == ("delivery_limit", 1)


def test_3_10_has_no_delivery_limit_by_default() -> None:
    """https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling: since 4.0."""
    wire = Wire("3.10")
    peer = wire.client()
    peer.declare("q", durable=True, arguments={"x-queue-type": "quorum"})
    peer.publish("", "q", b"poison")
    for tag in range(1, 40):
        peer.get("q")
        peer.send(1, "basic.reject", tag, True)
    assert bodies(wire, "q") == [b"poison"]


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["publish", "get", "ack", "requeue"]), st.integers(0, 9)),
        max_size=40,
    )
)
def test_requeue_always_returns_to_the_original_position(steps: list[tuple[str, int]]) -> None:
    """Invariant 15: order of ready messages is the order of publishing, whatever was requeued."""
    wire, peer = scene()
    published, held, tag = 0, {}, 0
    ready: list[int] = []
    for step, pick in steps:
        if step == "publish":
            published += 1
            peer.publish("", "q", str(published).encode())
            ready.append(published)
        elif step == "get" and ready:
            tag += 1
            peer.get("q")
            held[tag] = ready.pop(0)
        elif held and step in ("ack", "requeue"):
            chosen = sorted(held)[pick % len(held)]
            number = held.pop(chosen)
            if step == "ack":
                peer.send(1, "basic.ack", chosen, False)
            else:
                peer.send(1, "basic.nack", chosen, False, True)
                ready = sorted([*ready, number])
        assert bodies(wire, "q") == [str(number).encode() for number in ready]
        assert len(wire.broker.peek_unacked("q")) == len(held)


def test_a_lost_connection_returns_its_deliveries_as_redelivered() -> None:
    """Invariant 16: on close all return, marked."""
    wire, peer = scene()
    for body in (b"1", b"2", b"3"):
        peer.publish("", "q", body)
    other = wire.client()
    other.consume("q", "c")
    wire.broker.lost(other.id, now=wire.now)
    assert bodies(wire, "q") == [b"1", b"2", b"3"]
    assert all(found["redelivered"] for found in wire.broker.peek("q"))


def test_a_requeued_message_whose_time_is_over_expires_at_once() -> None:
    """https://www.rabbitmq.com/docs/ttl: the expiry time of a requeued message is preserved."""
    wire, peer = scene(arguments={"x-message-ttl": 0})
    peer.consume("q", "c")
    peer.publish("", "q", b"x")
    peer.send(1, "basic.cancel", "c", False)
    peer.send(1, "basic.nack", 1, False, True)
    assert bodies(wire, "q") == []


def test_a_quorum_queue_refuses_when_it_is_over_its_limit_until_it_is_at_four_fifths() -> None:
    """Seen on RabbitMQ 3.10: x-max-length 10 takes 11, and goes on at 8."""
    peer = Wire("3.10").client()
    arguments = {"x-queue-type": "quorum", "x-max-length": 10, "x-overflow": "reject-publish"}
    peer.declare("q", durable=True, arguments=arguments)
    peer.send(1, "confirm.select", False)
    for _ in range(12):
        peer.publish("", "q")
    assert [name for name in peer.names() if "ack" in name] == ["basic.ack"] * 11 + ["basic.nack"]
    answers = []
    for _ in range(4):
        peer.get("q", no_ack=True)
        peer.publish("", "q")
        answers += [name for name in peer.names() if "ack" in name]
    assert answers == ["basic.nack", "basic.nack", "basic.ack", "basic.ack"]
