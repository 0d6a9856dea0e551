"""Ready too late: messages are taken before what they need is there."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

from tomodachi.helpers import clock


class Preparing(Sqs):
    async def prepare(self) -> None:
        await clock.sleep(3)
        self.topic = "billed"

    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data, self.topic)


class Buggy(Preparing):
    async def _started_service(self) -> None:
        self.preparation = asyncio.create_task(self.prepare())


class Fixed(Preparing):
    async def _start_service(self) -> None:
        await self.prepare()
