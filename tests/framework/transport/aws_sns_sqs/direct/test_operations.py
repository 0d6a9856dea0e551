"""Bodies against botocore's own serialisers and parsers."""

from __future__ import annotations

import json
from typing import Any

import botocore.parsers
import botocore.serialize
import pytest
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from tomodachi.helpers.aiobotocore_connector import shared_loader
from tomodachi.transport.aws_sns_sqs.direct.operations import OPERATIONS
from tomodachi.transport.aws_sns_sqs.form_encoding import encode_form

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
STRINGS = st.fixed_dictionaries({"DataType": st.just("String"), "StringValue": TEXT})
OCTETS = st.fixed_dictionaries({"DataType": st.just("Binary"), "BinaryValue": st.binary()})
ATTRIBUTES = st.dictionaries(st.text("abc.-_", min_size=1), STRINGS | OCTETS, max_size=3)
FIFO = {"MessageGroupId": TEXT, "MessageDeduplicationId": TEXT}
URL = st.just("https://sqs.eu-west-1.amazonaws.com/000000000000/q")
ARN = st.just("arn:aws:sns:eu-west-1:000000000000:t")
ENTRY = {"Id": st.text("0123456789", min_size=1), "Message": TEXT}
PUBLISHED = {"MessageAttributes": ATTRIBUTES, **FIFO}
PARAMS: dict[str, Any] = {
    "Publish": st.fixed_dictionaries({"TopicArn": ARN, "Message": TEXT}, optional=PUBLISHED),
    "PublishBatch": st.fixed_dictionaries(
        {
            "TopicArn": ARN,
            "PublishBatchRequestEntries": st.lists(
                st.fixed_dictionaries(ENTRY, optional=PUBLISHED), min_size=1, max_size=3
            ),
        }
    ),
    "SendMessage": st.fixed_dictionaries(
        {"QueueUrl": URL, "MessageBody": TEXT},
        optional={**PUBLISHED, "DelaySeconds": st.integers(0, 900)},
    ),
    "ReceiveMessage": st.fixed_dictionaries(
        {
            "QueueUrl": URL,
            "WaitTimeSeconds": st.integers(0, 20),
            "MaxNumberOfMessages": st.integers(1, 10),
            "AttributeNames": st.just(("ApproximateReceiveCount", "MessageGroupId")),
            "MessageAttributeNames": st.just(("All",)),
        }
    ),
    "DeleteMessage": st.fixed_dictionaries({"QueueUrl": URL, "ReceiptHandle": TEXT}),
    "DeleteMessageBatch": st.fixed_dictionaries(
        {
            "QueueUrl": URL,
            "Entries": st.lists(
                st.fixed_dictionaries({"Id": st.text("01", min_size=1), "ReceiptHandle": TEXT})
            ),
        }
    ),
}
ANSWERS = {
    "Publish": [
        "<PublishResponse xmlns='http://sns.amazonaws.com/doc/2010-03-31/'><PublishResult>"
        "<MessageId>m-1</MessageId><SequenceNumber>7</SequenceNumber></PublishResult>"
        "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>",
        "<PublishResponse>\n <PublishResult>\n  <MessageId>m&amp;1</MessageId>\n </PublishResult>\n"
        "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>",
    ],
    "PublishBatch": [
        "<PublishBatchResponse xmlns='http://sns.amazonaws.com/doc/2010-03-31/'><PublishBatchResult>"
        "<Successful><member><Id>0</Id><MessageId>m-0</MessageId></member>"
        "<member><Id>1</Id><MessageId>m-1</MessageId></member></Successful>"
        "<Failed><member><Id>2</Id><Code>Bad</Code><Message>no</Message>"
        "<SenderFault>true</SenderFault></member><member><Id>3</Id><Code>X</Code>"
        "<Message/><SenderFault>false</SenderFault></member></Failed></PublishBatchResult>"
        "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishBatchResponse>",
        "<PublishBatchResponse><PublishBatchResult><Successful/><Failed/></PublishBatchResult>"
        "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishBatchResponse>",
    ],
    "SendMessage": ['{"MD5OfMessageBody": "d41d8cd98f00b204e9800998ecf8427e", "MessageId": "m"}'],
    "ReceiveMessage": [
        "{}",
        json.dumps(
            {
                "Messages": [
                    {
                        "MessageId": "m",
                        "ReceiptHandle": "h",
                        "Body": "b",
                        "Attributes": {"ApproximateReceiveCount": "2"},
                        "MessageAttributes": {
                            "a": {"DataType": "String", "StringValue": "x"},
                            "b": {"DataType": "Binary", "BinaryValue": "AAEC"},
                        },
                    }
                ]
            }
        ),
    ],
    "DeleteMessage": ["{}", ""],
    "DeleteMessageBatch": [
        '{"Successful": [{"Id": "0"}], "Failed": '
        '[{"Id": "1", "SenderFault": true, "Code": "C", "Message": "M"}]}'
    ],
}


def model(name: str) -> Any:
    service = "sns" if name.startswith("Publish") else "sqs"
    description = shared_loader().load_service_model(service, "service-2")
    return botocore.model.ServiceModel(description, service).operation_model(name)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@given(data=st.data())
def test_a_request_is_botocore_s(name: str, data: st.DataObject) -> None:
    params = data.draw(PARAMS[name])
    operation = model(name)
    serializer = botocore.serialize.create_serializer(operation.service_model.resolved_protocol)
    body = serializer.serialize_to_request(params, operation)["body"]
    if isinstance(body, dict):
        body = encode_form(body)
    assert OPERATIONS[name].encode(params) == body


@pytest.mark.parametrize(
    ("name", "body"), [(name, body) for name, bodies in ANSWERS.items() for body in bodies]
)
def test_an_answer_is_read_as_botocore_reads_it(name: str, body: str) -> None:
    operation = model(name)
    parser = botocore.parsers.create_parser(operation.service_model.resolved_protocol)
    answer = {"status_code": 200, "headers": {}, "body": body.encode(), "context": {}}
    expected = parser.parse(answer, operation.output_shape)
    del expected["ResponseMetadata"]
    assert OPERATIONS[name].decode(body.encode()) == expected


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("body", [b"<html>", b"<a/>", b"[]", b"502 Bad Gateway"])
def test_an_answer_that_is_none_raises_botocore_s_parser_error(name: str, body: bytes) -> None:
    with pytest.raises(ResponseParserError, match="invalid body received"):
        OPERATIONS[name].decode(body)


@pytest.mark.parametrize("octets", [1, "A", [], None])
def test_octets_that_are_no_base64_raise_botocore_s_parser_error(octets: object) -> None:
    body = {"Messages": [{"MessageAttributes": {"a": {"BinaryValue": octets}}}]}
    with pytest.raises(ResponseParserError):
        OPERATIONS["ReceiveMessage"].decode(json.dumps(body).encode())


def test_a_value_that_cannot_travel_is_named_by_its_type() -> None:
    with pytest.raises(TypeError, match="set is nothing that an SQS parameter can hold"):
        OPERATIONS["SendMessage"].encode({"MessageBody": {1}})
