"""The same behaviour on our own broker and on a real RabbitMQ, in real time.

Queues carry a name of the test run's own and expire by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from tests.framework.transport.amqp.support_rabbitmq import connecting_to

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.envelope import JsonBase
from tomodachi.transport.amqp import (
    AmqpConnectionException,
    AmqpException,
    AmqpPublishException,
    AmqpTooManyConsumersException,
    AmqpTransport,
    AmqpUnroutableException,
)
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

WITHIN_S = 20


def options(url: str, prefix: str, **more: Any) -> tomodachi.Options:
    own = {"routing_key_prefix": prefix, "queue_name_prefix": prefix, "queue_ttl": 60}
    return tomodachi.Options(amqp={**connecting_to(url), **own, **more})


@asynccontextmanager
async def running(cls: type[Any], url: str, prefix: str, **more: Any) -> AsyncIterator[Any]:
    service = cls()
    service.options = options(url, prefix, **more)
    runner = ServiceRunner(service)
    await runner.start()
    try:
        yield service
    finally:
        await runner.stop()


class Log(list[Any]):
    """A list that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._grown = asyncio.Event()

    def add(self, value: Any) -> None:
        """Append, and wake who waits."""
        self.append(value)
        self._grown.set()

    async def until(self, condition: Callable[[list[Any]], bool]) -> None:
        """Return once the condition holds."""
        async with asyncio.timeout(WITHIN_S):
            while not condition(self):
                self._grown.clear()
                await self._grown.wait()


@pytest.fixture(
    params=["fake", pytest.param("real", marks=[pytest.mark.real_rabbitmq, pytest.mark.slow])]
)
async def broker_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    if request.param == "real":
        yield request.getfixturevalue("real_rabbitmq")
        return
    broker = FakeBroker(BrokerSettings(aws_port=None))
    await broker.start()
    yield broker.amqp_url
    await broker.stop()


@pytest.fixture
def prefix() -> str:
    return f"svc-test-{uuid4().hex[:12]}-"


class Collects(tomodachi.Service):
    name = "collects"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.got = Log()
        self.failures = 1

    @tomodachi.amqp("kept.*", queue_name="kept", on_exception="retry")
    async def keep(self, data: Any, routing_key: str) -> None:
        if data == "fail once" and self.failures:
            self.failures -= 1
            raise RuntimeError(data)
        self.got.add((data, routing_key))


async def test_a_message_published_is_a_message_handled(broker_url: str, prefix: str) -> None:
    async with running(Collects, broker_url, prefix) as service:
        await tomodachi.amqp_publish(service, {"n": 1}, "kept.a", mandatory=True)
        await service.got.until(lambda got: got == [({"n": 1}, "kept.a")])


async def test_row_13_a_message_that_failed_is_delivered_again(
    broker_url: str, prefix: str
) -> None:
    async with running(Collects, broker_url, prefix) as service:
        await tomodachi.amqp_publish(service, "fail once", "kept.a")
        await service.got.until(lambda got: got == [("fail once", "kept.a")])


async def test_row_2_slow_handlers_run_together(broker_url: str, prefix: str) -> None:
    class Meets(tomodachi.Service):
        name = "meets"

        def __init__(self) -> None:
            self.all_there = asyncio.Barrier(20)
            self.met = Log()

        @tomodachi.amqp("m", queue_name="meet")
        async def meet(self, message: str) -> None:
            await self.all_there.wait()
            self.met.add(message)

    async with running(Meets, broker_url, prefix) as service:
        for _ in range(20):
            await tomodachi.amqp_publish(service, "x", "m")
        await service.met.until(lambda met: len(met) == 20)


async def test_row_15_confirms_returns_and_missing_exchanges(broker_url: str, prefix: str) -> None:
    async with running(Collects, broker_url, prefix) as service:
        publishing = [
            tomodachi.amqp_publish(service, number, "kept.x", mandatory=True)
            for number in range(500)
        ]
        await asyncio.gather(*publishing)
        await service.got.until(lambda got: len(got) == 500)
        with pytest.raises(AmqpUnroutableException, match="312 NO_ROUTE"):
            await tomodachi.amqp_publish(service, 1, "nowhere", mandatory=True)
        with pytest.raises(AmqpPublishException, match="404 NOT_FOUND"):
            await tomodachi.amqp_publish(service, 1, "kept.x", f"{prefix}nope")
        await tomodachi.amqp_publish(service, "after", "kept.x")
        await service.got.until(lambda got: ("after", "kept.x") in got)


async def test_row_1_a_connection_that_is_lost_is_mended(broker_url: str, prefix: str) -> None:
    async with running(Collects, broker_url, prefix) as service:
        connection = await AmqpTransport.connect(service)
        connection.abort("cut by the test")
        await tomodachi.amqp_publish(service, "after", "kept.x")
        await service.got.until(lambda got: ("after", "kept.x") in got)


async def test_row_3_a_stop_leaves_nothing_both_handled_and_unacked(
    broker_url: str, prefix: str
) -> None:
    begun, done, gate = Log(), Log(), asyncio.Event()

    class Slow(tomodachi.Service):
        name = "slow"
        message_envelope = JsonBase

        @tomodachi.amqp("s", queue_name="slow")
        async def work(self, data: int) -> None:
            begun.add(data)
            await gate.wait()
            done.add(data)

        async def _stopping_service(self) -> None:
            asyncio.get_running_loop().call_later(0.1, gate.set)

    qos = {"queue_prefetch_count": 10}
    async with running(Slow, broker_url, prefix, qos=qos) as service:
        for number in range(30):
            await tomodachi.amqp_publish(service, number, "s")
        await begun.until(lambda begun: len(begun) == 10)
    assert sorted(begun) == sorted(done) == list(range(10))
    async with running(Slow, broker_url, prefix, qos=qos):
        await done.until(lambda done: len(done) == 30)
    assert sorted(done) == list(range(30))


async def test_a_queue_for_one_consumer_refuses_a_second(broker_url: str, prefix: str) -> None:
    class Alone(tomodachi.Service):
        name = "alone"
        uuid = "b7b5"

        @tomodachi.amqp("alone")
        async def take(self, message: str) -> None:
            """Takes a message."""

    async with running(Alone, broker_url, prefix):
        with pytest.raises(AmqpTooManyConsumersException):
            async with running(Alone, broker_url, prefix):
                pass


async def test_an_exchange_of_another_type_is_refused(broker_url: str, prefix: str) -> None:
    class Odd(tomodachi.Service):
        name = "odd"

        @tomodachi.amqp("x", exchange_name="amq.direct", queue_name="odd")
        async def take(self, message: str) -> None:
            """Takes a message."""

    with pytest.raises(AmqpException, match=r"PRECONDITION_FAILED|ACCESS_REFUSED"):
        async with running(Odd, broker_url, prefix):
            pass


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"password": "wrong"}, "ACCESS_REFUSED"),
        ({"virtualhost": "no such"}, "vhost no such not found"),
    ],
)
async def test_a_refused_connection_says_why_and_quickly(
    broker_url: str, prefix: str, wrong: dict[str, str], why: str
) -> None:
    async with asyncio.timeout(WITHIN_S):
        with pytest.raises(AmqpConnectionException, match=why):
            async with running(Collects, broker_url, prefix, **wrong):
                pass
