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

import pytest
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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


class Comparison:
    """Takes the steps on both sides, and compares every answer."""

    def __init__(self, moto_client: Any, name: str, clock: Any, *, fifo: bool) -> None:
        self.aws, self.clock, self.fifo = InProcess(), clock, fifo
        self.ours = Side(self.aws.client("sqs"), name, fifo=fifo)
        self.theirs = Side(moto_client, name, fifo=fifo)
        self.hidden_until: dict[str, float] = {}
        # moto forgets a deduplication id when its message leaves the queue: it is not used again.
        self.ids: dict[str, int | None] = {}
        self.forgotten: set[int | None] = set()

    def run(self, steps: list[tuple[str, Any, Any]]) -> None:
        for number, (kind, first, second) in enumerate(steps):
            if kind == "wait":
                self.wait(first)
            elif kind == "send" and len(self.ids) < MAX_MESSAGES and second not in self.forgotten:
                self.send(str(number), first, second)
            elif kind == "receive":
                self.receive(first)
            elif kind == "delete" and (held := self.in_flight()):
                self.delete(held[0])
            assert self.ours.dead_letters() == self.theirs.dead_letters()

    def in_flight(self) -> list[str]:
        return [body for body, end in self.hidden_until.items() if end > self.aws.now]

    def wait(self, seconds: int) -> None:
        if self.fifo and seconds > VISIBILITY_S:
            self.leave_one_in_flight()
        self.aws.advance(seconds)
        self.clock.tick(datetime.timedelta(seconds=seconds))
        if seconds > WINDOW_S:
            # moto loses one of two messages that share an id, though five minutes lie between.
            self.forgotten |= set(self.ids.values())

    def leave_one_in_flight(self) -> None:
        """Delete all that is in flight but the last; that too, where there are two groups.

        Where several visibility timeouts end together, moto passes by messages whose group is open
        (`test_differs_order_of_a_group_after_a_visibility_timeout`).
        """
        held = self.in_flight()
        groups = {self.ours.groups[body] for body in self.ids}
        for body in held if len(groups) > 1 else held[:-1]:
            self.delete(body)

    def send(self, body: str, group: str | None, deduplication_id: int | None) -> None:
        self.ids[body] = deduplication_id
        answers = [side.send(body, group, deduplication_id) for side in (self.ours, self.theirs)]
        assert answers[0] == answers[1]

    def receive(self, limit: int) -> None:
        received, expected = self.ours.receive(limit), self.theirs.receive(limit)
        assert received == expected
        for body, receives in received:
            self.hidden_until[body] = self.aws.now + VISIBILITY_S
            if receives == "2":
                self.forget(body)

    def delete(self, body: str) -> None:
        for side in (self.ours, self.theirs):
            side.delete(body)
        del self.hidden_until[body]
        self.forget(body)

    def forget(self, body: str) -> None:
        if self.fifo:
            self.forgotten.add(self.ids[body])


def compare(moto_client: Any, name: str, steps: list[tuple[str, Any, Any]], *, fifo: bool) -> None:
    """Run the steps on both, and compare every answer."""
    start = datetime.datetime.fromtimestamp(START, datetime.UTC)
    with freeze_time(start) as clock:
        Comparison(moto_client, name, clock, fifo=fifo).run(steps)


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
def both(moto_client: Any, request: pytest.FixtureRequest) -> Iterator[Comparison]:
    start = datetime.datetime.fromtimestamp(START, datetime.UTC)
    with freeze_time(start) as clock:
        yield Comparison(moto_client, request.node.name[5:60], clock, fifo=True)


@pytest.fixture
def pair(both: Comparison) -> tuple[Side, Side]:
    return both.ours, both.theirs


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


@pytest.mark.slow
@pytest.mark.source(GUIDE + "FIFO-queues-understanding-logic.html")
def test_differs_order_of_a_group_after_a_visibility_timeout(both: Comparison) -> None:
    """The page: a message that is visible again comes before those that were sent after it."""
    pair = both.ours, both.theirs
    for side in pair:
        side.send("0", "a", 0)
        side.send("1", "a", 1)
        side.receive(10)
    both.aws.advance(VISIBILITY_S + 1)
    both.clock.tick(datetime.timedelta(seconds=VISIBILITY_S + 1))
    received = [[body for body, _ in side.receive(10)] for side in pair]

    assert received == [["0", "1"], ["1"]]
