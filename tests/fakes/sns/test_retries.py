"""Deliveries that fail on the endpoint's side and are tried again, by the protocol's retry policy.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import envelopes, make_queue, queue_arn, subscribe
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.sns.retries import AWS_MANAGED, CUSTOMER_MANAGED, RetryPolicy

FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:f"


def fail(aws: InProcess, protocol: str, times: int | None) -> None:
    aws.faults.add(Fault(f"sns.deliver.{protocol}", FaultKind.ERROR, times=times))


def delays(policy: RetryPolicy, first: int, last: int) -> list[float | None]:
    return [policy.delay(retry) for retry in range(first, last + 1)]


def test_endpoints_that_aws_manages_are_tried_for_23_days() -> None:
    """3 times without delay, 2 a second apart, 10 from 1 to 20 seconds, 100,000 20 seconds apart."""
    assert delays(AWS_MANAGED, 1, 5) == [0, 0, 0, 1, 1]
    growing = [delay or 0.0 for delay in delays(AWS_MANAGED, 6, 15)]
    assert (growing[0], growing[-1]) == (1, 20)
    assert growing == sorted(growing)
    assert delays(AWS_MANAGED, 16, 17) == [20, 20]
    assert delays(AWS_MANAGED, 100_015, 100_016) == [20, None]


def test_endpoints_that_customers_manage_are_tried_fifty_times() -> None:
    """2 times 10 seconds apart, 10 from 10 to 600 seconds, 38 600 seconds apart."""
    assert delays(CUSTOMER_MANAGED, 1, 3) == [10, 10, 10]
    assert delays(CUSTOMER_MANAGED, 12, 13) == [600, 600]
    assert delays(CUSTOMER_MANAGED, 50, 51) == [600, None]


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_queue_gets_its_message_by_an_immediate_retry(
    aws: InProcess, sns: Any, sqs: Any, topic: str, failures: int
) -> None:
    url = make_queue(sqs)
    arn = subscribe(sns, topic)
    fail(aws, "sqs", failures)

    sns.publish(TopicArn=topic, Message="hello")

    assert [item["Message"] for item in envelopes(sqs, url)] == ["hello"]
    kinds = [event.kind for event in aws.events if event.subject == arn]
    assert kinds == ["subscribed", "routed", *["failed"] * failures]


def test_a_function_that_recovers_gets_its_message_later(
    aws: InProcess, sns: Any, topic: str
) -> None:
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
    fail(aws, "lambda", 5)
    start = aws.now

    sns.publish(TopicArn=topic, Message="hello")

    assert aws.cloud.sns.pending_deliveries() == 1
    aws.advance(1.9)
    assert aws.cloud.sns.inbox("lambda") == []
    aws.advance(0.1)
    (captured,) = aws.cloud.sns.inbox("lambda")
    assert captured.at - start == pytest.approx(2)
    assert aws.cloud.next_deadline() is None


def test_a_mailbox_that_stays_away_leads_to_the_dead_letter_queue(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    dead = make_queue(sqs, "dead")
    sns.subscribe(
        TopicArn=topic,
        Protocol="sms",
        Endpoint="+15551234567",
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": queue_arn("dead")})},
    )
    fail(aws, "sms", None)

    sns.publish(TopicArn=topic, Message="hello")
    aws.advance(6 * 3600)
    assert envelopes(sqs, dead) == []
    aws.advance(3 * 3600)

    assert [item["Message"] for item in envelopes(sqs, dead)] == ["hello"]
    assert aws.cloud.sns.inbox("sms") == []
    assert len([event for event in aws.events if event.kind == "failed"]) == 51


def test_a_client_side_failure_is_not_tried_again(aws: InProcess, sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
    aws.faults.add(
        Fault("sns.deliver.lambda", FaultKind.ERROR, code="ResourceNotFound", status=404)
    )

    sns.publish(TopicArn=topic, Message="hello")

    assert aws.cloud.next_deadline() is None
    failed, discarded = list(aws.events)[-2:]
    assert (failed.kind, discarded.kind) == ("failed", "discarded")
    assert failed.detail["reason"] == "ResourceNotFound"


def test_a_fifo_group_waits_for_its_first_message(
    aws: InProcess, sns: Any, sqs: Any, fifo_topic: str
) -> None:
    """A FIFO topic keeps the order of a group; another group does not wait."""
    url = make_queue(sqs, "queue.fifo")
    subscribe(sns, fifo_topic, "queue.fifo")
    fail(aws, "sqs", 4)

    for number, group in ((1, "a"), (2, "a"), (3, "b")):
        sns.publish(
            TopicArn=fifo_topic,
            Message=str(number),
            MessageGroupId=group,
            MessageDeduplicationId=str(number),
        )

    assert aws.cloud.sns.pending_deliveries() == 2
    assert [item["Message"] for item in envelopes(sqs, url)] == ["3"]
    aws.advance(1)
    assert [item["Message"] for item in envelopes(sqs, url)] == ["1", "2"]


def test_unsubscribing_and_deleting_the_topic_end_the_attempts(
    aws: InProcess, sns: Any, sqs: Any
) -> None:
    url = make_queue(sqs)
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in ("one", "two")]
    arns = [subscribe(sns, topic) for topic in topics]
    fail(aws, "sqs", 8)
    for topic in topics:
        sns.publish(TopicArn=topic, Message="hello")
    assert aws.cloud.sns.pending_deliveries() == 2

    sns.unsubscribe(SubscriptionArn=arns[0])
    sns.delete_topic(TopicArn=topics[1])
    aws.advance(1)

    assert aws.cloud.sns.pending_deliveries() == 0
    assert envelopes(sqs, url) == []


def test_a_snapshot_keeps_what_waits(aws: InProcess, sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)
    fail(aws, "sqs", 4)
    sns.publish(TopicArn=topic, Message="hello")

    aws.cloud.restore(aws.cloud.snapshot())
    aws.advance(1)

    assert [item["Message"] for item in envelopes(sqs, url)] == ["hello"]
