"""Looks at queues, phones, devices and tokens at LocalStack's paths; nothing is received by them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.servers.localstack_routes import LocalstackRoutes

ACCOUNT, REGION = "111111111111", "eu-west-1"
URL = f"http://aws.test/{ACCOUNT}/q"
_AWS = InProcess()


@pytest.fixture
def aws() -> InProcess:
    _AWS.renew()
    return _AWS


def ask(
    aws: InProcess, path: str, method: str = "GET", accept: str = "application/json", **query: str
) -> HttpResponse | None:
    request = HttpRequest(method, path, urlencode(query), {"accept": accept}, b"")
    return LocalstackRoutes(aws.cloud)(request)


def answered(response: HttpResponse | None, status: int = 200) -> Any:
    assert response is not None
    assert response.status == status
    return json.loads(response.body)


def bodies(response: HttpResponse | None) -> list[str]:
    result = answered(response)["ReceiveMessageResponse"]["ReceiveMessageResult"]
    return [message["Body"] for message in result["Message"]] if result else []


@pytest.fixture
def queue(aws: InProcess) -> Any:
    """A queue with one message in flight, one ready, one delayed."""
    sqs = aws.client("sqs")
    sqs.create_queue(QueueName="q")
    binary = {"a": {"DataType": "Binary", "BinaryValue": b"\x01"}}
    sqs.send_message(QueueUrl=URL, MessageBody="held")
    sqs.receive_message(QueueUrl=URL)
    sqs.send_message(QueueUrl=URL, MessageBody="ready", MessageAttributes=binary)
    sqs.send_message(QueueUrl=URL, MessageBody="delayed", DelaySeconds=9)
    return sqs


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["ready"]),
        ({"ShowInvisible": "true"}, ["held", "ready"]),
        ({"ShowDelayed": "true"}, ["ready", "delayed"]),
        ({"ShowInvisible": "true", "ShowDelayed": "true"}, ["held", "ready", "delayed"]),
    ],
)
def test_messages_are_shown_and_stay(
    aws: InProcess, queue: Any, query: dict[str, str], shown: list[str]
) -> None:
    before = aws.cloud.snapshot()

    assert bodies(ask(aws, "/_aws/sqs/messages", QueueUrl=URL, **query)) == shown
    path = f"/_aws/sqs/messages/{REGION}/{ACCOUNT}/q"
    assert bodies(ask(aws, path, **query)) == shown
    assert aws.cloud.snapshot() == before


def test_a_shown_message_has_no_handle_and_has_its_attributes(aws: InProcess, queue: Any) -> None:
    answer = answered(ask(aws, "/_aws/sqs/messages", QueueUrl=URL))
    (message,) = answer["ReceiveMessageResponse"]["ReceiveMessageResult"]["Message"]

    assert message["ReceiptHandle"] == "SQS/BACKDOOR/ACCESS"
    assert {"Name": "ApproximateReceiveCount", "Value": "0"} in message["Attribute"]
    (attribute,) = message["MessageAttribute"]
    assert attribute == {"Name": "a", "Value": {"DataType": "Binary", "BinaryValue": "AQ=="}}


def test_messages_are_shown_in_xml_unless_json_is_asked_for(aws: InProcess, queue: Any) -> None:
    response = ask(aws, "/_aws/sqs/messages", accept="*/*", QueueUrl=URL)

    assert response is not None
    assert response.content_type == "text/xml"
    assert b"<Body>ready</Body>" in response.body


def as_client(aws: InProcess, operation: str, body: bytes) -> HttpResponse:
    """What an AWS client is answered whose endpoint is this path."""
    headers = {"x-amz-target": f"AmazonSQS.{operation}"}
    request = HttpRequest("POST", "/_aws/sqs/messages/", "", headers, body)
    response = LocalstackRoutes(aws.cloud)(request)
    assert response is not None
    return response


@pytest.mark.source("https://docs.localstack.cloud/aws/services/sqs/#developer-endpoints")
def test_an_aws_client_with_this_endpoint_is_shown_messages_by_its_receive(
    aws: InProcess, queue: Any
) -> None:
    body = json.dumps({"QueueUrl": URL, "MaxNumberOfMessages": 1}).encode()

    (shown,) = answered(as_client(aws, "ReceiveMessage", body))["Messages"]

    assert (shown["Body"], shown["ReceiptHandle"]) == ("ready", "SQS/BACKDOOR/ACCESS")
    assert shown["MessageAttributes"] == {"a": {"DataType": "Binary", "BinaryValue": "AQ=="}}


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        ("PurgeQueue", json.dumps({"QueueUrl": URL}).encode(), "InvalidRequest"),
        ("ReceiveMessage", b"[", "SerializationException"),
        ("ReceiveMessage", json.dumps({"QueueUrl": f"{URL}2"}).encode(), "QueueDoesNotExist"),
    ],
)
def test_an_aws_client_with_this_endpoint_is_refused_in_its_protocol(
    aws: InProcess, queue: Any, operation: str, body: bytes, code: str
) -> None:
    answer = answered(as_client(aws, operation, body), 400)

    assert answer["__type"].endswith(f"#{code}")


@pytest.mark.parametrize("url", [f"http://aws.test/{ACCOUNT}/none", "none"])
def test_a_queue_that_is_not_there_is_an_aws_error(aws: InProcess, url: str) -> None:
    response = ask(aws, "/_aws/sqs/messages", QueueUrl=url)

    assert response is not None
    assert response.status in (400, 404)
    assert b"<Code>" in response.body


def test_text_messages_are_shown_by_number_and_forgotten(aws: InProcess) -> None:
    sns = aws.client("sns")
    for number in ("+15551230001", "+15551230002"):
        sns.publish(PhoneNumber=number, Message="hello")

    shown = answered(ask(aws, "/_aws/sns/sms-messages", region=REGION))
    assert set(shown["sms_messages"]) == {"+15551230001", "+15551230002"}
    assert shown["sms_messages"]["+15551230001"][0]["Message"] == "hello"
    assert shown["region"] == REGION

    gone = ask(aws, "/_aws/sns/sms-messages", "DELETE", phoneNumber="+15551230001")
    assert gone is not None
    assert gone.status == 204
    shown = answered(ask(aws, "/_aws/sns/sms-messages"))
    assert set(shown["sms_messages"]) == {"+15551230002"}


def test_messages_to_devices_are_shown_by_endpoint(aws: InProcess) -> None:
    sns = aws.client("sns")
    application = sns.create_platform_application(
        Name="a", Platform="GCM", Attributes={"PlatformCredential": "c"}
    )["PlatformApplicationArn"]
    endpoint = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="t")
    arn = endpoint["EndpointArn"]
    sns.publish(TargetArn=arn, Message="hello")

    shown = answered(ask(aws, "/_aws/sns/platform-endpoint-messages", endpointArn=arn))

    (message,) = shown["platform_endpoint_messages"][arn]
    assert (message["TargetArn"], message["Message"]) == (arn, "hello")


def test_a_token_confirms_the_subscription_that_it_is_shown_for(aws: InProcess) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    arn = sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint="http://a.test/", ReturnSubscriptionArn=True
    )["SubscriptionArn"]

    token = answered(ask(aws, f"/_aws/sns/subscription-tokens/{arn}"))["subscription_token"]

    assert sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"] == arn


@pytest.mark.parametrize(
    ("arn", "status"), [("none", 400), (f"arn:aws:sns:{REGION}:{ACCOUNT}:t:none", 404)]
)
def test_no_token_for_what_is_no_subscription(aws: InProcess, arn: str, status: int) -> None:
    answer = answered(ask(aws, f"/_aws/sns/subscription-tokens/{arn}"), status)
    assert answer["subscription_arn"] == arn


@pytest.mark.parametrize("path", ["/_aws/other", "/_aws/sqs/messagesx", "/health"])
def test_other_paths_are_not_answered(aws: InProcess, path: str) -> None:
    assert ask(aws, path) is None
