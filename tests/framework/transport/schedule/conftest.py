"""Services with schedules, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from tomodachi.helpers import clock as clock_seam
from tomodachi.invoker import handler_methods, register


@dataclass
class FakeClock:
    """Time that a test moves; whoever sleeps wakes in the order of due times."""

    at: float = datetime.fromisoformat("2026-01-01T00:00:00+00:00").timestamp()
    sleepers: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    sleeps: int = 0
    order: Any = field(default_factory=itertools.count)

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleepers, (self.at + max(seconds, 0), next(self.order), future))
        await future

    def pending(self) -> list[float]:
        """Seconds until each sleeper's time."""
        return sorted(due - self.at for due, _, future in self.sleepers if not future.done())

    async def advance(self, seconds: float) -> None:
        """Move on, waking sleepers one by one."""
        await settled()
        target = self.at + seconds
        while self.sleepers and self.sleepers[0][0] <= target:
            due, _, future = heapq.heappop(self.sleepers)
            if not future.done():
                self.at = max(self.at, due)
                future.set_result(None)
                await settled()
        self.at = target


async def settled(turns: int = 6) -> None:
    """Let everything that is ready, and what comes of it, run."""
    loop = asyncio.get_running_loop()
    for _ in range(turns):
        turn: asyncio.Future[None] = loop.create_future()
        loop.call_soon(turn.set_result, None)
        await turn


@pytest.fixture
def fake_clock() -> FakeClock:
    """The clock that services of `run` live by."""
    return FakeClock()


@dataclass
class Started:
    """A service whose schedules run."""

    service: Any
    clock: FakeClock

    async def stop(self) -> None:
        stop = getattr(self.service, "_stop_service", None)
        if stop is not None:
            self.service._stop_service = None
            await stop()


Run = Callable[..., Awaitable[Started]]


@pytest.fixture
async def run(fake_clock: FakeClock) -> AsyncIterator[Run]:
    """Start a service class, as a container would."""
    running: list[Started] = []

    async def start(cls: type[Any], at: str | None = None) -> Started:
        if at is not None:
            fake_clock.at = datetime.fromisoformat(at).timestamp()
        clock_seam.set_clock(fake_clock)
        service = cls()
        begins = [await register(service, method) for method in handler_methods(cls)]
        for begin in begins:
            if begin is not None:
                await begin()
        started = Started(service, fake_clock)
        running.append(started)
        await service._started_service()
        await settled()
        return started

    yield start
    for started in running:
        await started.stop()
