"""Dead letters: when, where to, and with what; and the policies that say so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sqs.support_sqs import ACCOUNT, REGION, Core

from tomodachi_fakes.aws.errors import AwsError


def arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def with_dead_letter_queue(max_receive_count: object = 2, suffix: str = "", **given: Any) -> Core:
    sqs = Core()
    sqs.create(f"dead{suffix}", **given)
    policy = {"deadLetterTargetArn": arn(f"dead{suffix}"), "maxReceiveCount": max_receive_count}
    sqs.create(f"q{suffix}", RedrivePolicy=json.dumps(policy), VisibilityTimeout=30)
    return sqs


@pytest.mark.parametrize("count", [2, "2"])
def test_message_is_dead_lettered_when_a_receive_would_exceed_the_count(count: object) -> None:
    sqs = with_dead_letter_queue(count)
    sent = sqs.send(
        "q", "poison", MessageAttributes={"a": {"DataType": "Number", "StringValue": "1"}}
    )
    for _ in range(2):
        assert sqs.bodies("q") == ["poison"]
        sqs.advance(30)
    assert sqs.states("dead") == ([], [], [])

    assert sqs.bodies("q") == []

    (message,) = sqs.receive("dead", AttributeNames=["All"], MessageAttributeNames=["All"])
    assert message["MessageId"] == sent["MessageId"]
    assert message["MessageAttributes"]["a"]["StringValue"] == "1"
    assert message["Attributes"]["ApproximateReceiveCount"] == "3"  # across all queues
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == arn("q")
    assert message["Attributes"]["SentTimestamp"] == "1000000"
    assert sqs.service.peek(arn("q")).dead[0].body == "poison"


@pytest.mark.source(
    "https://docs.aws.amazon.com/cli/latest/reference/sqs/get-queue-attributes.html"
)
def test_a_redrive_policy_is_shown_with_a_number_however_it_was_written() -> None:
    """The CLI's examples set "maxReceiveCount": "1000", and get 1000."""
    sqs = with_dead_letter_queue("1000")

    answer = sqs.call("GetQueueAttributes", QueueUrl="q", AttributeNames=["RedrivePolicy"])
    shown = f'{{"deadLetterTargetArn":"{arn("dead")}","maxReceiveCount":1000}}'
    assert answer == {"Attributes": {"RedrivePolicy": shown}}
    for count in (1000, "1000"):
        policy = {"maxReceiveCount": count, "deadLetterTargetArn": arn("dead")}
        sqs.call("CreateQueue", QueueName="q", Attributes={"RedrivePolicy": json.dumps(policy)})


def test_a_waiting_receive_makes_the_move_happen_at_the_deadline() -> None:
    sqs = with_dead_letter_queue(1)
    sqs.send("q", "poison")
    sqs.receive("q")
    sqs.wait("q", 20)

    sqs.advance(19)
    sqs.wait("q", 20)
    sqs.advance(15)

    (event,) = [e for e in sqs.events if e.kind == "dead-lettered"]
    assert (event.at, event.detail["target"], event.detail["receive_count"]) == (
        1030.0,
        arn("dead"),
        1,
    )


def test_dead_lettering_frees_the_group_of_a_fifo_queue() -> None:
    sqs = with_dead_letter_queue(1, ".fifo")
    sqs.send("q.fifo", "poison")
    sqs.send("q.fifo", "good")
    sqs.receive("q.fifo", 1)
    sqs.advance(30)

    assert sqs.bodies("q.fifo", 1) == ["good"]
    assert sqs.bodies("dead.fifo") == ["poison"]


@pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html"
)
def test_deduplication_id_of_a_dead_letter_is_its_message_id() -> None:
    """The page: else deduplication could keep two messages apart that share an id."""
    sqs = with_dead_letter_queue(1, ".fifo")
    sent = sqs.send("q.fifo", "poison", MessageDeduplicationId="d")
    (received,) = sqs.receive("q.fifo", MessageSystemAttributeNames=["MessageDeduplicationId"])
    sqs.advance(30)
    sqs.receive("q.fifo")

    (dead,) = sqs.receive("dead.fifo", MessageSystemAttributeNames=["All"])

    assert received["Attributes"] == {"MessageDeduplicationId": "d"}
    assert dead["MessageId"] == sent["MessageId"]
    assert dead["Attributes"]["MessageDeduplicationId"] == sent["MessageId"]
    assert dead["Attributes"]["MessageGroupId"] == "g"


