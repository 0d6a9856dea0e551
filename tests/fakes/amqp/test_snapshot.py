"""A snapshot is plain data, and a restore leaves connections open."""

from __future__ import annotations

import pickle

from tests.fakes.amqp.support_wire import Wire

from tomodachi_fakes.amqp.model.at_least_once import RETRY_S
from tomodachi_fakes.amqp.model.policies import Policy


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


def test_a_snapshot_holds_everything_of_a_virtual_host() -> None:
    wire = Wire()
    broker = wire.broker
    host = broker.add_vhost("v")
    host.description, host.tags = "mine", ("a", "b")
    host.max_queues, host.max_connections = 1, 5
    broker.declare_queue("q", now=wire.now, vhost="v")
    broker.set_policy(Policy("p", "^q", {"max-length": 3}), "v")
    broker.set_policy(Policy("o", "^q", {"message-ttl": 9}), "v", operator=True)
    broker.add_user("ann", "secret", tags=("management",))
    broker.set_permissions("ann", "v", "c", "w", "r")
    broker.set_topic_permissions("ann", "v", "amq.topic", "w", "r")
    broker.users["ann"].max_channels = 7
    saved = pickle.loads(pickle.dumps(broker.snapshot()))

    other = Wire().broker
    other.restore(saved, now=wire.now)

    found, user = other.vhost("v"), other.users["ann"]
    assert (found.description, found.tags) == ("mine", ("a", "b"))
    assert (found.max_queues, found.max_connections) == (1, 5)
    assert (found.policies, found.operator_policies) == (host.policies, host.operator_policies)
    assert found.queues["q"].rules.max_length == 3
    assert user == broker.users["ann"]
    assert other.snapshot() == saved


def test_a_delayed_message_is_held_on_after_a_restore() -> None:
    wire = Wire()
    peer = wire.client()
    peer.exchange("later", "x-delayed-message", arguments={"x-delayed-type": "fanout"})
    peer.declare("q")
    peer.bind("q", "later")
    peer.publish("later", "", b"saved", headers={"x-delay": 2000})
    saved = pickle.loads(pickle.dumps(wire.broker.snapshot()))
    peer.publish("later", "", b"not saved", headers={"x-delay": 1000})

    wire.advance(1.5)
    wire.broker.restore(saved, now=wire.now)
    wire.advance(0.5)
    assert _bodies(wire, "q") == [b"saved"]


def test_a_stream_keeps_its_offsets_and_ages() -> None:
    """https://www.rabbitmq.com/docs/streams#retention: what is too old is dropped by its own age."""
    wire = Wire()
    peer = wire.client()
    peer.declare("s", durable=True, arguments={"x-queue-type": "stream", "x-max-age": "10s"})
    for body in (b"0", b"1"):
        peer.publish("", "s", body)
        wire.advance(8)
    peer.publish("", "s", b"2")
    assert _bodies(wire, "s") == [b"1", b"2"]
    saved = pickle.loads(pickle.dumps(wire.broker.snapshot()))

    wire.broker.restore(saved, now=wire.now)
    peer.qos(9)
    peer.replies()
    peer.consume("s", arguments={"x-stream-offset": "first"})
    offsets = [
        reply[2]["props"]["headers"]["x-stream-offset"]
        for reply in peer.replies()
        if reply[0] == "header-frame"
    ]
    assert offsets == [1, 2]
    wire.advance(4)
    peer.publish("", "s", b"3")
    assert _bodies(wire, "s") == [b"2", b"3"]
