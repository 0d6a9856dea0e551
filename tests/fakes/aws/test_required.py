from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.model import load_model
from tomodachi_fakes.aws.required import RequiredMembers

TOPIC = "arn:aws:sns:eu-west-1:111111111111:topic"


def refusal(service: str, operation: str, params: dict[str, Any]) -> str:
    model = load_model(service)
    shape = model.operations[operation].input
    assert shape is not None
    with pytest.raises(AwsError) as caught:
        RequiredMembers(model).check(shape, params)
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
