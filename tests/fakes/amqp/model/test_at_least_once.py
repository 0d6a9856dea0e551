"""Dead letters of quorum queues that are kept until they have arrived.

Source: https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering
"""

from __future__ import annotations

from typing import Any

from tests.fakes.amqp.support_wire import Peer, Wire

from tomodachi_fakes.amqp.model.at_least_once import RETRY_S

KEEPING = {
    "x-queue-type": "quorum",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": "dead",
}


def bodies(wire: Wire, queue: str) -> list[bytes]:
    return [found["body"] for found in wire.broker.peek(queue)]


def refused(number: int = 1, **arguments: Any) -> tuple[Wire, Peer]:
    """So many messages died in a queue that keeps its letters; the queue "dead" is not there."""
    wire = Wire("3.10")
    peer = wire.client()
    peer.declare("q", durable=True, arguments={**KEEPING, **arguments})
    for body in range(number):
        peer.publish("", "q", str(body).encode())
        peer.get("q")
        peer.send(1, "basic.reject", body + 1, False)
    peer.replies()
    return wire, peer


def test_a_letter_arrives_at_once_where_it_can() -> None:
    wire, peer = refused(0)
    peer.declare("dead")
    peer.publish("", "q", b"x")
    peer.get("q")
    peer.send(1, "basic.reject", 1, False)
    assert bodies(wire, "dead") == [b"x"]


def test_a_letter_without_a_route_is_tried_again_when_the_time_of_its_confirm_is_over() -> None:
    wire, peer = refused()
    peer.declare("dead")
    wire.advance(RETRY_S - 1)
    assert bodies(wire, "dead") == []
    wire.advance(1)
    assert bodies(wire, "dead") == [b"0"]


def test_letters_arrive_in_the_order_of_the_deaths_however_many_wait() -> None:
    wire, peer = refused(100)
    peer.declare("dead")
    wire.advance(RETRY_S)
    assert bodies(wire, "dead") == [str(number).encode() for number in range(100)]


def test_a_full_target_is_tried_again_and_another_target_gets_no_second_copy() -> None:
    wire, peer = refused(0, **{"x-dead-letter-exchange": "amq.fanout"})
    peer.declare("full", arguments={"x-max-length": 0, "x-overflow": "reject-publish"})
    peer.declare("open")
    for queue in ("full", "open"):
        peer.bind(queue, "amq.fanout")
    peer.publish("", "q", b"x")
    peer.get("q")
    peer.send(1, "basic.reject", 1, False)
    peer.send(1, "queue.delete", 0, "full", False, False, False)
    peer.declare("full")
    peer.bind("full", "amq.fanout")
    wire.advance(RETRY_S)
    assert (bodies(wire, "full"), bodies(wire, "open")) == ([b"x"], [b"x"])


def test_letters_that_wait_count_against_the_limit_of_their_queue() -> None:
    """As a RabbitMQ 3.10.8 answered; the recorded conversation is quorum_at_least_once_counts_against_the_limit."""
    _, peer = refused(2, **{"x-max-length": 1})
    peer.send(1, "confirm.select", False)
    peer.publish("", "q", b"one more")
    assert peer.names() == ["confirm.select-ok", "basic.nack"]


def test_letters_that_wait_take_memory_and_go_with_their_queue() -> None:
    wire, peer = refused()
    assert wire.broker.usage.octets > 0
    peer.send(1, "queue.delete", 0, "q", False, False, False)
    assert wire.broker.usage.octets == 0
    assert wire.broker.next_deadline() is None


def test_a_queue_that_drops_its_head_does_not_keep_letters() -> None:
    wire, peer = refused(1, **{"x-overflow": "drop-head"})
    peer.declare("dead")
    wire.advance(RETRY_S)
    assert bodies(wire, "dead") == []
