"""Standard queues with message groups: fair turns, and noisy neighbours that wait."""

from __future__ import annotations

import pytest
from tests.fakes.sqs.support_sqs import Core

pytestmark = pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html"
)


def queue() -> Core:
    sqs = Core()
    sqs.create(VisibilityTimeout=30)
    return sqs


def send(sqs: Core, group: str | None, count: int = 1) -> None:
    given = {} if group is None else {"MessageGroupId": group}
    for number in range(count):
        sqs.send("q", f"{group} {number}", **given)


def in_flight(sqs: Core, group: str | None, count: int) -> None:
    """Send messages and receive them all."""
    send(sqs, group, count)
    received = [body for _ in range(0, count, 10) for body in sqs.bodies("q")]
    assert received == [f"{group} {number}" for number in range(count)]


def test_groups_take_turns() -> None:
    """A group with a backlog does not keep a quiet group waiting."""
    sqs = queue()
    send(sqs, "noisy", 5)
    send(sqs, "quiet")

    assert sqs.bodies("q", 2) == ["noisy 0", "quiet 0"]


def test_messages_of_one_group_are_in_flight_together() -> None:
    """Unlike a FIFO queue's, they may be processed in parallel."""
    sqs = queue()
    send(sqs, "one", 3)

    assert [sqs.bodies("q", 1) for _ in range(3)] == [["one 0"], ["one 1"], ["one 2"]]


@pytest.mark.parametrize(("count", "first"), [(29, "noisy 0"), (30, "quiet 0")])
def test_a_group_is_noisy_with_thirty_in_flight(count: int, first: str) -> None:
    sqs = queue()
    in_flight(sqs, "noisy", count)
    send(sqs, "noisy", 2)
    send(sqs, "quiet", 2)

    received = sqs.bodies("q")

    assert received[0] == first
    assert sorted(received) == ["noisy 0", "noisy 1", "quiet 0", "quiet 1"]


@pytest.mark.parametrize(("others", "first"), [(269, "quiet 0"), (270, "noisy 0")])
def test_a_group_is_noisy_with_more_than_a_tenth_of_what_is_in_flight(
    others: int, first: str
) -> None:
    sqs = queue()
    in_flight(sqs, None, others)
    in_flight(sqs, "noisy", 30)
    send(sqs, "noisy")
    send(sqs, "quiet")

    assert sqs.bodies("q", 1) == [first]


def test_messages_without_a_group_are_never_noisy() -> None:
    sqs = queue()
    in_flight(sqs, None, 100)
    send(sqs, None)
    send(sqs, "quiet")

    assert sqs.bodies("q") == ["None 0", "quiet 0"]


def test_of_noisy_groups_the_one_with_the_fewest_in_flight_is_first() -> None:
    sqs = queue()
    in_flight(sqs, "louder", 40)
    in_flight(sqs, "loud", 31)
    send(sqs, "louder", 2)
    send(sqs, "loud", 2)

    assert sqs.bodies("q") == ["loud 0", "loud 1", "louder 0", "louder 1"]


@pytest.mark.parametrize("end", ["delete", "visibility timeout", "purge"])
def test_a_group_is_quiet_again_with_less_in_flight(end: str) -> None:
    sqs = queue()
    send(sqs, "noisy", 30)
    received = [message for _ in range(3) for message in sqs.receive("q")]
    if end == "delete":
        sqs.delete("q", received[0])
    elif end == "purge":
        sqs.call("PurgeQueue", QueueUrl="q")
    else:
        sqs.advance(30)
    send(sqs, "noisy", 2)
    send(sqs, "quiet")

    assert sqs.bodies("q", 2)[1] == "quiet 0"


def test_every_message_is_received_once_however_loud_its_group() -> None:
    sqs = queue()
    for count, group in ((150, "a"), (50, "b"), (5, "c"), (20, None)):
        send(sqs, group, count)

    received = [body for _ in range(30) for body in sqs.bodies("q")]

    assert len(received) == len(set(received)) == 225
    assert sqs.queue().store.available == 0
