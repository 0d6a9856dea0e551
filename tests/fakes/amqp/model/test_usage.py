"""Memory: whatever holds messages counts, and nothing is left once they are gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.fakes.amqp.support_wire import Peer, Wire


def full_queue(wire: Wire, peer: Peer) -> None:
    peer.declare("q")
    peer.publish("", "q", b"x" * 100)


def full_stream(wire: Wire, peer: Peer) -> None:
    peer.declare("q", durable=True, arguments={"x-queue-type": "stream"})
    peer.publish("", "q", b"x" * 100)


def open_transaction(wire: Wire, peer: Peer) -> None:
    peer.send(1, "tx.select")
    peer.publish("", "q", b"x" * 100)


def delayed(wire: Wire, peer: Peer) -> None:
    peer.exchange("later", "x-delayed-message", arguments={"x-delayed-type": "fanout"})
    peer.publish("later", "", b"x" * 100, headers={"x-delay": 1000})


def unacknowledged(wire: Wire, peer: Peer) -> None:
    full_queue(wire, peer)
    peer.get("q")


@pytest.mark.parametrize(
    "hold", [full_queue, full_stream, open_transaction, delayed, unacknowledged]
)
def test_whatever_holds_messages_counts_until_they_are_gone(
    hold: Callable[[Wire, Peer], None],
) -> None:
    """https://www.rabbitmq.com/docs/memory."""
    wire = Wire()
    peer = wire.client()
    hold(wire, peer)
    assert wire.broker.usage.octets > 100
    peer.send(1, "channel.close", 200, "", 0, 0)
    peer.channel(2).send(2, "queue.delete", 0, "q", False, False, False)
    wire.advance(2)
    assert wire.broker.usage.octets == 0


def test_a_refused_message_that_is_dead_lettered_counts_for_nothing() -> None:
    wire = Wire()
    peer = wire.client()
    full = {"x-max-length": 1, "x-overflow": "reject-publish-dlx", "x-dead-letter-exchange": "none"}
    peer.declare("q", arguments=full)
    for body in (b"1", b"2", b"3"):
        peer.publish("", "q", body)
    peer.get("q", no_ack=True)
    assert wire.broker.usage.octets == 0
