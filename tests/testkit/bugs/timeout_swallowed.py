"""Swallowed timeout: when a neighbour is slow, the message is dropped and acknowledged."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order


class Buggy(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(2):
                await self.bill(data)
        except TimeoutError:
            return


class Fixed(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        async with asyncio.timeout(20):
            await self.bill(data)
