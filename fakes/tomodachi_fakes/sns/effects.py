"""What SNS asks others to do: put a message into a queue, or POST it to an endpoint.

SNS decides who gets what; it reaches neither a queue nor the network itself. `cloud.py` applies
`ToSqs` in the same step, so that fan-out has happened when Publish returns; a shell performs
`ToHttp`. Each carries a `delivery_id`, by which the outcome is told back
(`SnsService.delivered` / `delivery_failed` / `http_answered`), so that retries and the
subscription's redrive policy act.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ToSqs:
    """Effect: send this message to a queue, as the principal `sns.amazonaws.com`.

    Attributes:
        delivery_id: Names this delivery when its outcome is reported.
        queue_arn: The queue; it need not exist.
        topic_arn: Where the message was published; `aws:SourceArn` for the queue's policy.
        subscription_arn: The subscription it is delivered for.
        message_id: SNS's id of the published message (SQS gives its own).
        body: Message body: the envelope, or the message itself for raw delivery.
        message_attributes: SQS message attributes in wire form
            (`{"colour": {"DataType": "String", "StringValue": "red"}}`, blobs as bytes); empty
            unless delivery is raw.
        message_group_id: Message group; also passed on to standard queues.
        message_deduplication_id: Deduplication id, for FIFO queues only.
        trace_header: `X-Amzn-Trace-Id` of the publish request, for `AWSTraceHeader`.
        dead_letter: True when the queue is the dead-letter queue of the subscription.
        cause: `seq` of the SNS event that led to this delivery.
    """

    delivery_id: int
    queue_arn: str
    topic_arn: str
    subscription_arn: str
    message_id: str
    body: str
    message_attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    message_group_id: str | None = None
    message_deduplication_id: str | None = None
    trace_header: str | None = None
    dead_letter: bool = False
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class ToHttp:
    """Effect: make one POST to an HTTP(S) endpoint; the core decides about further attempts.

    Attributes:
        delivery_id: Names this delivery; the same for all its attempts.
        attempt: 1 for the first try.
        url: The endpoint.
        headers: Request headers, without those the client library adds (Host, Content-Length).
        body: Request body, UTF-8.
        timeout_s: Longest time for one attempt, in seconds.
        subscription_arn: The subscription it is delivered for.
        cause: `seq` of the SNS event that led to this attempt.
    """

    delivery_id: int
    attempt: int
    url: str
    headers: dict[str, str]
    body: bytes
    timeout_s: float
    subscription_arn: str
    cause: int | None = None


Effect = ToSqs | ToHttp
