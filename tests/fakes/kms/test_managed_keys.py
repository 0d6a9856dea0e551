"""Aliases that are there from the start, and the keys that they get when they are asked for.

Terraform's data source `aws_kms_alias` looks for such an alias in the list, and then for its key.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.kms.support_kms import code_of
from tests.fakes.support_boto import InProcess

API = "https://docs.aws.amazon.com/kms/latest/APIReference/"


@pytest.mark.source(f"{API}API_ListAliases.html")
def test_predefined_aliases_have_no_key_at_first(kms: Any) -> None:
    aliases = kms.list_aliases()["Aliases"]

    assert [alias["AliasName"] for alias in aliases] == ["alias/aws/sns", "alias/aws/sqs"]
    assert aliases[0]["AliasArn"] == "arn:aws:kms:eu-west-1:111111111111:alias/aws/sns"
    assert not any("TargetKeyId" in alias for alias in aliases)


@pytest.mark.source(f"{API}API_DescribeKey.html")
def test_describing_a_predefined_alias_gives_it_its_key(kms: Any) -> None:
    key = kms.describe_key(KeyId="alias/aws/sqs")["KeyMetadata"]

    assert (key["KeyManager"], key["KeyState"]) == ("AWS", "Enabled")
    assert kms.describe_key(KeyId="alias/aws/sqs")["KeyMetadata"] == key
    targets = {a["AliasName"]: a.get("TargetKeyId") for a in kms.list_aliases()["Aliases"]}
    assert targets == {"alias/aws/sns": None, "alias/aws/sqs": key["KeyId"]}
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True


def test_a_managed_key_encrypts_queues(aws: InProcess, kms: Any) -> None:
    """SQS API reference, SetQueueAttributes: `KmsMasterKeyId`, "alias/aws/sqs" for the managed key."""
    kms.describe_key(KeyId="alias/aws/sqs")
    sqs = aws.client("sqs")
    attributes = {"KmsMasterKeyId": "alias/aws/sqs"}
    url = sqs.create_queue(QueueName="q", Attributes=attributes)["QueueUrl"]

    sqs.send_message(QueueUrl=url, MessageBody="m")

    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "m"


def test_other_names_are_nobodys(kms: Any) -> None:
    assert code_of(kms.describe_key, KeyId="alias/aws/s4") == "NotFoundException"


@pytest.mark.source(f"{API}API_UpdateAlias.html")
def test_an_alias_can_not_be_led_to_a_key_that_is_pending_deletion(kms: Any) -> None:
    """KMSInvalidStateException is among the errors of both operations."""
    kept, gone = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.create_alias(AliasName="alias/mine", TargetKeyId=kept)
    kms.schedule_key_deletion(KeyId=gone)

    for change, name in ((kms.create_alias, "alias/new"), (kms.update_alias, "alias/mine")):
        assert code_of(change, AliasName=name, TargetKeyId=gone) == "KMSInvalidStateException"
