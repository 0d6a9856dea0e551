"""queue.delete with conditions, by type; as a RabbitMQ 3.10.8 answered."""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_wire import Peer, Wire


def scene(kind: str) -> Peer:
    """A queue with a message and a consumer that may take no more."""
    peer = Wire("3.10").client()
    peer.declare("q", durable=True, arguments={"x-queue-type": kind})
    for body in (b"1", b"2"):
        peer.publish("", "q", body)
    peer.qos(1)
    peer.consume("q", "c")
    peer.replies()
    return peer


def test_a_queue_that_is_in_use_and_not_empty_is_told_to_be_not_empty() -> None:
    peer = scene("classic")
    peer.send(1, "queue.delete", 0, "q", True, True, False)
    ((name, _, values),) = peer.replies()
    text = "PRECONDITION_FAILED - queue 'q' in vhost '/' not empty"
    assert (name, values["reply_text"]) == ("channel.close", text)


@pytest.mark.parametrize(
    ("unused", "empty", "flag"), [(True, False, "if-unused"), (False, True, "if-empty")]
)
def test_a_quorum_queue_knows_no_conditions(unused: bool, empty: bool, flag: str) -> None:
    peer = scene("quorum")
    peer.send(1, "queue.delete", 0, "q", unused, empty, False)
    ((name, _, values),) = peer.replies()
    assert (name, values["reply_code"]) == ("connection.close", 540)
    assert values["reply_text"] == (
        "NOT_IMPLEMENTED - cannot delete queue 'q' in vhost '/'. queue.delete operations with "
        f"{flag} flag set are not supported by quorum queues"
    )


def test_a_stream_ignores_conditions_and_tells_no_count() -> None:
    peer = scene("stream")
    peer.send(1, "queue.delete", 0, "q", True, True, False)
    deleted = [values for name, _, values in peer.replies() if name == "queue.delete-ok"]
    assert deleted == [{"message_count": 0}]
