"""boto3 through the life of topics, subscriptions and messages, and a verifier on what arrives."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

DOCS = "https://docs.aws.amazon.com/sns/latest/api/"
pytestmark = [pytest.mark.slow, pytest.mark.source(DOCS)]


@pytest.fixture(scope="module")
def session() -> boto3.session.Session:
    return boto3.session.Session(
        aws_access_key_id="123456789012",
        aws_secret_access_key="secret",
        region_name="eu-central-1",
    )


@pytest.fixture(scope="module")
def sns(session: boto3.session.Session, aws_url: str) -> Any:
    client = session.client("sns", endpoint_url=aws_url)
    yield client
    client.close()


@pytest.fixture(scope="module")
def sqs(session: boto3.session.Session, aws_url: str) -> Any:
    client = session.client("sqs", endpoint_url=aws_url)
    yield client
    client.close()


def subscribed(sns: Any, sqs: Any, name: str, **attributes: str) -> tuple[str, str]:
    """A topic and the URL of a queue that is subscribed to it."""
    fifo = name.endswith(".fifo")
    topic = sns.create_topic(Name=name, Attributes={"FifoTopic": "true"} if fifo else {})
    queue = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"} if fifo else {})
    arn = sqs.get_queue_attributes(QueueUrl=queue["QueueUrl"], AttributeNames=["QueueArn"])
    sns.subscribe(
        TopicArn=topic["TopicArn"],
        Protocol="sqs",
        Endpoint=arn["Attributes"]["QueueArn"],
        Attributes=attributes,
    )
    return topic["TopicArn"], queue["QueueUrl"]


def test_a_message_is_in_the_queue_when_publish_returns(sns: Any, sqs: Any) -> None:
    topic, url = subscribed(sns, sqs, "wrapped")

    published = sns.publish(TopicArn=topic, Message="héllo <&>\r\n", Subject="Subject")

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    envelope = json.loads(message["Body"])
    assert envelope["Message"] == "héllo <&>\r\n"
    assert envelope["MessageId"] == published["MessageId"]


def test_raw_messages_and_attributes_of_every_type(sns: Any, sqs: Any) -> None:
    topic, url = subscribed(sns, sqs, "raw", RawMessageDelivery="true")
    attributes = {
        "text": {"DataType": "String", "StringValue": "héllo"},
        "number": {"DataType": "Number", "StringValue": "-7"},
        "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }

    sns.publish(TopicArn=topic, Message="hello", MessageAttributes=attributes)

    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["MessageAttributes"] == attributes


def test_a_batch_to_a_fifo_topic(sns: Any, sqs: Any) -> None:
    topic, url = subscribed(sns, sqs, "batch.fifo", RawMessageDelivery="true")
    entries = [
        {
            "Id": str(position),
            "Message": str(position),
            "MessageGroupId": "g",
            "MessageDeduplicationId": str(position),
        }
        for position in range(10)
    ]

    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)

    assert [entry["Id"] for entry in answer["Successful"]] == [str(n) for n in range(10)]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in messages] == [str(n) for n in range(10)]


def test_errors_are_the_clients_own_classes(sns: Any) -> None:
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.publish(TopicArn="arn:aws:sns:eu-central-1:123456789012:none", Message="x")
    with pytest.raises(sns.exceptions.InvalidParameterException):
        sns.create_topic(Name="no blanks")
    topic = sns.create_topic(Name="empty")["TopicArn"]
    with pytest.raises(sns.exceptions.EmptyBatchRequestException):
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[])


def test_paginators_walk_all_topics(sns: Any) -> None:
    for position in range(120):
        sns.create_topic(Name=f"page-{position}")

    pages = list(sns.get_paginator("list_topics").paginate())

    names = {item["TopicArn"].rpartition(":")[2] for page in pages for item in page["Topics"]}
    assert len(pages) >= 2
    assert {f"page-{position}" for position in range(120)} <= names


def test_a_verifier_accepts_the_signature_with_the_certificate_served(sns: Any, sqs: Any) -> None:
    topic, url = subscribed(sns, sqs, "signed")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="2")

    sns.publish(TopicArn=topic, Message="hello")

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    envelope = json.loads(message["Body"])
    with urllib.request.urlopen(envelope["SigningCertURL"], timeout=5) as answer:
        key: Any = x509.load_pem_x509_certificate(answer.read()).public_key()
    names = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{envelope[name]}\n" for name in names)
    key.verify(base64.b64decode(envelope["Signature"]), text.encode(), PKCS1v15(), SHA256())


def test_the_link_at_the_foot_of_a_message_unsubscribes(sns: Any, sqs: Any) -> None:
    topic, url = subscribed(sns, sqs, "linked")
    sns.publish(TopicArn=topic, Message="hello")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]

    with urllib.request.urlopen(json.loads(message["Body"])["UnsubscribeURL"], timeout=5) as answer:
        assert answer.status == 200

    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def query(aws_url: str, **params: str) -> tuple[int, str]:
    """What an unsigned request in the query protocol is answered."""
    body = urllib.parse.urlencode({"Version": "2010-03-31", **params}).encode()
    try:
        with urllib.request.urlopen(aws_url, body) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.source(
    "https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-operations.html"
)
def test_what_a_data_protection_policy_denies_is_refused(sns: Any) -> None:
    topic = sns.create_topic(Name="protected")["TopicArn"]
    statement = {
        "DataDirection": "Inbound",
        "Principal": ["*"],
        "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
        "Operation": {"Deny": {}},
    }
    policy = {"Name": "p", "Version": "2021-06-01", "Statement": [statement]}
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=json.dumps(policy))

    with pytest.raises(sns.exceptions.AuthorizationErrorException):
        sns.publish(TopicArn=topic, Message="jane@example.com")


@pytest.mark.source("https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html")
def test_who_has_not_confirmed_can_not_be_unsubscribed(sns: Any, aws_url: str) -> None:
    """The same error by boto3 and by a request without an SDK, in the query protocol's XML."""
    topic = sns.create_topic(Name="pending")["TopicArn"]
    arn = sns.subscribe(
        TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    text = (
        "Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is "
        "pending confirmation"
    )

    with pytest.raises(sns.exceptions.InvalidParameterException, match=text):
        sns.unsubscribe(SubscriptionArn=arn)
    status, answer = query(aws_url, Action="Unsubscribe", SubscriptionArn=arn)

    assert status == 400
    for part in ("<Type>Sender</Type>", "<Code>InvalidParameter</Code>", f"<Message>{text}<"):
        assert part in answer
