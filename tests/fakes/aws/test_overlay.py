"""Names of SQS's query protocol, as the examples of the API reference write them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from tomodachi_fakes.aws.protocol import ServiceWire
from tomodachi_fakes.aws.query import tree_of

SQS = ServiceWire("sqs")
VALUE = {"DataType": "String", "StringValue": "v"}

REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "AddPermission",
        "Label=l&AWSAccountId.1=1&AWSAccountId.2=2&ActionName.1=SendMessage",
        {"Label": "l", "AWSAccountIds": ["1", "2"], "Actions": ["SendMessage"]},
    ),
    (
        "CreateQueue",
        "QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=1&Tag.1.Key=k&Tag.1.Value=v",
        {"QueueName": "q", "Attributes": {"DelaySeconds": "1"}, "tags": {"k": "v"}},
    ),
    ("GetQueueAttributes", "AttributeName.1=All", {"AttributeNames": ["All"]}),
    (
        "ReceiveMessage",
        "AttributeName.1=All&MessageAttributeName.1=a&MessageAttributeName.3=b",
        {"AttributeNames": ["All"], "MessageAttributeNames": ["a", "b"]},
    ),
    (
        "SendMessage",
        "MessageBody=b&MessageAttribute.1.Name=n&MessageAttribute.1.Value.StringValue=v"
        "&MessageAttribute.1.Value.DataType=String",
        {"MessageBody": "b", "MessageAttributes": {"n": VALUE}},
    ),
    (
        "SendMessageBatch",
        "SendMessageBatchRequestEntry.1.Id=1&SendMessageBatchRequestEntry.1.MessageBody=b"
        "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n"
        "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v"
        "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String",
        {"Entries": [{"Id": "1", "MessageBody": "b", "MessageAttributes": {"n": VALUE}}]},
    ),
    (
        "DeleteMessageBatch",
        "DeleteMessageBatchRequestEntry.1.Id=1&DeleteMessageBatchRequestEntry.1.ReceiptHandle=h",
        {"Entries": [{"Id": "1", "ReceiptHandle": "h"}]},
    ),
    (
        "ChangeMessageVisibilityBatch",
        "ChangeMessageVisibilityBatchRequestEntry.1.Id=1"
        "&ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle=h"
        "&ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=5",
        {"Entries": [{"Id": "1", "ReceiptHandle": "h", "VisibilityTimeout": 5}]},
    ),
    ("TagQueue", "Tag.1.Key=k&Tag.1.Value=v", {"Tags": {"k": "v"}}),
    ("UntagQueue", "TagKey.1=k", {"TagKeys": ["k"]}),
]


@pytest.mark.parametrize(("operation", "query", "params"), REQUESTS)
def test_names_in_requests(operation: str, query: str, params: dict[str, Any]) -> None:
    tree = tree_of(parse_qsl(query, keep_blank_values=True))

    assert SQS.decode_query(operation, tree) == params


@pytest.mark.parametrize(
    ("operation", "output", "inside"),
    [
        ("ListQueues", {"QueueUrls": ["a", "b"]}, "<QueueUrl>a</QueueUrl><QueueUrl>b</QueueUrl>"),
        (
            "GetQueueAttributes",
            {"Attributes": {"DelaySeconds": "1"}},
            "<Attribute><Name>DelaySeconds</Name><Value>1</Value></Attribute>",
        ),
        ("ListQueueTags", {"Tags": {"k": "v"}}, "<Tag><Key>k</Key><Value>v</Value></Tag>"),
        (
            "ReceiveMessage",
            {"Messages": [{"MessageId": "1", "Attributes": {"SenderId": "s"}}]},
            "<Message><MessageId>1</MessageId>"
            "<Attribute><Name>SenderId</Name><Value>s</Value></Attribute></Message>",
        ),
        (
            "SendMessageBatch",
            {"Successful": [{"Id": "1"}], "Failed": [{"Id": "2", "SenderFault": True}]},
            "<SendMessageBatchResultEntry><Id>1</Id></SendMessageBatchResultEntry>"
            "<BatchResultErrorEntry><Id>2</Id><SenderFault>true</SenderFault></BatchResultErrorEntry>",
        ),
    ],
)
def test_names_in_answers(operation: str, output: dict[str, Any], inside: str) -> None:
    body = SQS.success(operation, output, "query", "r").body.decode()

    assert body == (
        f'<?xml version="1.0"?><{operation}Response '
        f'xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><{operation}Result>{inside}'
        f"</{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
        f"</{operation}Response>"
    )


def test_answer_of_an_operation_without_output_has_no_result() -> None:
    body = SQS.success("DeleteMessage", {}, "query", "r").body.decode()

    assert "Result" not in body
    assert "<RequestId>r</RequestId>" in body
