"""The same steps on our SQS and on moto's, both clocks moved together.

moto is a second opinion, not the judge. Where the two differ, a test of its own shows both answers
and names the page that decides; the common steps keep clear of it.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes.sqs.support_moto import outcome
from tests.fakes.support_boto import START, InProcess

API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
# Every wait is this much longer, so that no look falls on the instant at which something ends: there
# the two differ (`test_differs_at_the_instant_a_visibility_timeout_ends`), and AWS promises nothing.
PAST_S = 0.01
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from([None, 0, 3, 10])),
        st.tuples(st.just("receive"), st.sampled_from([None, 0, 5])),
        st.tuples(st.just("delete"), st.integers(0, 3)),
        st.tuples(st.just("hide"), st.tuples(st.integers(0, 3), st.sampled_from([1, 60]))),
        st.tuples(st.just("wait"), st.sampled_from([1, 4, 31])),
        st.tuples(st.just("purge"), st.none()),
    ),
    min_size=5,
    max_size=25,
)


class Side:
    """One of the two, with the handles that it gave last by body."""

    def __init__(self, client: Any, name: str, attributes: dict[str, str]) -> None:
        self.client = client
        self.url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.handles: dict[str, str] = {}

    def send(self, body: str, delay: int | None) -> Any:
        given = {} if delay is None else {"DelaySeconds": delay}
        sent = self.client.send_message(QueueUrl=self.url, MessageBody=body, **given)
        return sent["MD5OfMessageBody"]

    def receive(self, timeout: int | None) -> Any:
        given = {} if timeout is None else {"VisibilityTimeout": timeout}
        messages = self.client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"], **given
        ).get("Messages", [])
        for message in messages:
            self.handles[message["Body"]] = message["ReceiptHandle"]
        return sorted((m["Body"], m["Attributes"]["ApproximateReceiveCount"]) for m in messages)

    def delete(self, body: str) -> Any:
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=self.handles[body])

    def hide(self, body: str, timeout: int) -> Any:
        handle = self.handles[body]
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=timeout
        )

    def counts(self) -> list[str]:
        names = [f"ApproximateNumberOfMessages{part}" for part in ("", "Delayed", "NotVisible")]
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return [found["Attributes"][name] for name in names]

    def purge(self) -> None:
        self.client.purge_queue(QueueUrl=self.url)


@pytest.mark.slow
def test_both_answer_the_same(moto_client: Any) -> None:
    aws = InProcess()
    names = (f"q{n}" for n in range(10_000))

    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(STEPS)
    def check(steps: list[tuple[str, Any]]) -> None:
        aws.renew()
        name = next(names)
        start = datetime.datetime.fromtimestamp(START, datetime.UTC)
        with freeze_time(start) as clock:
            attributes = {"VisibilityTimeout": "30"}
            ours = Side(aws.client("sqs"), name, attributes)
            theirs = Side(moto_client, name, attributes)
            run(aws, clock, ours, theirs, steps)

    check()


def run(aws: InProcess, clock: Any, ours: Side, theirs: Side, steps: list[tuple[str, Any]]) -> None:
    alive = sent = 0
    purged_at = -60.0
    visible_until: dict[str, float] = {}
    for kind, value in steps:
        if kind == "wait":
            aws.advance(value + PAST_S)
            clock.tick(datetime.timedelta(seconds=value + PAST_S))
        elif kind == "send" and alive < 8:
            alive, sent = alive + 1, sent + 1
            both(ours.send, theirs.send, str(sent), value)
        elif kind == "receive":
            for body, _ in both(ours.receive, theirs.receive, value):
                visible_until[body] = aws.now + (30 if value is None else value)
        elif kind == "purge" and aws.now >= purged_at + 60:
            alive, purged_at = 0, aws.now
            visible_until.clear()
            both(ours.purge, theirs.purge)
        elif kind in ("delete", "hide") and (
            held := [body for body, until in visible_until.items() if until > aws.now]
        ):
            chosen = held[(value if kind == "delete" else value[0]) % len(held)]
            if kind == "delete":
                both(ours.delete, theirs.delete, chosen)
                del visible_until[chosen]
                alive -= 1
            else:
                both(ours.hide, theirs.hide, chosen, value[1])
                visible_until[chosen] = aws.now + value[1]
        assert ours.counts() == theirs.counts()


@pytest.fixture
def pair(moto_client: Any, request: pytest.FixtureRequest) -> tuple[InProcess, Side, Side]:
    aws = InProcess()
    name = request.node.name[:80]
    return aws, Side(aws.client("sqs"), name, {}), Side(moto_client, name, {})


@pytest.mark.slow
@pytest.mark.source(API + "API_ChangeMessageVisibility.html")
def test_differs_visibility_of_a_message_that_is_visible(
    pair: tuple[InProcess, Side, Side],
) -> None:
    """The page: MessageNotInflight."""
    _, ours, theirs = pair
    codes = []
    for side in (ours, theirs):
        side.send("a", None)
        side.receive(0)
        codes.append(outcome(side.hide, "a", 5))

    assert codes == ["AWS.SimpleQueueService.MessageNotInflight", None]


@pytest.mark.slow
@pytest.mark.source(GUIDE + "sqs-visibility-timeout.html")
def test_differs_at_the_instant_a_visibility_timeout_ends(
    pair: tuple[InProcess, Side, Side],
) -> None:
    """The page: the message is visible once the timeout has expired; moto waits a moment more."""
    aws, ours, theirs = pair
    with freeze_time(datetime.datetime.fromtimestamp(START, datetime.UTC)) as clock:
        for side in (ours, theirs):
            side.send("a", None)
            side.receive(5)
        aws.advance(5)
        clock.tick(datetime.timedelta(seconds=5))
        received = [[body for body, _ in side.receive(5)] for side in (ours, theirs)]

    assert received == [["a"], []]


def both(mine: Any, other: Any, *args: Any) -> Any:
    result = outcome(mine, *args)
    assert result == outcome(other, *args)
    return result
