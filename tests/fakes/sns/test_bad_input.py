"""Random parameters for every operation: the answer is an AWS error or a success, never a crash.

Parameters are drawn by botocore's model, with values that SNS nearly takes: ARNs of real and missing
things, JSON that is nearly a policy, names of attributes. A refused request changes nothing stored.
"""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.sns.service import SnsService

MODEL = Session().get_service_model("sns")
HERE = "arn:aws:sns:eu-west-1:111111111111"
QUEUE = "arn:aws:sqs:eu-west-1:111111111111"
NOW = 1_767_225_600.0
PIECES = [
    "",
    "x",
    "true",
    "false",
    "1",
    "100",
    "-5",
    "name.fifo",
    f"{HERE}:topic",
    f"{HERE}:topic.fifo",
    f"{HERE}:missing",
    f"{HERE}:topic:subscription",
    f"{HERE}:app/GCM/app",
    f"{HERE}:endpoint/GCM/app/device",
    "arn:aws:sns:us-east-1:111111111111:topic",
    f"{QUEUE}:queue",
    f"{QUEUE}:queue.fifo",
    "sqs",
    "http",
    "email",
    "sms",
    "lambda",
    "firehose",
    "json",
    "http://localhost/",
    "a@example.com",
    "+15551234567",
    "GCM",
    "{}",
    "[]",
    "null",
    '{"default": "x"}',
    '{"a": ["x", {"exists": false}]}',
    '{"a": [{"numeric": [">", 1]}]}',
    '{"$or": [{"a": ["x"]}, {"b": ["y"]}]}',
    '{"deadLetterTargetArn": "x"}',
    json.dumps({"deadLetterTargetArn": f"{QUEUE}:dead"}),
    '{"healthyRetryPolicy": {"numRetries": 1, "minDelayTarget": 1, "maxDelayTarget": 1}}',
    '{"http": {"defaultHealthyRetryPolicy": null}}',
    '{"http": null}',
    '{"Statement": [{"Action": 1}]}',
    '{"Statement": {"Effect": "Allow"}}',
    '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}}',
    '{"MessageRetentionPeriod": "1"}',
    '{"PointType": "Timestamp", "StartingPoint": "2026-01-01T00:00:00Z"}',
    "5" * 288,
    "String",
    "Number",
    "Binary",
    "String.Array",
    "MessageBody",
    "\ud800",
    "ünï\n\x00",
]
NAMES = [
    *("DisplayName", "DeliveryPolicy", "Policy", "KmsMasterKeyId", "FifoTopic", "ArchivePolicy"),
    *("ContentBasedDeduplication", "MaximumMessageSize", "SignatureVersion", "TracingConfig"),
    *("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "ReplayPolicy"),
    *("SubscriptionRoleArn", "Enabled", "Token", "CustomUserData", "PlatformCredential"),
    *("DefaultSMSType", "MonthlySpendLimit", "SQSSuccessFeedbackSampleRate", "HTTPUnknown"),
]
# What each member is most of the time, so that requests get past their first check.
LIKELY = {
    "TopicArn": [f"{HERE}:topic", f"{HERE}:topic.fifo"],
    "ResourceArn": [f"{HERE}:topic"],
    "SubscriptionArn": [f"{HERE}:topic:subscription", f"{HERE}:topic.fifo:subscription"],
    "PlatformApplicationArn": [f"{HERE}:app/GCM/app"],
    "EndpointArn": [f"{HERE}:endpoint/GCM/app/device"],
    "Protocol": ["sqs", "http", "email", "sms", "lambda"],
    "Endpoint": [f"{QUEUE}:queue", "http://localhost/", "a@example.com", "+15551234567"],
    "AttributeName": NAMES,
    "PhoneNumber": ["+15551234567"],
    "phoneNumber": ["+15551234567"],
    "Message": ["x", '{"default": "x"}', "\ud800", '{"default": "\\ud800"}'],
    "DataType": ["String", "Number", "Binary", "String.Array"],
    "MessageStructure": ["json"],
    "Platform": ["GCM"],
}
texts = st.sampled_from(PIECES) | st.sampled_from(NAMES) | st.text(max_size=8)


def drawn(shape: Shape) -> st.SearchStrategy[Any]:
    """Values that the wire could hand over for a shape."""
    if isinstance(shape, StructureShape):
        members = {name: member_of(name, member) for name, member in shape.members.items()}
        required = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(required, optional=members)
    if isinstance(shape, ListShape):
        return st.lists(drawn(shape.member), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(st.sampled_from(NAMES) | texts, drawn(shape.value), max_size=3)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "blob": st.binary(max_size=8),
        "boolean": st.booleans(),
        "integer": st.integers(-5, 200),
        "string": texts,
    }
    return simple[shape.type_name]


def member_of(name: str, shape: Shape) -> st.SearchStrategy[Any]:
    """Values for a member: mostly likely ones, where it has any."""
    if name not in LIKELY:
        return drawn(shape)
    likely = st.sampled_from(LIKELY[name])
    return likely | likely | likely | drawn(shape)


class NoSigner:
    """Signs nothing, fast."""

    def sign(self, text: str, version: str) -> str:
        return "signature"

    def certificate_name(self) -> str:
        return "SimpleNotificationService-0.pem"

    def certificate_pem(self) -> bytes:
        return b""


class KnownIds(SeededIds):
    """Ids under which subscriptions and devices are found."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._known = ["subscription", "subscription", "http", "confirmation", "device"]

    def uuid(self) -> str:
        return self._known.pop(0) if self._known else super().uuid()


def furnished() -> SnsService:
    """An SNS with one thing of each kind, under names that the drawn values know."""
    service = SnsService(ids=KnownIds(3), events=EventLog(), faults=FaultPlan(), signer=NoSigner())

    def call(operation: str, **params: Any) -> dict[str, Any]:
        return service.call(operation, params, context())

    call("CreateTopic", Name="topic")
    archive = {"FifoTopic": "true", "ArchivePolicy": '{"MessageRetentionPeriod": "1"}'}
    call("CreateTopic", Name="topic.fifo", Attributes=archive)
    for topic in ("topic", "topic.fifo"):
        call("Subscribe", TopicArn=f"{HERE}:{topic}", Protocol="sqs", Endpoint=f"{QUEUE}:queue")
    call("Subscribe", TopicArn=f"{HERE}:topic", Protocol="http", Endpoint="http://localhost/")
    credential = {"PlatformCredential": "x"}
    call("CreatePlatformApplication", Name="app", Platform="GCM", Attributes=credential)
    call("CreatePlatformEndpoint", PlatformApplicationArn=f"{HERE}:app/GCM/app", Token="x")
    call("CreateSMSSandboxPhoneNumber", PhoneNumber="+15551234567")
    return service


def context() -> CallContext:
    return CallContext("111111111111", "eu-west-1", NOW, "request", "http://aws.test")


FURNISHED = furnished().snapshot()


@pytest.mark.slow
@pytest.mark.parametrize("operation", sorted(SnsService.operations))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_request_is_answered_and_a_refused_one_changes_nothing(
    operation: str, data: st.DataObject
) -> None:
    service = SnsService(ids=SeededIds(4), events=EventLog(), faults=FaultPlan(), signer=NoSigner())
    service.restore(FURNISHED)
    shape = MODEL.operation_model(operation).input_shape
    params = data.draw(drawn(shape)) if shape is not None else {}
    before = pickle.loads(service.snapshot())

    refused = None
    try:
        service.call(operation, params, context())
    except AwsError as error:
        refused = error

    if refused is not None:
        assert refused.message
        assert pickle.loads(service.snapshot()) == before
        assert service.take_effects() == []
    service.take_effects()
    service.advance(now=NOW + 10)
    service.next_deadline()
