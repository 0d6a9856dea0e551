from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import (
    ACCOUNT,
    REGION,
    invalid,
    refusal,
    set_statements,
    statement,
)

OTHER = "222222222222"
SNS = f"arn:aws:sns:{REGION}:{ACCOUNT}"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}"


def accounts(count: int) -> list[str]:
    return [f"{number:012d}" for number in range(count)]


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


@pytest.mark.parametrize("sids", [("a", "a"), (None, None), ("", None)])
def test_statements_of_a_policy_have_ids_of_their_own(
    sns: Any, topic: str, sids: tuple[str | None, ...]
) -> None:
    """Quoted in https://github.com/Bayer-Group/cloudformation-template-generator/issues/138."""
    statements = [statement(topic) | ({} if sid is None else {"Sid": sid}) for sid in sids]
    policy = json.dumps({"Statement": statements})

    answer = refusal(
        sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=policy
    )

    assert answer == invalid("Invalid parameter: Every policy statement must have a unique ID")


def test_one_statement_needs_no_id(sns: Any, topic: str) -> None:
    """Tried out on AWS by https://dts-digital.jp/cloud/tech-blog/0044a81d4013ff13fad0e5d6377700448ec44449.html."""
    policy = json.dumps({"Statement": statement(topic)})

    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def test_a_permission_is_added_to_a_statement_that_is_in_no_list(sns: Any, topic: str) -> None:
    """IAM user guide, grammar of policies: `Statement` is a list, or one statement alone."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement(topic)})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    sns.add_permission(TopicArn=topic, Label="l", AWSAccountId=[OTHER], ActionName=["Publish"])

    stored = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    assert stored["Statement"][0] == statement(topic)
    assert stored["Statement"][1]["Sid"] == "l"
    sns.remove_permission(TopicArn=topic, Label="l")


@pytest.mark.parametrize("resource", ["*", "arn:aws:sns:*:*:topic"])
def test_a_policy_covers_its_topic(sns: Any, topic: str, resource: str) -> None:
    """Developer guide, Amazon SNS API permissions: the resource matches the topic's ARN."""
    set_statements(sns, topic, statement(topic, Resource=resource))


@pytest.mark.parametrize(
    "resource", [f"{QUEUE}:queue", [], [f"{SNS}:topic", f"{SNS}:another"], {"Ref": "topic"}]
)
def test_a_policy_covers_no_other_topic(sns: Any, topic: str, resource: Any) -> None:
    """Developer guide, Amazon SNS API permissions: the resource matches the topic's ARN."""
    policy = json.dumps({"Statement": statement(topic, Resource=resource)})

    answer = refusal(
        sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=policy
    )

    assert answer == invalid("Invalid parameter: Policy Error: null")


def test_a_policy_is_in_a_version_of_its_language(sns: Any, topic: str) -> None:
    """IAM user guide, grammar of the policy language: 2008-10-17 and 2012-10-17."""
    policy = json.dumps({"Version": "2020-01-01", "Statement": statement(topic)})

    answer = refusal(
        sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=policy
    )

    assert answer == invalid("Invalid parameter: Policy Error: null")


def test_a_policy_names_principals_that_somebody_can_be(sns: Any, topic: str) -> None:
    """Quoted in https://github.com/hashicorp/terraform-provider-aws/issues/26041."""
    nobody = statement(topic, Principal={"AWS": "arn:aws:iam::123:root"})

    answer = refusal(
        sns.set_topic_attributes,
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Statement": nobody}),
    )

    assert answer == invalid("Invalid parameter: Policy Error: PrincipalNotFound")


def test_permissions_count_towards_the_quotas_of_a_policy(sns: Any, topic: str) -> None:
    """Developer guide, Amazon SNS API permissions: policy quotas."""
    set_statements(sns, topic, *[statement(topic)] * 100)

    answer = refusal(
        sns.add_permission, TopicArn=topic, Label="l", AWSAccountId=[OTHER], ActionName=["Publish"]
    )

    assert answer == invalid(
        "Invalid parameter: Policy Reason: a policy has at most 100 statements"
    )
