"""What a drain counts: handler calls since the drain before, whenever they were done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import freezegun
import pytest

import tomodachi
from tomodachi.transport.aws_sns_sqs import AWSSNSSQSInternalServiceError
from tomodachi_testkit.errors import DrainIncomplete, TwoClocks


class Counter(tomodachi.Service):
    name = "counter"

    def __init__(self) -> None:
        self.fails = 0

    @tomodachi.aws_sns_sqs("count", queue_name="counts", visibility_timeout=30)
    async def count(self, message: str) -> None:
        if self.fails:
            self.fails -= 1
            raise AWSSNSSQSInternalServiceError(message)

    @tomodachi.http("GET", r"/number")
    async def number(self, request: Any) -> str:
        return "7"


async def test_what_was_handled_before_the_drain_counts_too(svc: Any) -> None:
    await svc.start(Counter)
    await svc.sns.publish("count", "one", envelope=None)
    await svc.settle()
    await svc.sns.publish("count", "two", envelope=None)
    assert (await svc.drain()).handled == 2
    assert (await svc.drain()).handled == 0


async def test_requests_and_calls_of_the_test_do_not_count(svc: Any) -> None:
    """They were answered; a drain counts what nobody waited for."""
    counter = await svc.start(Counter)
    counter.service.fails = 1
    await counter.http.get("/number")
    with pytest.raises(AWSSNSSQSInternalServiceError, match="mine"):
        await counter.call("count", data="mine", envelope=None)
    await counter.call("count", data="mine", envelope=None)
    result = await svc.drain()
    assert (result.handled, result.failures) == (0, 0)


async def test_failures_count_once_and_time_is_told_as_it_passed(svc: Any) -> None:
    counter = await svc.start(Counter)
    counter.service.fails = 2
    await svc.sns.publish("count", "x", envelope=None)
    result = await svc.drain(raise_errors=False)
    assert (result.handled, result.failures) == (3, 2)
    assert result.elapsed == timedelta(seconds=60)
    assert (await svc.drain()).failures == 0


async def test_a_drain_that_may_not_take_so_long_says_what_is_left(svc: Any) -> None:
    await svc.sqs.create_queue("later")
    await svc.sqs.send("later", "x", delay=60, envelope=None)
    with pytest.raises(DrainIncomplete, match="5 s passed and this is left: 1 delayed in later"):
        await svc.drain(until=5)
    await svc.drain("later")


@pytest.mark.svc(clock="real")
async def test_in_real_time_a_drain_polls_until_the_queues_stay_empty(svc: Any) -> None:
    """testkit.md, decision 1: where quiescence cannot be told, drain polls."""
    await svc.start(Counter)
    await svc.sns.publish("count", "x", envelope=None)
    result = await svc.drain()
    assert result.handled == 1
    assert result.steps >= 3
    await svc.sqs.create_queue("later")
    await svc.sqs.send("later", "x", delay=60, envelope=None)
    with pytest.raises(DrainIncomplete, match=r"real time, polled .* left: 1 delayed in later"):
        await svc.drain(until=0)


async def test_a_drain_under_another_clock_is_refused(svc: Any) -> None:
    with freezegun.freeze_time("2020-05-05"), pytest.raises(TwoClocks, match="two clocks"):
        await svc.drain()
