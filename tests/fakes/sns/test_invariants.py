"""Topics, queues and filter policies against a model, in any order: who gets what, and when.

10. SNS delivers to exactly the subscriptions whose filter matched when the message was published,
once each, in the order of publishing, and has done so when Publish returns. In FIFO topics what was
published within the last 300 s is not delivered again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.fakes.sns.support_sns import ACCOUNT, REGION, queue_arn

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.sqs.message import Visibility

WINDOW_S = 300
Attributes = dict[str, int | str]

# Policies, and what each means to a message with these attributes.
POLICIES: dict[str, Callable[[Attributes], bool]] = {
    "": lambda _: True,
    '{"size": [1, 2]}': lambda a: a.get("size") in (1, 2),
    '{"size": [{"numeric": [">", 1]}]}': lambda a: int(a.get("size", 0)) > 1,
    '{"colour": [{"prefix": "re"}]}': lambda a: str(a.get("colour", "")).startswith("re"),
    '{"colour": [{"anything-but": ["red"]}]}': lambda a: a.get("colour") not in (None, "red"),
    '{"colour": [{"exists": false}]}': lambda a: "colour" not in a,
    '{"size": [1], "colour": ["red"]}': lambda a: a.get("size") == 1 and a.get("colour") == "red",
}
QUEUES = st.sampled_from(["q0", "q1", "q2"])
POLICY = st.sampled_from(sorted(POLICIES))
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={"size": st.integers(1, 3), "colour": st.sampled_from(["red", "reed", "blue"])},
)


class TopicModel(RuleBasedStateMachine):
    """One topic, three queues, and what each must hold."""

    fifo = False

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.cloud = Cloud(ids=SeededIds(5), events=EventLog(), faults=FaultPlan())
        self.suffix = ".fifo" if self.fifo else ""
        kind = {"FifoTopic": "true"} if self.fifo else {}
        self.topic = self.call("sns", "CreateTopic", Name=f"t{self.suffix}", Attributes=kind)[
            "TopicArn"
        ]
        kind = {"FifoQueue": "true"} if self.fifo else {}
        for name in ("q0", "q1", "q2"):
            self.call("sqs", "CreateQueue", QueueName=f"{name}{self.suffix}", Attributes=kind)
        self.subscribed: dict[str, tuple[str, str]] = {}
        self.expected: dict[str, list[str]] = {"q0": [], "q1": [], "q2": []}
        self.published: dict[str, float] = {}
        self.count = 0

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        context = CallContext(ACCOUNT, REGION, self.now, "r", "http://aws.test", "key")
        output = self.cloud.call(service, operation, params, context)
        assert isinstance(output, dict)
        return output

    @rule(queue=QUEUES, policy=POLICY)
    def subscribe(self, queue: str, policy: str) -> None:
        if queue in self.subscribed:
            return
        attributes = {"RawMessageDelivery": "true"} | ({"FilterPolicy": policy} if policy else {})
        arn = self.call(
            "sns",
            "Subscribe",
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint=queue_arn(queue + self.suffix),
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        self.subscribed[queue] = (arn, policy)

    @rule(queue=QUEUES, policy=POLICY)
    def change_policy(self, queue: str, policy: str) -> None:
        if queue not in self.subscribed:
            return
        arn, _ = self.subscribed[queue]
        self.call(
            "sns",
            "SetSubscriptionAttributes",
            SubscriptionArn=arn,
            AttributeName="FilterPolicy",
            AttributeValue=policy,
        )
        self.subscribed[queue] = (arn, policy)

    @rule(queue=QUEUES)
    def unsubscribe(self, queue: str) -> None:
        if queue in self.subscribed:
            arn, _ = self.subscribed.pop(queue)
            self.call("sns", "Unsubscribe", SubscriptionArn=arn)

    @rule(attributes=ATTRIBUTES, repeat=st.booleans())
    def publish(self, attributes: Attributes, repeat: bool) -> None:
        self.call("sns", "Publish", TopicArn=self.topic, **self.message(attributes, repeat=repeat))

    @rule(several=st.lists(ATTRIBUTES, min_size=1, max_size=10))
    def publish_batch(self, several: list[Attributes]) -> None:
        entries = [{"Id": str(n), **self.message(a, repeat=False)} for n, a in enumerate(several)]
        output = self.call(
            "sns", "PublishBatch", TopicArn=self.topic, PublishBatchRequestEntries=entries
        )
        assert [entry["Id"] for entry in output["Successful"]] == [e["Id"] for e in entries]

    def message(self, attributes: Attributes, *, repeat: bool) -> dict[str, Any]:
        """A message for the wire; the model expects it where its policies say."""
        if not (self.fifo and repeat and self.count):
            self.count += 1
        body = str(self.count)
        params: dict[str, Any] = {
            "Message": body,
            "MessageAttributes": {name: wire(value) for name, value in attributes.items()},
        }
        if self.fifo:
            params |= {"MessageGroupId": "g", "MessageDeduplicationId": body}
            if self.published.get(body, 0.0) > self.now:
                return params
            self.published[body] = self.now + WINDOW_S
        for queue, (_, policy) in self.subscribed.items():
            if POLICIES[policy](attributes):
                self.expected[queue].append(body)
        return params

    @precondition(lambda self: self.fifo)
    @rule(seconds=st.sampled_from([1, 299, 300]))
    def advance(self, seconds: int) -> None:
        self.now += seconds
        self.cloud.advance(now=self.now)

    @invariant()
    def every_queue_holds_what_its_policy_let_pass(self) -> None:
        for name, bodies in self.expected.items():
            queue = self.cloud.sqs.find(queue_arn(name + self.suffix))
            assert queue is not None
            assert [m.body for m in queue.peek(Visibility.AVAILABLE)] == bodies


def wire(value: int | str) -> dict[str, str]:
    """A message attribute."""
    if isinstance(value, int):
        return {"DataType": "Number", "StringValue": str(value)}
    return {"DataType": "String", "StringValue": value}


class FifoTopicModel(TopicModel):
    """The same for a FIFO topic."""

    fifo = True


LIMITS = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestStandardTopic = pytest.mark.slow(TopicModel.TestCase)
TestStandardTopic.settings = LIMITS
TestFifoTopic = pytest.mark.slow(FifoTopicModel.TestCase)
TestFifoTopic.settings = LIMITS
