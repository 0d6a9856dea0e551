"""Publishes before the commit: when the process dies in between, the message is published again."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order, work

IDEMPOTENT = True


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    database: set[int] = set()

    class Shop(Sqs):
        @order
        async def handle(self, data: dict[str, Any]) -> None:
            if data["id"] not in database:
                await self.bill(data)
                await work()
                database.add(data["id"])

    return Shop


def Fixed() -> type[Sqs]:  # noqa: N802
    database: set[int] = set()

    class Shop(Sqs):
        @order
        async def handle(self, data: dict[str, Any]) -> None:
            if data["id"] not in database:
                await work()
                await self.bill(data)
                database.add(data["id"])

    return Shop
