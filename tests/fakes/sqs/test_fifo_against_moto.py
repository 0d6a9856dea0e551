"""The same steps on our FIFO queues and dead-letter queues and on moto's, both clocks moved together.

As in `test_against_moto.py`, moto is a second opinion: where it differs from AWS's documentation, the
steps keep clear of it, and docs/compatibility/sns-sqs.md tells why.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import boto3
import pytest
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from tests.fakes.support_boto import START, InProcess

LIMITS = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
WINDOW_S = 300
VISIBILITY_S = 30
MAX_MESSAGES = 10  # as many as one receive can return
GROUP = st.sampled_from(["a", "b"])
FIFO_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), GROUP, st.integers(0, 5)),
        # Several groups at once: SQS returns as many of one group as it can before the next, moto
        # takes them by arrival; which group comes first is nobody's promise. With room for all of them, each group's order can be compared.
        st.tuples(st.just("receive"), st.just(10), st.none()),
        st.tuples(st.just("delete"), st.none(), st.none()),
        st.tuples(st.just("wait"), st.sampled_from([1, 31, 301]), st.none()),
    ),
    min_size=6,
    max_size=25,
)
DEAD_LETTER_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.none(), st.none()),
        st.tuples(st.just("receive"), st.just(10), st.none()),
        st.tuples(st.just("delete"), st.none(), st.none()),
        st.tuples(st.just("wait"), st.sampled_from([1, 31]), st.none()),
    ),
    min_size=6,
    max_size=25,
)


class Side:
    """A queue with a dead-letter queue at one of the two, and the handles it gave."""

    def __init__(self, client: Any, name: str, *, fifo: bool) -> None:
        self.client, self.fifo = client, fifo
        kind = {"FifoQueue": "true"} if fifo else {}
        suffix = ".fifo" if fifo else ""
        self.dead = client.create_queue(QueueName=f"dead{name}{suffix}", Attributes=kind)[
            "QueueUrl"
        ]
        arn = client.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])
        policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 2}
        self.url = client.create_queue(
            QueueName=f"{name}{suffix}",
            Attributes={
                **kind,
                "VisibilityTimeout": str(VISIBILITY_S),
                "RedrivePolicy": json.dumps(policy),
            },
        )["QueueUrl"]
        self.held: dict[str, str] = {}
        self.groups: dict[str, str] = {}

    def send(self, body: str, group: str | None, deduplication_id: int | None) -> Any:
        given = {}
        if group is not None:
            self.groups[body] = group
            given = {"MessageGroupId": group, "MessageDeduplicationId": str(deduplication_id)}
        sent = self.client.send_message(QueueUrl=self.url, MessageBody=body, **given)
        return sent["MD5OfMessageBody"]

    def receive(self, limit: int) -> list[tuple[str, str]]:
        messages = self.client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=limit, AttributeNames=["All"]
        ).get("Messages", [])
        self.held |= {message["Body"]: message["ReceiptHandle"] for message in messages}
        found = [(m["Body"], m["Attributes"]["ApproximateReceiveCount"]) for m in messages]
        return sorted(found, key=self._in_group if self.fifo else None)

    def _in_group(self, found: tuple[str, str]) -> str:
        return self.groups[found[0]]

    def delete(self, body: str) -> None:
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=self.held.pop(body))

    def dead_letters(self) -> str:
        name = "ApproximateNumberOfMessages"
        found = self.client.get_queue_attributes(QueueUrl=self.dead, AttributeNames=[name])
        return found["Attributes"][name]


@pytest.fixture(scope="module")
def moto_client() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client(
            "sqs", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        yield client
        client.close()


def compare(moto_client: Any, name: str, steps: list[tuple[str, Any, Any]], *, fifo: bool) -> None:
    """Run the steps on both, and compare every answer."""
    aws = InProcess()
    start = datetime.datetime.fromtimestamp(START, datetime.UTC)
    with freeze_time(start) as clock:
        ours = Side(aws.client("sqs"), name, fifo=fifo)
        theirs = Side(moto_client, name, fifo=fifo)
        until: dict[str, float] = {}
        # moto forgets a deduplication id when its message leaves the queue: it is not used again.
        ids: dict[str, int | None] = {}
        forgotten: set[int | None] = set()
        for number, (kind, first, second) in enumerate(steps):
            if kind == "wait":
                aws.advance(first)
                clock.tick(datetime.timedelta(seconds=first))
                # moto loses one of two messages that share an id, though five minutes lie between.
                forgotten |= set(ids.values()) if first > WINDOW_S else set()
            elif kind == "send" and len(ours.groups) < MAX_MESSAGES and second not in forgotten:
                ids[str(number)] = second
                answers = [side.send(str(number), first, second) for side in (ours, theirs)]
                assert answers[0] == answers[1]
            elif kind == "receive":
                received, expected = ours.receive(first), theirs.receive(first)
                assert received == expected
                forgotten |= {ids[body] for body, receives in received if fifo and receives == "2"}
                until |= {body: aws.now + VISIBILITY_S for body, _ in received}
            elif kind == "delete" and (
                held := [body for body, end in until.items() if end > aws.now]
            ):
                for side in (ours, theirs):
                    side.delete(held[0])
                del until[held[0]]
                forgotten |= {ids[held[0]]} if fifo else set()
            assert ours.dead_letters() == theirs.dead_letters()


@pytest.mark.slow
def test_both_keep_the_order_of_groups_and_deduplicate_alike(moto_client: Any) -> None:
    names = count()

    @LIMITS
    @given(FIFO_STEPS)
    def check(steps: list[tuple[str, Any, Any]]) -> None:
        compare(moto_client, f"f{next(names)}", steps, fifo=True)

    check()


@pytest.mark.slow
def test_both_dead_letter_alike(moto_client: Any) -> None:
    names = count()

    @LIMITS
    @given(DEAD_LETTER_STEPS)
    def check(steps: list[tuple[str, Any, Any]]) -> None:
        compare(moto_client, f"d{next(names)}", steps, fifo=False)

    check()


@pytest.fixture
def pair(moto_client: Any, request: pytest.FixtureRequest) -> tuple[Side, Side]:
    name = request.node.name[5:60]
    return Side(InProcess().client("sqs"), name, fifo=True), Side(moto_client, name, fifo=True)


@pytest.mark.slow
@pytest.mark.source(GUIDE + "using-messagededuplicationid-property.html")
def test_differs_deduplication_after_a_delete(pair: tuple[Side, Side]) -> None:
    """The page: a repeated id is not delivered within five minutes, received and deleted or not."""
    again = []
    for side in pair:
        side.send("first", "a", 1)
        side.receive(1)
        side.delete("first")
        side.send("second", "a", 1)
        again.append([body for body, _ in side.receive(1)])

    assert again == [[], ["second"]]


@pytest.mark.slow
@pytest.mark.source(GUIDE + "FIFO-queues-understanding-logic.html")
def test_differs_order_among_groups(pair: tuple[Side, Side]) -> None:
    """The page: as many messages of one group as possible come first."""
    received = []
    for side in pair:
        for number, group in enumerate("aba"):
            side.send(str(number), group, number)
        received.append({body for body, _ in side.receive(2)})

    assert received == [{"0", "2"}, {"0", "1"}]
