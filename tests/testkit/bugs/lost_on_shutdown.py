"""Lost on shutdown: what waits in memory for the next batch is forgotten when the service stops."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

from tomodachi.helpers import clock


class Batching(Sqs):
    def __init__(self) -> None:
        self.batch: list[dict[str, Any]] = []

    async def _started_service(self) -> None:
        self.flusher = asyncio.create_task(self.flush_now_and_then())

    @order
    async def handle(self, data: dict[str, Any]) -> None:
        self.batch.append(data)

    async def flush(self) -> None:
        batch, self.batch = self.batch, []
        for data in batch:
            await self.bill(data)

    async def flush_now_and_then(self) -> None:
        while True:
            await clock.sleep(5)
            await self.flush()


class Buggy(Batching):
    async def _stop_service(self) -> None:
        self.flusher.cancel()


class Fixed(Batching):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        self.batch.append(data)
        await self.flush()

    async def _stop_service(self) -> None:
        self.flusher.cancel()
        await self.flush()
