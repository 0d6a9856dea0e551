"""Which service and operation a request means, and what is answered when it means none.

Facts: the SQS developer guide on query requests and queue URLs; answers of the real endpoints to
malformed requests.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.sqs.digests import md5_of_attributes

JSON = "application/x-amz-json-1.0"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
QUEUE = "/000000000000/q"
QUEUE_URL = f"https://queues.test:4566{QUEUE}"


def signed(service: str, access_key: str = "key", region: str = "us-east-1") -> dict[str, str]:
    scope = f"{access_key}/20260101/{region}/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"}


class Wire:
    """Requests as they are on the wire, to a cloud with the queue `q` in us-east-1."""

    def __init__(self) -> None:
        self.aws = InProcess()
        self.json("CreateQueue", QueueName="q")

    def json(self, operation: str, path: str = "/", **params: Any) -> HttpResponse:
        headers = {"x-amz-target": f"AmazonSQS.{operation}", "content-type": JSON, "host": "h:1"}
        return self.send("POST", path, "", headers, json.dumps(params).encode())

    def get(self, path: str = "/", **params: str) -> HttpResponse:
        return self.send("GET", path, urlencode(params), {"host": "h:1"}, b"")

    def form(self, headers: dict[str, str] | None = None, **params: str) -> HttpResponse:
        given = {"content-type": FORM, "host": "h:1", **(headers or {})}
        return self.send("POST", "/", "", given, urlencode(params).encode())

    def send(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> HttpResponse:
        return self.aws.handle(HttpRequest(method, path, query, headers, body))


def element(response: HttpResponse, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", response.body.decode())
    assert found, response.body
    return found.group(1)


# --- queue URLs -----------------------------------------------------------------------------------


def test_unsigned_get_on_a_queue_url() -> None:
    wire = Wire()

    sent = wire.get(QUEUE, Action="SendMessage", MessageBody="a")
    received = wire.get(QUEUE, Action="ReceiveMessage")

    assert (sent.status, sent.content_type) == (200, "text/xml")
    assert element(received, "Body") == "a"
    assert element(received, "MessageId") == element(sent, "MessageId")
    assert element(received, "RequestId") == received.headers["x-amzn-RequestId"]


def test_queue_url_parameter_beats_the_path() -> None:
    wire = Wire()
    wire.json("CreateQueue", QueueName="other")

    wire.get(QUEUE, Action="SendMessage", MessageBody="a", QueueUrl="http://x/000000000000/other")

    names = [q.id.name for q in wire.aws.cloud.sqs.queues() if q.store.messages]
    assert names == ["other"]


@pytest.mark.parametrize("url", ["q", "http://elsewhere:99/000000000000/q", QUEUE])
def test_queue_is_found_by_name_or_by_url_on_any_host(url: str) -> None:
    assert Wire().json("SendMessage", QueueUrl=url, MessageBody="a").status == 200


@pytest.mark.source("https://docs.localstack.cloud/aws/services/sqs/")
@pytest.mark.parametrize("path", [QUEUE, f"/queue{QUEUE}", f"/queue/us-east-1{QUEUE}", f"{QUEUE}/"])
def test_queue_has_an_address_in_every_style(path: str) -> None:
    """AWS's own, and the path strategy of LocalStack."""
    assert Wire().get(path, Action="SendMessage", MessageBody="a").status == 200


def test_json_request_to_a_queue_url() -> None:
    """The PHP SDK posts there."""
    assert Wire().json("SendMessage", path=QUEUE, MessageBody="a").status == 200


def test_queue_urls_follow_the_host_header() -> None:
    response = Wire().json("GetQueueUrl", QueueName="q")

    assert json.loads(response.body) == {"QueueUrl": "http://h:1/000000000000/q"}


def test_queue_urls_may_begin_with_a_fixed_address_instead() -> None:
    """For clients that reach this machine by another name than the one that asked."""
    wire = Wire()
    wire.aws.cloud.dispatcher.base_url = "https://queues.test:4566"

    for operation, shown in (("GetQueueUrl", "QueueUrl"), ("ListQueues", "QueueUrls")):
        answer = json.loads(wire.json(operation, QueueName="q").body)[shown]
        assert answer in (QUEUE_URL, [QUEUE_URL])
    assert wire.json("SendMessage", QueueUrl=QUEUE_URL, MessageBody="a").status == 200


