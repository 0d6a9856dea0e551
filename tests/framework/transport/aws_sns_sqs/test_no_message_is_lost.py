"""Seeded runs in which everything goes wrong that can: no accepted message is lost.

Each run is a service whose handlers take their time and fail at random, on our own SNS and SQS, while
calls are refused, throttled, delayed beyond every limit, cut off and left without an answer, messages
are delivered twice, the broker goes away, and the service is restarted. `SVC_TEST_SEEDS` says how many
runs to make, and where to begin ("10000" or "500+10000").
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from random import Random
from typing import Any

import pytest

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.envelope import JsonBase
from tomodachi.helpers import clock as service_clock
from tomodachi.helpers.entropy import set_random
from tomodachi.transport.aws_sns_sqs import (
    AWSSNSSQSException,
    AWSSNSSQSInternalServiceError,
)
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.faults import Fault, FaultKind, FaultPlan
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker
from tomodachi_testkit.clock import BrokerClock, Clock, ServiceClock
from tomodachi_testkit.loop import OWNER, VirtualLoop
from tomodachi_testkit.runner import run

QUEUE = "work"
QUEUE_ARN = f"arn:aws:sqs:eu-west-1:000000000000:{QUEUE}"
VISIBILITY_S = 20
MESSAGES = 12
FAULTS = 6
CHAOS_S = 60
CALM_S = 600
FAILS = (RuntimeError, AWSSNSSQSInternalServiceError)
POINTS = (
    "sqs.ReceiveMessage",
    "sqs.DeleteMessage",
    "sqs.DeleteMessageBatch",
    "sqs.SendMessage",
    "sns.Publish",
    "sqs.*",
    "*",
)


def seeds() -> range:
    first, _, count = os.environ.get("SVC_TEST_SEEDS", "0+20").rpartition("+")
    return range(int(first or 0), int(first or 0) + int(count))


class Story:
    """One run: a broker, a service that is restarted, and what happened to its messages."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.clock = Clock()
        self.clock.bind(loop)
        self.plan = FaultPlan()
        self.broker = self.new_broker(0)
        self.accepted: set[int] = set()
        self.handled: set[int] = set()
        self.runner: ServiceRunner
        self.context: Context
        self.publishing: list[asyncio.Task[None]] = []
        self.returning: asyncio.Task[None] | None = None

    def new_broker(self, port: int) -> FakeBroker:
        settings = BrokerSettings(aws_port=port, amqp_port=None, seed=self.seed)
        return FakeBroker(settings, clock=BrokerClock(self.clock), faults=self.plan)

    @property
    def cloud(self) -> Cloud:
        assert self.broker.cloud is not None
        return self.broker.cloud

    def service_class(self) -> type[Any]:
        story = self

        class Works(tomodachi.Service):
            name = "works"
            message_envelope = JsonBase

            @tomodachi.aws_sns_sqs(
                "work",
                queue_name=QUEUE,
                on_exception="retry",
                visibility_timeout=VISIBILITY_S,
                max_number_of_consumed_messages=story.random.choice((1, 3, 10)),
                visibility_heartbeat=story.random.random() < 0.5,
            )
            async def work(self, data: int) -> None:
                await service_clock.sleep(story.random.uniform(0, 3))
                if story.random.random() < 0.3:
                    raise story.random.choice(FAILS)
                story.handled.add(data)

        return Works

    # --- the service ----------------------------------------------------------------------------

    def new_service(self) -> None:
        context = self.context = copy_context()
        context.run(OWNER.set, "service")
        context.run(service_clock.set_clock, ServiceClock(self.clock))
        context.run(set_random, Random(self.random.random()))
        service = context.run(self.service_class())
        url = self.broker.aws_url
        service.options = tomodachi.Options(
            aws_sns_sqs={
                "region_name": "eu-west-1",
                "aws_access_key_id": "test",
                "aws_secret_access_key": "test",
            },
            aws_endpoint_urls={"sns": url, "sqs": url, "sts": url},
        )
        self.runner = context.run(ServiceRunner, service)

    def as_service(self, work: Any) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work, context=self.context)

    async def finished(self, work: Any) -> None:
        task = self.as_service(work)
        while not task.done():
            await self.clock.advance(1)
        await task

    async def start_service(self) -> None:
        """Start, again and again, as whatever looks after services does."""
        while True:
            self.new_service()
            try:
                await self.finished(self.runner.start())
            except AWSSNSSQSException:
                await self.clock.advance(5)
            else:
                return

    async def stop_service(self) -> None:
        await self.finished(self.runner.stop())

    async def publish(self, number: int) -> None:
        """Publish or send; what the call accepted must be handled."""
        service = self.runner.instance
        try:
            if number % 2:
                await tomodachi.sns_publish(service, number, "work")
            else:
                await tomodachi.sqs_send_message(service, number, QUEUE)
        except AWSSNSSQSException:
            return
        self.accepted.add(number)

    # --- what goes wrong ------------------------------------------------------------------------

    async def fault(self) -> None:
        what = (self.plan_fault,) * 6 + (self.duplicate, self.go_away, self.restart)
        await self.random.choice(what)()
        await self.clock.settle()

    async def plan_fault(self) -> None:
        kind = self.random.choice(
            (
                FaultKind.ERROR,
                FaultKind.DROP_BEFORE,
                FaultKind.DROP_AFTER,
                FaultKind.RESET,
                FaultKind.LATENCY,
            )
        )
        code, status = self.random.choice(
            (("RequestThrottled", 403), ("InternalFailure", 500), ("ServiceUnavailable", 503))
        )
        self.plan.add(
            Fault(
                self.random.choice(POINTS),
                kind,
                times=self.random.randint(1, 6),
                code=code,
                status=status,
                # The longer ones are answered when nobody waits any more: as good as half open.
                seconds=self.random.choice((1, 15, 50, 500)),
                after_bytes=self.random.randrange(200),
            )
        )

    async def duplicate(self) -> None:
        self.plan.add(Fault(QUEUE, FaultKind.DUPLICATE, times=self.random.randint(1, 3)))

    async def go_away(self) -> None:
        if self.returning is None or self.returning.done():
            away_s = self.random.uniform(1, 40)
            snapshot = self.broker.snapshot()
            port = int(self.broker.aws_url.rpartition(":")[2])
            await self.as_broker(self.broker.stop())
            self.returning = self.as_broker(self.come_back(port, snapshot, away_s))

    async def come_back(self, port: int, snapshot: Any, after_s: float) -> None:
        await asyncio.sleep(after_s)  # noqa: TID251 - virtual
        self.broker = self.new_broker(port)
        await self.broker.start()
        self.broker.restore(snapshot)

    def as_broker(self, work: Any) -> asyncio.Task[None]:
        context = copy_context()
        context.run(OWNER.set, "broker")
        return asyncio.get_running_loop().create_task(work, context=context)

    async def restart(self) -> None:
        await self.stop_service()
        await self.start_service()

    # --- the run --------------------------------------------------------------------------------

    async def chaos(self) -> None:
        times = [(self.random.uniform(0, CHAOS_S), number) for number in range(MESSAGES)]
        times += [(self.random.uniform(0, CHAOS_S), -1) for _ in range(FAULTS)]
        began = self.clock.unix()
        for at, number in sorted(times):
            await self.clock.advance(max(0.0, began + at - self.clock.unix()))
            if number < 0:
                await self.fault()
            else:
                self.publishing.append(self.as_service(self.publish(number)))

    def left(self) -> tuple[list[int], list[int]]:
        """Numbers of the messages that are visible, and of those in flight."""
        peek = self.cloud.sqs.peek(QUEUE_ARN)
        assert not peek.delayed
        ready, in_flight = (
            [number_of(message.body) for message in messages]
            for messages in (peek.ready, peek.in_flight)
        )
        return ready, in_flight


