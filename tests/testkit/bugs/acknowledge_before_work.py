"""Acknowledge before work: the handler returns at once and a task of its own does the work."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order, work


class Buggy(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        self.task = asyncio.create_task(self.later(data))

    async def later(self, data: dict[str, Any]) -> None:
        await work()
        await self.bill(data)


class Fixed(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await work()
        await self.bill(data)