@pytest.mark.parametrize("action", ["CreateQueue", "ListQueues", "Nonsense"])
def test_actions_that_are_not_a_queues(action: str) -> None:
    response = Wire().get(QUEUE, Action=action, QueueName="new")

    assert response.status == 400
    assert element(response, "Code") == "InvalidAction"
    assert element(response, "Message") == f"The action {action} is not valid for this endpoint."


@pytest.mark.parametrize("url", ["http://h:1/", "http://h:1/x/q", "a/b/c/d"])
def test_address_that_no_queue_has(url: str) -> None:
    response = Wire().json("SendMessage", QueueUrl=url, MessageBody="a")

    assert response.status == 404
    assert json.loads(response.body)["__type"] == "com.amazonaws.sqs#InvalidAddress"


def test_text_of_a_missing_queue_depends_on_the_protocol() -> None:
    wire = Wire()

    in_json = json.loads(wire.json("SendMessage", QueueUrl="none", MessageBody="a").body)
    in_xml = wire.get("/000000000000/none", Action="SendMessage", MessageBody="a")

    assert in_json["message"] == "The specified queue does not exist."
    text = "The specified queue does not exist for this wsdl version."
    assert element(in_xml, "Message") == text
    assert element(in_xml, "Code") == "AWS.SimpleQueueService.NonExistentQueue"
    assert b"<Detail/>" in in_xml.body


# --- which service --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "params", "expected"),
    [
        (signed("sqs"), {"Action": "ListQueues"}, "ListQueuesResponse"),
        (signed("sns"), {"Action": "ListTopics"}, "ListTopicsResponse"),
        (signed("sts"), {"Action": "GetCallerIdentity"}, "GetCallerIdentityResponse"),
        ({}, {"Action": "ListTopics"}, "ListTopicsResponse"),
        ({}, {"Action": "GetCallerIdentity"}, "GetCallerIdentityResponse"),
        ({}, {"Action": "ListQueues", "Version": "2012-11-05"}, "ListQueuesResponse"),
        ({}, {"Action": "CreateTopic", "Name": "t"}, "CreateTopicResponse"),
        (
            {},
            {"Action": "ListQueues", "X-Amz-Credential": "k/20260101/us-east-1/sqs/aws4_request"},
            "ListQueuesResponse",
        ),
    ],
)
def test_query_calls_find_their_service(
    headers: dict[str, str], params: dict[str, str], expected: str
) -> None:
    response = Wire().form(headers, **params)

    assert response.status == 200
    assert f"<{expected} ".encode() in response.body


def test_account_comes_from_the_access_key_and_region_from_the_scope() -> None:
    wire = Wire()
    headers = signed("sqs", "222222222222", "eu-north-1")

    wire.form(headers, Action="CreateQueue", QueueName="mine")

    queue = wire.aws.cloud.sqs.queues()[-1]
    assert queue.arn == "arn:aws:sqs:eu-north-1:222222222222:mine"
    assert b"QueueUrl" not in wire.form(signed("sqs", "333333333333"), Action="ListQueues").body


def test_region_of_a_signature_for_several_regions_is_in_a_header_of_its_own() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html: version 4a."""
    scope = "123456789012/20260101/sns/aws4_request"
    headers = {
        "authorization": f"AWS4-ECDSA-P256-SHA256 Credential={scope}, Signature=0",
        "x-amz-region-set": "eu-north-1",
    }

    answer = Wire().form(headers, Action="CreateTopic", Name="t")

    assert element(answer, "TopicArn") == "arn:aws:sns:eu-north-1:123456789012:t"


def test_unsigned_requests_are_of_the_region_that_their_host_names() -> None:
    """LocalStack's endpoint strategies; what a signature says counts first."""
    wire = Wire()
    host = {"host": "sqs.eu-west-3.localhost.localstack.cloud:4566"}

    wire.form(host, Action="CreateQueue", QueueName="unsigned")
    wire.form({**host, **signed("sqs", "key", "eu-north-1")}, Action="CreateQueue", QueueName="q2")

    regions = {q.id.name: q.id.region for q in wire.aws.cloud.sqs.queues()}
    assert (regions["unsigned"], regions["q2"]) == ("eu-west-3", "eu-north-1")


def test_unknown_action_of_another_service() -> None:
    response = Wire().form(signed("sns"), Action="Nonsense")

    assert element(response, "Code") == "InvalidAction"
    assert (
        element(response, "Message") == "Could not find operation Nonsense for version 2010-03-31"
    )
    assert b"<Detail/>" not in response.body


