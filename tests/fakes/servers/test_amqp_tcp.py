"""The TCP shell: ports, TLS, back-pressure, one timer, orderly ends."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aio_pika
import pytest

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.amqp.codec import method_frame
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.amqp.frames import FrameParser
from tomodachi_fakes.amqp.spec import PROTOCOL_HEADER
from tomodachi_fakes.clock import SystemClock
from tomodachi_fakes.errors import PortInUse
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.servers.amqp_tcp import AmqpServer
from tomodachi_fakes.servers.certificates import certificates_in, server_context


@pytest.fixture
async def server() -> AsyncIterator[AmqpServer]:
    served = AmqpServer(Broker(ids=SeededIds(1)), SystemClock(), "127.0.0.1", 0)
    await served.start()
    try:
        yield served
    finally:
        await served.stop()


class Client:
    """A raw client on streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._parser = FrameParser(1 << 20)

    @classmethod
    async def connect(cls, server: AmqpServer, context: ssl.SSLContext | None = None) -> Client:
        port = server.port if context is None else server.tls_port
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=context))

    async def login(self, mechanism: str = "PLAIN", response: bytes = b"\0guest\0guest") -> None:
        self.writer.write(PROTOCOL_HEADER)
        self.send(0, "connection.start-ok", typed_table({}), mechanism, response, "en_US")
        self.send(0, "connection.tune-ok", 2047, 131_072, 0)
        self.send(0, "connection.open", "/", "", False)
        self.send(1, "channel.open", "")
        await self.frames(4)

    def send(self, channel: int, name: str, *values: object) -> None:
        self.writer.write(method_frame(channel, name, *values))

    async def frames(self, count: int) -> list[tuple[int, int, bytes]]:
        found: list[tuple[int, int, bytes]] = []
        while len(found) < count:
            data = await asyncio.wait_for(self.reader.read(1 << 16), 5)
            if not data:
                break
            found += self._parser.feed(data)
        return found

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def test_a_port_in_use_is_told_with_the_way_out(server: AmqpServer) -> None:
    other = AmqpServer(server.broker, SystemClock(), "127.0.0.1", server.port)
    with pytest.raises(PortInUse, match=r"--amqp-port 0"):
        await other.start()


async def test_a_client_that_leaves_is_forgotten_and_its_exclusive_queues_too(
    server: AmqpServer,
) -> None:
    client = await Client.connect(server)
    await client.login()
    client.send(1, "queue.declare", 0, "mine", False, False, True, False, False, {})
    await client.frames(1)
    gone = asyncio.Event()
    lost = server.broker.lost

    def on_lost(conn_id: str, *, now: float) -> None:
        lost(conn_id, now=now)
        gone.set()

    server.broker.lost = on_lost  # type: ignore[method-assign]
    await client.close()
    await asyncio.wait_for(gone.wait(), 5)
    assert server.broker.connections == {}
    assert server.broker.vhost().queues == {}


async def test_a_consumer_that_does_not_read_leaves_the_messages_in_the_queue(
    server: AmqpServer,
) -> None:
    """A slow reader never grows memory without bound: neither the core's output nor the socket's buffer."""
    broker = server.broker
    broker.declare_queue("big", now=0.0)
    for _ in range(400):
        broker.publish("", "big", bytes(100_000), now=0.0)
    client = await Client.connect(server)
    await client.login()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined] # a selector transport has it
    client.send(1, "basic.consume", 0, "big", "c", False, True, False, False, {})
    await client.writer.drain()
    for _ in range(50):
        await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop, no time
    left = len(broker.peek("big"))
    connection = next(iter(broker.connections.values()))
    assert left > 200
    assert connection.out_size <= 400_000

    client.writer.transport.resume_reading()  # type: ignore[attr-defined] # as above
    frames = await client.frames(1 + 3 * 400)
    assert len(frames) == 1 + 3 * 400
    await client.close()


@pytest.mark.slow
async def test_a_client_that_does_not_read_cannot_keep_the_server_from_stopping(
    server: AmqpServer,
) -> None:
    """docs/svc-fake-broker.md: a signal ends the program, in half a second at most."""
    broker = server.broker
    broker.declare_queue("big", now=0.0)
    for _ in range(100):
        broker.publish("", "big", bytes(1_000_000), now=0.0)
    client = await Client.connect(server)
    await client.login()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined] # a selector transport has it
    client.send(1, "basic.consume", 0, "big", "c", False, False, False, False, {})
    await client.writer.drain()
    for _ in range(50):
        await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop, no time

    await server.stop()

    assert broker.connections == {}
    assert len(broker.peek("big")) == 100  # what was not acknowledged is there again
    client.writer.transport.abort()
    await client.writer.wait_closed()


async def test_a_client_that_only_asks_and_never_reads_is_no_longer_read(
    server: AmqpServer,
) -> None:
    """Replies that pile up stop the input: the kernel's buffers fill, and the client has to wait."""
    broker = server.broker
    broker.declare_queue("q", now=0.0)
    broker.publish("", "q", bytes(100_000), now=0.0)
    client = await Client.connect(server)
    await client.login()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined] # a selector transport has it
    for _ in range(400):
        client.send(1, "basic.get", 0, "q", False)
        client.send(1, "basic.recover", True)
    for _ in range(200):
        await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop, no time
    connection = next(iter(broker.connections.values()))
    assert connection.paused
    assert not broker.wants_input(connection.id)
    client.writer.transport.abort()


async def test_deadlines_of_the_broker_are_kept_by_one_timer(server: AmqpServer) -> None:
    async with await aio_pika.connect(f"amqp://guest:guest@127.0.0.1:{server.port}/") as connection:
        channel = await connection.channel()
        dead = await channel.declare_queue("dead", durable=True)
        letters = {
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": "dead",
            "x-message-ttl": 20,
        }
        await channel.declare_queue("src", durable=True, arguments=letters)
        got: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()
        await dead.consume(got.put)
        await channel.default_exchange.publish(aio_pika.Message(b"x"), routing_key="src")
        message = await asyncio.wait_for(got.get(), 5)
        assert message.body == b"x"
        await message.ack()


# --- TLS -------------------------------------------------------------------------------------------


@pytest.fixture
async def tls_server(tmp_path: Path) -> AsyncIterator[AmqpServer]:
    context = server_context(certificates_in(tmp_path, "127.0.0.1"))
    served = AmqpServer(Broker(ids=SeededIds(1)), SystemClock(), "127.0.0.1", None, tls=context)
    await served.start()
    try:
        yield served
    finally:
        await served.stop()


def _client_context(folder: Path, certificate: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    if certificate is not None:
        context.load_cert_chain(folder / f"{certificate}.pem")
    return context


async def test_a_client_certificate_logs_its_common_name_in(
    tls_server: AmqpServer, tmp_path: Path
) -> None:
    """https://www.rabbitmq.com/docs/ssl: EXTERNAL."""
    client = await Client.connect(tls_server, _client_context(tmp_path, "client"))
    await client.login("EXTERNAL", b"")
    (connection,) = tls_server.broker.connections.values()
    assert connection.user is not None
    assert connection.user.name == "guest"
    await client.close()


async def test_plain_works_over_tls_without_a_client_certificate(
    tls_server: AmqpServer, tmp_path: Path
) -> None:
    client = await Client.connect(tls_server, _client_context(tmp_path, None))
    await client.login()
    assert len(tls_server.broker.connections) == 1
    await client.close()
