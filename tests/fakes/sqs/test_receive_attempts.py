from __future__ import annotations

from tests.fakes.sqs.support_sqs import Core


def test_attempts_are_forgotten_after_five_minutes_oldest_first() -> None:
    """API_ReceiveMessage, ReceiveRequestAttemptId: five minutes; one that is made anew begins anew."""
    sqs = Core()
    sqs.create("q.fifo", VisibilityTimeout=60, ContentBasedDeduplication="true")
    for group in ("a", "b", "c"):
        sqs.send("q.fifo", group, MessageGroupId=group)
    (queue,) = sqs.service.queues()

    remembered = []
    for attempt_id, later in (("first", 0), ("second", 70), ("first", 100), ("third", 200)):
        sqs.advance(later)
        sqs.receive("q.fifo", 1, ReceiveRequestAttemptId=attempt_id)
        remembered.append(list(queue.attempts))

    assert remembered == [["first"], ["first", "second"], ["second", "first"], ["first", "third"]]
