"""A snapshot is plain data, and a restore leaves connections open."""

from __future__ import annotations

import pickle

from tests.fakes.amqp.support_wire import Wire

from tomodachi_fakes.amqp.model.at_least_once import RETRY_S


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


def test_a_restore_brings_back_counts_of_deliveries_and_letters_that_wait() -> None:
    wire = Wire()
    peer = wire.client()
    arguments = {
        "x-queue-type": "quorum",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "dead",
    }
    peer.declare("q", durable=True, arguments=arguments)
    for tag, (body, requeue) in enumerate(((b"letter", False), (b"again", True)), start=1):
        peer.publish("", "q", body)
        peer.get("q")
        peer.send(1, "basic.reject", tag, requeue)
    saved = pickle.loads(pickle.dumps(wire.broker.snapshot()))
    peer.send(1, "queue.delete", 0, "q", False, False, False)
    peer.replies()

    wire.broker.restore(saved, now=wire.now)
    peer.get("q")
    (_, header, _) = peer.replies()
    assert header[2]["props"]["headers"]["x-delivery-count"] == 1

    peer.declare("dead")
    wire.advance(RETRY_S)
    assert _bodies(wire, "dead") == [b"letter"]
