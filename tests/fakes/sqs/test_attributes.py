"""Every settable attribute's range, in both directions, on new and on existing queues."""

from __future__ import annotations

import json

import pytest
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.errors import AwsError

RANGES = [
    ("DelaySeconds", 0, 900),
    ("MaximumMessageSize", 1024, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20),
    ("VisibilityTimeout", 0, 43_200),
    ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
]


@pytest.mark.parametrize(("name", "least", "most"), RANGES)
def test_ranges(name: str, least: int, most: int) -> None:
    for number, value in enumerate((least, most)):
        sqs = Core()
        queue = sqs.create(f"q{number}", **{name: value})
        sqs.call("SetQueueAttributes", QueueUrl=queue, Attributes={name: str(value)})
    for wrong in (least - 1, most + 1, "0" * 12 + "9999999", " 1", "1.0", "x", "\uff11"):
        sqs = Core()
        with pytest.raises(AwsError) as caught:
            sqs.create(**{name: wrong})
        assert caught.value.code == "InvalidAttributeValue"
        assert caught.value.message == f"Invalid value for the parameter {name}."
        sqs.create()
        before = sqs.queue().shown_attributes()
        with pytest.raises(AwsError):
            sqs.call("SetQueueAttributes", QueueUrl="q", Attributes={name: str(wrong)})
        assert sqs.queue().shown_attributes() == before


@pytest.mark.parametrize("name", ["QueueArn", "ApproximateNumberOfMessages", "All", "Nonsense", ""])
def test_attributes_that_cannot_be_set(name: str) -> None:
    with pytest.raises(AwsError) as caught:
        Core().create(**{name: "1"})
    assert (caught.value.code, caught.value.message) == (
        "InvalidAttributeName",
        f"Unknown Attribute {name}.",
    )


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"SqsManagedSseEnabled": "maybe"}, "InvalidAttributeValue"),
        ({"Policy": "{"}, "InvalidAttributeValue"),
        ({"RedriveAllowPolicy": "[]"}, "InvalidAttributeValue"),
        ({"RedriveAllowPolicy": '{"redrivePermission": "x"}'}, "InvalidAttributeValue"),
        ({"RedriveAllowPolicy": '{"redrivePermission": "byQueue"}'}, "InvalidAttributeValue"),
        (
            {"RedriveAllowPolicy": '{"redrivePermission": "denyAll", "sourceQueueArns": ["a"]}'},
            "InvalidAttributeValue",
        ),
    ],
)
def test_values_that_are_no_such_thing(attributes: dict[str, str], code: str) -> None:
    with pytest.raises(AwsError) as caught:
        Core().create(**attributes)
    assert caught.value.code == code


@pytest.mark.parametrize("source", ["q", "arn:aws:sns:eu-west-1:111111111111:q", "arn:aws:sqs:::q"])
def test_a_redrive_allow_policy_names_its_sources_by_their_arns(source: str) -> None:
    """SQS API reference, SetQueueAttributes: `sourceQueueArns` are ARNs; the text is the fake's own."""
    policy = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [source]})

    with pytest.raises(AwsError, match="no ARN of a queue"):
        Core().create(RedriveAllowPolicy=policy)


@pytest.mark.parametrize(
    ("name", "fifo"),
    [
        ("", False),
        ("a" * 81, False),
        ("a b", False),
        ("q.fifo", False),
        ("q", True),
        ("a" * 76 + ".fifo", True),
        ("..fifo", True),
    ],
)
def test_names_that_no_queue_may_have(name: str, fifo: bool) -> None:
    with pytest.raises(AwsError):
        Core().call("CreateQueue", QueueName=name, Attributes={"FifoQueue": "true"} if fifo else {})


def test_creating_again_with_the_same_attributes_returns_the_queue() -> None:
    sqs = Core()
    sqs.create(DelaySeconds=5, VisibilityTimeout=30)

    for same in (
        {},
        {"DelaySeconds": "5"},
        {"DelaySeconds": "05", "MaximumMessageSize": "1048576"},
    ):
        output = sqs.call("CreateQueue", QueueName="q", Attributes=same)
        assert output["QueueUrl"].endswith("/q")
    assert len(sqs.service.queues()) == 1


def test_a_number_is_shown_as_one_however_it_was_written() -> None:
    sqs = Core()
    sqs.create(DelaySeconds="0" * 5000 + "7", VisibilityTimeout="00")

    shown = sqs.queue().shown_attributes()
    assert (shown["DelaySeconds"], shown["VisibilityTimeout"]) == ("7", "0")


def test_modified_timestamp_follows_changes() -> None:
    sqs = Core()
    sqs.create()
    sqs.advance(10)

    sqs.call("SetQueueAttributes", QueueUrl="q", Attributes={"DelaySeconds": "5"})

    shown = sqs.queue().shown_attributes()
    assert (shown["CreatedTimestamp"], shown["LastModifiedTimestamp"]) == ("1000", "1010")


def test_asking_for_one_attribute_returns_it_alone() -> None:
    sqs = Core()
    sqs.create()

    def get(*names: str) -> object:
        return sqs.call("GetQueueAttributes", QueueUrl="q", AttributeNames=list(names))

    assert get("DelaySeconds") == {"Attributes": {"DelaySeconds": "0"}}
    assert get("Policy") == get() == {}
    with pytest.raises(AwsError, match="Unknown Attribute Nonsense"):
        get("Nonsense")