def number_of(body: str) -> int:
    return int(json.loads(json.loads(body)["Message"])["data"])


@asynccontextmanager
async def told(seed: int) -> AsyncIterator[Story]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    with loop.virtual_time():
        story = Story(seed, loop)
        await story.as_broker(story.broker.start())
        await story.start_service()
        yield story
        await story.stop_service()
        await story.as_broker(story.broker.stop())
        await story.clock.settle()


async def nothing_is_lost(seed: int) -> None:
    async with told(seed) as story:
        await story.chaos()
        story.plan.clear()
        await story.clock.advance(CALM_S)
        assert all(task.done() for task in story.publishing)
        assert story.accepted <= story.handled
        assert story.left() == ([], [])


async def nothing_is_handled_and_left(seed: int) -> None:
    async with told(seed) as story:
        publishing = [story.as_service(story.publish(number)) for number in range(MESSAGES)]
        await story.clock.advance(story.random.uniform(0, 6))
        await story.stop_service()
        await asyncio.gather(*publishing)
        ready, in_flight = story.left()
        left = {*ready, *in_flight}
        assert left.isdisjoint(story.handled)
        assert left | story.handled == story.accepted
        await story.start_service()


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds())
def test_no_accepted_message_is_lost(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    run(nothing_is_lost(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds())
def test_a_graceful_stop_leaves_no_message_both_handled_and_undeleted(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    run(nothing_is_handled_and_left(seed))
