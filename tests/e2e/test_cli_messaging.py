"""A real process that consumes from SQS and RabbitMQ, and is told to stop by a signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.e2e.support_cli import Process, tomodachi_command

from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

SERVICE = """
import asyncio
import os

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport.aws_sns_sqs import AWSSNSSQSTransport

AWS = os.environ["AWS_URL"]


class Works(tomodachi.Service):
    name = "works"
    uuid = "works"
    message_envelope = JsonBase
    options = tomodachi.Options(
        aws_sns_sqs={
            "region_name": "us-east-1",
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        },
        aws_endpoint_urls={"sns": AWS, "sqs": AWS, "sts": AWS},
        amqp={"port": int(os.environ["AMQP_PORT"])},
    )

    def __init__(self):
        self.stopping = asyncio.Event()

    @tomodachi.aws_sns_sqs("work", queue_name="in", on_exception="retry")
    async def from_sqs(self, data):
        await self.work(data)

    @tomodachi.amqp("work", queue_name="in", on_exception="retry")
    async def from_rabbitmq(self, data):
        await self.work(data)

    async def work(self, data):
        self.logger.info("began", data=data)
        await self.stopping.wait()
        await tomodachi.amqp_publish(self, data, "nowhere")
        await tomodachi.sqs_send_message(self, data, "done")
        self.logger.info("ended", data=data)

    async def _start_service(self):
        await AWSSNSSQSTransport.create_queue("done", self.context, fifo=False)

    async def _started_service(self):
        if os.environ.get("WORK"):
            await tomodachi.sns_publish(self, "sqs", "work")
            await tomodachi.amqp_publish(self, "rabbitmq", "work")
        self.logger.info("running")

    async def _stopping_service(self):
        self.stopping.set()

    async def _stop_service(self):
        self.logger.info("stopped")
"""


@pytest.fixture
async def broker() -> AsyncIterator[FakeBroker]:
    broker = FakeBroker(BrokerSettings())
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "service.py").write_text(SERVICE)
    return tmp_path


def on_sqs(broker: FakeBroker, queue: str) -> list[int]:
    """How many messages are ready, and how many in flight."""
    assert broker.cloud is not None
    peek = broker.cloud.sqs.peek(f"arn:aws:sqs:us-east-1:000000000000:{queue}")
    return [len(peek.ready), len(peek.in_flight)]


def on_rabbitmq(broker: FakeBroker, queue: str) -> list[int]:
    """How many messages are ready, and how many unacknowledged."""
    assert broker.amqp is not None
    found = broker.amqp.find_queue(queue)
    return [len(found.ready), len(found.unacked)]


@asynccontextmanager
async def running(folder: Path, broker: FakeBroker, work: str = "") -> AsyncIterator[Process]:
    argv = ("run", "--production", "--logger", "json", "service.py")
    port = str(urlsplit(broker.amqp_url).port)
    environ = {"AWS_URL": broker.aws_url, "AMQP_PORT": port, "WORK": work}
    async with tomodachi_command(folder, *argv, **environ) as process:
        await process.logged("running")
        yield process


async def both_began(process: Process) -> None:
    began = {(await process.logged("began"))["data"] for _ in range(2)}
    assert began == {"sqs", "rabbitmq"}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_running_handlers_end_and_their_messages_are_gone(
    folder: Path, broker: FakeBroker, number: int
) -> None:
    """Row 3, and for SQS the same. The handlers end once the stop has begun, and publish then."""
    async with running(folder, broker, work="yes") as process:
        await both_began(process)
        assert (on_sqs(broker, "in"), on_rabbitmq(broker, "in")) == ([0, 1], [0, 1])
        process.send_signal(number)
        code, lines = await process.lines()
    assert code == 0
    told = [line["message"] for line in lines if line["message"] in ("ended", "stopped")]
    assert told == ["ended", "ended", "stopped"]
    assert (on_sqs(broker, "in"), on_rabbitmq(broker, "in")) == ([0, 0], [0, 0])
    assert on_sqs(broker, "done") == [2, 0]


@pytest.mark.slow
async def test_a_signal_while_nothing_is_handled_ends_the_process(
    folder: Path, broker: FakeBroker
) -> None:
    """The receives wait for up to 20 s, and are given up."""
    async with running(folder, broker) as process:
        code, output = await process.ended()
    assert (code, output) == (0, "")


@pytest.mark.slow
async def test_messages_of_a_process_that_is_killed_stay_in_their_queues(
    folder: Path, broker: FakeBroker
) -> None:
    """RabbitMQ has its message back at once, SQS after the visibility timeout."""
    async with running(folder, broker, work="yes") as process:
        await both_began(process)
        process.send_signal(signal.SIGKILL)
        code, _ = await process.result()
    assert code == -signal.SIGKILL
    async with asyncio.timeout(20):
        while on_rabbitmq(broker, "in") != [1, 0]:  # noqa: ASYNC110 - it has no event for this
            await asyncio.sleep(0)  # noqa: TID251 - until the broker has seen the connection end
    assert on_sqs(broker, "in") == [0, 1]
