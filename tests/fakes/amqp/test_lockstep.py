"""The fake and a real RabbitMQ 3.10 answer the same commands alike (short lane).

`SVC_TEST_RABBITMQ` holds the URL. The long lane is `python -m tools.lockstep_amqp`. Scenarios that once
differed are kept as examples.
"""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.fakes.amqp.support_lockstep import Command, commands, run

URL = os.environ.get("SVC_TEST_RABBITMQ")
_RUNS = itertools.count()

pytestmark = [
    pytest.mark.real_rabbitmq,
    pytest.mark.slow,
    pytest.mark.skipif(
        URL is None and os.environ.get("CI") != "true",
        reason="set SVC_TEST_RABBITMQ to the URL of a RabbitMQ 3.10",
    ),
]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(commands(), min_size=10, max_size=30))
@example(steps=[("declare", 0, 1, "q0", 0, "ttl0")])
@example(
    steps=[
        ("publish", 0, 1, "", "q0", False, "plain"),
        ("get", 1, 1, "q0", False),
        ("settle", 1, 1, "nack", 99, 2),
        ("get", 0, 1, "q0", False),
    ]
)
@example(
    steps=[
        ("declare", 0, 1, "q2", 0, "ttl0"),
        ("consume", 1, 2, "q2", "t2", 0, 0),
        ("publish", 0, 1, "", "q2", True, "headers"),
        ("settle", 1, 2, "reject", 99, 3),
    ]
)
@example(
    steps=[
        *[("publish", 1, 1, "", "q0", False, "plain")] * 2,
        ("qos", 1, 1, 1, True),
        ("qos", 1, 1, 0, False),
        ("consume", 1, 1, "q0", "t2", 0, 5),
    ]
)
@example(
    steps=[
        ("delete", 0, 1, "q0", 1),
        ("declare", 0, 1, "q0", 2, "ttl0"),
        ("consume", 1, 1, "q0", "t2", 2, 0),
        ("publish", 1, 2, "", "a", False, "cc"),
        ("exchange", 1, 1, "x-direct", "topic"),
    ]
)
@example(
    steps=[
        *[("publish", 1, 1, "x-topic", "a.b", False, "plain")] * 2,
        ("qos", 0, 2, 1, False),
        ("consume", 0, 2, "q0", "t2", 0, 0),
        ("delete", 0, 2, "q0", 3),
    ]
)
@example(
    steps=[
        ("consume", 0, 2, "q0", "t2", 1, 0),
        ("consume", 0, 2, "q0", "t1", 0, 0),
        ("delete", 1, 1, "q0", 2),
    ]
)
def test_the_fake_and_rabbitmq_answer_alike(steps: list[Command]) -> None:
    """Invariants 13 to 20: confirms, prefetch, order, redelivery, tags, dead letters, counts, routing."""
    assert URL is not None, "CI must set SVC_TEST_RABBITMQ"
    run(URL, f"short-{os.getpid()}-{next(_RUNS)}-", steps)