def test_retention_in_a_standard_dead_letter_queue_counts_from_the_first_send() -> None:
    sqs = with_dead_letter_queue(1, MessageRetentionPeriod=60)
    sqs.send("q", "poison")
    sqs.receive("q")
    sqs.advance(50)
    assert sqs.bodies("q") == []
    assert sqs.states("dead")[0] == ["poison"]

    sqs.advance(10)

    assert sqs.states("dead") == ([], [], [])


def test_message_stays_when_its_dead_letter_queue_is_gone() -> None:
    sqs = with_dead_letter_queue(1)
    sqs.send("q", "poison")
    sqs.call("DeleteQueue", QueueUrl="dead")
    for _ in range(3):
        assert sqs.bodies("q") == ["poison"]
        sqs.advance(30)


@pytest.mark.parametrize(
    ("allow", "moved"),
    [
        ({"redrivePermission": "denyAll"}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [arn("other")]}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [arn("q")]}, True),
        ({"redrivePermission": "allowAll"}, True),
    ],
)
def test_redrive_allow_policy_decides_about_sources_that_are_there(
    allow: dict[str, Any], moved: bool
) -> None:
    sqs = with_dead_letter_queue(1)
    sqs.call(
        "SetQueueAttributes", QueueUrl="dead", Attributes={"RedriveAllowPolicy": json.dumps(allow)}
    )
    sqs.send("q", "poison")
    sqs.receive("q")
    sqs.advance(30)

    assert sqs.bodies("q") == ([] if moved else ["poison"])
    assert bool(sqs.states("dead")[0]) is moved


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        # https://github.com/ansible-collections/community.aws/issues/2321
        ({}, "mandatory attribute: maxReceiveCount"),
        ({"maxReceiveCount": 1}, "mandatory attribute: deadLetterTargetArn"),
        ({"deadLetterTargetArn": arn("dead")}, "mandatory attribute: maxReceiveCount"),
        ({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 0}, "from 1 to 1000"),
        ({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 1001}, "from 1 to 1000"),
        ({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": "x"}, "from 1 to 1000"),
        ({"deadLetterTargetArn": "dead", "maxReceiveCount": 1}, "deadLetterTargetArn"),
        ({"deadLetterTargetArn": arn("none"), "maxReceiveCount": 1}, "does not exist"),
        ({"deadLetterTargetArn": arn("dead.fifo"), "maxReceiveCount": 1}, "same type of queue"),
        (
            {"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 1, "more": 1},
            "Only following attributes",
        ),
    ],
)
def test_redrive_policy_is_validated(policy: dict[str, Any], text: str) -> None:
    sqs = Core()
    sqs.create("dead")
    sqs.create("dead.fifo")

    with pytest.raises(AwsError, match=text):
        sqs.create("q", RedrivePolicy=json.dumps(policy))
    assert [queue.id.name for queue in sqs.service.queues()] == ["dead", "dead.fifo"]


@pytest.mark.parametrize("value", ["[]", "{", "nonsense"])
def test_redrive_policy_must_be_an_object(value: str) -> None:
    with pytest.raises(AwsError, match="not a valid JSON map"):
        Core().create("q", RedrivePolicy=value)


def test_source_queues_of_a_dead_letter_queue_are_listed() -> None:
    sqs = with_dead_letter_queue()
    sqs.create("other")

    output = sqs.call("ListDeadLetterSourceQueues", QueueUrl="dead")

    assert output == {"queueUrls": [f"http://aws.test/{ACCOUNT}/q"]}


@pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
)
@pytest.mark.parametrize(
    ("allow", "allowed"),
    [
        ({"redrivePermission": "denyAll"}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [arn("other")]}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [arn("q")]}, True),
        ({"redrivePermission": "allowAll"}, True),
    ],
)
def test_redrive_allow_policy_decides_which_queue_may_name_it(
    allow: dict[str, Any], allowed: bool
) -> None:
    """The page: with denyAll, no source queue can specify this queue as the dead-letter queue."""
    if allowed:
        sqs = with_dead_letter_queue(1, RedriveAllowPolicy=json.dumps(allow))
        assert sqs.queue().redrive
    else:
        with pytest.raises(AwsError, match="redrive allow policy") as caught:
            with_dead_letter_queue(1, RedriveAllowPolicy=json.dumps(allow))
        assert caught.value.query_code == "InvalidParameterValue"