def test_service_that_is_not_here_is_named() -> None:
    response = Wire().form(signed("s3"), Action="ListBuckets")

    assert response.status == 501
    assert "The service 's3' is not served" in element(response, "Message")


# --- requests that mean nothing -------------------------------------------------------------------


def test_no_action_at_all() -> None:
    response = Wire().get()

    assert (response.status, response.body.strip()) == (404, b"<UnknownOperationException/>")


@pytest.mark.parametrize("target", ["AmazonSQS.Nonsense", "Nonsense", "", "Other.ListQueues"])
def test_unknown_target(target: str) -> None:
    response = Wire().send("POST", "/", "", {"x-amz-target": target}, b"{}")

    assert response.status == 404
    kind = "com.amazon.coral.service#UnknownOperationException"
    assert json.loads(response.body)["__type"] == kind


def test_missing_parameter_in_each_protocol() -> None:
    wire = Wire()
    in_json, in_xml = wire.json("SendMessage", QueueUrl="q"), wire.get(QUEUE, Action="SendMessage")

    assert json.loads(in_json.body)["message"] == (
        "The request must contain the parameter MessageBody."
    )
    assert in_json.headers["x-amzn-query-error"] == "MissingParameter;Sender"
    assert element(in_xml, "Code") == "MissingParameter"


@pytest.mark.source("https://github.com/aws/aws-sdk-js-v3/issues/5478")
@pytest.mark.parametrize("given", [{}, {"ReceiptHandle": ""}, {"ReceiptHandle": None}])
def test_sqs_calls_the_missing_handle_of_a_delete_by_another_name(given: dict[str, Any]) -> None:
    wire = Wire()
    text = "The request must contain the parameter MessageHandle."

    answer = json.loads(wire.json("DeleteMessage", QueueUrl="q", **given).body)
    assert answer["message"] == text
    if given.get("ReceiptHandle", "") is not None:
        assert element(wire.get(QUEUE, Action="DeleteMessage", **given), "Message") == text


def test_missing_parameter_inside_a_batch_is_named_by_its_place() -> None:
    response = Wire().json("SendMessageBatch", QueueUrl="q", Entries=[{"Id": "1"}])

    assert json.loads(response.body)["message"] == (
        "The request must contain the parameter SendMessageBatchRequestEntry.1.MessageBody."
    )


@pytest.mark.parametrize(
    "query",
    [
        "Action=ReceiveMessage&MaxNumberOfMessages=many",
        "Action=SendMessageBatch&SendMessageBatchRequestEntry=a",
        "Action=ReceiveMessage&AttributeName.x=All",
        "Action=SendMessage&MessageBody.1=a",
        "Action=SetQueueAttributes&Attribute.1=1",
        "Action=SendMessage&MessageBody=a&MessageAttribute.1.Name=n&MessageAttribute.1.Value.BinaryValue=*"
        "&MessageAttribute.1.Value.DataType=Binary",
        "Action=SendMessage&" + ".".join("x" * 20) + "=1",
        "&".join(f"x{n}=" for n in range(5000)),
    ],
)
def test_malformed_query_parameters(query: str) -> None:
    response = Wire().send("GET", QUEUE, query, {"host": "h:1"}, b"")

    assert 400 <= response.status < 500
    assert element(response, "Code") in ("MalformedInput", "MalformedQueryString")
    assert element(response, "Type") == "Sender"


@pytest.mark.source(
    "http://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Query_QuerySetQueueAttributes.html"
)
def test_a_map_of_one_entry_may_be_without_a_number() -> None:
    """The reference of 2012-11-05: Attribute.Name and Attribute.Value, one attribute a request."""
    wire = Wire()
    given = {"Attribute.Name": "VisibilityTimeout", "Attribute.Value": "35"}

    assert wire.get(f"{QUEUE}/", Action="SetQueueAttributes", **given).status == 200

    found = wire.get(QUEUE, Action="GetQueueAttributes", AttributeName="VisibilityTimeout")
    assert element(found, "Value") == "35"


@pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"
)
def test_a_list_of_one_may_be_written_without_its_number() -> None:
    """The reference's sample request: `AttributeName=All`."""
    wire = Wire()
    wire.get(QUEUE, Action="SendMessage", MessageBody="a")

    received = wire.get(QUEUE, Action="ReceiveMessage", AttributeName="All")

    assert b"<Name>ApproximateReceiveCount</Name>" in received.body


