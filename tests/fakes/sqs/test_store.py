"""Standard queues: visibility, delay, retention, turns between groups, and stale entries."""

from __future__ import annotations

import pytest
from tests.fakes.sqs.support_sqs import Core


def test_receive_hides_message_for_exactly_the_visibility_timeout() -> None:
    """API_ReceiveMessage: a received message is invisible for VisibilityTimeout seconds."""
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=30), "a")
    assert sqs.bodies("q") == ["a"]

    sqs.advance(29.9)
    assert sqs.bodies("q") == []
    sqs.advance(0.1)
    assert sqs.bodies("q") == ["a"]


def test_visibility_timeout_of_a_receive_beats_the_queues() -> None:
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=30), "a")
    sqs.receive("q", VisibilityTimeout=5)

    sqs.advance(5)

    assert sqs.bodies("q") == ["a"]


def test_delay_seconds_zero_of_a_message_beats_the_queues_delay() -> None:
    """Regression that fakes are known for: 0 is a value, not "use the queue's"."""
    sqs = Core()
    sqs.create(DelaySeconds=60)
    sqs.send("q", "late")
    sqs.send("q", "now", DelaySeconds=0)
    sqs.send("q", "soon", DelaySeconds=5)

    assert sqs.bodies("q") == ["now"]
    sqs.advance(5)
    assert sqs.bodies("q") == ["soon"]
    sqs.advance(55)
    assert sorted(sqs.states()[0]) == ["late", "now", "soon"]


def test_delay_of_a_standard_queue_is_not_retroactive() -> None:
    """API_SetQueueAttributes, DelaySeconds: for standard queues the change affects new messages."""
    sqs = Core()
    sqs.send(sqs.create(DelaySeconds=60), "a")

    sqs.call("SetQueueAttributes", QueueUrl="q", Attributes={"DelaySeconds": "0"})

    assert sqs.states() == ([], [], ["a"])


def test_message_expires_after_the_retention_period_whatever_its_state() -> None:
    sqs = Core()
    sqs.create(MessageRetentionPeriod=60)
    sqs.send("q", "in flight")
    sqs.receive("q", VisibilityTimeout=1000)
    sqs.send("q", "ready")
    sqs.send("q", "delayed", DelaySeconds=900)

    sqs.advance(59.9)
    assert sqs.states() == (["ready"], ["in flight"], ["delayed"])
    sqs.advance(0.1)

    assert sqs.states() == ([], [], [])
    assert [e.at for e in sqs.events if e.kind == "expired"] == [1060.0] * 3


def test_a_shorter_retention_period_applies_to_messages_that_are_there() -> None:
    sqs = Core()
    sqs.send(sqs.create(), "a")
    sqs.advance(100)

    sqs.call("SetQueueAttributes", QueueUrl="q", Attributes={"MessageRetentionPeriod": "60"})

    assert sqs.states() == ([], [], [])


def test_each_delivery_counts_and_has_its_own_handle() -> None:
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=0), "a")

    messages = [sqs.receive("q", AttributeNames=["All"])[0] for _ in range(3)]

    counts = [m["Attributes"]["ApproximateReceiveCount"] for m in messages]
    assert counts == ["1", "2", "3"]
    assert len({m["ReceiptHandle"] for m in messages}) == 3
    firsts = {m["Attributes"]["ApproximateFirstReceiveTimestamp"] for m in messages}
    assert firsts == {"1000000"}


def test_deleted_messages_leave_no_trace_in_line() -> None:
    """Messages deleted while visible again are skipped, and their places are cleared away."""
    sqs = Core()
    sqs.create(VisibilityTimeout=1)
    for number in range(300):
        sqs.send("q", str(number))
    received = [message for _ in range(30) for message in sqs.receive("q")]
    sqs.advance(1)
    for message in received[:290]:
        sqs.delete("q", message)

    assert sqs.bodies("q") == [str(number) for number in range(290, 300)]


@pytest.mark.parametrize("fifo", [False, True])
def test_purge_empties_every_state(fifo: bool) -> None:
    sqs = Core()
    name = sqs.create("q.fifo" if fifo else "q")
    sqs.send(name, "in-flight")
    sqs.receive(name)
    sqs.send(name, "ready")
    sqs.call("PurgeQueue", QueueUrl=name)

    assert sqs.states(name) == ([], [], [])
    sqs.advance(10_000)
    assert sqs.bodies(name) == []
    sqs.send(name, "ready")  # in a FIFO queue: deduplication was purged too
    assert sqs.bodies(name) == ["ready"]
