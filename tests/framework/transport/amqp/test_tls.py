"""`amqp.ssl` against our own broker behind TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.framework.transport.amqp.support_tls import tls_pair

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.transport.amqp import AmqpConnectionException
from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.clock import SystemClock
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.servers.amqp_tcp import AmqpServer

WITHIN_S = 20
LARGE = "x" * 1_000_000


class Echo(tomodachi.Service):
    name = "echo"

    def __init__(self) -> None:
        self.got: list[str] = []
        self.grown = asyncio.Event()

    @tomodachi.amqp("k", queue_name="q")
    async def handler(self, message: str) -> None:
        self.got.append(message)
        self.grown.set()

    async def until(self, message: str) -> None:
        async with asyncio.timeout(WITHIN_S):
            while message not in self.got:
                self.grown.clear()
                await self.grown.wait()


@pytest.fixture
async def behind_tls(tmp_path: Path) -> AsyncIterator[tuple[AmqpServer, ssl.SSLContext]]:
    server_context, client_context = tls_pair(tmp_path)
    broker = Broker(ids=SeededIds(0), events=EventLog(), faults=FaultPlan())
    server = AmqpServer(broker, SystemClock(), "127.0.0.1", None, tls=server_context)
    await server.start()
    yield server, client_context
    await server.stop()


def runner(port: int, tls: Any) -> ServiceRunner:
    service = Echo()
    service.options = tomodachi.Options(amqp={"port": port, "ssl": tls})
    return ServiceRunner(service)


async def test_messages_of_any_size_go_through_tls_and_a_lost_connection_is_mended(
    behind_tls: tuple[AmqpServer, ssl.SSLContext],
) -> None:
    server, context = behind_tls
    running = runner(server.tls_port, context)
    service: Any = running.instance
    await running.start()
    await tomodachi.amqp_publish(service, LARGE, "k")
    await service.until(LARGE)
    server.broker.close_all_connections("the test wants it", now=server.clock.now())
    server.flush()
    await tomodachi.amqp_publish(service, "after", "k")
    await service.until("after")
    await running.stop()
    # The first may have come again, if its ack was under way.
    assert set(service.got) == {LARGE, "after"}


async def test_ssl_true_trusts_the_system_s_authorities_alone(
    behind_tls: tuple[AmqpServer, ssl.SSLContext],
) -> None:
    with pytest.raises(AmqpConnectionException, match="CERTIFICATE_VERIFY_FAILED"):
        await runner(behind_tls[0].tls_port, True).start()


def test_other_values_are_refused_where_they_are_set() -> None:
    with pytest.raises((TypeError, ValueError), match=r"amqp\.ssl.*an ssl\.SSLContext"):
        tomodachi.Options(amqp={"ssl": {"cafile": "ca.pem"}})
