"""The operator's port over loopback: routes, limits, and that it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.fakes.servers.support_http import Raw

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.servers import operator_http
from tomodachi_fakes.servers.http_protocol import MAX_BODY_BYTES, HttpConnection
from tomodachi_fakes.servers.operator_http import OperatorServer


def length(request: HttpRequest, connection: HttpConnection) -> HttpResponse:
    return HttpResponse(200, "text/plain", str(len(request.body)).encode())


@asynccontextmanager
async def serving() -> AsyncIterator[OperatorServer]:
    server = OperatorServer("127.0.0.1", 0, "--management-port")
    server.routes["/api/"] = server.routes["/_broker/"] = length
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def connected(server: OperatorServer) -> AsyncIterator[Raw]:
    raw = Raw(*await asyncio.open_connection("127.0.0.1", server.port))
    yield raw
    await raw.close()


async def posted(server: OperatorServer, path: str, octets: int) -> tuple[int, bytes]:
    async with connected(server) as client:
        client.send(f"POST {path} HTTP/1.1\r\nContent-Length: {octets}\r\n\r\n".encode())
        client.send(b"x" * octets)
        answer = await client.answer()
        return answer.status, answer.body


@pytest.mark.parametrize("path", ["/_broker/snapshot", "/api/definitions", "/api/definitions/v"])
async def test_documents_may_be_larger_than_other_bodies(path: str) -> None:
    """A snapshot and RabbitMQ's definitions hold everything that there is."""
    async with serving() as server:
        large = MAX_BODY_BYTES + 1
        assert await posted(server, path, large) == (200, str(large).encode())
        status, body = await posted(server, "/_broker/send", large)
        assert (status, body) == (413, b"The body is larger than 2 MiB.\n")


async def test_more_connections_than_allowed_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_http, "MAX_CONNECTIONS", 1)
    async with serving() as server, connected(server) as first:
        first.send(b"GET /api/ HTTP/1.1\r\n\r\n")
        assert (await first.answer()).status == 200
        async with connected(server) as second:
            assert (await second.answer()).status == 503


async def test_what_is_nowhere_is_not_found() -> None:
    async with serving() as server, connected(server) as client:
        client.send(b"GET /elsewhere HTTP/1.1\r\n\r\n")
        assert (await client.answer()).status == 404


async def test_who_looks_whether_it_is_well_does_not_use_it() -> None:
    """--idle-exit: a container's health check and a scrape keep nobody alive."""
    async with serving() as server, connected(server) as client:
        began = server.used_at
        for path in ("/health", "/metrics"):
            client.send(f"GET {path} HTTP/1.1\r\n\r\n".encode())
            await client.answer()
        assert server.used_at == began
        client.send(b"GET /api/ HTTP/1.1\r\n\r\n")
        await client.answer()
        assert server.used_at > began


async def test_who_waits_for_an_answer_uses_it_all_the_time() -> None:
    """--idle-exit: a long poll, or a stream of events, may be longer than the time without use."""

    def later(request: HttpRequest, connection: HttpConnection) -> None:
        connection.on_lost = lambda: None
        waiting.set()

    waiting = asyncio.Event()
    async with serving() as server, connected(server) as client:
        server.routes["/later"] = later
        client.send(b"GET /later HTTP/1.1\r\n\r\n")
        await waiting.wait()
        first = server.used_at
        assert server.used_at > first
