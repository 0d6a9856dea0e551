"""AMQP clients of other people, unmodified, against the fake broker over TCP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import aio_pika
import aioamqp
import kombu
import pika
import pytest
from pika.adapters.asyncio_connection import AsyncioConnection

from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

T = TypeVar("T")
SOURCE = "https://www.rabbitmq.com/docs/specification"


@pytest.fixture
async def broker() -> AsyncIterator[FakeBroker]:
    fake = FakeBroker(BrokerSettings(aws_port=None, seed=1))
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()


async def in_thread(call: Callable[[], T]) -> T:
    return await asyncio.wait_for(asyncio.to_thread(call), 20)


@pytest.mark.source(SOURCE)
async def test_aio_pika_publishes_with_confirms_and_consumes(broker: FakeBroker) -> None:
    async with await aio_pika.connect(broker.amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange(
            "orders", aio_pika.ExchangeType.TOPIC, durable=True
        )
        queue = await channel.declare_queue("billing", durable=True)
        await queue.bind(exchange, "order.*")
        message = aio_pika.Message(b"paid", headers={"n": 7}, correlation_id="c-1")
        await exchange.publish(message, routing_key="order.paid")

        async with queue.iterator() as messages:
            async for incoming in messages:
                async with incoming.process():
                    assert incoming.body == b"paid"
                    assert incoming.headers == {"n": 7}
                    assert incoming.correlation_id == "c-1"
                break
        declared = await channel.declare_queue("billing", passive=True)
        assert declared.declaration_result.message_count == 0


@pytest.mark.source("https://www.rabbitmq.com/docs/publishers#unroutable")
async def test_aio_pika_hears_of_an_unroutable_message(broker: FakeBroker) -> None:
    async with await aio_pika.connect(broker.amqp_url) as connection:
        channel = await connection.channel(on_return_raises=True)
        with pytest.raises(aio_pika.exceptions.PublishError):
            await channel.default_exchange.publish(aio_pika.Message(b"x"), routing_key="nobody")


@pytest.mark.source("https://www.rabbitmq.com/docs/direct-reply-to")
async def test_aio_pika_gets_a_direct_reply(broker: FakeBroker) -> None:
    async with await aio_pika.connect(broker.amqp_url) as connection:
        channel = await connection.channel()
        answers: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()
        replies = await channel.get_queue("amq.rabbitmq.reply-to")
        await replies.consume(answers.put, no_ack=True)
        server = await channel.declare_queue("server", durable=True)

        question = aio_pika.Message(b"?", reply_to="amq.rabbitmq.reply-to", correlation_id="7")
        await channel.default_exchange.publish(question, routing_key="server")
        asked = await server.get()
        assert asked.reply_to is not None
        answer = aio_pika.Message(b"!", correlation_id=asked.correlation_id)
        await channel.default_exchange.publish(answer, routing_key=asked.reply_to)

        got = await asyncio.wait_for(answers.get(), 5)
        assert (got.body, got.correlation_id) == (b"!", "7")


@pytest.mark.source(SOURCE)
async def test_aioamqp_publishes_consumes_and_sends_its_largest_frame(broker: FakeBroker) -> None:
    """Aioamqp fills body frames to frame-max itself, 8 octets over the letter of the rule."""
    host, port = broker.amqp_url.rpartition("@")[2].rstrip("/").split(":")
    transport, protocol = await aioamqp.connect(host, int(port))
    channel = await protocol.channel()
    await channel.queue_declare("jobs", durable=True)
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def on_message(channel: Any, body: bytes, envelope: Any, properties: Any) -> None:
        await channel.basic_client_ack(envelope.delivery_tag)
        await got.put(body)

    await channel.basic_qos(prefetch_count=1)
    await channel.basic_consume(on_message, queue_name="jobs")
    for body in (b"first", b"x" * 300_000):
        await channel.basic_publish(body, "", "jobs")
        assert await asyncio.wait_for(got.get(), 5) == body
    await protocol.close()
    transport.close()


@pytest.mark.source(SOURCE)
async def test_pika_blocking_publishes_gets_and_rejects(broker: FakeBroker) -> None:
    def talk() -> tuple[bytes | None, bool, int]:
        connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("dead", durable=True)
        letters = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
        channel.queue_declare("work", durable=True, arguments=letters)
        channel.basic_publish("", "work", b"bad", mandatory=True)
        method, _, _ = channel.basic_get("work")
        assert method is not None
        channel.basic_reject(method.delivery_tag, requeue=False)
        _, properties, body = channel.basic_get("dead", auto_ack=True)
        assert properties is not None
        assert properties.headers is not None
        death = properties.headers["x-death"][0]
        with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refused:
            channel.queue_declare("work", durable=False, arguments=letters)
        connection.close()
        return body, death["reason"] == "rejected", refused.value.reply_code

    assert await in_thread(talk) == (b"bad", True, 406)


@pytest.mark.source(SOURCE)
async def test_pika_asyncio_consumes(broker: FakeBroker) -> None:
    got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    closed = asyncio.Event()

    def on_message(channel: Any, method: Any, properties: Any, body: bytes) -> None:
        channel.basic_ack(method.delivery_tag)
        got.set_result(body)

    def on_channel(channel: Any) -> None:
        channel.queue_declare("async", durable=True)
        channel.basic_consume("async", on_message)
        channel.basic_publish("", "async", b"hello")

    connection = AsyncioConnection(
        pika.URLParameters(broker.amqp_url),
        on_open_callback=lambda connection: connection.channel(on_open_callback=on_channel),
        on_close_callback=lambda connection, reason: closed.set(),
    )
    assert await asyncio.wait_for(got, 5) == b"hello"
    connection.close()
    await asyncio.wait_for(closed.wait(), 5)


@pytest.mark.source("https://docs.celeryq.dev/projects/kombu/en/stable/userguide/simple.html")
async def test_kombu_simple_queue_round_trip(broker: FakeBroker) -> None:
    def talk() -> Any:
        with (
            kombu.Connection(broker.amqp_url) as connection,
            connection.SimpleQueue("kombu") as queue,
        ):
            queue.put({"task": "add", "args": [1, 2]})
            message = queue.get(timeout=5)
            message.ack()
            assert queue.qsize() == 0
            return message.payload

    assert await in_thread(talk) == {"task": "add", "args": [1, 2]}


@pytest.mark.source("https://www.rabbitmq.com/docs/access-control")
async def test_a_wrong_password_is_refused_as_clients_expect_it(broker: FakeBroker) -> None:
    url = broker.amqp_url.replace("guest:guest", "guest:wrong")
    with pytest.raises(aio_pika.exceptions.AMQPConnectionError, match="ACCESS_REFUSED"):
        await aio_pika.connect(url)


@pytest.mark.source("https://www.rabbitmq.com/docs/connections")
async def test_a_stop_of_the_broker_tells_clients_320(broker: FakeBroker) -> None:
    connection = await aio_pika.connect(broker.amqp_url)
    closed: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
    connection.close_callbacks.add(lambda _, reason: closed.set_result(reason))
    await broker.stop()
    reason = await asyncio.wait_for(closed, 5)
    assert "CONNECTION_FORCED" in str(reason)
    await connection.close()
