"""Short ways to say what nearly every test of SNS says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.fakes.support_boto import ACCOUNT

REGION = "eu-west-1"


def queue_arn(name: str, account: str = ACCOUNT, region: str = REGION) -> str:
    """The ARN of a queue."""
    return f"arn:aws:sqs:{region}:{account}:{name}"


def make_queue(sqs: Any, name: str = "queue", **attributes: str) -> str:
    """Create a queue (FIFO by its name) and return its URL."""
    if name.endswith(".fifo"):
        attributes |= {"FifoQueue": "true"}
    return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def subscribe(sns: Any, topic: str, queue: str = "queue", **attributes: str) -> str:
    """Subscribe a queue and return the subscription's ARN."""
    return sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn(queue),
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]


def receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    """Receive and delete up to ten messages, with every attribute."""
    messages = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    ).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages


def envelopes(sqs: Any, url: str) -> list[dict[str, Any]]:
    """Receive up to ten messages and read their bodies as JSON."""
    return [json.loads(message["Body"]) for message in receive(sqs, url)]


def refusal(call: Any, **params: Any) -> tuple[str, str, int]:
    """Code, text and status of the error that a call ends in."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    response = caught.value.response
    assert response["Error"]["Type"] == "Sender"
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], response["Error"]["Message"], status


def invalid(message: str) -> tuple[str, str, int]:
    """The error that nearly every bad request ends in."""
    return "InvalidParameter", message, 400


def number(value: str) -> dict[str, str]:
    """A message attribute of type Number."""
    return {"DataType": "Number", "StringValue": value}


def string(value: str) -> dict[str, str]:
    """A message attribute of type String."""
    return {"DataType": "String", "StringValue": value}


def statement(topic: str, **members: Any) -> dict[str, Any]:
    """A statement that lets everybody publish to a topic, but for the given members."""
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "SNS:Publish", "Resource": topic}
    return allowed | members


def set_statements(sns: Any, topic: str, *statements: dict[str, Any]) -> None:
    """Set a topic's policy, with an id for each statement that has none."""
    named = [{"Sid": f"s{position}"} | item for position, item in enumerate(statements)]
    policy = json.dumps({"Version": "2012-10-17", "Statement": named})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
