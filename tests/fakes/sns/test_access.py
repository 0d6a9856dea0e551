from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import (
    envelopes,
    invalid,
    make_queue,
    queue_arn,
    refusal,
    subscribe,
)
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.ids import SeededIds

OTHER = "222222222222"


def statement(topic: str, **members: Any) -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "SNS:Publish", "Resource": topic}
    return allowed | members


def accounts(count: int) -> list[str]:
    return [f"{number:012d}" for number in range(count)]


def set_statements(sns: Any, topic: str, *statements: dict[str, Any]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


@pytest.fixture
def enforcing(aws: InProcess) -> InProcess:
    """A cloud in which policies decide."""
    aws.cloud = Cloud(ids=SeededIds(7), events=aws.events, faults=aws.faults, enforce_policies=True)
    return aws


def test_a_policy_may_use_up_its_quotas(sns: Any, topic: str) -> None:
    """Developer guide, Amazon SNS API permissions: policy quotas."""
    set_statements(sns, topic, *[statement(topic)] * 100)
    set_statements(sns, topic, statement(topic, Principal={"AWS": accounts(200)}))


@pytest.mark.parametrize(
    ("statements", "quota"),
    [
        ([{}] * 101, "a policy has at most 100 statements"),
        ([{"Principal": {"AWS": accounts(201)}}], "a statement has at most 200 principals"),
        ([{"Sid": "a" * 30_720}], "a policy has at most 30720 bytes"),
    ],
)
def test_a_policy_has_quotas(
    sns: Any, topic: str, statements: list[dict[str, Any]], quota: str
) -> None:
    """Developer guide, Amazon SNS API permissions: policy quotas; the texts are ours."""
    with pytest.raises(sns.exceptions.InvalidParameterException) as caught:
        set_statements(sns, topic, *[statement(topic, **members) for members in statements])

    text = caught.value.response["Error"]["Message"]
    assert text == f"Invalid parameter: Policy Reason: {quota}"


def test_permissions_count_towards_the_quotas_of_a_policy(sns: Any, topic: str) -> None:
    """Developer guide, Amazon SNS API permissions: policy quotas."""
    set_statements(sns, topic, *[statement(topic)] * 100)

    answer = refusal(
        sns.add_permission, TopicArn=topic, Label="l", AWSAccountId=[OTHER], ActionName=["Publish"]
    )

    assert answer == invalid(
        "Invalid parameter: Policy Reason: a policy has at most 100 statements"
    )


def test_policies_do_not_decide_unless_asked_to(aws: InProcess, topic: str) -> None:
    aws.client("sns", account=OTHER).publish(TopicArn=topic, Message="hello")


def test_another_account_may_publish_once_it_is_allowed_to(
    enforcing: InProcess, sns: Any, topic: str
) -> None:
    theirs = enforcing.client("sns", account=OTHER)

    answer = refusal(theirs.publish, TopicArn=topic, Message="hello")
    assert answer == (
        "AuthorizationError",
        f"User: arn:aws:iam::{OTHER}:root is not authorized to perform: SNS:Publish on resource: "
        f"{topic} because no resource-based policy allows the SNS:Publish action",
        403,
    )

    sns.add_permission(TopicArn=topic, Label="l", AWSAccountId=[OTHER], ActionName=["Publish"])
    theirs.publish(TopicArn=topic, Message="hello")
    assert refusal(theirs.delete_topic, TopicArn=topic)[0] == "AuthorizationError"


def test_an_owner_may_do_what_is_not_denied(enforcing: InProcess, sns: Any, topic: str) -> None:
    def set_policy(statement: dict[str, Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document)

    base = {"Principal": "*", "Resource": topic}
    set_policy({**base, "Effect": "Allow", "Action": "SNS:Subscribe"})
    sns.publish(TopicArn=topic, Message="hello")

    set_policy({**base, "Effect": "Deny", "Action": "SNS:Publish"})
    answer = refusal(sns.publish, TopicArn=topic, Message="hello")
    assert answer[1].endswith("with an explicit deny in a resource-based policy")


def test_a_queues_policy_decides_whether_a_topic_may_send(
    enforcing: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    """Developer guide, subscribing a queue: its policy has to allow the topic to send."""
    url = make_queue(sqs)
    subscribe(sns, topic)
    sns.publish(TopicArn=topic, Message="refused")

    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn("queue"),
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.publish(TopicArn=topic, Message="allowed")

    assert [item["Message"] for item in envelopes(sqs, url)] == ["allowed"]
