"""Fails after success: an error behind the effect brings the message, and the effect, again."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order


class Buggy(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)
        self.remember(data["order"])

    def remember(self, number: int) -> None:
        self.last = number


class Fixed(Buggy):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)
        self.remember(data["id"])
