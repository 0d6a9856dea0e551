"""AMQP clients of other people against the fake and a real RabbitMQ, in the same run.

Each client publishes so many messages of 100 octets and consumes them, acknowledged one by one, with a
prefetch count of 100. What is told is mostly the client's own speed; the ratio says what the broker adds.

    python benchmarks/bench_amqp_clients.py [amqp://guest:guest@127.0.0.1:5672/] [--messages 5000]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import aio_pika
import aioamqp
import pika
from bench_amqp import BODY, fake

QUEUE = "bench-amqp-clients"
PREFETCH = 100


def pika_blocking(url: str, messages: int) -> None:
    """pika's BlockingConnection."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.queue_delete(QUEUE)
    channel.queue_declare(QUEUE, durable=True)
    for _ in range(messages):
        channel.basic_publish("", QUEUE, BODY)
    channel.basic_qos(prefetch_count=PREFETCH)
    for count, (method, _, _) in enumerate(channel.consume(QUEUE), start=1):
        channel.basic_ack(method.delivery_tag)
        if count == messages:
            break
    channel.queue_delete(QUEUE)
    connection.close()


async def with_aio_pika(url: str, messages: int) -> None:
    """aio-pika, publisher confirms off as in the other two."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(PREFETCH)
        await channel.queue_delete(QUEUE)
        queue = await channel.declare_queue(QUEUE, durable=True)
        for _ in range(messages):
            await channel.default_exchange.publish(aio_pika.Message(BODY), routing_key=QUEUE)
        seen, done = 0, asyncio.Event()

        async def on_message(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            nonlocal seen
            await message.ack()
            seen += 1
            if seen == messages:
                done.set()

        tag = await queue.consume(on_message)
        await done.wait()
        await queue.cancel(tag)
        await queue.delete(if_unused=False, if_empty=False)


async def with_aioamqp(url: str, messages: int) -> None:
    """aioamqp."""
    parts = urlsplit(url)
    transport, protocol = await aioamqp.connect(
        parts.hostname,
        parts.port,
        login=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtualhost=unquote(parts.path[1:]) or "/",
    )
    channel = await protocol.channel()
    await channel.basic_qos(prefetch_count=PREFETCH)
    await channel.queue_delete(QUEUE)
    await channel.queue_declare(QUEUE, durable=True)
    for _ in range(messages):
        await channel.basic_publish(BODY, "", QUEUE)
    seen, done = 0, asyncio.Event()

    async def on_message(channel: Any, body: bytes, envelope: Any, properties: Any) -> None:
        nonlocal seen
        await channel.basic_client_ack(envelope.delivery_tag)
        seen += 1
        if seen == messages:
            done.set()

    await channel.basic_consume(on_message, queue_name=QUEUE)
    await done.wait()
    await channel.queue_delete(QUEUE)
    await protocol.close()
    transport.close()


CLIENTS: dict[str, Callable[[str, int], None]] = {
    "aioamqp": lambda url, messages: asyncio.run(with_aioamqp(url, messages)),
    "aio-pika": lambda url, messages: asyncio.run(with_aio_pika(url, messages)),
    "pika": pika_blocking,
}


def rate(client: Callable[[str, int], None], url: str, messages: int) -> float:
    """Messages a second, published and consumed."""
    started = time.perf_counter()
    client(url, messages)
    return messages / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ"))
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is told")
    options = parser.parse_args()
    with fake() as served:
        print(f"{'publish and consume':24}{'fake':>12}{'CPU':>16}{'RabbitMQ':>12}{'ratio':>8}")
        for name, client in CLIENTS.items():
            ours, theirs, cpu = [], [], served.cpu()
            for _ in range(options.rounds):
                ours.append(rate(client, served.url, options.messages))
                if options.url:
                    theirs.append(rate(client, options.url, options.messages))
            cpu = (served.cpu() - cpu) / options.messages / options.rounds * 1e6
            line = f"{name:24}{statistics.median(ours):>12,.0f}{cpu:>10.1f} µs/msg"
            if theirs:
                ratio = statistics.median(ours) / statistics.median(theirs)
                line += f"{statistics.median(theirs):>12,.0f}{ratio:>7.1f}x"
            print(f"{line}  msg/s")


if __name__ == "__main__":
    main()
