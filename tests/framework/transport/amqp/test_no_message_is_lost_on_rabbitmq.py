"""On a real RabbitMQ, whose connections end while messages are published, handled and acknowledged.

The counterpart, in real time, of the seeded runs on our own broker (`test_no_message_is_lost.py`).
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.framework.transport.amqp.support_rabbitmq import (
    WITHIN_S,
    Cut,
    VirtualHost,
    connecting_to,
)

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.envelope import JsonBase
from tomodachi.transport.amqp import AmqpInternalServiceError

pytestmark = [pytest.mark.real_rabbitmq, pytest.mark.slow]

MESSAGES = 300
CUT_EVERY = 60
TURNS = 20


@pytest.fixture
async def vhost() -> AsyncIterator[VirtualHost]:
    url = os.environ.get("SVC_TEST_RABBITMQ_MANAGEMENT", "")
    if not url and os.environ.get("CI") == "true":
        pytest.fail("CI must set SVC_TEST_RABBITMQ_MANAGEMENT")
    if not url:
        pytest.skip("set SVC_TEST_RABBITMQ_MANAGEMENT to the URL of RabbitMQ's management API")
    async with VirtualHost.of(url) as vhost:
        yield vhost


class Works(tomodachi.Service):
    """Handles numbers, taking its time and failing at random.

    Attributes:
        handled: Numbers whose handler has ended well.
        milestone: Called with how many they are, after each.
    """

    name = "works"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.random = Random(0)
        self.handled: list[int] = []
        self.milestone: Callable[[int], object] = lambda _count: None

    @tomodachi.amqp("work.*", queue_name="work", on_exception="retry")
    async def work(self, data: int) -> None:
        for _ in range(self.random.randrange(TURNS)):
            await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop
        if self.random.random() < 0.2:
            raise self.random.choice((RuntimeError, AmqpInternalServiceError))(data)
        self.handled.append(data)
        self.milestone(len(self.handled))


def runner(url: str, vhost: VirtualHost, **more: Any) -> ServiceRunner:
    """A service that consumes from a virtual host and has not started."""
    own = {"virtualhost": vhost.name, "qos": {"queue_prefetch_count": 10}}
    service = Works()
    service.options = tomodachi.Options(amqp={**connecting_to(url), **own, **more})
    return ServiceRunner(service)


async def publish_all(service: Works) -> set[int]:
    """Publish every number; each call returns when the broker has taken its message."""
    numbers = range(MESSAGES)
    await asyncio.gather(*(tomodachi.amqp_publish(service, n, f"work.{n}") for n in numbers))
    return set(numbers)


def at_every(count: int, act: Callable[[], Awaitable[None]]) -> Callable[[int], None]:
    """What starts `act` whenever so many messages more have been handled."""
    running: set[asyncio.Task[None]] = set()

    def milestone(handled: int) -> None:
        if handled % count == 0:
            task = asyncio.ensure_future(act())
            running.add(task)
            task.add_done_callback(running.discard)

    return milestone


@asynccontextmanager
async def cutting(
    url: str, vhost: VirtualHost, how: str
) -> AsyncIterator[tuple[ServiceRunner, Any]]:
    """A service, and what ends its connections."""
    if how == "closed by the broker":
        yield runner(url, vhost), vhost.close_connections
        return
    broker = urlsplit(url)
    async with Cut.before(str(broker.hostname), broker.port or 5672) as proxy:

        async def cut() -> None:
            proxy.cut()

        yield runner(url, vhost, host="127.0.0.1", port=proxy.port), cut


@pytest.mark.parametrize("how", ["closed by the broker", "cut"])
async def test_no_accepted_message_is_lost_or_handled_twice(
    real_rabbitmq: str, vhost: VirtualHost, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    async with cutting(real_rabbitmq, vhost, how) as (works, end_connections):
        service = works.instance
        all_handled = asyncio.Event()
        cut = at_every(CUT_EVERY, end_connections)

        def milestone(count: int) -> None:
            cut(count)
            if len(set(service.handled)) == MESSAGES:
                all_handled.set()

        service.milestone = milestone
        await works.start()
        async with asyncio.timeout(WITHIN_S):
            accepted = await publish_all(service)
            await all_handled.wait()
        await works.stop()
        # Acknowledgements were lost with the connections, so messages came again: as duplicates.
        assert sorted(service.handled) == sorted(accepted)


async def test_a_graceful_stop_leaves_no_message_both_handled_and_in_its_queue(
    real_rabbitmq: str, vhost: VirtualHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    works = runner(real_rabbitmq, vhost)
    service = works.instance
    amidst = asyncio.Event()
    service.milestone = lambda count: amidst.set() if count == MESSAGES // 3 else None
    await works.start()
    async with asyncio.timeout(WITHIN_S):
        publishing = asyncio.create_task(publish_all(service))
        await amidst.wait()
        await works.stop()
        accepted = await publishing
    left = [json.loads(body)["data"] for body in await vhost.take_all("work")]
    assert left
    assert len(left) == len(set(left))
    assert set(left).isdisjoint(service.handled)
    assert {*left, *service.handled} == accepted
