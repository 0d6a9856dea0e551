"""Whose turn it is, and how much a consumer may hold."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.amqp.support_wire import Peer, Wire


def tags(peer: Peer) -> list[str]:
    return [fields["consumer_tag"] for name, _, fields in peer.replies() if name == "basic.deliver"]


def test_a_consumer_without_room_is_passed_over_and_comes_back_last() -> None:
    """https://www.rabbitmq.com/docs/consumer-prefetch."""
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.qos(1)
    peer.consume("q", "a")
    peer.consume("q", "b")
    for _ in range(4):
        peer.publish("", "q", b"x")
    assert tags(peer) == ["a", "b"]
    peer.send(1, "basic.ack", 2, False)
    peer.send(1, "basic.ack", 1, False)
    assert tags(peer) == ["b", "a"]


def test_a_lower_priority_gets_messages_once_the_higher_has_no_room() -> None:
    """https://www.rabbitmq.com/docs/consumer-priority."""
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.qos(1)
    peer.consume("q", "low", arguments={"x-priority": 1})
    peer.consume("q", "high", arguments={"x-priority": 5})
    for _ in range(3):
        peer.publish("", "q", b"x")
    assert tags(peer) == ["high", "low"]


def test_a_single_active_consumer_is_followed_by_the_next_in_line() -> None:
    """https://www.rabbitmq.com/docs/consumers#single-active-consumer: what it held is redelivered."""
    wire = Wire()
    first, second = wire.client(), wire.client()
    first.declare("q", arguments={"x-single-active-consumer": True})
    first.qos(1)
    first.consume("q", "first")
    second.consume("q", "second")
    first.publish("", "q", b"1")
    first.publish("", "q", b"2")
    assert (tags(first), tags(second)) == (["first"], [])
    wire.broker.lost(first.id, now=wire.now)
    assert tags(second) == ["second", "second"]


def test_who_gives_a_message_back_stands_in_line_before_it_is_handed_out() -> None:
    """Whose turn it is afterwards shows it. Source: a RabbitMQ 3.10.8."""
    wire = Wire("3.10")
    peer = wire.client()
    peer.declare("q")
    peer.publish("", "q", b"1")
    peer.qos(1)
    peer.consume("q", "holds")
    peer.consume("q", "takes", no_ack=True)
    peer.publish("", "q", b"2")
    assert tags(peer) == ["holds", "takes"]
    peer.send(1, "basic.nack", 1, False, True)
    for body in (b"3", b"4"):
        peer.publish("", "q", body)
    assert tags(peer) == ["takes", "holds", "takes"]


@settings(max_examples=40, deadline=None)
@given(
    prefetch=st.integers(1, 3),
    shared=st.integers(0, 4),
    steps=st.lists(st.sampled_from(["publish", "ack", "nack"]), max_size=30),
)
def test_prefetch_is_never_exceeded_and_never_starves(
    prefetch: int, shared: int, steps: list[str]
) -> None:
    """Invariant 14, with a limit of each consumer and one of the channel."""
    wire = Wire("4.0")
    peer = wire.client()
    peer.declare("q")
    peer.qos(prefetch)
    peer.qos(shared, shared=True)
    peer.consume("q", "a")
    peer.consume("q", "b")
    held: list[int] = []
    limit = min(2 * prefetch, shared or 99)
    for step in steps:
        if step == "publish":
            peer.publish("", "q", b"x")
        elif held:
            tag = held.pop(0)
            peer.send(1, "basic.ack", tag, False) if step == "ack" else peer.send(
                1, "basic.nack", tag, False, True
            )
        held += [f["delivery_tag"] for name, _, f in peer.replies() if name == "basic.deliver"]
        channel = wire.broker.connections[peer.id].channels[1]
        assert all(consumer.unacked <= prefetch for consumer in channel.consumers.values())
        assert len(held) == channel.global_unacked <= limit
        assert len(held) == limit or not wire.broker.peek("q")


def test_a_paused_consumer_gets_nothing_until_it_is_let_go() -> None:
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.consume("q", "c")
    assert wire.broker.pause_consumer("c", paused=True, now=wire.now) == 1
    peer.publish("", "q", b"x")
    assert tags(peer) == []
    wire.broker.pause_consumer("c", paused=False, now=wire.now)
    assert tags(peer) == ["c"]


def test_a_limit_for_consumers_to_come_lifts_the_shared_one() -> None:
    """Seen on RabbitMQ 3.10: basic.qos global=0 after global=1."""
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.qos(1, shared=True)
    peer.consume("q", "c")
    for _ in range(3):
        peer.publish("", "q", b"x")
    assert tags(peer) == ["c"]
    peer.qos(0)
    assert tags(peer) == ["c", "c"]


def test_consumers_of_a_deleted_queue_are_cancelled_in_the_order_of_their_tags() -> None:
    """Seen on RabbitMQ 3.10."""
    peer = Wire().client()
    peer.declare("q")
    for tag in ("t2", "t1"):
        peer.consume("q", tag)
    peer.replies()
    peer.send(1, "queue.delete", 0, "q", False, False, False)
    cancelled = [said["consumer_tag"] for name, _, said in peer.replies() if name == "basic.cancel"]
    assert cancelled == ["t1", "t2"]
