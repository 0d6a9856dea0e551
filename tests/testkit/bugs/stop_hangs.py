"""Stop hangs: the stop hook waits for a worker that was never told to end."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order


class Working(Sqs):
    async def _started_service(self) -> None:
        self.jobs: asyncio.Queue[int | None] = asyncio.Queue()
        self.worker = asyncio.create_task(self.serve())

    async def serve(self) -> None:
        while await self.jobs.get() is not None:
            pass

    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Buggy(Working):
    async def _stop_service(self) -> None:
        await self.worker


class Fixed(Working):
    async def _stop_service(self) -> None:
        self.jobs.put_nowait(None)
        await self.worker
