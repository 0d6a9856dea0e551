"""Leaked task: a background task goes on when its service has stopped."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

from tomodachi.helpers import clock


class Buggy(Sqs):
    async def _started_service(self) -> None:
        self.refresher = asyncio.create_task(self.refresh())

    async def refresh(self) -> None:
        while True:
            await clock.sleep(60)

    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Fixed(Buggy):
    async def _stop_service(self) -> None:
        self.refresher.cancel()
