"""Batches, tags, attributes, listings and move tasks: the same on our SQS and on moto's.

As in `test_against_moto.py`, one clock moves both, moto is a second opinion, and where the two differ
a test of its own shows both answers; the common steps keep clear of it.
"""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes.sqs.support_moto import outcome
from tests.fakes.support_boto import START, InProcess

API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
ACCOUNT = "123456789012"  # moto's
PAST_S = 0.01  # so that no look falls on the instant at which something ends
NAME = st.sampled_from(["alpha", "beta", "beta-2"])
TAG = st.sampled_from(["k1", "k2", "k3"])
ENTRY_ID = st.sampled_from(["1", "2", "x_y", "a b", "1" * 81])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["DelaySeconds", "VisibilityTimeout", "ReceiveMessageWaitTimeSeconds"]),
    st.sampled_from(["0", "1", "5"]),
    min_size=1,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), NAME, st.none()),
        st.tuples(st.just("remove"), NAME, st.none()),
        st.tuples(st.just("list"), st.sampled_from(["", "beta", "z"]), st.none()),
        st.tuples(st.just("send"), NAME, st.lists(ENTRY_ID, min_size=1, max_size=4)),
        st.tuples(st.just("receive"), NAME, st.none()),
        st.tuples(st.just("delete"), NAME, st.integers(1, 4)),
        st.tuples(st.just("hide"), NAME, st.sampled_from([1, 60])),
        st.tuples(st.just("tag"), NAME, st.dictionaries(TAG, st.sampled_from(["", "v"]), min_size=1)),
        st.tuples(st.just("untag"), NAME, st.lists(TAG, min_size=1, max_size=2)),
        st.tuples(st.just("set"), NAME, ATTRIBUTES),
        st.tuples(st.just("redrive"), NAME, NAME),
        st.tuples(st.just("wait"), st.sampled_from([1, 4, 31]), st.none()),
    ),
    min_size=5,
    max_size=25,
)  # fmt: skip


class Side:
    """One of the two: an account with queues, and the handles that it gave last by body."""

    def __init__(self, client: Any, prefix: str) -> None:
        self.client, self.prefix = client, prefix
        self.handles: dict[str, str] = {}
        self.sent = 0

    def _url(self, name: str) -> str:
        url: str = self.client.get_queue_url(QueueName=self.prefix + name)["QueueUrl"]
        return url

    def create(self, name: str, _: None) -> Any:
        return self._name(self.client.create_queue(QueueName=self.prefix + name)["QueueUrl"])

    def _name(self, url: str) -> str:
        return url.rsplit("/", 1)[-1].removeprefix(self.prefix)

    def remove(self, name: str, _: None) -> None:
        self.client.delete_queue(QueueUrl=self._url(name))

    def list(self, prefix: str, _: None) -> Any:
        found = self.client.list_queues(QueueNamePrefix=self.prefix + prefix)
        return sorted(map(self._name, found.get("QueueUrls", [])))

    def send(self, name: str, ids: list[str]) -> Any:
        entries = []
        for entry_id in ids:
            self.sent += 1
            entries.append({"Id": entry_id, "MessageBody": str(self.sent)})
        answer = self.client.send_message_batch(QueueUrl=self._url(name), Entries=entries)
        return [(entry["Id"], entry["MD5OfMessageBody"]) for entry in answer["Successful"]]

    def receive(self, name: str, _: None) -> Any:
        answer = self.client.receive_message(
            QueueUrl=self._url(name), MaxNumberOfMessages=10, WaitTimeSeconds=0
        )
        messages = answer.get("Messages", [])
        self.handles |= {m["Body"]: m["ReceiptHandle"] for m in messages}
        return sorted(m["Body"] for m in messages)

    def delete(self, name: str, bodies: list[str]) -> Any:
        entries = [{"Id": body, "ReceiptHandle": self.handles[body]} for body in bodies]
        answer = self.client.delete_message_batch(QueueUrl=self._url(name), Entries=entries)
        return [entry["Id"] for entry in answer["Successful"]]

    def hide(self, name: str, bodies: list[str], timeout: int) -> Any:
        entries = [
            {"Id": body, "ReceiptHandle": self.handles[body], "VisibilityTimeout": timeout}
            for body in bodies
        ]
        url = self._url(name)
        answer = self.client.change_message_visibility_batch(QueueUrl=url, Entries=entries)
        return [entry["Id"] for entry in answer["Successful"]]

    def tag(self, name: str, tags: dict[str, str]) -> Any:
        self.client.tag_queue(QueueUrl=self._url(name), Tags=tags)

    def untag(self, name: str, keys: list[str]) -> Any:
        self.client.untag_queue(QueueUrl=self._url(name), TagKeys=keys)

    def set(self, name: str, attributes: dict[str, str]) -> Any:
        self.client.set_queue_attributes(QueueUrl=self._url(name), Attributes=attributes)

    def redrive(self, name: str, target: str) -> Any:
        arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{self.prefix}{target}"
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
        self.set(name, {"RedrivePolicy": policy})

    def look(self, name: str) -> Any:
        """Everything that may be asked about a queue."""
        url = self._url(name)
        shown = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        sources = self.client.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"]
        tags = self.client.list_queue_tags(QueueUrl=url).get("Tags", {})
        compared: dict[str, Any] = {key: shown.get(key) for key in _COMPARED}
        compared["RedrivePolicy"] = json.loads(shown.get("RedrivePolicy", "null"))
        return compared, sorted(map(self._name, sources)), tags


