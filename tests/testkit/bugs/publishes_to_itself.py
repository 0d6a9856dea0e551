"""Publishes to itself: every message makes another one of the same kind, for ever."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order, work


class Buggy(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await work()
        await self.bill(data, "order")


class Fixed(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data, "billed")
