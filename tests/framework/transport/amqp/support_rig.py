"""A service on a scripted peer, driven by a virtual clock, with an observer that keeps its calls."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context, copy_context
from random import Random
from typing import Any, TypeVar

from tests.framework.transport.amqp.support_peer import Peer

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.helpers.clock import set_clock
from tomodachi.helpers.entropy import set_random
from tomodachi.helpers.observer import HandlerCall, set_observer
from tomodachi_testkit.clock import Clock, ServiceClock
from tomodachi_testkit.loop import OWNER

T = TypeVar("T")


class Calls:
    """An observer that keeps the calls of handlers."""

    def __init__(self) -> None:
        self.started: list[HandlerCall] = []
        self.finished: list[HandlerCall] = []

    def handler_started(self, call: HandlerCall) -> None:
        """A handler begins."""
        self.started.append(call)

    def handler_finished(self, call: HandlerCall) -> None:
        """A handler has ended."""
        self.finished.append(call)

    @property
    def outcomes(self) -> list[str]:
        """What became of the messages, in order."""
        return [call.outcome for call in self.finished]


class Rig:
    """One or more services on one peer, driven by a virtual clock."""

    def __init__(self, peer: Peer, clock: Clock) -> None:
        self.peer = peer
        self.clock = clock
        self.calls = Calls()
        self._runners: list[tuple[ServiceRunner, Context]] = []

    async def start(self, cls: type[Any], **options: Any) -> Any:
        """Start a service; `options` are AMQP option keys. Returns the instance."""
        context = copy_context()
        context.run(OWNER.set, "service")
        context.run(set_clock, ServiceClock(self.clock))
        context.run(set_observer, self.calls)
        context.run(set_random, Random(1))
        service = context.run(cls)
        service.options = tomodachi.Options(
            amqp={"host": "127.0.0.1", "port": self.peer.port, **options}
        )
        runner = context.run(ServiceRunner, service)
        self._runners.append((runner, context))
        await self._run(runner.start(), context)
        return service

    async def publish(self, service: Any, *args: Any, **kwargs: Any) -> Any:
        """Publish as the service."""
        return await self._run(
            tomodachi.amqp_publish(service, *args, **kwargs), self._context(service)
        )

    def publishing(self, service: Any, *args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        """Begin to publish as the service."""
        publishing = tomodachi.amqp_publish(service, *args, **kwargs)
        return asyncio.get_running_loop().create_task(publishing, context=self._context(service))

    async def stop(self) -> None:
        """Stop all services."""
        for runner, context in self._runners:
            await self._run(runner.stop(), context)

    def stopping(self) -> asyncio.Task[None]:
        """Begin to stop the last service."""
        runner, context = self._runners[-1]
        return asyncio.get_running_loop().create_task(runner.stop(), context=context)

    def service_of(self, cls: type[Any]) -> Any:
        """The instance of a class that is starting."""
        return next(r.instance for r, _ in self._runners if isinstance(r.instance, cls))

    async def settle(self) -> None:
        """Return when nothing happens any more without time passing."""
        await self.clock.settle()

    async def _run(self, work: Coroutine[Any, Any, T], context: Context) -> T:
        return await asyncio.get_running_loop().create_task(work, context=context)

    def _context(self, service: Any) -> Context:
        return next(context for runner, context in self._runners if runner.instance is service)
