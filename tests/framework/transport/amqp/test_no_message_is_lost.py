"""Seeded runs in which everything goes wrong that can: no accepted message is lost.

Each run is a service whose handlers take their time and fail at random, on our own broker, while
connections are cut, frozen and closed, channels fail, publishes are blocked, and the service is
restarted. `SVC_TEST_SEEDS` says how many runs to make, and where to begin ("10000" or "500+10000").
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.envelope import JsonBase
from tomodachi.helpers import clock as service_clock
from tomodachi.helpers.entropy import set_random
from tomodachi.transport.amqp import AmqpException, AmqpInternalServiceError
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker
from tomodachi_testkit.clock import BrokerClock, Clock, ServiceClock
from tomodachi_testkit.loop import OWNER, VirtualLoop
from tomodachi_testkit.runner import run

QUEUE = "work"
MESSAGES = 12
FAULTS = 5
CHAOS_S = 60
CALM_S = 400
FAILS = (RuntimeError, AmqpInternalServiceError)


def seeds() -> range:
    first, _, count = os.environ.get("SVC_TEST_SEEDS", "0+60").rpartition("+")
    return range(int(first or 0), int(first or 0) + int(count))


class Story:
    """One run: a broker, a service that is restarted, and what happened to its messages."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.random = Random(seed)
        self.clock = Clock()
        self.clock.bind(loop)
        self.broker = FakeBroker(
            BrokerSettings(aws_port=None, seed=seed), clock=BrokerClock(self.clock)
        )
        self.accepted: set[int] = set()
        self.handled: set[int] = set()
        self.runner: ServiceRunner
        self.context: Context
        self.publishing: list[asyncio.Task[None]] = []

    @property
    def core(self) -> Any:
        return self.broker.amqp

    def service_class(self) -> type[Any]:
        story = self

        class Works(tomodachi.Service):
            name = "works"
            message_envelope = JsonBase

            @tomodachi.amqp("work.*", queue_name=QUEUE, on_exception="retry")
            async def work(self, data: int) -> None:
                await service_clock.sleep(story.random.uniform(0, 3))
                if story.random.random() < 0.3:
                    raise story.random.choice(FAILS)
                story.handled.add(data)

        return Works

    async def start_service(self) -> None:
        context = self.context = copy_context()
        context.run(OWNER.set, "service")
        context.run(service_clock.set_clock, ServiceClock(self.clock))
        context.run(set_random, Random(self.random.random()))
        service = context.run(self.service_class())
        port = urlsplit(self.broker.amqp_url).port
        qos = {"queue_prefetch_count": 3}
        service.options = tomodachi.Options(amqp={"port": port, "heartbeat": 10, "qos": qos})
        self.runner = context.run(ServiceRunner, service)
        await self.as_service(self.runner.start())

    def as_service(self, work: Any) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work, context=self.context)

    async def stop_service(self) -> None:
        stopping = self.as_service(self.runner.stop())
        while not stopping.done():
            await self.clock.advance(1)
        await stopping

    async def publish(self, number: int) -> None:
        """Publish; what the call accepted must be handled."""
        try:
            await tomodachi.amqp_publish(self.runner.instance, number, f"work.{number}")
        except AmqpException:
            return
        self.accepted.add(number)

    # --- what goes wrong ------------------------------------------------------------------------

    async def fault(self) -> None:
        await self.random.choice(
            (
                self.cut,
                self.cut,
                self.freeze,
                self.close,
                self.fail_channel,
                self.block,
                self.restart,
            )
        )()
        self.broker.flush_amqp()
        await self.clock.settle()

    def connections(self) -> list[dict[str, Any]]:
        return [facts for facts in self.core.describe_connections() if facts["channels"]]

    async def cut(self) -> None:
        how = self.random.choice(("clean", "reset"))
        for facts in self.connections():
            self.core.drop_connection(facts["id"], now=self.clock.unix(), how=how)

    async def freeze(self) -> None:
        for facts in self.connections():
            self.core.drop_connection(facts["id"], now=self.clock.unix(), how="half-open")

    async def close(self) -> None:
        self.core.close_all_connections("broker shutdown", now=self.clock.unix())

    async def fail_channel(self) -> None:
        for facts in self.connections():
            number = self.random.choice(facts["channels"])["number"]
            text = "PRECONDITION_FAILED - the test wants it"
            self.core.fail_channel(facts["id"], number, 406, text, now=self.clock.unix())

    async def block(self) -> None:
        seconds = self.random.uniform(1, 40)
        self.core.block_connections(now=self.clock.unix(), seconds=seconds)

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

    def left(self) -> tuple[list[Any], list[Any]]:
        queue = self.core.find_queue(QUEUE)
        return list(queue.ready), list(queue.unacked.values())


@asynccontextmanager
async def told(seed: int) -> AsyncIterator[Story]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    with loop.virtual_time():
        story = Story(seed, loop)
        owner = OWNER.set("broker")
        await story.broker.start()
        OWNER.reset(owner)
        await story.start_service()
        yield story
        await story.stop_service()
        await story.broker.stop()
        await story.clock.settle()


async def nothing_is_lost(seed: int) -> None:
    async with told(seed) as story:
        await story.chaos()
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
        ready, unacked = story.left()
        assert unacked == []
        left = {int(entry.message.routing_key.removeprefix("work.")) for entry in ready}
        assert left.isdisjoint(story.handled)
        assert left | story.handled >= story.accepted
        await story.start_service()


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds())
def test_no_accepted_message_is_lost(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    run(nothing_is_lost(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds())
def test_a_graceful_stop_leaves_no_message_both_handled_and_unacked(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    run(nothing_is_handled_and_left(seed))
