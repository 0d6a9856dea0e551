from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.aws.constraints import Constraints
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.model import load_model

TOPIC = "arn:aws:sns:eu-west-1:111111111111:topic"


def refusal(service: str, operation: str, params: dict[str, Any]) -> str:
    with pytest.raises(AwsError) as caught:
        Constraints(load_model(service)).check(operation, params)
    return caught.value.message


@pytest.mark.parametrize(
    ("operation", "params", "path"),
    [
        ("TagResource", {"ResourceArn": TOPIC, "Tags": [{"Value": "x"}]}, "tags.1.member.key"),
        (
            "Publish",
            {"Message": "x", "MessageAttributes": {"colour": {"StringValue": "red"}}},
            "messageAttributes.colour.member.dataType",
        ),
        (
            "PublishBatch",
            {
                "TopicArn": TOPIC,
                "PublishBatchRequestEntries": [
                    {"Id": "a", "Message": "x"},
                    {"Id": "b", "Message": "x", "MessageAttributes": {"colour": {}}},
                ],
            },
            "publishBatchRequestEntries.2.member.messageAttributes.colour.member.dataType",
        ),
    ],
)
def test_paths_go_through_the_members_of_lists_and_maps(
    operation: str, params: dict[str, Any], path: str
) -> None:
    """AWS writes them so: 'tags.6.member.value' in https://github.com/SWO-GS/auto-tag/issues/90."""
    assert refusal("sns", operation, params) == (
        f"1 validation error detected: Value null at '{path}' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_every_missing_member_is_counted() -> None:
    params = {"TopicArn": TOPIC, "PublishBatchRequestEntries": [{}]}

    message = refusal("sns", "PublishBatch", params)

    assert message.startswith(
        "2 validation errors detected: Value null at 'publishBatchRequestEntries.1.member.id' "
    )


@pytest.mark.parametrize(
    ("operation", "params", "value", "path", "rule"),
    [
        ("TagResource", {"ResourceArn": TOPIC, "Tags": [{"Key": "", "Value": "x"}]}, "",
         "tags.1.member.key", "Member must have length greater than or equal to 1"),
        ("TagResource", {"ResourceArn": TOPIC, "Tags": [{"Key": "k", "Value": "x" * 257}]},
         "x" * 257, "tags.1.member.value", "Member must have length less than or equal to 256"),
        ("UntagResource", {"ResourceArn": TOPIC, "TagKeys": ["k", "x" * 129]}, "x" * 129,
         "tagKeys.2.member", "Member must have length less than or equal to 128"),
        ("ListSMSSandboxPhoneNumbers", {"MaxResults": 0}, "0", "maxResults",
         "Member must have value greater than or equal to 1"),
        ("ListOriginationNumbers", {"MaxResults": 31}, "31", "maxResults",
         "Member must have value less than or equal to 30"),
        ("VerifySMSSandboxPhoneNumber", {"PhoneNumber": "+15550000000", "OneTimePassword": "12a45"},
         "12a45", "oneTimePassword",
         "Member must satisfy regular expression pattern: ^[0-9]+$"),
    ],
)  # fmt: skip
def test_values_are_within_the_constraints_of_the_model(
    operation: str, params: dict[str, Any], value: str, path: str, rule: str
) -> None:
    """AWS's words for a value, in https://github.com/SWO-GS/auto-tag/issues/90."""
    assert refusal("sns", operation, params) == (
        f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: "
        f"{rule}"
    )


def test_a_value_of_an_enumeration_is_one_of_its_own() -> None:
    params = {"PhoneNumber": "+15550000000", "LanguageCode": "xx"}

    message = refusal("sns", "CreateSMSSandboxPhoneNumber", params)

    assert message.startswith(
        "1 validation error detected: Value 'xx' at 'languageCode' failed to satisfy constraint: "
        "Member must satisfy enum value set: [en-US, en-GB, "
    )


@pytest.mark.parametrize(
    ("operation", "code"),
    [("ListSMSSandboxPhoneNumbers", "ValidationError"),
     ("ListOriginationNumbers", "ValidationException")],
)  # fmt: skip
def test_the_code_is_the_operations_own_where_it_has_one(operation: str, code: str) -> None:
    """SNS API reference, the errors of ListOriginationNumbers; recorded answers for the others."""
    with pytest.raises(AwsError) as caught:
        Constraints(load_model("sns")).check(operation, {"MaxResults": 0})

    assert caught.value.query_code == code


@pytest.mark.parametrize(
    ("operation", "params", "path"),
    [
        (
            "SendMessageBatch",
            {"QueueUrl": "q", "Entries": [{"MessageBody": "x"}]},
            "SendMessageBatchRequestEntry.1.Id",
        ),
        (
            "SendMessage",
            {"QueueUrl": "q", "MessageBody": "x", "MessageAttributes": {"colour": {}}},
            "MessageAttribute.1.Value.DataType",
        ),
    ],
)
def test_sqs_names_the_first_one_as_the_query_protocol_does(
    operation: str, params: dict[str, Any], path: str
) -> None:
    assert refusal("sqs", operation, params) == f"The request must contain the parameter {path}."


def test_a_pattern_comes_before_a_length() -> None:
    """https://github.com/mmmorris1975/aws-runas/issues/80: what STS says of an empty `RoleArn`."""
    message = refusal("sts", "AssumeRole", {"RoleArn": "", "RoleSessionName": "app"})

    first, second = message.removeprefix("2 validation errors detected: ").split("; ")
    start = "Value '' at 'roleArn' failed to satisfy constraint: Member must "
    assert first.startswith(f"{start}satisfy regular expression pattern: [")
    assert second == f"{start}have length greater than or equal to 20"


@pytest.mark.parametrize("name", ["a:b", "PowerUser/me", "jürgen"])
def test_the_letters_of_a_pattern_are_those_of_ascii(name: str) -> None:
    r"""https://github.com/JuliaCloud/AWSCore.jl/pull/38 (the words); java.util.regex.Pattern, `\w`."""
    params = {"RoleArn": "arn:aws:iam::111111111111:role/r", "RoleSessionName": name}

    assert refusal("sts", "AssumeRole", params) == (
        f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*"
    )
