"""A snapshot is plain data, and a restore leaves connections open."""

from __future__ import annotations

import pickle

from tests.fakes.amqp.support_wire import Wire


def _bodies(wire: Wire, queue: str) -> list[bytes]:
    return [found["body"] for found in wire.broker.peek(queue)]


def test_a_restore_brings_back_topology_and_messages_through_pickle() -> None:
    wire = Wire()
    peer = wire.client()
    peer.exchange("x", "topic")
    peer.declare("q", durable=True, arguments={"x-message-ttl": 5000})
    peer.bind("q", "x", "a.*")
    for body in (b"1", b"2"):
        peer.publish("x", "a.b", body)
    saved = pickle.loads(pickle.dumps(wire.broker.snapshot()))

    peer.send(1, "queue.delete", 0, "q", False, False, False)
    peer.send(1, "exchange.delete", 0, "x", False, False)
    peer.declare("other")
    wire.broker.restore(saved, now=wire.now)

    assert _bodies(wire, "q") == [b"1", b"2"]
    assert list(wire.broker.vhost().queues) == ["q"]
    peer.publish("x", "a.c", b"3")
    assert _bodies(wire, "q") == [b"1", b"2", b"3"]
    wire.advance(5)
    assert _bodies(wire, "q") == []


def test_after_a_restore_consumers_go_on_and_old_tags_mean_nothing() -> None:
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.qos(1)
    peer.publish("", "q", b"held")
    peer.consume("q", "c")
    saved = wire.broker.snapshot()
    assert peer.names()[-3:] == ["basic.deliver", "header-frame", "body"]

    wire.broker.restore(saved, now=wire.now)
    (deliver, _, body) = peer.replies()
    assert (body[2]["body"], deliver[2]["redelivered"]) == ("held", True)

    peer.send(1, "basic.ack", 1, False)
    assert wire.broker.peek_unacked("q")
    peer.send(1, "basic.ack", deliver[2]["delivery_tag"], False)
    assert not wire.broker.peek_unacked("q")
    assert peer.replies() == []


def test_a_restore_cancels_consumers_of_queues_that_the_snapshot_has_not() -> None:
    wire = Wire()
    peer = wire.client()
    saved = wire.broker.snapshot()
    peer.declare("new")
    peer.consume("new", "c")
    peer.replies()
    wire.broker.restore(saved, now=wire.now)
    assert peer.names() == ["basic.cancel"]
