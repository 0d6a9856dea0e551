"""A late answer is taken for a failure: what was published is published again elsewhere."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

IDEMPOTENT = True


def service(patience_s: float) -> type[Sqs]:
    database: set[int] = set()

    class Shop(Sqs):
        @order
        async def handle(self, data: dict[str, Any]) -> None:
            if data["id"] in database:
                return
            try:
                async with asyncio.timeout(patience_s):
                    await self.bill(data)
            except TimeoutError:
                await self.bill(data, "billing-failed")
            database.add(data["id"])

    return Shop


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service(2)


def Fixed() -> type[Sqs]:  # noqa: N802
    return service(20)
