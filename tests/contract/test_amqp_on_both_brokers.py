"""What users do with unmodified clients, on the fake and, where there is one, on a real RabbitMQ.

`SVC_TEST_RABBITMQ` holds the URL of the real one. A scenario that passes on one side only is a defect.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import aio_pika
import aioamqp
import kombu
import kombu.pidbox
import pika
import pika.exceptions
import pytest
from pika.adapters.asyncio_connection import AsyncioConnection


@pytest.fixture
def url(amqp_url: str) -> str:
    """One broker, and then the other."""
    return amqp_url


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"contract-{uuid.uuid4().hex}"


@contextmanager
def blocking(url: str) -> Iterator[Any]:
    """A channel of pika's blocking adapter."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection.channel()
    finally:
        if connection.is_open:
            connection.close()


async def _in_thread(call: Callable[..., Any], *given: Any) -> Any:
    return await asyncio.wait_for(asyncio.to_thread(call, *given), 30)


@pytest.mark.source(
    "https://pika.readthedocs.io/en/stable/examples/blocking_consumer_generator.html"
)
async def test_pika_blocking_consumes_by_generator_and_gives_back_what_it_prefetched(
    url: str, name: str
) -> None:
    def talk() -> list[bytes]:
        with blocking(url) as channel:
            channel.queue_declare(name, exclusive=True)
            for body in (b"1", b"2", b"3"):
                channel.basic_publish("", name, body)
            found = []
            for method, _, body in channel.consume(name, inactivity_timeout=10):
                channel.basic_ack(method.delivery_tag)
                found.append(body)
                if len(found) == 2:
                    break
            channel.cancel()  # what was prefetched goes back
            _, _, body = channel.basic_get(name, auto_ack=True)
            return [*found, body]

    assert await _in_thread(talk) == [b"1", b"2", b"3"]


@pytest.mark.source(
    "https://pika.readthedocs.io/en/stable/modules/adapters/blocking.html"
    "#pika.adapters.blocking_connection.BlockingConnection.process_data_events"
)
async def test_pika_blocking_handles_events_between_calls_and_cancels(url: str, name: str) -> None:
    def talk() -> tuple[list[bytes], int]:
        with blocking(url) as channel:
            channel.confirm_delivery()
            channel.queue_declare(name, exclusive=True)
            got: list[bytes] = []
            tag = channel.basic_consume(
                name, lambda ch, method, properties, body: got.append(body), auto_ack=True
            )
            channel.basic_publish("", name, b"1")
            while not got:
                channel.connection.process_data_events(time_limit=5)
            channel.basic_cancel(tag)
            channel.basic_publish("", name, b"2")
            return got, channel.queue_declare(name, passive=True).method.message_count

    assert await _in_thread(talk) == ([b"1"], 1)


@pytest.mark.source(
    "https://pika.readthedocs.io/en/stable/examples/blocking_delivery_confirmations.html"
)
async def test_pika_blocking_hears_of_returns_and_of_refusals_by_confirms(
    url: str, name: str
) -> None:
    def talk() -> list[str]:
        heard = []
        with blocking(url) as channel:
            channel.confirm_delivery()
            arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
            channel.queue_declare(name, exclusive=True, arguments=arguments)
            try:
                channel.basic_publish("", f"{name}-nobody", b"x", mandatory=True)
            except pika.exceptions.UnroutableError as error:
                heard.append(error.messages[0].method.reply_text)
            channel.basic_publish("", name, b"1", mandatory=True)
            try:
                channel.basic_publish("", name, b"2")
            except pika.exceptions.NackError:
                heard.append("refused")
        return heard

    assert await _in_thread(talk) == ["NO_ROUTE", "refused"]


@pytest.mark.source("https://www.rabbitmq.com/docs/consumer-priority")
async def test_a_consumer_of_higher_priority_is_served_first(url: str, name: str) -> None:
    def talk() -> list[str]:
        with blocking(url) as channel:
            channel.queue_declare(name, exclusive=True)
            channel.basic_qos(prefetch_count=1)
            got: list[str] = []

            def consume(tag: str, priority: int) -> None:
                channel.basic_consume(
                    name,
                    lambda *message: got.append(tag),
                    consumer_tag=tag,
                    arguments={"x-priority": priority},
                )

            consume("low", 0)
            consume("high", 9)
            for _ in range(2):
                channel.basic_publish("", name, b"x")
            while len(got) < 2:
                channel.connection.process_data_events(time_limit=5)
            return got

    assert await _in_thread(talk) == ["high", "low"]


@pytest.mark.source("https://www.rabbitmq.com/docs/consumer-cancel")
async def test_pika_is_told_that_its_queue_is_gone(url: str, name: str) -> None:
    def talk() -> str:
        with blocking(url) as channel, blocking(url) as other:
            channel.queue_declare(name)
            told: list[str] = []
            channel.add_on_cancel_callback(lambda frame: told.append(frame.method.consumer_tag))
            channel.basic_consume(name, lambda *message: None, consumer_tag="watcher")
            other.queue_delete(name)
            while not told:
                channel.connection.process_data_events(time_limit=5)
            return told[0]

    assert await _in_thread(talk) == "watcher"


