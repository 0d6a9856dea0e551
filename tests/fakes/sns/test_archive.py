from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import envelopes, make_queue, receive, refusal, subscribe
from tests.fakes.support_boto import START, InProcess

from tomodachi_fakes.sns.limits import Limits
from tomodachi_fakes.sns.notification import timestamp

DAY = 86_400


@pytest.fixture
def archived(sns: Any) -> str:
    """The ARN of a FIFO topic that keeps its messages for two days."""
    return sns.create_topic(
        Name="archived.fifo",
        Attributes={
            "FifoTopic": "true",
            "ContentBasedDeduplication": "true",
            "ArchivePolicy": '{"MessageRetentionPeriod": "2"}',
        },
    )["TopicArn"]


def publish(sns: Any, topic: str, *messages: str) -> None:
    for message in messages:
        sns.publish(TopicArn=topic, Message=message, MessageGroupId="g")


def replay(start: float, end: float | None = None) -> str:
    policy = {"PointType": "Timestamp", "StartingPoint": timestamp(start)}
    if end is not None:
        policy["EndingPoint"] = timestamp(end)
    return json.dumps(policy)


def status(sns: Any, arn: str) -> str:
    return sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["ReplayStatus"]


def texts(sqs: Any, url: str) -> list[str]:
    return [item["Message"] for item in envelopes(sqs, url)]


def test_a_new_subscription_replays_what_was_published_before(
    aws: InProcess, sns: Any, sqs: Any, archived: str
) -> None:
    """Developer guide, message replay: same content, id and timestamp, and `Replayed`."""
    url = make_queue(sqs, "q.fifo")
    first = sns.publish(TopicArn=archived, Message="one", MessageGroupId="g")
    aws.advance(60)
    publish(sns, archived, "two")

    arn = subscribe(sns, archived, "q.fifo", ReplayPolicy=replay(START))
    assert status(sns, arn) == "Pending"
    assert receive(sqs, url) == []
    aws.advance(1)

    assert status(sns, arn) == "Completed"
    one, two = envelopes(sqs, url)
    assert one["MessageId"] == first["MessageId"]
    assert one["SequenceNumber"] == first["SequenceNumber"]
    assert one["Timestamp"] == timestamp(START)
    assert one["Replayed"] == "true"
    assert two["Message"] == "two"


def test_new_messages_wait_for_the_replay_and_follow_it(
    aws: InProcess, sns: Any, sqs: Any, archived: str
) -> None:
    url = make_queue(sqs, "q.fifo")
    publish(sns, archived, "one")
    subscribe(sns, archived, "q.fifo", ReplayPolicy=replay(START))

    publish(sns, archived, "two")
    assert receive(sqs, url) == []
    aws.advance(1)
    publish(sns, archived, "three")

    assert texts(sqs, url) == ["one", "two", "three"]


def test_an_ending_point_ends_the_subscription_to_new_messages(
    aws: InProcess, sns: Any, sqs: Any, archived: str
) -> None:
    url = make_queue(sqs, "q.fifo")
    publish(sns, archived, "one")
    aws.advance(10)
    publish(sns, archived, "two")
    arn = subscribe(sns, archived, "q.fifo", ReplayPolicy=replay(START, START + 5))
    aws.advance(1)
    publish(sns, archived, "three")
    assert texts(sqs, url) == ["one"]

    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="ReplayPolicy", AttributeValue="{}"
    )
    publish(sns, archived, "four")

    assert texts(sqs, url) == ["four"]


@pytest.mark.slow
def test_a_long_replay_takes_its_time(aws: InProcess, sns: Any, sqs: Any, archived: str) -> None:
    url = make_queue(sqs, "q.fifo")
    publish(sns, archived, *map(str, range(150)))
    arn = subscribe(sns, archived, "q.fifo", ReplayPolicy=replay(START))

    aws.advance(1)
    assert status(sns, arn) == "In progress"
    aws.advance(1)
    assert status(sns, arn) == "Completed"

    received: list[str] = []
    while batch := texts(sqs, url):
        received += batch
    assert received == [str(position) for position in range(150)]


def test_a_filter_policy_applies_to_replays(
    aws: InProcess, sns: Any, sqs: Any, archived: str
) -> None:
    url = make_queue(sqs, "q.fifo")
    publish(sns, archived, '{"a": 1}', '{"a": 2}')
    subscribe(
        sns,
        archived,
        "q.fifo",
        ReplayPolicy=replay(START),
        FilterPolicyScope="MessageBody",
        FilterPolicy='{"a": [2]}',
    )

    aws.advance(1)

    assert texts(sqs, url) == ['{"a": 2}']


def test_messages_leave_the_archive_after_the_retention_period(
    aws: InProcess, sns: Any, sqs: Any, archived: str
) -> None:
    url = make_queue(sqs, "q.fifo")
    publish(sns, archived, "old")
    aws.advance(DAY)
    publish(sns, archived, "young")
    aws.advance(DAY)
    attributes = sns.get_topic_attributes(TopicArn=archived)["Attributes"]
    assert attributes["BeginningArchiveTime"] == timestamp(START)

    subscribe(sns, archived, "q.fifo", ReplayPolicy=replay(START))
    aws.advance(1)

    assert texts(sqs, url) == ["young"]


