"""Long polls, receipt handles, visibility changes, limits of a receive."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.sqs.limits import SqsOptions


def visibility(sqs: Core, message: dict[str, Any], timeout: int) -> None:
    handle = message["ReceiptHandle"]
    sqs.call(
        "ChangeMessageVisibility", QueueUrl="q", ReceiptHandle=handle, VisibilityTimeout=timeout
    )


def woken(sqs: Core) -> dict[int, list[str]]:
    wakes = sqs.service.take_wakes()
    return {w.waiter_id: [m["Body"] for m in w.output.get("Messages", [])] for w in wakes}


# --- long polls -----------------------------------------------------------------------------------


def test_long_poll_returns_at_the_first_arrival() -> None:
    sqs = Core()
    poll = sqs.wait(sqs.create())

    sqs.send("q", "a")

    assert woken(sqs) == {poll.waiter_id: ["a"]}


def test_long_poll_ends_exactly_at_its_time() -> None:
    sqs = Core()
    poll = sqs.wait(sqs.create(), 7)
    assert sqs.service.next_deadline() == poll.deadline == 1007.0

    assert sqs.advance(6.9) == []
    (wake,) = sqs.advance(0.1)

    assert (wake.waiter_id, wake.output) == (poll.waiter_id, {})
    assert sqs.service.next_deadline() is None


def test_wait_time_of_the_queue_counts_and_zero_of_a_receive_beats_it() -> None:
    """Regression that fakes are known for: the queue's wait time ignored."""
    sqs = Core()
    sqs.create(ReceiveMessageWaitTimeSeconds=5)

    assert sqs.call("ReceiveMessage", QueueUrl="q").deadline == 1005.0
    assert sqs.call("ReceiveMessage", QueueUrl="q", WaitTimeSeconds=0) == {}


def test_cancelled_long_poll_eats_nothing() -> None:
    """Regression that fakes are known for: the client left, and the message with it."""
    sqs = Core()
    gone = sqs.wait(sqs.create())
    sqs.service.cancel(gone.waiter_id)

    sqs.send("q", "a")

    assert woken(sqs) == {}
    assert sqs.states() == (["a"], [], [])


def test_each_message_goes_to_one_waiter_in_the_order_they_came() -> None:
    sqs = Core()
    sqs.create()
    first, second = sqs.wait("q"), sqs.wait("q")

    sqs.send("q", "a")
    sqs.send("q", "b")

    assert woken(sqs) == {first.waiter_id: ["a"], second.waiter_id: ["b"]}


@pytest.mark.parametrize("cause", ["delay", "visibility timeout", "given back"])
def test_message_that_becomes_visible_wakes_a_long_poll(cause: str) -> None:
    sqs = Core()
    sqs.create()
    if cause == "delay":
        sqs.send("q", "a", DelaySeconds=10)
        message = None
    else:
        sqs.send("q", "a")
        (message,) = sqs.receive("q", VisibilityTimeout=10)
    poll = sqs.wait("q")
    if cause == "given back":
        assert message is not None
        visibility(sqs, message, 0)
    else:
        sqs.now += 10
        sqs.service.advance(now=sqs.now)

    assert woken(sqs) == {poll.waiter_id: ["a"]}


def test_deleting_a_queue_ends_its_long_polls() -> None:
    sqs = Core()
    poll = sqs.wait(sqs.create())

    sqs.call("DeleteQueue", QueueUrl="q")

    assert woken(sqs) == {poll.waiter_id: []}
    assert sqs.service.next_deadline() is None


# --- receipt handles ------------------------------------------------------------------------------


def test_expired_handle_still_deletes_from_a_standard_queue() -> None:
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=1), "a")
    (message,) = sqs.receive("q")
    sqs.advance(1)

    sqs.delete("q", message)

    assert sqs.states() == ([], [], [])


def test_superseded_handle_still_deletes_from_a_standard_queue() -> None:
    """Older handles usually succeed with standard queues (AWS knowledge center on handle errors)."""
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=0), "a")
    (old,), (new,) = sqs.receive("q"), sqs.receive("q")

    sqs.delete("q", old)
    assert sqs.states() == ([], [], [])
    sqs.delete("q", new)


