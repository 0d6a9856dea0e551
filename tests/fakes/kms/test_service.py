"""Keys and aliases, and what their states do to queues that use them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.fakes.kms.support_kms import code_of
from tests.fakes.support_boto import InProcess

DAY_S = 86_400


def test_key_is_found_by_id_arn_and_alias(kms: Any) -> None:
    created = kms.create_key(Description="d")["KeyMetadata"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=created["KeyId"])

    alias_arn = kms.list_aliases(KeyId=created["KeyId"])["Aliases"][0]["AliasArn"]
    for name in (created["KeyId"], created["Arn"], "alias/mine", alias_arn):
        assert kms.describe_key(KeyId=name)["KeyMetadata"] == created
    assert created["KeyState"] == "Enabled"
    assert kms.list_keys()["Keys"] == [{"KeyId": created["KeyId"], "KeyArn": created["Arn"]}]


def test_states_of_a_key(aws: InProcess, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]

    def state() -> str:
        found: str = kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
        return found

    kms.disable_key(KeyId=key_id)
    assert state() == "Disabled"
    kms.enable_key(KeyId=key_id)
    assert state() == "Enabled"
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert state() == "PendingDeletion"
    assert code_of(kms.enable_key, KeyId=key_id) == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key_id)
    assert state() == "Disabled"
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    aws.advance(7 * DAY_S)
    assert code_of(kms.describe_key, KeyId=key_id) == "NotFoundException"


def test_errors(kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key_id)

    again = {"AliasName": "alias/a", "TargetKeyId": key_id}
    assert code_of(kms.create_alias, **again) == "AlreadyExistsException"
    aws_own = {"AliasName": "alias/aws/sqs", "TargetKeyId": key_id}
    assert code_of(kms.create_alias, **aws_own) == "InvalidAliasNameException"
    assert code_of(kms.delete_alias, AliasName="alias/none") == "NotFoundException"
    assert code_of(kms.list_keys, Marker="x") == "InvalidMarkerException"
    short = {"KeyId": key_id, "PendingWindowInDays": 6}
    assert code_of(kms.schedule_key_deletion, **short) == "ValidationException"
    assert code_of(kms.encrypt, KeyId=key_id, Plaintext=b"x") == "NotImplemented"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a",
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ),
        ("alias/a:b", "alias/a:b contains invalid characters for an alias"),
        (
            "alias/a.b",
            "1 validation error detected: Value 'alias/a.b' at 'aliasName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
        ),
    ],
)
def test_names_that_no_alias_may_have(kms: Any, name: str, text: str) -> None:
    """https://github.com/aws-controllers-k8s/community/issues/1878 (the prefix).

    https://github.com/hashicorp/terraform-provider-aws/issues/12891 (the characters); botocore's model.
    """
    with pytest.raises(ClientError) as caught:
        kms.create_alias(AliasName=name, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])

    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", text)


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize("how", ["KeyId", "Arn", "alias"])
def test_queue_whose_key_cannot_be_used(aws: InProcess, kms: Any, protocol: str, how: str) -> None:
    """API_SendMessage and API_ReceiveMessage: the KMS errors."""
    sqs = aws.client("sqs", protocol)
    metadata = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/queues", TargetKeyId=metadata["KeyId"])
    key = "alias/queues" if how == "alias" else metadata[how]
    url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    send = {"QueueUrl": url, "MessageBody": "a"}
    sqs.send_message(**send)

    def both() -> set[str]:
        return {code_of(sqs.send_message, **send), code_of(sqs.receive_message, QueueUrl=url)}

    kms.disable_key(KeyId=metadata["KeyId"])
    assert both() == {"KMS.DisabledException"}
    kms.enable_key(KeyId=metadata["KeyId"])
    aws.cloud.kms.registry.deny(metadata["Arn"], account="111111111111", region="eu-west-1")
    assert both() == {"KMS.AccessDeniedException"}
    aws.cloud.kms.registry.deny(
        metadata["Arn"], account="111111111111", region="eu-west-1", denied=False
    )
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    kms.schedule_key_deletion(KeyId=metadata["KeyId"])
    assert both() == {"KMS.InvalidStateException"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": ""})
    sqs.send_message(**send)


def test_other_reasons_why_a_key_cannot_be_used(aws: InProcess, kms: Any) -> None:
    sqs = aws.client("sqs")
    signing = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/gone", TargetKeyId=signing)
    kms.delete_alias(AliasName="alias/gone")
    for key, code in (
        (signing, "KMS.InvalidKeyUsageException"),
        ("alias/gone", "KMS.NotFoundException"),
    ):
        name = code.split(".")[1]
        url = sqs.create_queue(QueueName=name, Attributes={"KmsMasterKeyId": key})["QueueUrl"]
        assert code_of(sqs.send_message, QueueUrl=url, MessageBody="a") == code


@pytest.mark.parametrize("key", ["alias/aws/sqs", "testKeyId", "alias/never-registered"])
def test_key_that_was_never_registered_is_usable(aws: InProcess, key: str) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key})["QueueUrl"]

    sqs.send_message(QueueUrl=url, MessageBody="a")

    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["KmsMasterKeyId"] == key
    assert attributes["KmsDataKeyReusePeriodSeconds"] == "300"
    assert attributes["SqsManagedSseEnabled"] == "false"


def test_unknown_key_cannot_be_denied(aws: InProcess) -> None:
    with pytest.raises(LookupError, match="create it with CreateKey first"):
        aws.cloud.kms.registry.deny("none", account="111111111111", region="eu-west-1")


def test_keys_survive_snapshot_and_restore_and_not_reset(aws: InProcess, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    snapshot = aws.cloud.snapshot()
    aws.cloud.reset("222222222222")
    assert kms.list_keys()["Keys"]
    aws.cloud.reset()
    assert not kms.list_keys()["Keys"]

    aws.cloud.restore(snapshot)

    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyId"] == key_id
