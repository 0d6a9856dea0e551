"""What is kept with a key for tools that make keys: description, tags, rotation."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.kms.support_kms import code_of
from tests.fakes.support_boto import ACCOUNT, InProcess

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.errors import AwsError

HERE = CallContext(ACCOUNT, "eu-west-1", 0.0, "request", "http://aws.test")
API = "https://docs.aws.amazon.com/kms/latest/APIReference/"


@pytest.mark.source(f"{API}API_UpdateKeyDescription.html")
def test_a_description_can_be_changed(kms: Any) -> None:
    key = kms.create_key(Description="first")["KeyMetadata"]["KeyId"]

    kms.update_key_description(KeyId=key, Description="second")

    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "second"


@pytest.mark.source(f"{API}API_TagResource.html")
def test_tags_are_added_replaced_and_taken_away(kms: Any) -> None:
    first = [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": ""}]
    key = kms.create_key(Tags=first)["KeyMetadata"]["KeyId"]
    assert kms.list_resource_tags(KeyId=key)["Tags"] == first

    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "2"}])
    kms.untag_resource(KeyId=key, TagKeys=["b", "not-there"])

    answer = kms.list_resource_tags(KeyId=key)
    assert (answer["Tags"], answer["Truncated"]) == ([{"TagKey": "a", "TagValue": "2"}], False)


@pytest.mark.source(f"{API}API_EnableKeyRotation.html")
def test_rotation_is_off_until_it_is_enabled(aws: InProcess, kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]

    def status() -> tuple[bool, int | None]:
        answer = kms.get_key_rotation_status(KeyId=key)
        return answer["KeyRotationEnabled"], answer.get("RotationPeriodInDays")

    assert status() == (False, None)
    kms.enable_key_rotation(KeyId=key)
    assert status() == (True, 365)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert status() == (True, 90)
    for days in (89, 2561):  # which boto3 would not even send
        params = {"KeyId": key, "RotationPeriodInDays": days}
        with pytest.raises(AwsError, match="between 90 and 2560 days"):
            aws.cloud.call("kms", "EnableKeyRotation", params, HERE)
    kms.disable_key_rotation(KeyId=key)
    assert status() == (False, None)


@pytest.mark.source("https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html")
def test_a_key_that_is_about_to_go_is_not_changed_any_more(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key)

    for change, given in (
        (kms.update_key_description, {"Description": "d"}),
        (kms.tag_resource, {"Tags": [{"TagKey": "a", "TagValue": "1"}]}),
        (kms.untag_resource, {"TagKeys": ["a"]}),
        (kms.enable_key_rotation, {}),
        (kms.disable_key_rotation, {}),
        (kms.put_key_policy, {"Policy": "{}"}),
    ):
        assert code_of(change, KeyId=key, **given) == "KMSInvalidStateException"
    assert kms.list_resource_tags(KeyId=key)["Tags"] == []
    assert code_of(kms.list_resource_tags, KeyId="none") == "NotFoundException"


@pytest.mark.source(f"{API}API_EnableKeyRotation.html")
def test_rotation_of_a_disabled_key_can_not_be_changed(kms: Any) -> None:
    """DisabledException is among the errors of both operations; Terraform enables the key first."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key)

    assert code_of(kms.enable_key_rotation, KeyId=key) == "DisabledException"
    assert code_of(kms.disable_key_rotation, KeyId=key) == "DisabledException"
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False


@pytest.mark.source(f"{API}API_GetKeyRotationStatus.html")
def test_a_key_that_is_pending_deletion_is_not_rotated_until_it_is_kept(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key)

    kms.schedule_key_deletion(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.cancel_key_deletion(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
