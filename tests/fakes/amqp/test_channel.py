"""Channels: what goes back when, which tags count, modes."""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_wire import Peer, Wire


def scene(messages: int = 3) -> tuple[Wire, Peer]:
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    for number in range(messages):
        peer.publish("", "q", str(number).encode())
    peer.replies()
    return wire, peer


def held(wire: Wire) -> int:
    return len(wire.broker.peek_unacked("q"))


def test_after_a_channel_error_deliveries_of_consumed_queues_return_at_once_and_others_at_close_ok() -> (
    None
):
    """Seen on RabbitMQ 3.10: what basic.get took returns when the client says close-ok."""
    wire, peer = scene(1)
    peer.get("q")
    peer.send(1, "basic.ack", 99, False)
    assert held(wire) == 1
    peer.send(1, "channel.close-ok")
    assert held(wire) == 0
    peer.channel()
    peer.consume("q", "c")
    assert held(wire) == 1
    peer.send(1, "basic.ack", 99, False)
    assert held(wire) == 0


def test_recover_ok_comes_before_what_is_delivered_again() -> None:
    """Seen on RabbitMQ 3.10."""
    _, peer = scene(1)
    peer.consume("q", "c")
    peer.replies()
    peer.send(1, "basic.recover", True)
    assert peer.names() == ["basic.recover-ok", "basic.deliver", "header-frame", "body"]


def test_multiple_settles_exactly_the_prefix() -> None:
    """Invariant 17."""
    wire, peer = scene()
    for _ in range(3):
        peer.get("q")
    peer.send(1, "basic.ack", 2, True)
    assert [found["body"] for found in wire.broker.peek_unacked("q")] == [b"2"]


def test_commit_publishes_then_acknowledges_and_rollback_undoes_both() -> None:
    """https://www.rabbitmq.com/docs/semantics#tx."""
    wire, peer = scene(1)
    peer.send(1, "tx.select")
    peer.get("q")
    peer.publish("", "q", b"new")
    peer.send(1, "basic.ack", 1, False)
    assert (held(wire), wire.broker.peek("q")) == (1, [])
    peer.send(1, "tx.rollback")
    assert (held(wire), wire.broker.peek("q")) == (1, [])
    peer.publish("", "q", b"new")
    peer.send(1, "basic.ack", 1, False)
    peer.send(1, "tx.commit")
    assert (held(wire), [found["body"] for found in wire.broker.peek("q")]) == (0, [b"new"])


def test_each_publish_has_one_answer_and_returns_come_first() -> None:
    """Invariant 13."""
    wire = Wire()
    peer = wire.client()
    peer.declare("full", arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    peer.send(1, "confirm.select", False)
    peer.replies()
    answered: dict[int, str] = {}
    pending: set[int] = set()
    for number in range(1, 9):
        pending.add(number)
        peer.publish("", "full" if number % 2 else "nobody", b"x", mandatory=True)
        names = []
        for name, _, fields in peer.replies():
            names.append(name)
            if name in ("basic.ack", "basic.nack"):
                upto = fields["delivery_tag"]
                named = {n for n in pending if n <= upto} if fields["multiple"] else {upto}
                answered |= dict.fromkeys(named, name)
                pending -= named
        if "basic.return" in names:
            assert names.index("basic.return") < names.index("basic.ack")
    assert pending == set()
    assert [answered[n] for n in range(1, 9)] == [
        "basic.ack",
        "basic.ack",
        *["basic.nack", "basic.ack"] * 3,
    ]


@pytest.mark.parametrize("frame_max", [8192, 131_072])
def test_bodies_are_cut_to_the_frame_size_of_the_receiver(frame_max: int) -> None:
    wire, peer = scene(0)
    reader = wire.peer().login(frame_max=frame_max).channel()
    reader.consume("q", "c", no_ack=True)
    reader.replies()
    peer.publish("", "q", bytes(100_000))
    sizes = [len(fields["body"]) for name, _, fields in reader.replies() if name == "body"]
    assert sum(sizes) == 100_000
    assert max(sizes) == min(100_000, frame_max - 8)


def test_an_auto_delete_queue_that_loses_its_channel_is_deleted_with_what_it_held() -> None:
    """Seen on RabbitMQ 3.10: a delivery of a queue with TTL 0 is not dead-lettered on that way."""
    wire = Wire()
    peer = wire.client()
    peer.declare("dead")
    arguments = {
        "x-message-ttl": 0,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "dead",
    }
    peer.declare("q", auto_delete=True, arguments=arguments)
    peer.channel(2).consume("q", "c", channel=2)
    peer.publish("", "q", b"1")
    assert held(wire) == 1
    peer.send(2, "channel.close", 200, "", 0, 0)
    assert ("q" in wire.broker.vhost().queues, wire.broker.peek("dead")) == (False, [])
