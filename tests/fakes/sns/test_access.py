from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import (
    envelopes,
    make_queue,
    queue_arn,
    refusal,
    set_statements,
    statement,
    subscribe,
)
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.ids import SeededIds

OTHER = "222222222222"


@pytest.fixture
def enforcing(aws: InProcess) -> InProcess:
    """A cloud in which policies decide."""
    aws.cloud = Cloud(ids=SeededIds(7), events=aws.events, faults=aws.faults, enforce_policies=True)
    return aws


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


def test_a_policy_may_ask_for_the_protocol_and_the_endpoint(
    enforcing: InProcess, sns: Any, topic: str
) -> None:
    """Developer guide, Amazon SNS API permissions: `sns:Endpoint` and `sns:Protocol`."""
    set_statements(
        sns,
        topic,
        statement(
            topic,
            Action="SNS:Subscribe",
            Condition={
                "StringEquals": {"sns:Protocol": "email"},
                "StringLike": {"sns:Endpoint": "*@example.com"},
            },
        ),
    )
    theirs = enforcing.client("sns", account=OTHER)

    theirs.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    for protocol, endpoint in (("email", "a@example.org"), ("email-json", "a@example.com")):
        answer = refusal(theirs.subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        assert answer[0] == "AuthorizationError"


def test_tags_are_the_owners_unless_a_policy_shows_them(
    enforcing: InProcess, sns: Any, topic: str
) -> None:
    """Developer guide, Amazon SNS API permissions: `sns:ListTagsForResource` can be granted."""
    theirs = enforcing.client("sns", account=OTHER)
    assert refusal(theirs.list_tags_for_resource, ResourceArn=topic)[0] == "AuthorizationError"

    set_statements(sns, topic, statement(topic, Action="SNS:ListTagsForResource"))

    assert theirs.list_tags_for_resource(ResourceArn=topic)["Tags"] == []
    tags = [{"Key": "a", "Value": "b"}]
    answer = refusal(theirs.tag_resource, ResourceArn=topic, Tags=tags)
    assert answer[0] == "AuthorizationError"


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


def test_an_assumed_role_is_allowed_what_a_policy_allows_the_role(
    enforcing: InProcess, sns: Any, topic: str
) -> None:
    """IAM JSON policy elements, Principal: a role by its ARN stands for all of its sessions."""
    roles = {name: f"arn:aws:iam::{OTHER}:role/{name}" for name in ("publisher", "other")}
    set_statements(sns, topic, statement(topic, Principal={"AWS": roles["publisher"]}))

    def as_role(name: str) -> Any:
        answer = enforcing.client("sts").assume_role(RoleArn=roles[name], RoleSessionName="job")
        return enforcing.client_of_session("sns", answer["Credentials"])

    assert as_role("publisher").publish(TopicArn=topic, Message="m")["MessageId"]
    answer = refusal(as_role("other").publish, TopicArn=topic, Message="m")
    assert answer[0] == "AuthorizationError"
    assert answer[1].startswith(f"User: arn:aws:sts::{OTHER}:assumed-role/other/job is not")
