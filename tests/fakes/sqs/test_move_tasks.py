"""Message move tasks on the clock: rates, destinations, cancelling, listing."""

from __future__ import annotations

import json

import pytest
from tests.fakes.sqs.support_sqs import ACCOUNT, REGION, Core

from tomodachi_fakes.aws.errors import AwsError

DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"


def dead_letters(count: int) -> Core:
    """A queue `q` whose dead-letter queue `dead` holds `count` messages received once."""
    sqs = Core()
    sqs.create("dead")
    policy = {"deadLetterTargetArn": DEAD, "maxReceiveCount": 1}
    sqs.create("q", RedrivePolicy=json.dumps(policy), VisibilityTimeout=0)
    for number in range(count):
        sqs.send("q", str(number))
    while sqs.receive("q"):
        pass
    return sqs


def test_a_moved_message_is_a_new_one_with_its_receives_forgotten() -> None:
    """Regression that fakes are known for: a move that keeps the receive count."""
    sqs = dead_letters(1)
    (before,) = sqs.service.peek(DEAD).ready
    old_id = before.message_id
    sqs.advance(100)

    sqs.call("StartMessageMoveTask", SourceArn=DEAD)

    (message,) = sqs.receive("q", AttributeNames=["All"])
    assert message["MessageId"] != old_id
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert message["Attributes"]["SentTimestamp"] == "1100000"
    assert "DeadLetterQueueSourceArn" not in message["Attributes"]


def test_rate_is_kept_on_the_clock() -> None:
    sqs = dead_letters(5)
    sqs.call("StartMessageMoveTask", SourceArn=DEAD, MaxNumberOfMessagesPerSecond=2)

    left = [len(sqs.service.peek(DEAD).ready)]
    for _ in range(5):
        sqs.advance(0.5)
        left.append(len(sqs.service.peek(DEAD).ready))

    assert left == [4, 3, 2, 1, 0, 0]
    (result,) = sqs.call("ListMessageMoveTasks", SourceArn=DEAD)["Results"]
    assert result["Status"] == "COMPLETED"


def test_cancelled_task_leaves_the_rest_where_it_is() -> None:
    sqs = dead_letters(5)
    handle = sqs.call("StartMessageMoveTask", SourceArn=DEAD, MaxNumberOfMessagesPerSecond=1)
    sqs.advance(1)

    output = sqs.call("CancelMessageMoveTask", TaskHandle=handle["TaskHandle"])

    assert output == {"ApproximateNumberOfMessagesMoved": 2}
    sqs.advance(100)
    assert len(sqs.service.peek(DEAD).ready) == 3
    with pytest.raises(AwsError, match="Only active tasks"):
        sqs.call("CancelMessageMoveTask", TaskHandle=handle["TaskHandle"])


def test_messages_sent_straight_to_a_dead_letter_queue_have_no_way_back() -> None:
    sqs = dead_letters(0)
    sqs.send("dead", "stray")

    sqs.call("StartMessageMoveTask", SourceArn=DEAD)

    (result,) = sqs.call("ListMessageMoveTasks", SourceArn=DEAD)["Results"]
    assert (result["Status"], result["FailureReason"]) == (
        "FAILED",
        "CouldNotDetermineMessageSource",
    )
    assert sqs.bodies("dead") == ["stray"]


@pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html"
)
def test_destination_is_of_the_same_type_as_the_source() -> None:
    """The page: if the dead-letter queue is a FIFO queue, so must be the redrive destination."""
    sqs = dead_letters(1)
    sqs.create("other.fifo")

    with pytest.raises(AwsError, match="same type") as caught:
        sqs.call("StartMessageMoveTask", SourceArn=DEAD, DestinationArn=f"{DEAD[:-4]}other.fifo")

    assert caught.value.query_code == "InvalidParameterValue"
    assert sqs.bodies("dead") == ["0"]


def test_latest_tasks_are_listed_first() -> None:
    sqs = dead_letters(0)
    for _ in range(12):
        sqs.call("StartMessageMoveTask", SourceArn=DEAD)
        sqs.advance(1)

    results = sqs.call("ListMessageMoveTasks", SourceArn=DEAD, MaxResults=10)["Results"]

    started = [result["StartedTimestamp"] for result in results]
    assert started == sorted(started, reverse=True)
    assert len(results) == 10
    assert started[0] == 1_011_000
    with pytest.raises(AwsError, match="between 1 and 10"):
        sqs.call("ListMessageMoveTasks", SourceArn=DEAD, MaxResults=11)


def test_a_task_ends_with_its_queue_and_does_not_go_on_with_a_new_one_of_its_name() -> None:
    sqs = dead_letters(3)
    started = sqs.call("StartMessageMoveTask", SourceArn=DEAD, MaxNumberOfMessagesPerSecond=1)
    sqs.call("DeleteQueue", QueueUrl="dead")
    sqs.create("dead")
    sqs.send("dead", "new")

    sqs.advance(10)

    assert sqs.call("ListMessageMoveTasks", SourceArn=DEAD) == {"Results": []}
    with pytest.raises(AwsError, match="TaskHandle parameter doesn't exist"):
        sqs.call("CancelMessageMoveTask", **started)
    assert sqs.bodies("dead") == ["new"]
    sqs.call("StartMessageMoveTask", SourceArn=DEAD)


def test_no_more_tasks_are_remembered_than_are_ever_listed() -> None:
    sqs = dead_letters(0)
    first, *_, last = [sqs.call("StartMessageMoveTask", SourceArn=DEAD) for _ in range(11)]

    with pytest.raises(AwsError, match="specified for the TaskHandle parameter doesn't exist"):
        sqs.call("CancelMessageMoveTask", **first)
    with pytest.raises(AwsError, match="Only active tasks"):
        sqs.call("CancelMessageMoveTask", **last)


@pytest.mark.parametrize("handle", ["", "nonsense", "e30=", "W10="])
def test_bad_task_handle(handle: str) -> None:
    with pytest.raises(AwsError, match="task handle is invalid"):
        dead_letters(0).call("CancelMessageMoveTask", TaskHandle=handle)
