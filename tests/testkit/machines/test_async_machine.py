"""State machines of a user's own: async rules on a virtual loop, and what a failure says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi_testkit.errors import HangDetected
from tomodachi_testkit.machines import AsyncRuleBasedStateMachine, invariant, precondition, rule

FEW = settings(
    max_examples=15,
    stateful_step_count=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
)


class Counting(tomodachi.Service):
    name = "counting"
    message_envelope = JsonBase
    options = tomodachi.Options(aws_sns_sqs=tomodachi.Options.AWSSNSSQS(region_name="eu-west-1"))

    def __init__(self) -> None:
        self.total = 0

    @tomodachi.aws_sns_sqs("number", queue_name="numbers")
    async def add(self, data: int) -> None:
        self.total += data


class CountingMachine(AsyncRuleBasedStateMachine):
    async def set_up(self) -> None:
        self.sent = 0
        self.running = await self.svc.start(Counting)

    @rule(number=st.integers(0, 9))
    async def send(self, number: int) -> None:
        await self.svc.sns.publish("number", number)
        self.sent += number

    @precondition(lambda self: self.sent > 5)
    @rule()
    def nothing(self) -> None:
        assert self.sent > 5

    @invariant()
    def every_step_is_settled(self) -> None:
        assert self.running.service.total == self.sent


@pytest.mark.slow
def test_async_rules_run_and_are_settled() -> None:
    run_state_machine_as_test(CountingMachine, settings=settings(FEW, max_examples=4))


class FailingMachine(AsyncRuleBasedStateMachine):
    async def set_up(self) -> None:
        self.sum = 0

    @rule(number=st.integers(0, 9))
    async def send(self, number: int) -> None:
        await self.svc.clock.advance(1)
        self.svc.log.add("added", "test", detail={"number": number})
        self.sum += number

    @invariant()
    async def sum_stays_small(self) -> None:
        assert self.sum < 3


@pytest.mark.slow
def test_a_failure_comes_with_a_plain_test_and_what_happened() -> None:
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(FailingMachine, settings=FEW)

    reproduction, history = caught.value.__notes__[:2]
    assert "def test_failing_machine_reproduced() -> None:" in reproduction
    assert "with FailingMachine.replay() as state:\n        state.send(number=3)" in reproduction
    assert "added" in history


def test_the_reproduction_fails_alike() -> None:
    with FailingMachine.replay() as state, pytest.raises(AssertionError):
        state.send(number=3)


class HangingMachine(AsyncRuleBasedStateMachine):
    @rule()
    async def wait(self) -> None:
        await self.svc.clock.settle()
        future: Any = asyncio.get_running_loop().create_future()
        await future


def test_a_rule_that_hangs_is_told_so() -> None:
    with pytest.raises(HangDetected), HangingMachine.replay() as state:
        state.wait()
