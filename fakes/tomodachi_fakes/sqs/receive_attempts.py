"""ReceiveRequestAttemptId: a retried receive of a FIFO queue returns what the lost answer held.

For five minutes, the same attempt id returns the same messages with the same handles and starts
their visibility timeouts anew. Where one of them was deleted or had its visibility changed, the
receive is not retryable any more, and AWS says so; where one became visible again by itself, the
attempt is a new one.

Sources: SQS API reference, ReceiveMessage, ReceiveRequestAttemptId;
https://github.com/aws/aws-sdk-java/issues/2613 (the text).
"""

from __future__ import annotations

from tomodachi_fakes.sqs.errors import InvalidParameterValue
from tomodachi_fakes.sqs.limits import DEDUPLICATION_WINDOW_S
from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_fakes.sqs.queue import Queue, ReceiveAttempt

_NOT_RETRYABLE = (
    "The receiveRequestAttemptId is not valid anymore since the receive call is not retryable."
)


def remember(queue: Queue, attempt_id: str, messages: list[StoredMessage], *, now: float) -> None:
    """Note what an attempt received; one that received nothing may simply be made again."""
    _forget_until(queue, now)
    if messages:
        deliveries = [(m.seq, m.handle_number, m.visible_at) for m in messages]
        queue.attempts[attempt_id] = ReceiveAttempt(now + DEDUPLICATION_WINDOW_S, deliveries)


def recall(queue: Queue, attempt_id: str, timeout_s: int, *, now: float) -> list[StoredMessage]:
    """What the attempt received before, hidden for `timeout_s` from now; empty for a new attempt.

    Raises:
        InvalidParameterValue: something was done to one of the messages since.
    """
    attempt = queue.attempts.get(attempt_id)
    if attempt is None or attempt.until <= now:
        return []
    messages = []
    for seq, number, visible_at in attempt.deliveries:
        message = queue.find(seq)
        if message is None or (number, visible_at) != (message.handle_number, message.visible_at):
            raise InvalidParameterValue.of(attempt_id, "ReceiveRequestAttemptId", _NOT_RETRYABLE)
        if message.state is not Visibility.IN_FLIGHT:
            del queue.attempts[attempt_id]
            return []
        messages.append(message)
    for message in messages:
        queue.store.hide_until(message, now + timeout_s)
    attempt.deliveries = [(m.seq, m.handle_number, m.visible_at) for m in messages]
    return messages


def _forget_until(queue: Queue, now: float) -> None:
    """Forget the attempts that are over; the oldest come first."""
    while queue.attempts:
        attempt_id, attempt = next(iter(queue.attempts.items()))
        if now < attempt.until:
            return
        del queue.attempts[attempt_id]