def test_deleting_twice_is_no_error() -> None:
    sqs = Core()
    sqs.send(sqs.create(), "a")
    (message,) = sqs.receive("q")

    sqs.delete("q", message)
    sqs.delete("q", message)


@pytest.mark.parametrize("handle", ["nonsense", "AQEB", "AQEBMToxOjE", "QVFFQg==", "AQEBMToxOng="])
def test_malformed_handle(handle: str) -> None:
    sqs = Core()
    sqs.create()

    with pytest.raises(AwsError) as caught:
        sqs.call("DeleteMessage", QueueUrl="q", ReceiptHandle=handle)
    assert caught.value.code == "ReceiptHandleIsInvalid"


def test_handle_of_another_queue_or_of_its_predecessor_is_invalid() -> None:
    sqs = Core()
    sqs.send(sqs.create(), "a")
    (message,) = sqs.receive("q")
    sqs.create("other")
    for again in ("other", "q"):
        if again == "q":
            sqs.call("DeleteQueue", QueueUrl="q")
            sqs.create("q")
        with pytest.raises(AwsError, match="is not valid for this queue") as caught:
            sqs.delete(again, message)
        assert caught.value.code == "ReceiptHandleIsInvalid"


# --- visibility -----------------------------------------------------------------------------------


def test_change_of_visibility_counts_from_now() -> None:
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=30), "a")
    (message,) = sqs.receive("q")
    sqs.advance(20)
    visibility(sqs, message, 15)

    sqs.advance(14.9)
    assert sqs.bodies("q") == []
    sqs.advance(0.1)
    assert sqs.bodies("q") == ["a"]


def test_visibility_cannot_be_extended_past_twelve_hours() -> None:
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=30), "a")
    (message,) = sqs.receive("q")
    sqs.advance(1)

    with pytest.raises(AwsError, match="Total VisibilityTimeout for the message is beyond"):
        visibility(sqs, message, 43_200)
    visibility(sqs, message, 43_199)


def test_change_of_visibility_needs_a_message_in_flight() -> None:
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=1), "a")
    (message,) = sqs.receive("q")
    sqs.advance(1)

    with pytest.raises(AwsError) as caught:
        visibility(sqs, message, 10)
    assert caught.value.code == "MessageNotInflight"
    sqs.delete("q", message)
    with pytest.raises(AwsError, match="Message does not exist or is not available"):
        visibility(sqs, message, 10)


@pytest.mark.source("https://github.com/aws/aws-sdk-java/issues/1628")
@pytest.mark.source("https://github.com/smaskalik/sqsmover/issues/54")
@pytest.mark.parametrize("operation", ["DeleteMessage", "ChangeMessageVisibility"])
def test_handle_of_a_fifo_queue_expires_with_its_delivery(operation: str) -> None:
    """Alone it is an invalid value; an entry of a batch fails with a code and text of its own."""
    sqs = Core()
    sqs.send(sqs.create("q.fifo", VisibilityTimeout=1), "a")
    (message,) = sqs.receive("q.fifo")
    handle = message["ReceiptHandle"]
    timeout = {} if operation == "DeleteMessage" else {"VisibilityTimeout": 10}
    sqs.advance(1)

    with pytest.raises(AwsError) as caught:
        sqs.call(operation, QueueUrl="q.fifo", ReceiptHandle=handle, **timeout)
    entries = [{"Id": "1", "ReceiptHandle": handle, **timeout}]
    output = sqs.call(f"{operation}Batch", QueueUrl="q.fifo", Entries=entries)

    assert caught.value.query_code == "InvalidParameterValue"
    assert caught.value.message == (
        f"Value {handle} for parameter ReceiptHandle is invalid. "
        "Reason: The receipt handle has expired."
    )
    text = "The receipt handle has expired"
    failed = {"Id": "1", "Code": "ReceiptHandleIsInvalid", "Message": text, "SenderFault": True}
    assert output == {"Failed": [failed]}
    assert sqs.bodies("q.fifo") == ["a"]


