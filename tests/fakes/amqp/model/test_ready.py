"""The order in which queues give their messages."""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_wire import Peer, Wire


def quorum_queue(version: str, *priorities: int | None) -> Peer:
    """A queue with a message of each priority; the bodies are their numbers, from 0."""
    peer = Wire(version).client()
    peer.declare("q", durable=True, arguments={"x-queue-type": "quorum"})
    for number, priority in enumerate(priorities):
        properties = {} if priority is None else {"priority": priority}
        peer.publish("", "q", str(number).encode(), **properties)
    peer.replies()
    return peer


def taken(peer: Peer, count: int) -> list[int]:
    for _ in range(count):
        peer.get("q", no_ack=True)
    return [int(reply[2]["body"]) for reply in peer.replies() if reply[0] == "body"]


@pytest.mark.parametrize(
    ("version", "order"),
    [("3.10", [0, 1, 2, 3, 4, 5]), ("4.0", [2, 4, 0, 5, 1, 3]), ("4.3", [2, 5, 4, 0, 3, 1])],
)
def test_quorum_queues_know_one_level_of_priority_then_two_then_thirty_two(
    version: str, order: list[int]
) -> None:
    """4.0: above 4 is high, two high ones for each other one. 4.3: 32, the highest first; a message without is in 4.

    https://www.rabbitmq.com/docs/quorum-queues#priorities
    """
    peer = quorum_queue(version, None, 1, 9, 4, 5, 8)

    assert taken(peer, 6) == order


def test_a_level_alone_gives_its_messages_in_the_order_of_arrival() -> None:
    """Source: https://www.rabbitmq.com/docs/quorum-queues#priorities."""
    assert taken(quorum_queue("4.0", 9, 5, 255, 6), 4) == [0, 1, 2, 3]
    assert taken(quorum_queue("4.0", 4, 0, None, 3), 4) == [0, 1, 2, 3]


def test_what_comes_back_to_a_quorum_queue_goes_before_what_has_a_priority() -> None:
    """Source: https://www.rabbitmq.com/docs/quorum-queues#repeated-requeues."""
    peer = quorum_queue("4.0", None, 9)
    peer.get("q")
    peer.get("q")
    peer.replies()
    peer.publish("", "q", b"2", priority=9)
    peer.send(1, "basic.nack", 0, True, True)
    peer.replies()

    assert taken(peer, 3) == [1, 0, 2]