@pytest.mark.source(
    "https://pika.readthedocs.io/en/stable/examples/asynchronous_consumer_example.html"
)
async def test_pika_asyncio_publishes_with_confirms_and_consumes(url: str, name: str) -> None:
    loop = asyncio.get_running_loop()
    body: asyncio.Future[bytes] = loop.create_future()
    confirmed: asyncio.Future[str] = loop.create_future()
    closed: asyncio.Future[None] = loop.create_future()

    def on_channel(channel: Any) -> None:
        def on_queue(frame: Any) -> None:
            channel.confirm_delivery(lambda frame: confirmed.set_result(frame.method.NAME))
            channel.basic_consume(name, on_message)
            channel.basic_publish("", name, b"hello")

        def on_message(channel: Any, method: Any, properties: Any, content: bytes) -> None:
            channel.basic_ack(method.delivery_tag)
            body.set_result(content)

        channel.queue_declare(name, exclusive=True, callback=on_queue)

    connection = AsyncioConnection(
        pika.URLParameters(url),
        on_open_callback=lambda opened: opened.channel(on_open_callback=on_channel),
        on_open_error_callback=lambda failed, error: body.set_exception(error),
        on_close_callback=lambda gone, reason: closed.set_result(None),
    )
    assert await asyncio.wait_for(body, 10) == b"hello"
    assert await asyncio.wait_for(confirmed, 10) == "Basic.Ack"
    connection.close()
    await asyncio.wait_for(closed, 10)


@pytest.mark.source("https://docs.aio-pika.com/en/latest/apidoc.html")
async def test_aio_pika_cancels_its_consumer_and_the_rest_stays(url: str, name: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1)
        queue = await channel.declare_queue(name, exclusive=True)
        for body in (b"1", b"2"):
            await channel.default_exchange.publish(aio_pika.Message(body), name)
        async with queue.iterator() as messages:
            async for message in messages:
                await message.ack()
                break
        await channel.close()
        passive = await (await connection.channel()).declare_queue(name, passive=True)
        assert passive.declaration_result.message_count == 1
        assert passive.declaration_result.consumer_count == 0


@pytest.mark.source("https://docs.aio-pika.com/en/latest/rabbitmq-tutorial/6-rpc.html")
async def test_aio_pika_dead_letters_with_its_death_told(url: str, name: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        dead = await channel.declare_queue(f"{name}-dead", exclusive=True)
        arguments: dict[str, Any] = {
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead.name,
        }
        queue = await channel.declare_queue(name, exclusive=True, arguments=arguments)
        await channel.default_exchange.publish(aio_pika.Message(b"x"), name)
        message = await queue.get(timeout=5)
        await message.reject()
        letter = await _first(dead)
        deaths: Any = letter.headers["x-death"]
        assert [(d["reason"], d["queue"], d["count"]) for d in deaths] == [("rejected", name, 1)]


async def _first(queue: Any) -> Any:
    async with queue.iterator(no_ack=True, timeout=10) as messages:
        async for message in messages:
            return message
    return None


@pytest.mark.source("https://aioamqp.readthedocs.io/en/latest/api.html")
async def test_aioamqp_confirms_consumes_and_hears_of_errors(url: str, name: str) -> None:
    parts = pika.URLParameters(url)
    transport, protocol = await aioamqp.connect(parts.host, parts.port, virtualhost="/")
    channel = await protocol.channel()
    await channel.confirm_select()
    await channel.queue_declare(name, exclusive=True)
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def on_message(channel: Any, body: bytes, envelope: Any, properties: Any) -> None:
        await channel.basic_client_ack(envelope.delivery_tag)
        got.put_nowait(body)

    await channel.basic_consume(on_message, queue_name=name)
    await channel.publish(b"1", "", name)
    assert await asyncio.wait_for(got.get(), 10) == b"1"
    with pytest.raises(aioamqp.exceptions.ChannelClosed) as refused:
        await channel.queue_declare(name, exclusive=True, auto_delete=True)
    assert refused.value.code == 406
    await protocol.close()
    transport.close()


@pytest.mark.source("https://docs.celeryq.dev/projects/kombu/en/stable/userguide/simple.html")
async def test_kombu_simple_queues_requeue_and_tell_their_size(url: str, name: str) -> None:
    def talk() -> tuple[int, Any, bool]:
        with (
            kombu.Connection(url) as connection,
            connection.SimpleQueue(name, queue_opts={"auto_delete": True}) as queue,
        ):
            queue.put({"n": 1})
            first = queue.get(timeout=10)
            first.requeue()
            again = queue.get(timeout=10)
            found = (queue.qsize(), again.payload, again.delivery_info["redelivered"])
            again.ack()
            return found

    assert await _in_thread(talk) == (0, {"n": 1}, True)


@pytest.mark.source("https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.pidbox.html")
async def test_kombu_pidbox_asks_every_node_and_gathers_the_replies(url: str, name: str) -> None:
    def serve(stopped: threading.Event, ready: threading.Barrier, host: str) -> None:
        with kombu.Connection(url) as connection:
            mailbox = kombu.pidbox.Mailbox(name, type="fanout")
            node = mailbox(connection).Node(
                host, state={"host": host}, channel=connection.channel()
            )
            node.handlers["who"] = lambda state, **given: state["host"]
            with node.listen():
                ready.wait(10)
                while not stopped.is_set():
                    with suppress(TimeoutError):
                        connection.drain_events(timeout=0.2)

    def talk() -> list[dict[str, str]]:
        stopped, ready = threading.Event(), threading.Barrier(3)
        with ThreadPoolExecutor(2) as nodes:
            served = [nodes.submit(serve, stopped, ready, host) for host in ("a", "b")]
            try:
                ready.wait(10)
                with kombu.Connection(url) as connection:
                    mailbox = kombu.pidbox.Mailbox(name, type="fanout")
                    return list(mailbox(connection).multi_call("who", timeout=10, limit=2))
            finally:
                stopped.set()
                for node in served:
                    node.result(10)

    replies = sorted(await _in_thread(talk), key=str)
    assert replies == [{"a": "a"}, {"b": "b"}]
