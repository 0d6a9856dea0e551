"""Dead letters over several queues: counts, order, cycles, keys."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.amqp.support_wire import Peer, Wire


def letters_to(key: str, **arguments: Any) -> dict[str, Any]:
    return {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": key, **arguments}


def deaths(wire: Wire, queue: str) -> list[tuple[str, str, int]]:
    headers = wire.broker.peek(queue)[0]["properties"]["headers"]
    return [(death["queue"], death["reason"], death["count"]) for death in headers["x-death"]]


def scene(version: str = "4.0") -> tuple[Wire, Peer]:
    wire = Wire(version)
    return wire, wire.client()


@pytest.mark.parametrize("version", ["3.10", "4.0", "4.3"])
def test_a_retry_loop_counts_each_queue_and_reason_newest_first(version: str) -> None:
    """https://www.rabbitmq.com/docs/dlx#effects: work is rejected, waits, comes back."""
    wire, peer = scene(version)
    peer.declare("work", arguments=letters_to("wait"))
    peer.declare("wait", arguments=letters_to("work", **{"x-message-ttl": 100}))
    peer.publish("", "work", b"x", expiration="60000")
    for tag in (1, 2):
        peer.get("work")
        peer.send(1, "basic.reject", tag, False)
        wire.advance(0.1)
    assert deaths(wire, "work") == [("wait", "expired", 2), ("work", "rejected", 2)]
    headers = wire.broker.peek("work")[0]["properties"]["headers"]
    assert (headers["x-first-death-queue"], headers["x-first-death-reason"]) == ("work", "rejected")
    assert ("x-last-death-queue" in headers) == (version != "3.10")
    assert headers["x-death"][1]["original-expiration"] == "60000"
    assert "expiration" not in wire.broker.peek("work")[0]["properties"]


def test_a_cycle_without_a_rejection_is_dropped() -> None:
    """https://www.rabbitmq.com/docs/dlx#routing: dropped if there was no rejection in the cycle."""
    wire, peer = scene()
    peer.declare("a", arguments=letters_to("b", **{"x-message-ttl": 10}))
    peer.declare("b", arguments=letters_to("a", **{"x-message-ttl": 10}))
    peer.publish("", "a", b"x")
    wire.advance(10)
    assert wire.broker.peek("a") == wire.broker.peek("b") == []
    assert wire.broker.next_deadline() is None


def test_without_a_key_of_its_own_a_letter_keeps_its_routing_keys() -> None:
    """https://www.rabbitmq.com/docs/dlx#routing: CC keys as well."""
    wire, peer = scene()
    peer.exchange("dlx", "direct")
    peer.declare("src", arguments={"x-dead-letter-exchange": "dlx", "x-message-ttl": 10})
    for queue, key in (("one", "src"), ("two", "copy")):
        peer.declare(queue)
        peer.bind(queue, "dlx", key)
    peer.publish("", "src", b"x", headers={"CC": ["copy"]})
    wire.advance(1)
    assert len(wire.broker.peek("one")) == len(wire.broker.peek("two")) == 1
    death = wire.broker.peek("one")[0]["properties"]["headers"]["x-death"][0]
    assert death["routing-keys"] == ["src", "copy"]


def test_a_letter_to_an_exchange_that_is_gone_is_dropped() -> None:
    """https://www.rabbitmq.com/docs/dlx#safety."""
    wire, peer = scene()
    peer.declare("src", arguments={"x-dead-letter-exchange": "gone", "x-message-ttl": 10})
    peer.publish("", "src", b"x")
    wire.advance(1)
    assert wire.broker.peek("src") == []


def test_the_log_tells_why_a_letter_is_where_it_is() -> None:
    """Publish -> enqueue -> expire -> dead-letter -> enqueue, each caused by the one before."""
    wire, peer = scene()
    peer.declare("dead")
    peer.declare("src", arguments=letters_to("dead", **{"x-message-ttl": 10}))
    peer.publish("", "src", b"x")
    wire.advance(1)
    by_seq = {event.seq: event for event in wire.events}
    event = [event for event in wire.events if event.subject == "dead"][-1]
    chain = []
    while event is not None:
        chain.append((event.kind, event.subject))
        event = by_seq.get(event.cause) if event.cause else None
    assert chain == [
        ("enqueued", "dead"),
        ("dead-lettered", "src"),
        ("expired", "src"),
        ("enqueued", "src"),
        ("published", ""),
    ]


def test_rabbitmq_3_10_writes_every_death_but_the_first_in_the_order_of_its_keys() -> None:
    """Seen on RabbitMQ 3.10: a message that is rejected, waits and comes back."""
    wire = Wire("3.10")
    peer = wire.client()
    for name, other, ttl in (("wait", "work", {"x-message-ttl": 100}), ("work", "wait", {})):
        letters = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": other}
        peer.declare(name, arguments={**ttl, **letters})
    peer.publish("", "work", b"1")
    peer.get("work")
    peer.send(1, "basic.reject", 1, False)
    wire.advance(1)
    (found,) = wire.broker.peek("work")
    assert [list(death) for death in found["properties"]["headers"]["x-death"]] == [
        ["count", "exchange", "queue", "reason", "routing-keys", "time"],
        ["count", "reason", "queue", "time", "exchange", "routing-keys"],
    ]
