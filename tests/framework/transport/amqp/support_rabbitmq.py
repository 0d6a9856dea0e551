"""A virtual host of its own on a real RabbitMQ, whose connections are closed and whose queues are read.

Source: https://www.rabbitmq.com/docs/management#http-api
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from uuid import uuid4

import aiohttp

WITHIN_S = 60
ASK_AGAIN_S = 0.1


def connecting_to(url: str) -> dict[str, Any]:
    """The options that connect a service with the broker of a URL."""
    broker = urlsplit(url)
    return {
        "host": broker.hostname,
        "port": broker.port,
        "login": unquote(broker.username or "guest"),
        "password": unquote(broker.password or "guest"),
        "virtualhost": unquote(broker.path[1:]) or "/",
    }


class VirtualHost:
    """One test's part of a RabbitMQ.

    Attributes:
        name: Of the virtual host.
    """

    def __init__(self, api: aiohttp.ClientSession, login: str) -> None:
        self.name = f"svc-test-{uuid4().hex[:12]}"
        self._api = api
        self._login = login

    @classmethod
    @asynccontextmanager
    async def of(cls, management_url: str) -> AsyncIterator[VirtualHost]:
        """One that is deleted afterwards."""
        parts = urlsplit(management_url)
        login, password = unquote(parts.username or ""), unquote(parts.password or "")
        headers = {"Authorization": aiohttp.encode_basic_auth(login, password)}
        # A connection that it keeps is one that it may close at any time.
        connector = aiohttp.TCPConnector(force_close=True)
        base = f"http://{parts.hostname}:{parts.port}"
        async with aiohttp.ClientSession(base, headers=headers, connector=connector) as api:
            host = cls(api, login)
            await host.ask("PUT", f"vhosts/{host.name}")
            everything = {"configure": ".*", "write": ".*", "read": ".*"}
            await host.ask("PUT", f"permissions/{host.name}/{quote(login)}", everything)
            try:
                yield host
            finally:
                await host.ask("DELETE", f"vhosts/{host.name}")

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the management API; what is gone already is no error."""
        async with self._api.request(method, f"/api/{path}", json=body) as answer:
            text = await answer.text()
            assert answer.ok or (method, answer.status) == ("DELETE", 404), text
            return json.loads(text) if text and answer.ok else None

    async def close_connections(self) -> None:
        """Have the broker close every connection, as soon as it tells of one."""
        async with asyncio.timeout(WITHIN_S):
            while not (found := await self.ask("GET", f"vhosts/{self.name}/connections")):  # noqa: ASYNC110 - it tells of nothing by itself
                await asyncio.sleep(ASK_AGAIN_S)  # noqa: TID251 - between two questions
        for connection in found:
            name = quote(connection["name"], safe="")
            await self.ask("DELETE", f"connections/{name}")

    async def take_all(self, queue: str) -> list[str]:
        """The bodies of every message in a queue, which is empty then."""
        wanted = {"count": 10_000, "ackmode": "ack_requeue_false", "encoding": "auto"}
        messages = await self.ask("POST", f"queues/{self.name}/{queue}/get", wanted)
        return [message["payload"] for message in messages]


class Cut:
    """A proxy before a broker, whose connections end without a word.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._server: asyncio.Server
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def before(cls, host: str, port: int) -> AsyncIterator[Cut]:
        """One that is gone afterwards."""
        proxy = cls(host, port)
        proxy._server = await asyncio.start_server(proxy._accept, "127.0.0.1", 0)
        proxy.port = proxy._server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            proxy._server.close()
            proxy.cut()
            if proxy._passing:
                await asyncio.wait(proxy._passing)

    def cut(self) -> None:
        """End every connection, wherever in a frame it may be."""
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection(*self._upstream)
        self._writers |= {writer, their_writer}
        for source, target in ((reader, their_writer), (their_reader, writer)):
            task = asyncio.create_task(self._pass_on(source, target))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while octets := await source.read(65_536):
                target.write(octets)
                await target.drain()
        except ConnectionError:
            pass  # cut
        finally:
            target.close()
            self._writers.discard(target)