@pytest.mark.source("https://github.com/localstack/localstack/issues/2690")
def test_tags_may_be_numbered_by_the_name_of_their_parameter() -> None:
    """`Tags.1.Key`, as AWS's Java SDK 1 writes TagQueue; boto3 writes `Tag.1.Key`."""
    wire = Wire()
    given = {"Tags.1.Key": "a:env", "Tags.1.Value": "local", "Tags.2.Key": "b", "Tags.2.Value": ""}

    assert wire.get(QUEUE, Action="TagQueue", **given).status == 200

    found = wire.get(QUEUE, Action="ListQueueTags").body
    assert b"<Tag><Key>a:env</Key><Value>local</Value></Tag>" in found
    assert b"<Key>b</Key>" in found


@pytest.mark.source("https://github.com/aws/aws-sdk-java/issues/633")
@pytest.mark.parametrize(
    ("value", "status"), [("AP8=", 200), ("AP8", 200), ("A", 400), ("", 400), ("A!", 400)]
)
def test_base64_may_lack_its_padding(value: str, status: int) -> None:
    """One character makes no octet, and so an attribute without a value."""
    attribute = "MessageAttribute.1."
    response = Wire().get(
        QUEUE,
        **{
            "Action": "SendMessage",
            "MessageBody": "a",
            f"{attribute}Name": "n",
            f"{attribute}Value.DataType": "Binary",
            f"{attribute}Value.BinaryValue": value,
        },
    )

    assert response.status == status
    if status == 200:
        md5 = md5_of_attributes({"n": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})
        assert element(response, "MD5OfMessageAttributes") == md5
    elif value != "A!":
        assert "must contain a non-empty value of type 'Binary'" in element(response, "Message")


@pytest.mark.source("https://github.com/aws/aws-sdk-php/issues/694")
@pytest.mark.source("https://github.com/aws/aws-sdk-go/issues/178")
@pytest.mark.parametrize("attribute", ["MessageAttribute.1", "MessageAttributes.1"])
@pytest.mark.parametrize("value", ["Value", "value"])
def test_an_attribute_without_a_name_is_refused_in_sqs_own_words(
    attribute: str, value: str
) -> None:
    response = Wire().get(
        QUEUE,
        **{
            "Action": "SendMessage",
            "MessageBody": "noop",
            f"{attribute}.key": "Format",
            f"{attribute}.{value}.StringValue": "json",
            f"{attribute}.{value}.DataType": "String",
        },
    )

    assert element(response, "Code") == "InvalidParameterValue"
    assert element(response, "Message") == (
        "The request must contain non-empty message attribute name."
    )


def test_an_attribute_without_a_value_lacks_its_type_as_in_json() -> None:
    given = {"MessageBody": "a", "MessageAttribute.1.Name": "n"}
    response = Wire().get(QUEUE, Action="SendMessage", **given)
    as_json = Wire().json("SendMessage", QueueUrl="q", MessageBody="a", MessageAttributes={"n": {}})

    assert element(response, "Code") == "MissingParameter"
    assert element(response, "Message") == json.loads(as_json.body)["message"]


def test_echoed_values_are_escaped() -> None:
    response = Wire().get(QUEUE, Action="<&>\x00\r")

    assert "The action &lt;&amp;&gt;\ufffd&#xD; is" in response.body.decode()


def test_lone_surrogate_in_an_echo_is_written_as_something() -> None:
    response = Wire().json("SendMessage", QueueUrl="q", MessageBody="a", MessageGroupId="\ud800")

    assert "parameter MessageGroupId is invalid" in json.loads(response.body)["message"]


def test_trace_header_of_the_request_is_kept() -> None:
    wire = Wire()
    headers = {"x-amz-target": "AmazonSQS.SendMessage", "x-amzn-trace-id": "Root=1-2-3"}

    body = json.dumps({"QueueUrl": "q", "MessageBody": "a"}).encode()
    sent = json.loads(wire.send("POST", "/", "", headers, body).body)
    received = json.loads(
        wire.json("ReceiveMessage", QueueUrl="q", AttributeNames=["AWSTraceHeader"]).body
    )

    assert sent["MD5OfMessageSystemAttributes"]
    assert received["Messages"][0]["Attributes"] == {"AWSTraceHeader": "Root=1-2-3"}
