from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.sns.deduplication import WINDOW_S, Accepted, DeduplicationWindow
from tomodachi_fakes.sns.effects import ToSqs
from tomodachi_fakes.sns.service import SnsService

START = 1_000.0
QUEUES = ("a.fifo", "b.fifo")


def test_an_id_is_found_for_less_than_five_minutes() -> None:
    """Developer guide, message deduplication for FIFO topics."""
    window = DeduplicationWindow()
    accepted = Accepted("id", "1", START)
    window.remember(("", "d"), accepted)

    assert window.find(("", "d"), now=START + WINDOW_S - 0.001) is accepted
    assert window.find(("", "d"), now=START + WINDOW_S) is None


def test_a_repeat_does_not_make_the_window_longer() -> None:
    window = DeduplicationWindow()
    window.remember(("", "d"), Accepted("id", "1", START))

    assert window.find(("", "d"), now=START + 200) is not None
    assert window.find(("", "d"), now=START + 400) is None


@dataclass
class Model:
    """What a FIFO topic does, said as simply as possible."""

    per_group: bool
    accepted: list[tuple[float, tuple[str, str], int]] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)

    def publish(self, now: float, group: str, identifier: str, number: int) -> int:
        """The number of the message that the answer is about."""
        key = (group if self.per_group else "", identifier)
        for at, other, first in self.accepted:
            if other == key and now - at < WINDOW_S:
                return first
        self.accepted.append((now, key, number))
        self.delivered.append(str(number))
        return number


steps = st.tuples(
    st.sampled_from([0.0, 1.0, 100.0, 299.5, 300.0]),
    st.sampled_from(["g", "h"]),
    st.sampled_from(["d1", "d2", "d3"]),
)


@pytest.mark.slow
@given(st.lists(steps, max_size=25), st.booleans())
def test_a_fifo_topic_agrees_with_the_model(
    published: list[tuple[float, str, str]], per_group: bool
) -> None:
    service = SnsService(ids=SeededIds(1), events=EventLog(), faults=FaultPlan())
    now = START

    def call(operation: str, **params: Any) -> dict[str, Any]:
        context = CallContext("111111111111", "eu-west-1", now, "request", "http://aws.test")
        return service.call(operation, params, context)

    scope = "MessageGroup" if per_group else "Topic"
    attributes = {"FifoTopic": "true", "FifoThroughputScope": scope}
    topic = call("CreateTopic", Name="t.fifo", Attributes=attributes)["TopicArn"]
    for queue in QUEUES:
        arn = f"arn:aws:sqs:eu-west-1:111111111111:{queue}"
        raw = {"RawMessageDelivery": "true"}
        call("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
    model = Model(per_group)
    answers: dict[int, dict[str, Any]] = {}

    for number, (pause, group, identifier) in enumerate(published):
        now += pause
        answer = call(
            "Publish",
            TopicArn=topic,
            Message=str(number),
            MessageGroupId=group,
            MessageDeduplicationId=identifier,
        )
        first = model.publish(now, group, identifier, number)
        assert answers.setdefault(first, answer) == answer

    effects = [effect for effect in service.take_effects() if isinstance(effect, ToSqs)]
    for queue in QUEUES:
        assert [e.body for e in effects if e.queue_arn.endswith(queue)] == model.delivered
    numbers = [answers[int(body)]["SequenceNumber"] for body in model.delivered]
    assert numbers == sorted(set(numbers))
