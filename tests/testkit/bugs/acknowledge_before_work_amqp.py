"""Acknowledge before work, over AMQP: deliveries are acknowledged when a task has been made of them."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Amqp, job, work


class Buggy(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        self.task = asyncio.create_task(self.later(data))

    async def later(self, data: dict[str, Any]) -> None:
        await work()
        await self.bill(data)


class Fixed(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await work()
        await self.bill(data)
