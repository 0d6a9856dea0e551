"""The core as a whole: all operations are there, snapshots, resets, events and their causes."""

from __future__ import annotations

import pytest
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.model import load_model
from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.sqs.limits import SqsOptions


def test_every_operation_of_the_model_is_implemented() -> None:
    assert set(Core().service.operations) == set(load_model("sqs").operations)


def test_an_operation_that_is_not_there_says_so() -> None:
    with pytest.raises(AwsError, match=r"sqs\.Nonsense is not implemented"):
        Core().call("Nonsense")


def test_restore_brings_back_every_message_and_its_deadline() -> None:
    sqs = Core()
    sqs.create(VisibilityTimeout=30)
    for body in ("in flight", "ready"):
        sqs.send("q", body)
    sqs.receive("q", 1)
    sqs.send("q", "delayed", DelaySeconds=60)
    before, snapshot = sqs.states(), sqs.service.snapshot()
    sqs.advance(45)
    sqs.call("DeleteQueue", QueueUrl="q")
    sqs.now -= 45

    sqs.service.restore(snapshot)

    assert sqs.states() == before == (["ready"], ["in flight"], ["delayed"])
    assert sqs.service.next_deadline() == 1030.0
    sqs.advance(60)
    assert sqs.states() == (["in flight", "ready", "delayed"], [], [])


def test_a_planned_reordering_does_not_hinder_a_snapshot() -> None:
    sqs = Core()
    sqs.send(sqs.create(), "a")
    sqs.faults.add(Fault("q", FaultKind.REORDER, times=None))
    sqs.receive("q")

    sqs.service.restore(sqs.service.snapshot())

    assert sqs.states() == ([], ["a"], [])


@pytest.mark.parametrize("freed_by", ["delete", "expiry", "purge", "queue deletion", "restore"])
def test_messages_are_refused_once_the_fake_is_full_and_until_it_is_not(freed_by: str) -> None:
    sqs = Core(options=SqsOptions(max_stored=10))
    sqs.create(MessageRetentionPeriod=60)
    empty = sqs.service.snapshot()
    sqs.send("q", "12345678")
    with pytest.raises(AwsError, match="raise max_stored") as caught:
        sqs.send("q", "123")
    assert (caught.value.code, caught.value.status) == ("ServiceUnavailable", 503)

    if freed_by == "delete":
        sqs.delete("q", sqs.receive("q")[0])
    elif freed_by == "expiry":
        sqs.advance(60)
    elif freed_by == "purge":
        sqs.call("PurgeQueue", QueueUrl="q")
    elif freed_by == "restore":
        sqs.service.restore(empty)
    else:
        sqs.call("DeleteQueue", QueueUrl="q")
        sqs.create()

    sqs.send("q", "1234567890")
    with pytest.raises(AwsError):
        sqs.send("q", "1")


def test_restore_answers_the_receives_that_wait() -> None:
    sqs = Core()
    sqs.create()
    snapshot = sqs.service.snapshot()
    poll = sqs.wait("q")

    sqs.service.restore(snapshot)

    (wake,) = sqs.service.take_wakes()
    assert (wake.waiter_id, wake.output) == (poll.waiter_id, {})


def test_events_tell_the_way_of_a_message_by_their_causes() -> None:
    sqs = Core()
    sqs.send(sqs.create(), "a")
    (message,) = sqs.receive("q")
    sqs.delete("q", message)

    sent, received, deleted = [e for e in sqs.events if e.message_id == message["MessageId"]]

    assert [e.kind for e in (sent, received, deleted)] == ["sent", "received", "deleted"]
    assert (received.cause, deleted.cause) == (sent.seq, received.seq)
    assert received.detail == {"receive_count": 1}


def test_reset_of_one_account_leaves_the_others() -> None:
    sqs = Core()
    sqs.create("mine")

    sqs.service.reset("222222222222")
    assert [queue.id.name for queue in sqs.service.queues()] == ["mine"]
    sqs.service.reset()
    assert sqs.service.queues() == []


def test_recreating_within_a_minute_is_refused_when_asked_for() -> None:
    """API_CreateQueue: QueueDeletedRecently."""
    sqs = Core(options=SqsOptions(recreate_wait=True))
    sqs.create()
    sqs.call("DeleteQueue", QueueUrl="q")
    sqs.advance(59)
    with pytest.raises(AwsError) as caught:
        sqs.create()
    assert caught.value.code == "QueueDeletedRecently"
    sqs.advance(1)
    sqs.create()


def test_delivery_from_another_service_keeps_group_and_trace() -> None:
    sqs = Core()
    sqs.create()
    arn = sqs.queue().arn

    sqs.service.deliver(
        arn, body="a", now=sqs.now, sender_id="sns", message_group_id="g", trace_header="Root=1"
    )

    (message,) = sqs.receive("q", AttributeNames=["All"])
    assert message["Attributes"]["MessageGroupId"] == "g"
    assert message["Attributes"]["AWSTraceHeader"] == "Root=1"
    with pytest.raises(AwsError):
        sqs.service.deliver(arn + "x", body="a", now=sqs.now, sender_id="sns")


def test_time_passes_deadline_by_deadline_however_far_it_jumps() -> None:
    sqs = Core()
    sqs.create(VisibilityTimeout=30, MessageRetentionPeriod=60)
    sqs.send("q", "a")
    sqs.receive("q")

    sqs.advance(100_000)

    times = [(e.kind, e.at) for e in sqs.events if e.message_id][2:]
    assert times == [("visibility-timeout-ended", 1030.0), ("expired", 1060.0)]
