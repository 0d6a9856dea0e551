"""goaws's file. Source: https://github.com/Admiral-Piett/goaws, its conf folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.fakes.definitions.support_files import brokers

from tomodachi_fakes.definitions.files import read_file
from tomodachi_fakes.definitions.place import DefinitionsError

WHOLE = """
Local:
  Host: localhost
  Port: 4100
  Region: eu-west-1
  AccountId: "100010001000"
  LogMessages: true
  QueueAttributeDefaults:
    VisibilityTimeout: 10
    ReceiveMessageWaitTimeSeconds: 10
  Queues:
    - Name: plain
    - Name: own
      VisibilityTimeout: 150
      MaximumMessageSize: 2048
      RedrivePolicy: '{"maxReceiveCount": 100, "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"}'
    - Name: dead
  Topics:
    - Name: topic
      Subscriptions:
        - QueueName: only-subscribed
          Raw: true
          FilterPolicy: '{"kind": ["parcel"]}'
        - Protocol: https
          EndPoint: https://127.0.0.1:9/
          TopicArn: arn:aws:sns:eu-west-1:100010001000:topic
    - Name: empty
Dev:
  Queues:
    - Name: of-another-environment
"""
PLACE = {"account": "100010001000", "region": "eu-west-1"}


def written(tmp_path: Path, text: str, name: str = "goaws.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text)
    return file


async def test_queues_topics_and_subscriptions_of_goawss_file_are_there(tmp_path: Path) -> None:
    async with brokers(amqp_port=None, http_delivery="off") as taken:
        taken.take(written(tmp_path, WHOLE))
        assert taken.queue("plain", **PLACE)["VisibilityTimeout"] == "10"
        own = taken.queue("own", **PLACE)
        assert (own["VisibilityTimeout"], own["ReceiveMessageWaitTimeSeconds"]) == ("150", "10")
        dead = "arn:aws:sqs:eu-west-1:100010001000:dead"
        assert taken.dead_letter_queue("own", **PLACE) == (dead, 100)
        urls = taken.aws("sqs", "ListQueues", **PLACE)["QueueUrls"]
        assert [url.rpartition("/")[2] for url in urls] == [
            "dead", "only-subscribed", "own", "plain",
        ]  # fmt: skip
        topic = "arn:aws:sns:eu-west-1:100010001000:topic"
        kind = {"kind": {"DataType": "String", "StringValue": "parcel"}}
        taken.aws("sns", "Publish", TopicArn=topic, Message="m", MessageAttributes=kind, **PLACE)
        (got,) = taken.aws("sqs", "ReceiveMessage", QueueUrl="only-subscribed", **PLACE)["Messages"]
        assert got["Body"] == "m"
        listed = taken.aws("sns", "ListSubscriptionsByTopic", TopicArn=topic, **PLACE)
        assert {one["Protocol"] for one in listed["Subscriptions"]} == {"sqs", "https"}


async def test_the_only_environment_is_read_whatever_its_name(tmp_path: Path) -> None:
    async with brokers(amqp_port=None) as taken:
        taken.take(written(tmp_path, "Dev:\n  Queues:\n    - Name: q\n", "goaws.yml"))
        assert taken.queue("q")["QueueArn"] == "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is no YAML"),
        ("- 1", "[1] is no table"),
        ("A: {}\nB: {}", "none of its environments (A, B) is called Local; name the one to read"),
        ("Local:\n  Queues:\n    - Nam: q", "Local.Queues[0]: Name is missing"),
        (
            "Local:\n  Queues:\n    - Name: q\n      Visibility: 1",
            "did you mean VisibilityTimeout?",
        ),
        ("Local:\n  Queues:\n    - Name: q\n      RedrivePolicy: x", "'x' is no redrive policy"),
        (
            "Local:\n  Queues:\n    - Name: q\n      RedrivePolicy: "
            '\'{"deadLetterTargetArn": "d", "maxReceiveCount": 1}\'',
            "'d' is no ARN of a queue",
        ),
        (
            "Local:\n  Topics:\n    - Name: t\n      Subscriptions:\n        - Raw: true",
            "Local.Topics[0].Subscriptions[0]: say where to: either QueueName",
        ),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DefinitionsError) as caught:
        read_file(written(tmp_path, text))
    assert f"{tmp_path}/goaws.yaml" in str(caught.value)
    assert message in str(caught.value)


def test_without_the_parser_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(DefinitionsError, match=r"pip install 'tomodachi-testkit\[import\]'"):
        read_file(written(tmp_path, WHOLE))
