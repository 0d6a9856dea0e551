"""boto3, in both protocols, through the life of queues and messages."""

from __future__ import annotations

from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from tests.fakes.support_boto import QueryLoader

DOCS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
pytestmark = [pytest.mark.slow, pytest.mark.source(DOCS)]


@pytest.fixture(scope="module", params=["json", "query"])
def sqs(request: pytest.FixtureRequest, aws_url: str) -> Any:
    core = botocore.session.Session()
    if request.param == "query":
        core.register_component("data_loader", QueryLoader())
    session = boto3.session.Session(
        aws_access_key_id="123456789012",
        aws_secret_access_key="secret",
        region_name="eu-central-1",
        botocore_session=core,
    )
    config = Config(retries={"total_max_attempts": 1})
    client = session.client("sqs", endpoint_url=aws_url, config=config)
    yield client
    for url in client.list_queues().get("QueueUrls", []):
        client.delete_queue(QueueUrl=url)
    client.close()


def test_life_of_a_message(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="life", Attributes={"VisibilityTimeout": "20"})["QueueUrl"]
    attributes = {
        "text": {"DataType": "String", "StringValue": "héllo <&>\r\n"},
        "number": {"DataType": "Number.int", "StringValue": "-7"},
        "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = sqs.send_message(
        QueueUrl=url, MessageBody="snow ☃ \U0001f600\r\n", MessageAttributes=attributes
    )
    (message,) = sqs.receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"], WaitTimeSeconds=1
    )["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "snow ☃ \U0001f600\r\n"
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]

    sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )
    (again,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert again["ReceiptHandle"] != message["ReceiptHandle"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_batches(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="batches")["QueueUrl"]
    entries = [{"Id": str(n), "MessageBody": f"m{n}"} for n in range(10)]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 10
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(m["Body"] for m in received) == sorted(f"m{n}" for n in range(10))
    deleted = sqs.delete_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(received)
        ],
    )
    assert len(deleted["Successful"]) == 10


@pytest.mark.parametrize(
    "character", ["a", '"', "\n", "\u00e9", "\u65e5", "\U0001f600"], ids=lambda c: f"U+{ord(c):04X}"
)
def test_the_largest_message_passes_in_every_script(sqs: Any, character: str) -> None:
    """API_SendMessage: 1,048,576 bytes, which escapes make up to three times as long on the way."""
    url = sqs.create_queue(QueueName="large")["QueueUrl"]
    length, rest = divmod(1_048_576, len(character.encode()))
    body = "r" * rest + character * length

    sqs.send_message(QueueUrl=url, MessageBody=body)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]

    assert message["Body"] == body
    with pytest.raises(
        sqs.exceptions.ClientError, match="Message must be shorter than 1048576 bytes"
    ):
        sqs.send_message(QueueUrl=url, MessageBody=body + "r")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_listing_pages(sqs: Any) -> None:
    for n in range(5):
        sqs.create_queue(QueueName=f"page-{n}")

    pages = sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix="page-", PaginationConfig={"PageSize": 2}
    )

    found = [[url.rsplit("/", 1)[-1] for url in page["QueueUrls"]] for page in pages]
    assert found == [["page-0", "page-1"], ["page-2", "page-3"], ["page-4"]]


def test_modelled_exceptions_are_raised_by_their_class(sqs: Any) -> None:
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="nowhere")
    url = sqs.create_queue(QueueName="errors")["QueueUrl"]
    with pytest.raises(sqs.exceptions.EmptyBatchRequest):
        sqs.send_message_batch(QueueUrl=url, Entries=[])
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=url, ReceiptHandle="nonsense")


def test_identity_and_keys_stand_beside(aws_url: str) -> None:
    given: dict[str, Any] = {
        "endpoint_url": aws_url,
        "region_name": "eu-central-1",
        "aws_access_key_id": "123456789012",
        "aws_secret_access_key": "secret",
    }
    sts, kms = boto3.client("sts", **given), boto3.client("kms", **given)
    assert sts.get_caller_identity()["Account"] == "123456789012"
    key = kms.create_key(Description="d")["KeyMetadata"]
    assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"] == key
    sts.close()
    kms.close()
