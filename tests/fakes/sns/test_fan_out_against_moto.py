"""The same publishes through our topics and moto's: which queues get what, by their filter policies.

moto is a second opinion; where it differs from AWS's documentation, docs/compatibility/sns-sqs.md
tells why, and the policies here keep clear of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from tests.fakes.support_boto import InProcess

POLICIES = (
    None,
    {"size": [1, 2]},
    {"size": [{"numeric": [">", 1, "<=", 3]}]},
    {"colour": [{"prefix": "re"}]},
    {"colour": [{"anything-but": ["red"]}]},
    {"colour": [{"exists": False}]},
    {"size": [1], "colour": ["red", "blue"]},
    {"$or": [{"size": [1]}, {"colour": ["blue"]}]},
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={"size": st.integers(0, 4), "colour": st.sampled_from(["red", "reed", "blue"])},
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def moto_clients() -> Iterator[tuple[Any, Any]]:
    given = {
        "region_name": "eu-west-1",
        "aws_access_key_id": "a",
        "aws_secret_access_key": "b",
    }
    with mock_aws():
        sns, sqs = boto3.client("sns", **given), boto3.client("sqs", **given)
        yield sns, sqs
        sns.close()
        sqs.close()


class Side:
    """A topic with a queue for each policy, every second one raw."""

    def __init__(self, sns: Any, sqs: Any, name: str) -> None:
        self.sns, self.sqs = sns, sqs
        self.topic = sns.create_topic(Name=name)["TopicArn"]
        self.queues = []
        for number, policy in enumerate(POLICIES):
            url = sqs.create_queue(QueueName=f"{name}-{number}")["QueueUrl"]
            arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
            attributes = {} if policy is None else {"FilterPolicy": json.dumps(policy)}
            if number % 2:
                attributes["RawMessageDelivery"] = "true"
            endpoint = arn["Attributes"]["QueueArn"]
            sns.subscribe(
                TopicArn=self.topic, Protocol="sqs", Endpoint=endpoint, Attributes=attributes
            )
            self.queues.append(url)

    def publish(self, text: str, attributes: dict[str, int | str]) -> None:
        wire = {
            name: {
                "DataType": "Number" if isinstance(value, int) else "String",
                "StringValue": str(value),
            }
            for name, value in attributes.items()
        }
        self.sns.publish(TopicArn=self.topic, Message=text, Subject="s", MessageAttributes=wire)

    def received(self) -> list[list[Any]]:
        return [
            [self._content(m, raw=bool(number % 2)) for m in self._receive(url)]
            for number, url in enumerate(self.queues)
        ]

    def _receive(self, url: str) -> list[dict[str, Any]]:
        found = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=0
        )
        return found.get("Messages", [])

    @staticmethod
    def _content(message: dict[str, Any], *, raw: bool) -> Any:
        """What does not depend on ids, times and signatures."""
        if raw:
            return message["Body"], message.get("MessageAttributes")
        envelope = json.loads(message["Body"])
        names = ("Type", "Message", "Subject", "MessageAttributes")
        return {name: envelope.get(name) for name in names}


@pytest.mark.slow
def test_both_deliver_the_same_messages_to_the_same_queues(moto_clients: tuple[Any, Any]) -> None:
    aws = InProcess()
    names = count()

    @settings(
        max_examples=4,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(MESSAGES)
    def check(messages: list[dict[str, int | str]]) -> None:
        aws.renew()
        name = f"t{next(names)}"
        ours = Side(aws.client("sns"), aws.client("sqs"), name)
        theirs = Side(*moto_clients, name)
        for number, attributes in enumerate(messages):
            for side in (ours, theirs):
                side.publish(str(number), attributes)
        assert ours.received() == theirs.received()

    check()
