"""A server on a free port of loopback, and raw HTTP to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tomodachi_fakes.clock import ManualClock
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.servers.aws_http import AwsHttpServer


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Raw:
    """One connection that sends what it is told."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> Answer:
        """The next answer.

        Raises:
            asyncio.IncompleteReadError: the server closed the connection instead.
        """
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *lines = head.split("\r\n")
        pairs = (line.split(": ", 1) for line in lines if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(status.split(" ")[1]), headers, body)

    async def call(self, operation: str, **params: Any) -> Answer:
        """One operation of SQS in JSON."""
        self.send(request(operation, **params))
        return await self.answer()

    async def ended(self) -> bytes:
        """What is left to read until the server closes."""
        return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return  # the server was faster


def request(operation: str, *, headers: str = "", **params: Any) -> bytes:
    """An SQS request in JSON."""
    body = json.dumps(params).encode()
    return (
        f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AmazonSQS.{operation}\r\n"
        f"Content-Type: application/x-amz-json-1.0\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Site:
    """A running server and its clock."""

    def __init__(self, server: AwsHttpServer, clock: Any, faults: FaultPlan) -> None:
        self.server, self.clock, self.faults = server, clock, faults
        self._open: list[Raw] = []

    async def connect(self) -> Raw:
        raw = Raw(*await asyncio.open_connection("127.0.0.1", self.server.port))
        self._open.append(raw)
        return raw

    async def close(self) -> None:
        for raw in self._open:
            await raw.close()
        await self.server.stop()


@asynccontextmanager
async def site(clock: Any = None) -> AsyncIterator[Site]:
    """A server with nothing in it; its clock stands still unless another is given."""
    clock = clock or ManualClock(1_767_225_600.0)
    faults = FaultPlan()
    cloud = Cloud(ids=SeededIds(1), events=EventLog(), faults=faults)
    server = AwsHttpServer(cloud, clock, "127.0.0.1", 0)
    await server.start()
    running = Site(server, clock, faults)
    try:
        yield running
    finally:
        await running.close()
