"""FIFO queues: order and locking by group, deduplication, retried receives."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.sqs.digests import md5_of_body


def fifo(**attributes: Any) -> Core:
    sqs = Core()
    sqs.create("q.fifo", **attributes)
    return sqs


def test_receive_drains_one_group_before_the_next() -> None:
    sqs = fifo()
    for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b")):
        sqs.send("q.fifo", body, MessageGroupId=group)

    assert sqs.bodies("q.fifo", 3) == ["a1", "a2", "b1"]


def test_a_batch_may_hold_many_messages_of_one_group() -> None:
    """Regression that fakes are known for: one message a group in every receive."""
    sqs = fifo()
    for number in range(12):
        sqs.send("q.fifo", str(number))

    assert sqs.bodies("q.fifo") == [str(number) for number in range(10)]


def test_group_is_locked_while_one_of_its_messages_is_in_flight() -> None:
    sqs = fifo()
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        sqs.send("q.fifo", body, MessageGroupId=group)
    (first,) = sqs.receive("q.fifo", 1)

    assert sqs.bodies("q.fifo") == ["b1"]
    assert sqs.bodies("q.fifo") == []
    sqs.delete("q.fifo", first)
    assert sqs.bodies("q.fifo") == ["a2"]


def test_order_is_restored_after_a_time_out() -> None:
    sqs = fifo(VisibilityTimeout=30)
    for number in range(4):
        sqs.send("q.fifo", str(number))
    sqs.receive("q.fifo", 2)
    sqs.advance(30)

    assert sqs.bodies("q.fifo") == ["0", "1", "2", "3"]


def test_group_stays_locked_until_every_message_of_it_has_come_back() -> None:
    sqs = fifo()
    for number in range(3):
        sqs.send("q.fifo", str(number))
    zero, one = sqs.receive("q.fifo", 2)
    for message in (one, zero):
        assert sqs.bodies("q.fifo") == []
        handle = message["ReceiptHandle"]
        sqs.call(
            "ChangeMessageVisibility", QueueUrl="q.fifo", ReceiptHandle=handle, VisibilityTimeout=0
        )

    assert sqs.bodies("q.fifo") == ["0", "1", "2"]


def test_a_delayed_message_does_not_block_its_group() -> None:
    """Regression that fakes are known for; the delay is the queue's, lowered in between."""
    sqs = fifo(DelaySeconds=60)
    sqs.send("q.fifo", "delayed")
    sqs.queue("q.fifo").delay_s = 0  # the retroactive change is tested below

    sqs.send("q.fifo", "free")

    assert sqs.bodies("q.fifo") == ["free"]


def test_delay_of_a_fifo_queue_is_retroactive() -> None:
    """API_SetQueueAttributes, DelaySeconds: for FIFO queues it affects messages already there."""
    sqs = fifo(DelaySeconds=60)
    sqs.send("q.fifo", "a")
    sqs.call("SetQueueAttributes", QueueUrl="q.fifo", Attributes={"DelaySeconds": "5"})

    sqs.advance(5)

    assert sqs.bodies("q.fifo") == ["a"]


def test_a_repeated_message_gets_the_first_ones_id_and_its_own_digest() -> None:
    """Regressions that fakes are known for: forgotten on delete; replay with a wrong MD5."""
    sqs = fifo()
    first = sqs.send("q.fifo", "one", MessageDeduplicationId="d")
    (message,) = sqs.receive("q.fifo")
    sqs.delete("q.fifo", message)
    sqs.advance(299)

    again = sqs.send("q.fifo", "two", MessageDeduplicationId="d")

    assert again["MessageId"] == first["MessageId"]
    assert again["SequenceNumber"] == first["SequenceNumber"]
    assert again["MD5OfMessageBody"] == md5_of_body("two")
    assert sqs.bodies("q.fifo") == []
    sqs.advance(1)
    sqs.send("q.fifo", "three", MessageDeduplicationId="d")
    assert sqs.bodies("q.fifo") == ["three"]


def test_sequence_numbers_rise() -> None:
    sqs = fifo()

    numbers = [sqs.send("q.fifo", str(n))["SequenceNumber"] for n in range(5)]

    assert numbers == sorted(numbers)
    assert {len(number) for number in numbers} == {20}


def test_retried_receive_returns_the_same_messages_and_handles() -> None:
    """API_ReceiveMessage, ReceiveRequestAttemptId: and starts the visibility timeout anew."""
    sqs = fifo(VisibilityTimeout=30)
    for number in range(3):
        sqs.send("q.fifo", str(number))
    first = sqs.receive("q.fifo", 2, ReceiveRequestAttemptId="once")
    sqs.advance(20)

    again = sqs.receive("q.fifo", 2, ReceiveRequestAttemptId="once")

    assert again == first
    sqs.advance(20)
    assert sqs.states("q.fifo") == (["2"], ["0", "1"], [])


@pytest.mark.source("https://github.com/aws/aws-sdk-java/issues/2613")
@pytest.mark.parametrize("change", ["DeleteMessage", "ChangeMessageVisibility"])
def test_receive_is_not_retryable_once_something_was_done_to_its_message(change: str) -> None:
    """API_ReceiveMessage: only while no message was deleted or had its visibility changed."""
    sqs = fifo()
    sqs.send("q.fifo", "0")
    (first,) = sqs.receive("q.fifo", 1, ReceiveRequestAttemptId="once")
    timeout = {} if change == "DeleteMessage" else {"VisibilityTimeout": 60}
    sqs.call(change, QueueUrl="q.fifo", ReceiptHandle=first["ReceiptHandle"], **timeout)

    with pytest.raises(AwsError) as caught:
        sqs.receive("q.fifo", 1, ReceiveRequestAttemptId="once")
    assert caught.value.message == (
        "Value once for parameter ReceiveRequestAttemptId is invalid. Reason: The "
        "receiveRequestAttemptId is not valid anymore since the receive call is not retryable."
    )


def test_retried_receive_starts_anew_once_a_message_is_visible_again() -> None:
    sqs = fifo(VisibilityTimeout=30)
    sqs.send("q.fifo", "0")
    sqs.receive("q.fifo", 1, ReceiveRequestAttemptId="once")
    sqs.advance(31)

    (again,) = sqs.receive(
        "q.fifo", 1, ReceiveRequestAttemptId="once", AttributeNames=["ApproximateReceiveCount"]
    )
    assert again["Attributes"] == {"ApproximateReceiveCount": "2"}


@pytest.mark.parametrize("attempt_id", ["", "a b", "a" * 129])
def test_attempt_id_has_the_form_of_a_deduplication_id(attempt_id: str) -> None:
    with pytest.raises(AwsError, match="1 to 128 in length"):
        fifo().receive("q.fifo", ReceiveRequestAttemptId=attempt_id)


@pytest.mark.source("https://github.com/awspring/spring-cloud-aws/issues/529")
@pytest.mark.parametrize("attempt_id", ["once", "", "a b"])
def test_a_standard_queue_passes_attempt_ids_by(attempt_id: str) -> None:
    sqs = Core()
    sqs.create()
    sqs.send("q", "a")

    assert len(sqs.receive("q", ReceiveRequestAttemptId=attempt_id)) == 1
    assert sqs.receive("q", ReceiveRequestAttemptId=attempt_id) == []


def test_throughput_per_group_needs_deduplication_per_group() -> None:
    sqs = Core()

    with pytest.raises(AwsError, match="perMessageGroupId value is allowed only"):
        sqs.create("q.fifo", FifoThroughputLimit="perMessageGroupId")
