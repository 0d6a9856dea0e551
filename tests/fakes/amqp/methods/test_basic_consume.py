"""basic.cancel and basic.get: their replies, and what comes with them; as a RabbitMQ 3.10.8 answered."""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_wire import Peer, Wire


def scene(kind: str) -> Peer:
    """Two consumers of a queue with single active consumer; the first holds one of two messages."""
    peer = Wire("3.10").client()
    arguments = {"x-queue-type": kind, "x-single-active-consumer": True}
    peer.declare("q", durable=True, arguments=arguments)
    peer.qos(1)
    for tag in ("first", "second"):
        peer.consume("q", tag)
    for body in (b"1", b"2"):
        peer.publish("", "q", body)
    peer.replies()
    return peer


def test_a_quorum_queue_delivers_to_the_next_active_consumer_after_cancel_ok() -> None:
    peer = scene("quorum")
    peer.send(1, "basic.cancel", "first", False)
    assert peer.names() == ["basic.cancel-ok", "basic.deliver", "header-frame", "body"]


def test_a_classic_queue_waits_for_another_occasion_after_a_cancel() -> None:
    peer = scene("classic")
    peer.send(1, "basic.cancel", "first", False)
    assert peer.names() == ["basic.cancel-ok"]
    peer.publish("", "q", b"3")
    assert [values["body"] for name, _, values in peer.replies() if name == "body"] == ["2"]


@pytest.mark.parametrize("got", [True, False])
def test_only_basic_get_tells_a_delivery_count_of_0(got: bool) -> None:
    peer = Wire("3.10").client()
    peer.declare("q", durable=True, arguments={"x-queue-type": "quorum"})
    peer.publish("", "q", b"1")
    peer.get("q") if got else peer.consume("q")
    (header,) = [values["props"] for name, _, values in peer.replies() if name == "header-frame"]
    assert header == ({"headers": {"x-delivery-count": 0}} if got else {})
