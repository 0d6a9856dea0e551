"""Ignores the FIFO group: messages of one group are handled side by side."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs

import tomodachi
from tomodachi.helpers import clock

fifo = tomodachi.aws_sns_sqs(
    "order.fifo", queue_name="orders.fifo", fifo=True, on_exception="retry"
)


class Fixed(Sqs):
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()

    @fifo
    async def handle(self, data: dict[str, Any]) -> None:
        await self.work(data)

    async def work(self, data: dict[str, Any]) -> None:
        await clock.sleep(4 - data["id"])
        await self.bill(data)


class Buggy(Fixed):
    @fifo
    async def handle(self, data: dict[str, Any]) -> None:
        self.tasks.add(asyncio.create_task(self.work(data)))

    async def _stop_service(self) -> None:
        await asyncio.gather(*self.tasks)
