"""Key policies over the wire: kept as they were put, and what one denies is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.kms.support_kms import code_of
from tests.fakes.support_boto import ACCOUNT, InProcess

GUIDE = "https://docs.aws.amazon.com/kms/latest/developerguide/"
ALL = {"Sid": "owner", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}


def deny(**given: Any) -> str:
    denied = {**ALL, "Sid": "denied", "Effect": "Deny"} | given
    return json.dumps({"Version": "2012-10-17", "Statement": [ALL, denied]})


@pytest.mark.source(f"{GUIDE}key-policy-default.html")
def test_every_key_has_a_policy(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]

    answer = kms.get_key_policy(KeyId=key["KeyId"])

    (statement,) = json.loads(answer["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert (statement["Effect"], statement["Action"]) == ("Allow", "kms:*")
    assert answer["PolicyName"] == "default"
    assert kms.list_key_policies(KeyId=key["KeyId"])["PolicyNames"] == ["default"]


@pytest.mark.source("https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html")
def test_a_policy_is_kept_as_it_was_put(kms: Any) -> None:
    first, second = deny(Sid="first"), deny(Sid="second")
    key_id = kms.create_key(Policy=first)["KeyMetadata"]["KeyId"]
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == first

    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=second)

    assert kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"] == second
    for policy in ("{", "[]", '{"Statement": ["x"]}', '{"Statement": {"Action": "*"}}'):
        put = {"KeyId": key_id, "Policy": policy}
        assert code_of(kms.put_key_policy, **put) == "MalformedPolicyDocumentException"
        assert code_of(kms.create_key, Policy=policy) == "MalformedPolicyDocumentException"
    other = {"KeyId": key_id, "PolicyName": "other"}
    assert code_of(kms.get_key_policy, **other) == "NotFoundException"


@pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
)
@pytest.mark.parametrize(
    ("statement", "send", "receive"),
    [
        ({}, False, False),
        ({"Action": "kms:GenerateDataKey"}, False, True),
        ({"Action": ["kms:Decrypt"]}, False, False),
        ({"Action": "kms:Encrypt"}, True, True),
        ({"Principal": {"AWS": ACCOUNT}}, False, False),
        ({"Principal": {"AWS": "arn:aws:iam::999999999999:root"}}, True, True),
        ({"Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT}}}, False, False),
        (
            {"Condition": {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}}},
            True,
            True,
        ),
    ],
)
def test_sqs_may_not_use_a_key_that_denies_it(
    aws: InProcess, kms: Any, statement: dict[str, Any], send: bool, receive: bool
) -> None:
    """The page: producers need GenerateDataKey and Decrypt, consumers Decrypt."""
    sqs = aws.client("sqs")
    key = kms.create_key()["KeyMetadata"]
    given = {"KmsMasterKeyId": key["KeyId"]}
    url = sqs.create_queue(QueueName="q", Attributes=given)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="a")

    kms.put_key_policy(KeyId=key["KeyId"], Policy=deny(**statement))

    denied = "KMS.AccessDeniedException"
    if send:
        sqs.send_message(QueueUrl=url, MessageBody="b")
    else:
        assert code_of(sqs.send_message, QueueUrl=url, MessageBody="b") == denied
    if receive:
        assert sqs.receive_message(QueueUrl=url)["Messages"]
    else:
        assert code_of(sqs.receive_message, QueueUrl=url) == denied


@pytest.mark.source(
    "https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html"
)
def test_a_topic_does_not_reach_a_queue_whose_key_denies_sns(aws: InProcess, kms: Any) -> None:
    sqs, sns = aws.client("sqs"), aws.client("sns")
    policy = deny(Principal={"Service": "sns.amazonaws.com"})
    key = kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    topic = sns.create_topic(Name="t")["TopicArn"]
    queue = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)

    sns.publish(TopicArn=topic, Message="hello")

    sqs.send_message(QueueUrl=url, MessageBody="by the owner")
    bodies = [m["Body"] for m in sqs.receive_message(QueueUrl=url)["Messages"]]
    assert bodies == ["by the owner"]


@pytest.mark.source(f"{GUIDE}control-access-overview.html")
def test_a_key_may_deny_one_role_and_not_the_others(aws: InProcess, kms: Any) -> None:
    """IAM JSON policy elements, Principal: a role by its own ARN."""
    roles = {name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("reader", "writer")}
    policy = deny(Principal={"AWS": roles["reader"]}, Action="kms:GenerateDataKey")
    key = kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    url = aws.client("sqs").create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key})[
        "QueueUrl"
    ]

    def as_role(name: str) -> Any:
        sts = aws.client("sts")
        answer = sts.assume_role(RoleArn=roles[name], RoleSessionName="test")
        return aws.client_of_session("sqs", answer["Credentials"])

    as_role("writer").send_message(QueueUrl=url, MessageBody="m")
    send = as_role("reader").send_message
    assert code_of(send, QueueUrl=url, MessageBody="m") == "KMS.AccessDeniedException"
    assert as_role("reader").receive_message(QueueUrl=url)["Messages"]


@pytest.mark.source("https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html")
def test_a_publisher_needs_the_topics_key(aws: InProcess, kms: Any) -> None:
    """The page: publishers need GenerateDataKey and Decrypt, whoever owns the topic."""
    other = "222222222222"
    key = kms.create_key(Policy=deny(Principal={"AWS": other}))["KeyMetadata"]["KeyId"]
    owners = aws.client("sns")
    topic = owners.create_topic(Name="t", Attributes={"KmsMasterKeyId": key})["TopicArn"]

    owners.publish(TopicArn=topic, Message="m")
    publish = aws.client("sns", account=other).publish
    assert code_of(publish, TopicArn=topic, Message="m") == "KMSAccessDenied"
