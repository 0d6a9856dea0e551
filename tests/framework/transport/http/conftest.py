"""Services on loopback sockets, raw connections to them, and what they logged."""

from __future__ import annotations

import asyncio
import logging as stdlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

import tomodachi
from tomodachi.helpers import clock as clock_seam
from tomodachi.invoker import handler_methods, register
from tomodachi.logging.event import CONTEXT_ATTRIBUTE


@dataclass
class Served:
    """A service whose HTTP server runs."""

    service: Any
    port: int
    url: str

    async def stop(self) -> None:
        stop, self.service._stop_service = self.service._stop_service, _nothing
        await stop()

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, Any, bytes]:
        """Status, headers and body."""
        async with (
            aiohttp.ClientSession(self.url) as session,
            session.request(method, path, allow_redirects=False, **options) as answer,
        ):
            return answer.status, answer.headers, await answer.read()

    async def get(self, path: str, **options: Any) -> tuple[int, Any, bytes]:
        return await self.request("GET", path, **options)

    async def connect(self) -> Raw:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        return Raw(reader, writer)


@dataclass
class Raw:
    """A TCP connection, for requests that no well-behaved client sends."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *lines: str, end: str = "\r\n\r\n") -> None:
        self.writer.write("\r\n".join(lines).encode() + end.encode())

    def get(self, path: str = "/", *headers: str) -> None:
        self.send(f"GET {path} HTTP/1.1", "Host: x", *headers)

    async def response(self) -> tuple[int, dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
        }
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(head[0].split()[1]), headers, body

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        return await self.reader.read()

    def close(self) -> None:
        self.writer.close()


async def _nothing() -> None:
    """A hook that has run already."""


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a service class; keywords are options of its `http` section."""
    running: list[Served] = []

    async def start(cls: type[Any], **http: Any) -> Served:
        service = cls()
        settings = {"host": "127.0.0.1", "port": 0, "reuse_port": False, **http}
        service.options = tomodachi.Options(http=tomodachi.Options.HTTP(**settings))
        starts = [await register(service, method) for method in handler_methods(cls)]
        for begin in starts:
            if begin is not None:
                await begin()
        port = service.context["_http_port"]
        served = Served(service, port, f"http://127.0.0.1:{port}")
        running.append(served)
        return served

    yield start
    for served in running:
        await served.stop()


@dataclass
class Lines:
    """Log lines, by logger."""

    caplog: pytest.LogCaptureFixture

    @property
    def records(self) -> list[stdlib.LogRecord]:
        return self.caplog.records

    def of(self, logger: str) -> list[dict[str, Any]]:
        """The values of a logger's lines, with the message under `message`."""
        return [
            {"message": record.getMessage(), **record.__dict__.get(CONTEXT_ATTRIBUTE, {})}
            for record in self.records
            if record.name == logger
        ]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """What is logged from here on, at every level."""
    caplog.set_level(stdlib.DEBUG)
    return Lines(caplog)


@dataclass
class FakeClock:
    """Time that a test moves; whoever sleeps wakes when its time has come."""

    at: float = 1_700_000_000.0
    sleepers: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        sleeper = (self.at + seconds, asyncio.get_running_loop().create_future())
        self.sleepers.append(sleeper)
        try:
            await sleeper[1]
        finally:
            self.sleepers.remove(sleeper)

    async def advance(self, seconds: float) -> None:
        self.at += seconds
        for due, future in self.sleepers:
            if due <= self.at and not future.done():
                future.set_result(None)
        await settled()


async def settled(turns: int = 20) -> None:
    """Let everything that is ready, and what comes of it, run."""
    for _ in range(turns):
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(ready.set_result, None)
        await ready


@pytest.fixture
def fake_clock() -> FakeClock:
    """A clock; put it in force with `use_clock` before the service starts."""
    return FakeClock()


@pytest.fixture
def use_clock() -> Callable[[FakeClock], None]:
    """Put a clock in force for the test's task."""

    def use(fake: FakeClock) -> None:
        clock_seam.set_clock(fake)

    return use


@pytest.fixture
def settle() -> Callable[..., Awaitable[None]]:
    """Let everything that is ready run."""
    return settled