# Not CreatedTimestamp, which moto writes with a fraction.
_COMPARED = (
    *(f"ApproximateNumberOfMessages{part}" for part in ("", "Delayed", "NotVisible")),
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "QueueArn",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
)


class Comparison:
    """Takes the steps on both sides, and compares every answer."""

    def __init__(self, moto_client: Any, prefix: str, clock: Any) -> None:
        self.aws, self.clock = InProcess(), clock
        self.ours = Side(self.aws.client("sqs", account=ACCOUNT), prefix)
        self.theirs = Side(moto_client, prefix)
        self.hidden_until: dict[tuple[str, str], float] = {}

    def run(self, steps: list[tuple[str, Any, Any]]) -> None:
        for name in ("alpha", "beta"):
            self.both("create", name, None)
        for kind, first, second in steps:
            if kind == "redrive" and second not in self.both("list", "", None):
                continue  # `test_differs_dead_letter_queue_that_does_not_exist`
            if kind == "remove" and self._has_sources(first):
                continue  # `test_differs_dead_letter_queue_that_is_made_again`
            if kind == "wait":
                self.aws.advance(first + PAST_S)
                self.clock.tick(datetime.timedelta(seconds=first + PAST_S))
            elif kind in ("delete", "hide"):
                self._with_handles(kind, first, second)
            else:
                self._step(kind, first, second)
        for name in self.both("list", "", None):
            self.both("look", name)

    def _step(self, kind: str, name: str, given: Any) -> None:
        answer = self.both(kind, name, given)
        if kind == "receive" and isinstance(answer, list):
            attributes, *_ = self.both("look", name)
            timeout = int(attributes["VisibilityTimeout"])
            self.hidden_until |= {(name, body): self.aws.now + timeout for body in answer}
        elif kind == "remove":
            self.hidden_until = {k: v for k, v in self.hidden_until.items() if k[0] != name}

    def _has_sources(self, name: str) -> bool:
        looked = self.both("look", name)
        return isinstance(looked, tuple) and bool(looked[1])

    def _with_handles(self, kind: str, name: str, given: int) -> None:
        held = [b for (q, b), end in self.hidden_until.items() if q == name and end > self.aws.now]
        if not held:
            return
        if kind == "delete":
            chosen = held[:given]
            self.both("delete", name, chosen)
            for body in chosen:
                del self.hidden_until[name, body]
        else:
            self.both("hide", name, held[:10], given)
            self.hidden_until |= {(name, body): self.aws.now + given for body in held[:10]}

    def both(self, kind: str, *args: Any) -> Any:
        result, expected = (outcome(getattr(s, kind), *args) for s in (self.ours, self.theirs))
        assert result == expected, (kind, args)
        return result


@pytest.mark.slow
def test_both_answer_every_operation_alike(moto_client: Any) -> None:
    prefixes = (f"o{n}-" for n in range(100_000))

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(STEPS)
    def check(steps: list[tuple[str, Any, Any]]) -> None:
        with freeze_time(datetime.datetime.fromtimestamp(START, datetime.UTC)) as clock:
            Comparison(moto_client, next(prefixes), clock).run(steps)

    check()


@pytest.mark.slow
@pytest.mark.source(API + "API_SetQueueAttributes.html")
def test_differs_dead_letter_queue_that_does_not_exist(moto_client: Any) -> None:
    """The page: the target has to exist; moto says so too late, when it has taken the policy over."""
    sides = (Side(InProcess().client("sqs", account=ACCOUNT), "d-"), Side(moto_client, "d-"))
    answers, kept = [], []
    for side in sides:
        side.create("alpha", None)
        answers.append(outcome(side.redrive, "alpha", "none"))
        kept.append(side.look("alpha")[0]["RedrivePolicy"] is not None)

    assert answers == ["InvalidParameterValue", "AWS.SimpleQueueService.NonExistentQueue"]
    assert kept == [False, True]


@pytest.mark.slow
@pytest.mark.source(API + "API_ListDeadLetterSourceQueues.html")
def test_differs_dead_letter_queue_that_is_made_again(moto_client: Any) -> None:
    """The page: the queues whose redrive policy names it, which the policy does by its ARN."""
    sides = (Side(InProcess().client("sqs", account=ACCOUNT), "a-"), Side(moto_client, "a-"))
    sources = []
    for side in sides:
        side.create("alpha", None)
        side.create("beta", None)
        side.redrive("alpha", "beta")
        side.remove("beta", None)
        side.create("beta", None)
        sources.append(side.look("beta")[1])

    assert sources == [["alpha"], []]
