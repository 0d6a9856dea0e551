"""One message on its way to a handler, as both frameworks' insides are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ATTRIBUTES = {"k": {"Type": "Number", "Value": "5"}}


@dataclass(frozen=True, slots=True)
class Handling:
    """A message, a handler, and what its decorator was given.

    Attributes:
        service: The instance, with its middlewares.
        function: The handler, unbound.
        payload: What was published.
        topic: Topic or routing key; "" for a message of SQS that was sent straight to its queue.
        envelope: Of the handler; None for plain text.
        envelope_kwargs: Keywords of the decorator for the envelope.
        callback_kwargs: The deprecated keyword of the decorator.
    """

    # Services, functions and envelopes are whatever a user writes.
    service: Any
    function: Any
    payload: str
    topic: str
    envelope: Any
    envelope_kwargs: dict[str, Any]
    callback_kwargs: tuple[str, ...] | None


def sqs_body(handling: Handling) -> dict[str, Any]:
    """What is in the queue: SNS's notification, or the like of it that a send makes."""
    body = {
        "Type": "Notification" if handling.topic else "Message",
        "MessageId": "sns-id",
        "Message": handling.payload,
        "Timestamp": "2026-01-01T00:00:00.000Z",
        "MessageAttributes": ATTRIBUTES,
    }
    if handling.topic:
        body["TopicArn"] = f"arn:aws:sns:eu-west-1:000000000000:{handling.topic}"
    return body