def test_archiving_ends_with_an_empty_policy_but_not_during_a_replay(
    aws: InProcess, sns: Any, archived: str
) -> None:
    publish(sns, archived, "one")
    subscribe(sns, archived, "q.fifo", ReplayPolicy=replay(START))
    policy = {"TopicArn": archived, "AttributeName": "ArchivePolicy", "AttributeValue": "{}"}

    assert refusal(sns.set_topic_attributes, **policy)[0] == "InvalidState"
    aws.advance(1)
    sns.set_topic_attributes(**policy)

    attributes = sns.get_topic_attributes(TopicArn=archived)["Attributes"]
    assert "ArchivePolicy" not in attributes
    assert "BeginningArchiveTime" not in attributes


def test_a_topic_with_an_archive_can_not_be_deleted(sns: Any, archived: str) -> None:
    """Source: https://github.com/aws/aws-cdk/pull/37113 quotes AWS."""
    assert refusal(sns.delete_topic, TopicArn=archived) == (
        "InvalidState",
        "Invalid state: Cannot delete a topic with an ArchivePolicy",
        400,
    )

    policy = {"TopicArn": archived, "AttributeName": "ArchivePolicy"}
    sns.set_topic_attributes(**policy, AttributeValue="{}")
    sns.delete_topic(TopicArn=archived)

    assert sns.list_topics()["Topics"] == []


def test_an_archive_is_not_given_up_by_an_empty_value(sns: Any, archived: str) -> None:
    """Source: https://github.com/hashicorp/terraform-provider-aws/issues/38885."""
    policy = {"TopicArn": archived, "AttributeName": "ArchivePolicy", "AttributeValue": ""}

    assert refusal(sns.set_topic_attributes, **policy)[0] == "InvalidParameter"


def test_an_archive_policy_has_one_member(sns: Any, fifo_topic: str) -> None:
    """Developer guide, message archiving: `MessageRetentionPeriod`, or none; the words are ours."""
    answer = refusal(
        sns.set_topic_attributes,
        TopicArn=fifo_topic,
        AttributeName="ArchivePolicy",
        AttributeValue='{"RetentionPeriod": "2"}',
    )

    assert answer[1] == "Invalid parameter: ArchivePolicy: unknown member RetentionPeriod"


@pytest.mark.parametrize("period", ["0", "366", "x", None])
def test_the_retention_period_is_one_to_365_days(sns: Any, fifo_topic: str, period: Any) -> None:
    value = json.dumps({"MessageRetentionPeriod": [] if period is None else period})

    answer = refusal(
        sns.set_topic_attributes,
        TopicArn=fifo_topic,
        AttributeName="ArchivePolicy",
        AttributeValue=value,
    )

    assert answer[1] == (
        "Invalid parameter: ArchivePolicy: MessageRetentionPeriod must be between 1 and 365"
    )


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("{", "ReplayPolicy: failed to parse JSON."),
        ("[]", "ReplayPolicy: must be a JSON object"),
        ('{"PointType": "Sequence"}', "ReplayPolicy: PointType must be Timestamp"),
        ('{"PointType": "Timestamp"}', "ReplayPolicy: StartingPoint must be specified"),
        (
            '{"PointType": "Timestamp", "StartingPoint": "yesterday"}',
            "ReplayPolicy: StartingPoint must be an ISO 8601 timestamp",
        ),
        (replay(START, START - 1), "ReplayPolicy: EndingPoint must be after StartingPoint"),
    ],
)
def test_replay_policies_are_checked(sns: Any, archived: str, policy: str, message: str) -> None:
    arn = subscribe(sns, archived, "q.fifo")

    answer = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=arn,
        AttributeName="ReplayPolicy",
        AttributeValue=policy,
    )

    assert answer[1] == f"Invalid parameter: {message}"


def test_a_replay_needs_an_archive(sns: Any, fifo_topic: str) -> None:
    arn = subscribe(sns, fifo_topic, "q.fifo")

    answer = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=arn,
        AttributeName="ReplayPolicy",
        AttributeValue=replay(START),
    )

    assert answer[1] == "Invalid parameter: ReplayPolicy: the topic has no message archive"


def test_a_topic_has_so_many_replays_at_once(aws: InProcess, sns: Any, archived: str) -> None:
    aws.cloud.sns.set_limits(Limits(replays_per_topic=1))
    subscribe(sns, archived, "a.fifo", ReplayPolicy=replay(START))
    second = subscribe(sns, archived, "b.fifo")
    policy = {
        "SubscriptionArn": second,
        "AttributeName": "ReplayPolicy",
        "AttributeValue": replay(START),
    }

    assert refusal(sns.set_subscription_attributes, **policy)[0] == "ReplayLimitExceeded"
    aws.advance(1)
    sns.set_subscription_attributes(**policy)


def test_unsubscribing_ends_a_replay(aws: InProcess, sns: Any, archived: str) -> None:
    arn = subscribe(sns, archived, "a.fifo", ReplayPolicy=replay(START))

    sns.unsubscribe(SubscriptionArn=arn)

    assert aws.cloud.sns.next_deadline() is None
