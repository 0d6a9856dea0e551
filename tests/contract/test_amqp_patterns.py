"""Patterns that AMQP clients bring along, unmodified, against the fake broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import kombu
import pytest
from aio_pika.patterns import RPC
from kombu.mixins import ConsumerMixin

from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker


@pytest.fixture
async def broker() -> AsyncIterator[FakeBroker]:
    fake = FakeBroker(BrokerSettings(aws_port=None, seed=1))
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()


@pytest.mark.source("https://docs.aio-pika.com/en/latest/patterns.html#rpc")
async def test_aio_pika_calls_remote_procedures(broker: FakeBroker) -> None:
    async def multiply(*, x: int, y: int) -> int:
        return x * y

    async with await aio_pika.connect(broker.amqp_url) as connection:
        rpc = await RPC.create(await connection.channel())
        await rpc.register("multiply", multiply, auto_delete=True)
        assert [await rpc.proxy.multiply(x=3, y=number) for number in range(3)] == [0, 3, 6]
        await rpc.close()


@pytest.mark.source("https://kombu.readthedocs.io/en/latest/userguide/consumers.html")
async def test_a_kombu_consumer_mixin_declares_consumes_and_stops(broker: FakeBroker) -> None:
    exchange = kombu.Exchange("events", "topic")
    queue = kombu.Queue("audit", exchange, routing_key="user.#")

    class Worker(ConsumerMixin):
        def __init__(self, connection: kombu.Connection) -> None:
            self.connection = connection
            self.bodies: list[Any] = []

        def get_consumers(self, consumer: Any, channel: Any) -> list[Any]:
            return [consumer([queue], callbacks=[self.on_message], prefetch_count=2)]

        def on_message(self, body: Any, message: kombu.Message) -> None:
            self.bodies.append(body)
            message.ack()
            self.should_stop = len(self.bodies) == 3

    def talk() -> list[Any]:
        with kombu.Connection(broker.amqp_url, heartbeat=10) as connection:
            producer = connection.Producer()
            for number in range(3):
                producer.publish(
                    {"n": number}, exchange=exchange, routing_key="user.new", declare=[queue]
                )
            worker = Worker(connection)
            worker.run()
            return worker.bodies

    bodies = await asyncio.wait_for(asyncio.to_thread(talk), 20)
    assert bodies == [{"n": 0}, {"n": 1}, {"n": 2}]


@pytest.mark.source("https://docs.aio-pika.com/en/latest/rabbitmq-tutorial/2-work-queues.html")
async def test_a_robust_aio_pika_connection_consumes_on_after_it_was_cut(
    broker: FakeBroker,
) -> None:
    """What was not acknowledged comes again, redelivered."""
    assert broker.amqp is not None
    messages: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()
    async with await aio_pika.connect_robust(broker.amqp_url, reconnect_interval=0) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1)
        queue = await channel.declare_queue("jobs", durable=True)
        await channel.default_exchange.publish(aio_pika.Message(b"1"), routing_key="jobs")
        await queue.consume(messages.put)
        first = await asyncio.wait_for(messages.get(), 5)

        (conn_id,) = broker.amqp.connections
        broker.amqp.close_connection(conn_id, "maintenance", now=broker.clock.now())
        broker.flush_amqp()
        again = await asyncio.wait_for(messages.get(), 10)
        await again.ack()
    found = [(seen.body, seen.redelivered) for seen in (first, again)]
    assert found == [(b"1", False), (b"1", True)]
