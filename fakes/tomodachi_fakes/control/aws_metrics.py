"""Metrics of SQS and SNS for Prometheus, under CloudWatch's names in Prometheus's spelling.

`ApproximateNumberOfMessagesVisible` is `aws_sqs_approximate_number_of_messages_visible`. Counters begin
with the first question, which counts what the event log still holds.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.aws.arn import parse_arn

if TYPE_CHECKING:
    from tomodachi_fakes.cloud import Cloud
    from tomodachi_fakes.events import EventLog
    from tomodachi_fakes.management.exposition import Exposition

_OF_QUEUES = {
    "sent": ("number_of_messages_sent", "Messages put into the queue"),
    "received": ("number_of_messages_received", "Messages received"),
    "deleted": ("number_of_messages_deleted", "Messages deleted"),
    "dead-lettered": ("number_of_messages_dead_lettered", "Messages moved to a dead-letter queue"),
}
_OF_TOPICS = {
    "published": ("number_of_messages_published", "Messages published"),
    "routed": ("number_of_notifications_routed", "Notifications that no filter held back"),
    "sent": ("number_of_http_notifications_delivered", "Notifications that HTTP endpoints took"),
    "discarded": ("number_of_notifications_failed", "Notifications given up"),
    "filtered": ("number_of_notifications_filtered_out", "Notifications that a filter held back"),
    "dead-lettered": (
        "number_of_notifications_redriven_to_dlq",
        "Notifications moved to a dead-letter queue",
    ),
}


class AwsCounts:
    """How often what happened to which queue and topic; a reader of the event log.

    Attributes:
        seq: The last event that was counted.
    """

    def __init__(self, log: EventLog) -> None:
        self.seq = 0
        self._log = log
        self._counts: Counter[tuple[str, str, str]] = Counter()
        log.read_with(self)

    def see(self, at: float, service: str, kind: str, subject: str, detail: dict[str, Any]) -> None:
        """Count an event."""
        if service == "sqs" and kind in _OF_QUEUES:
            self._counts["sqs", kind, subject] += 1
        elif service == "sns" and kind in _OF_TOPICS:
            self._counts["sns", kind, _topic_of(subject)] += 1

    def of(self, service: str, kind: str, arn: str) -> int:
        """How often it happened to a queue or topic."""
        self._log.read()
        return self._counts[service, kind, arn]


def _topic_of(arn: str) -> str:
    """A topic's ARN, also from that of a subscription to it; phone numbers stay as they are."""
    parts = arn.split(":")
    return ":".join(parts[:6]) if len(parts) > 6 else arn


def aws_metrics(out: Exposition, cloud: Cloud, counts: AwsCounts, *, now: float) -> None:
    """Add every metric of the queues and topics that there are."""
    for queue in cloud.sqs.queues():
        labels = _labels("queue", queue.arn)
        peek = cloud.sqs.peek(queue.arn)
        oldest = min(
            (message.sent_at for group in (peek.ready, peek.in_flight) for message in group),
            default=now,
        )
        for name, value, what in (
            ("number_of_messages_visible", len(peek.ready), "Messages that can be received"),
            ("number_of_messages_not_visible", len(peek.in_flight), "Messages in flight"),
            ("number_of_messages_delayed", len(peek.delayed), "Messages whose delay is not over"),
            ("age_of_oldest_message_seconds", now - oldest, "How long the oldest has been there"),
        ):
            out.gauge(f"aws_sqs_approximate_{name}", what).add(value, **labels)
        for kind, (name, what) in _OF_QUEUES.items():
            family = out.counter(f"aws_sqs_{name}_total", what)
            family.add(counts.of("sqs", kind, queue.arn), **labels)
    for topic in cloud.sns.topics():
        labels = _labels("topic", topic.arn)
        for kind, (name, what) in _OF_TOPICS.items():
            family = out.counter(f"aws_sns_{name}_total", what)
            family.add(counts.of("sns", kind, topic.arn), **labels)


def _labels(kind: str, arn: str) -> dict[str, str]:
    parsed = parse_arn(arn)
    assert parsed is not None  # an ARN of ours
    return {kind: parsed.resource, "account": parsed.account, "region": parsed.region}
