"""Refusals that a queue type does not know, and where refused messages go; as a RabbitMQ 3.10.8 answered."""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_wire import Wire


@pytest.mark.parametrize(
    ("method", "values"),
    [("basic.nack", (1, False, True)), ("basic.reject", (1, False))],
)
def test_a_stream_takes_acknowledgements_only(method: str, values: tuple[object, ...]) -> None:
    peer = Wire("3.10").client()
    peer.declare("s", durable=True, arguments={"x-queue-type": "stream"})
    peer.publish("", "s", b"1")
    peer.qos(1)
    peer.consume("s", "c", arguments={"x-stream-offset": "first"})
    peer.replies()
    peer.send(1, method, *values)
    closed = [said for name, _, said in peer.replies() if name == "connection.close"]
    assert [said["reply_text"] for said in closed] == [
        "NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues "
        "queue 's' in vhost '/'"
    ]


@pytest.mark.parametrize(("limit", "order"), [(None, [b"2", b"1"]), (5, [b"1", b"2"])])
def test_a_quorum_queue_without_a_delivery_limit_takes_back_at_its_end(
    limit: int | None, order: list[bytes]
) -> None:
    """https://www.rabbitmq.com/docs/quorum-queues#repeated-requeues."""
    wire = Wire("3.10")
    peer = wire.client()
    arguments = {"x-queue-type": "quorum"} | ({} if limit is None else {"x-delivery-limit": limit})
    peer.declare("q", durable=True, arguments=arguments)
    for body in (b"1", b"2"):
        peer.publish("", "q", body)
    peer.get("q")
    peer.send(1, "basic.nack", 1, False, True)
    assert [found["body"] for found in wire.broker.peek("q")] == order
