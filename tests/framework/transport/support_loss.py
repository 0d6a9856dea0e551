"""Runs in which everything goes wrong that can, drawn from a seed: what both transports share.

A run is a service whose handlers take their time and fail at random, on a broker of ours, in virtual
time. Messages are published while faults come and go and the service is restarted. What a publish
accepted must be handled, and a graceful stop must leave nothing both handled and in its queue.

`SVC_TEST_SEEDS` says how many runs to make, and where to begin ("10000" or "500+10000").
"""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from dataclasses import replace
from random import Random
from typing import Any, ClassVar

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.helpers import clock as service_clock
from tomodachi.helpers.entropy import set_random
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker
from tomodachi_testkit.clock import BrokerClock, Clock, ServiceClock
from tomodachi_testkit.loop import OWNER, VirtualLoop

QUEUE = "work"
MESSAGES = 12
CHAOS_S = 60


def seeds(count: int) -> range:
    """The seeds that the environment asks for, else so many from 0."""
    first, _, wanted = os.environ.get("SVC_TEST_SEEDS", str(count)).rpartition("+")
    return range(int(first or 0), int(first or 0) + int(wanted))


class Story(ABC):
    """One run: a broker, a service that is restarted, and what happened to its messages.

    Attributes:
        random: What the run is drawn from.
        clock: Time, of service and broker.
        settings: Of the broker.
        plan: What is to go wrong at the broker.
        broker: The broker; another after it was away.
        accepted: Messages that a publish has accepted.
        handled: Messages whose handler has ended well.
        publishing: Every publish.
    """

    kind_of_broker: ClassVar[BrokerSettings]
    faults: ClassVar[int]
    calm_s: ClassVar[float]
    """How long the service gets, after the faults, for what is left."""
    refuses: ClassVar[type[Exception]]
    """What a publish, or a start, raises that has failed."""
    fails: ClassVar[tuple[type[Exception], ...]]
    """What handlers raise."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.random = Random(seed)
        self.clock = Clock()
        self.clock.bind(loop)
        self.plan = FaultPlan()
        self.settings = replace(self.kind_of_broker, seed=seed)
        self.broker = self.new_broker(self.settings)
        self.accepted: set[int] = set()
        self.handled: set[int] = set()
        self.publishing: list[asyncio.Task[None]] = []
        self.runner: ServiceRunner
        self.context: Context

    # --- what each transport has its own of -----------------------------------------------------

    @abstractmethod
    def service_class(self) -> type[tomodachi.Service]:
        """A service that calls `handle` with every number it gets."""

    @abstractmethod
    def options(self) -> tomodachi.Options:
        """What connects it with the broker."""

    @abstractmethod
    async def send(self, service: tomodachi.Service, number: int) -> None:
        """Publish a number."""

    @abstractmethod
    async def fault(self) -> None:
        """Let something go wrong."""

    @abstractmethod
    def left(self) -> tuple[list[int], list[int]]:
        """Numbers in the queue: of the messages that are ready, and of those that are handed out."""

    # --- the service ----------------------------------------------------------------------------

    async def handle(self, number: int) -> None:
        """What the service's handler does."""
        await service_clock.sleep(self.random.uniform(0, 3))
        if self.random.random() < 0.3:
            raise self.random.choice(self.fails)
        self.handled.add(number)

    def new_service(self) -> None:
        context = self.context = copy_context()
        context.run(OWNER.set, "service")
        context.run(service_clock.set_clock, ServiceClock(self.clock))
        context.run(set_random, Random(self.random.random()))
        service = context.run(self.service_class())
        service.options = self.options()
        self.runner = context.run(ServiceRunner, service)

    def as_service(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work, context=self.context)

    async def finished(self, work: Coroutine[Any, Any, Any]) -> None:
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
            except self.refuses:
                await self.clock.advance(5)
            else:
                return

    async def stop_service(self) -> None:
        await self.finished(self.runner.stop())

    async def restart(self) -> None:
        await self.stop_service()
        await self.start_service()

    async def publish(self, number: int) -> None:
        """Publish; what the call accepted must be handled."""
        try:
            await self.send(self.runner.instance, number)
        except self.refuses:
            return
        self.accepted.add(number)

    # --- the broker -----------------------------------------------------------------------------

    def new_broker(self, settings: BrokerSettings) -> FakeBroker:
        return FakeBroker(settings, clock=BrokerClock(self.clock), faults=self.plan)

    def as_broker(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        context = copy_context()
        context.run(OWNER.set, "broker")
        return asyncio.get_running_loop().create_task(work, context=context)

    # --- the run --------------------------------------------------------------------------------

    async def chaos(self) -> None:
        """Publish every message and let every fault happen, at times of their own."""
        times = [(self.random.uniform(0, CHAOS_S), number) for number in range(MESSAGES)]
        times += [(self.random.uniform(0, CHAOS_S), -1) for _ in range(self.faults)]
        began = self.clock.unix()
        for at, number in sorted(times):
            await self.clock.advance(max(0.0, began + at - self.clock.unix()))
            if number < 0:
                await self.fault()
                await self.clock.settle()
            else:
                self.publishing.append(self.as_service(self.publish(number)))

    @classmethod
    @asynccontextmanager
    async def told(cls, seed: int) -> AsyncIterator[Story]:
        """A run, from the start of its broker and service to their end."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        with loop.virtual_time():
            story = cls(seed, loop)
            await story.as_broker(story.broker.start())
            await story.start_service()
            yield story
            await story.stop_service()
            await story.as_broker(story.broker.stop())
            await story.clock.settle()


async def nothing_is_lost(kind: type[Story], seed: int) -> None:
    """After the faults, and time enough, all that was accepted is handled and gone."""
    async with kind.told(seed) as story:
        await story.chaos()
        story.plan.clear()
        await story.clock.advance(story.calm_s)
        assert all(task.done() for task in story.publishing)
        assert story.accepted <= story.handled
        assert story.left() == ([], [])


async def nothing_is_handled_and_left(kind: type[Story], seed: int) -> list[int]:
    """A graceful stop at any moment: each message is handled, or still in the queue, and not both.

    Returns:
        Messages that the broker had handed out and did not hear of again.
    """
    async with kind.told(seed) as story:
        publishing = [story.as_service(story.publish(number)) for number in range(MESSAGES)]
        await story.clock.advance(story.random.uniform(0, 6))
        await story.stop_service()
        await asyncio.gather(*publishing)
        ready, handed_out = story.left()
        left = {*ready, *handed_out}
        assert left.isdisjoint(story.handled)
        assert left | story.handled == story.accepted
        await story.start_service()
    return handed_out
