"""Real AWS clients on a real server in this process, over loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tomodachi_fakes.clock import SystemClock
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.servers.aws_http import AwsHttpServer


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
