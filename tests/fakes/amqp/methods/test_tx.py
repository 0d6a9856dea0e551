"""Transactions: what comes before tx.commit-ok and what after it; all as a RabbitMQ 3.10.8 answered."""

from __future__ import annotations

from tests.fakes.amqp.support_wire import Peer, Wire


def scene(messages: int, prefetch: int = 0) -> Peer:
    """A channel in tx mode that consumes a queue with messages."""
    peer = Wire("3.10").client()
    peer.declare("q")
    for number in range(messages):
        peer.publish("", "q", str(number).encode())
    peer.qos(prefetch)
    peer.consume("q", "c")
    peer.send(1, "tx.select")
    peer.replies()
    return peer


def test_deliveries_of_what_was_published_come_before_commit_ok() -> None:
    peer = scene(0)
    peer.publish("", "q", b"1")
    assert peer.names() == []
    peer.send(1, "tx.commit")
    assert peer.names() == ["basic.deliver", "header-frame", "body", "tx.commit-ok"]


def test_deliveries_that_acks_make_room_for_come_after_commit_ok() -> None:
    peer = scene(2, prefetch=1)
    peer.send(1, "basic.ack", 1, False)
    assert peer.names() == []
    peer.send(1, "tx.commit")
    assert peer.names() == ["tx.commit-ok", "basic.deliver", "header-frame", "body"]


def test_redeliveries_of_nacks_come_after_commit_ok() -> None:
    peer = scene(1)
    peer.send(1, "basic.nack", 1, False, True)
    peer.send(1, "tx.commit")
    assert peer.names() == ["tx.commit-ok", "basic.deliver", "header-frame", "body"]


def test_returns_come_before_commit_ok() -> None:
    peer = scene(0)
    peer.publish("", "nobody", mandatory=True)
    peer.send(1, "tx.commit")
    assert peer.names() == ["basic.return", "header-frame", "tx.commit-ok"]


def test_a_channel_is_either_in_tx_or_in_confirm_mode() -> None:
    """https://www.rabbitmq.com/docs/confirms: they exclude each other."""
    peer = scene(0)
    peer.send(1, "confirm.select", False)
    ((name, _, values),) = peer.replies()
    assert (name, values["reply_code"]) == ("channel.close", 406)
