"""Streams: offsets, credit, retention."""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_wire import Peer, Wire


def scene(**arguments: object) -> tuple[Wire, Peer]:
    wire = Wire("4.0")
    peer = wire.client()
    peer.declare("s", durable=True, arguments={"x-queue-type": "stream", **arguments})
    peer.replies()
    return wire, peer


def offsets(peer: Peer) -> list[int]:
    return [
        f["props"]["headers"]["x-stream-offset"]
        for name, _, f in peer.replies()
        if name == "header-frame"
    ]


@pytest.mark.parametrize(
    ("offset", "read"), [("first", [0, 1, 2]), ("last", [2]), ("next", []), (1, [1, 2])]
)
def test_a_consumer_reads_from_the_offset_it_asked_for(offset: object, read: list[int]) -> None:
    """https://www.rabbitmq.com/docs/streams#consuming."""
    _, peer = scene()
    for body in (b"0", b"1", b"2"):
        peer.publish("", "s", body)
    peer.qos(10)
    peer.consume("s", "c", arguments={"x-stream-offset": offset})
    assert offsets(peer) == read


def test_an_acknowledgement_is_credit_and_removes_nothing() -> None:
    """https://www.rabbitmq.com/docs/streams: non-destructive consumers."""
    wire, peer = scene()
    for _ in range(3):
        peer.publish("", "s", b"x")
    peer.qos(1)
    peer.consume("s", "c", arguments={"x-stream-offset": "first"})
    assert offsets(peer) == [0]
    peer.send(1, "basic.ack", 1, False)
    assert offsets(peer) == [1]
    assert len(wire.broker.peek("s")) == 3


def test_retention_by_age_and_by_octets_drops_the_oldest() -> None:
    """https://www.rabbitmq.com/docs/streams#retention."""
    wire, peer = scene(**{"x-max-age": "1h", "x-max-length-bytes": 30})
    peer.publish("", "s", b"old")
    wire.advance(3601)
    peer.publish("", "s", b"n" * 10)
    assert [len(found["body"]) for found in wire.broker.peek("s")] == [10]
    for _ in range(4):
        peer.publish("", "s", b"n" * 10)
    assert len(wire.broker.peek("s")) == 3
