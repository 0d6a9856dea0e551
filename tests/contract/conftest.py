"""Real clients on real servers in this process, over loopback; AMQP clients on a real RabbitMQ as well."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from tomodachi_fakes.clock import SystemClock
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.servers.aws_http import AwsHttpServer
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

RABBITMQ = os.environ.get("SVC_TEST_RABBITMQ")


@pytest.fixture(scope="module")
def aws_url() -> Iterator[str]:
    """Endpoint of a server that runs in a thread of its own, for clients that block."""
    loop = asyncio.new_event_loop()
    ready: list[AwsHttpServer] = []
    started = threading.Event()

    async def serve() -> None:
        cloud = Cloud(ids=SeededIds(1), events=EventLog(), faults=FaultPlan())
        server = AwsHttpServer(cloud, SystemClock(), "127.0.0.1", 0)
        await server.start()
        ready.append(server)
        started.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    yield f"http://127.0.0.1:{ready[0].port}"
    asyncio.run_coroutine_threadsafe(ready[0].stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture(
    params=[
        "fake",
        pytest.param(
            "rabbitmq",
            marks=[
                pytest.mark.real_rabbitmq,
                pytest.mark.skipif(
                    RABBITMQ is None and os.environ.get("CI") != "true",
                    reason="set SVC_TEST_RABBITMQ to the URL of a RabbitMQ",
                ),
            ],
        ),
    ]
)
async def amqp_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """URL of the fake, and then of the real RabbitMQ that `SVC_TEST_RABBITMQ` names."""
    if request.param == "rabbitmq":
        assert RABBITMQ is not None, "CI must set SVC_TEST_RABBITMQ"
        yield RABBITMQ
        return
    fake = FakeBroker(BrokerSettings(aws_port=None, seed=1))
    await fake.start()
    try:
        yield fake.amqp_url
    finally:
        await fake.stop()