def test_batches_report_each_entry() -> None:
    sqs = Core()
    sqs.send(sqs.create(), "a")
    (message,) = sqs.receive("q")
    handle = message["ReceiptHandle"]
    entries = [{"Id": "good", "ReceiptHandle": handle}, {"Id": "bad", "ReceiptHandle": "x"}]

    changed = sqs.call(
        "ChangeMessageVisibilityBatch",
        QueueUrl="q",
        Entries=[{**entry, "VisibilityTimeout": 60} for entry in entries],
    )
    deleted = sqs.call("DeleteMessageBatch", QueueUrl="q", Entries=entries)

    for output in (changed, deleted):
        assert output["Successful"] == [{"Id": "good"}]
        (failed,) = output["Failed"]
        assert (failed["Id"], failed["Code"]) == ("bad", "ReceiptHandleIsInvalid")
    assert sqs.states() == ([], [], [])


@pytest.mark.parametrize(
    ("entries", "code", "text"),
    [
        ([], "EmptyBatchRequest", "at least one DeleteMessageBatchRequestEntry"),
        (["a"] * 11, "TooManyEntriesInBatchRequest", "You have sent 11."),
        (["a", "a"], "BatchEntryIdsNotDistinct", "Id a repeated."),
        ([""], "InvalidBatchEntryId", "can only contain alphanumeric"),
        (["x" * 81], "InvalidBatchEntryId", "at most 80 letters"),
    ],
)
def test_batch_rules(entries: list[str], code: str, text: str) -> None:
    sqs = Core()
    sqs.create()

    with pytest.raises(AwsError, match=text) as caught:
        sqs.call(
            "DeleteMessageBatch",
            QueueUrl="q",
            Entries=[{"Id": entry_id, "ReceiptHandle": "x"} for entry_id in entries],
        )
    assert caught.value.code == code


# --- limits and faults ----------------------------------------------------------------------------


@pytest.mark.parametrize("fifo", [False, True])
def test_in_flight_limit(fifo: bool) -> None:
    """API_ReceiveMessage: OverLimit for a standard queue, no messages for a FIFO queue.

    The text: https://github.com/Cbsoftware/pressureNET-server/issues/74
    """
    sqs = Core(options=SqsOptions(max_in_flight=2))
    name = sqs.create("q.fifo" if fifo else "q")
    for number in range(4):
        sqs.send(name, str(number), MessageGroupId=str(number))
    assert len(sqs.bodies(name)) == 2

    if fifo:
        assert sqs.bodies(name) == []
    else:
        with pytest.raises(AwsError) as caught:
            sqs.receive(name)
        assert (caught.value.code, caught.value.message) == (
            "OverLimit",
            "Too many messages have been received without being deleted.\n"
            "Please delete your received messages or let them timeout before receiving more.",
        )
        sqs.wait(name)  # a long poll waits instead


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"MaxNumberOfMessages": 0}, "between 1 and 10"),
        ({"WaitTimeSeconds": 21}, "Must be >= 0 and <= 20"),
        ({"WaitTimeSeconds": -1}, "Must be >= 0 and <= 20"),
        ({"VisibilityTimeout": 43_201}, "Must be >= 0 and <= 43200"),
        ({"AttributeNames": ["Nonsense"]}, "Unknown Attribute Nonsense."),
    ],
)
def test_ranges_of_a_receive(params: dict[str, Any], text: str) -> None:
    sqs = Core()
    sqs.create()

    with pytest.raises(AwsError, match=text):
        sqs.call("ReceiveMessage", QueueUrl="q", **params)


def test_planned_duplicate_is_delivered_again_at_once() -> None:
    sqs = Core()
    sqs.send(sqs.create(), "a")
    sqs.faults.add(Fault("q", FaultKind.DUPLICATE))

    assert [sqs.bodies("q") for _ in range(3)] == [["a"], ["a"], []]


def test_planned_reordering_depends_on_the_seed_alone() -> None:
    def order() -> list[str]:
        sqs = Core()
        sqs.create()
        sqs.faults.add(Fault("q", FaultKind.REORDER, times=None, window=5))
        for number in range(8):
            sqs.send("q", str(number))
        return sqs.bodies("q")

    assert sorted(order()) == [str(number) for number in range(8)]
    assert order() == order() != sorted(order())
