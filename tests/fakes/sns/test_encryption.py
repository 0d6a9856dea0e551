from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.sns.support_sns import ACCOUNT, REGION, refusal
from tests.fakes.support_boto import InProcess


def attributes(sns: Any, topic: str) -> dict[str, str]:
    return sns.get_topic_attributes(TopicArn=topic)["Attributes"]


def test_a_key_id_that_is_left_out_leaves_and_an_empty_one_clears(sns: Any) -> None:
    topic = sns.create_topic(Name="t", Attributes={"KmsMasterKeyId": "alias/key"})["TopicArn"]
    assert attributes(sns, topic)["KmsMasterKeyId"] == "alias/key"

    sns.create_topic(Name="t")
    assert attributes(sns, topic)["KmsMasterKeyId"] == "alias/key"

    key = {"TopicArn": topic, "AttributeName": "KmsMasterKeyId"}
    sns.set_topic_attributes(**key, AttributeValue="other")
    assert attributes(sns, topic)["KmsMasterKeyId"] == "other"

    sns.set_topic_attributes(**key, AttributeValue="")
    assert "KmsMasterKeyId" not in attributes(sns, topic)


def test_a_key_that_kms_does_not_know_is_usable(sns: Any) -> None:
    topic = sns.create_topic(Name="t", Attributes={"KmsMasterKeyId": "alias/any"})["TopicArn"]

    assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]


@pytest.mark.parametrize(
    ("spoil", "params", "code"),
    [
        ("disable_key", {}, "KMSDisabled"),
        ("schedule_key_deletion", {"PendingWindowInDays": 7}, "KMSInvalidState"),
    ],
)
@pytest.mark.parametrize("operation", ["publish", "publish_batch"])
def test_a_registered_key_has_to_be_usable(
    aws: InProcess, sns: Any, spoil: str, params: dict[str, int], code: str, operation: str
) -> None:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    topic = sns.create_topic(Name="t", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    message = (
        {"Message": "hello"}
        if operation == "publish"
        else {"PublishBatchRequestEntries": [{"Id": "1", "Message": "hello"}]}
    )
    call = getattr(sns, operation)
    call(TopicArn=topic, **message)

    getattr(kms, spoil)(KeyId=key, **params)

    answer = refusal(call, TopicArn=topic, **message)
    assert answer[0] == code
    assert answer[2] == 400


def test_a_key_that_may_not_be_used(aws: InProcess, sns: Any) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    topic = sns.create_topic(Name="t", Attributes={"KmsMasterKeyId": key})["TopicArn"]

    aws.cloud.kms.registry.deny(key, account=ACCOUNT, region=REGION)

    assert refusal(sns.publish, TopicArn=topic, Message="hello")[0] == "KMSAccessDenied"


def test_an_alias_whose_key_is_gone(aws: InProcess, sns: Any) -> None:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/key", TargetKeyId=key)
    topic = sns.create_topic(Name="t", Attributes={"KmsMasterKeyId": "alias/key"})["TopicArn"]

    aws.cloud.kms.registry.aliases[(ACCOUNT, REGION), "alias/key"] = "gone"

    assert refusal(sns.publish, TopicArn=topic, Message="hello")[0] == "KMSNotFound"
