"""Deliveries that end here: messages for phones, mailboxes, functions, streams and devices.

SNS would hand them to services that the fake does not have. They are kept, in order, for tests and
people to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Captured:
    """One message as its endpoint would have got it.

    Attributes:
        at: Unix time in seconds.
        protocol: "sms", "email", "email-json", "lambda", "firehose" or "application".
        endpoint: Phone number, address or ARN.
        topic_arn: The topic; "" for a message published to the endpoint itself.
        subscription_arn: The subscription; "" likewise.
        body: What the endpoint gets: text, envelope or event.
        attributes: Message attributes in wire form.
    """

    at: float
    protocol: str
    endpoint: str
    topic_arn: str
    subscription_arn: str
    message_id: str
    body: str
    subject: str | None = None
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
