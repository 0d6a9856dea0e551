"""Starts services inside a harness, and knows how to crash and restart them.

A service runs in a context of its own: the harness's clock, observer and seeded randomness, and its
name as the owner of every task, timer and socket it makes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextvars import Context, copy_context
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from tomodachi_testkit import http_connectors
from tomodachi_testkit.clock import ServiceClock
from tomodachi_testkit.owning_loop import OWNER
from tomodachi_testkit.running import Running
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    import aiohttp

    import tomodachi
    from tomodachi.options import Options
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides

T = TypeVar("T")


class Starter:
    """Starts the services of one harness.

    Attributes:
        running: Every service that was started, in order, stopped ones included.
        contexts: What those know of themselves, and those whose start failed.
    """

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._session: aiohttp.ClientSession | None = None
        self.running: list[Running[Any]] = []
        self.contexts: list[Mapping[str, Any]] = []

    async def start(
        self, cls: type[tomodachi.Service], options: Mapping[str, Any] | Options | None
    ) -> Running[Any]:
        """Start one service, and return once it consumes."""
        from tomodachi.container import ServiceRunner

        harness = self._harness
        owner = f"{cls.name or cls.__name__}#{len(self.running) + 1}"
        context = self._context(owner)
        service = context.run(cls)
        harness.brokers.point(service, options)
        runner = context.run(ServiceRunner, service)
        self.contexts.append(runner.context)
        harness.log.add("start", service.name)
        await _in_context(runner.start(), context)

        async def again() -> Running[Any]:
            return await self.start(cls, options)

        running = Running(harness, service, runner, context=context, again=again, owner=owner)
        self.running.append(running)
        # Consumers have begun to wait for messages then, and are known as such.
        await harness.settle()
        harness.work()
        return running

    def session(self) -> aiohttp.ClientSession:
        """The HTTP session of the test itself."""
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def stop_all(self) -> None:
        """Stop every service, last started first."""
        for running in reversed(self.running):
            await running.stop()

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def kill(self, running: Running[Any]) -> None:
        """Do to a service what the end of its process would."""
        from tomodachi.services.registry import unset_service

        self._harness.log.add("crash", running.name)
        tasks = self._harness.virtual_loop("crashes").kill(running.owner)
        await asyncio.gather(*tasks, return_exceptions=True)
        await http_connectors.drop(running.owner)
        unset_service(running.name, running.service)
        await self._harness.settle()

    def _context(self, owner: str) -> Context:
        from tomodachi.helpers.clock import set_clock
        from tomodachi.helpers.entropy import set_random
        from tomodachi.helpers.observer import set_observer

        context = copy_context()
        context.run(OWNER.set, owner)
        context.run(set_clock, ServiceClock(self._harness.clock))
        context.run(set_observer, self._harness.watch)
        # Seeded by a text that names the service, so that services do not share a sequence.
        seeded = Random(f"{owner} {self._harness.seed}")  # noqa: S311 - replay
        context.run(set_random, seeded)
        return context


async def _in_context(coroutine: Coroutine[Any, Any, T], context: Context) -> T:
    return await asyncio.get_running_loop().create_task(coroutine, context=context)
