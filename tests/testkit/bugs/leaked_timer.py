"""Leaked timer: a callback that plans itself again outlives its service."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order


class Buggy(Sqs):
    async def _started_service(self) -> None:
        self.tick()

    def tick(self) -> None:
        self.timer = asyncio.get_running_loop().call_later(60, self.tick)

    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Fixed(Buggy):
    async def _stop_service(self) -> None:
        self.timer.cancel()
