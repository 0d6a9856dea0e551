"""Not idempotent: a message that is delivered again has its effect again."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

IDEMPOTENT = True


class Buggy(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


def Fixed() -> type[Sqs]:  # noqa: N802 - stands for a class
    database: set[int] = set()

    class Idempotent(Sqs):
        @order
        async def handle(self, data: dict[str, Any]) -> None:
            if data["id"] not in database:
                await self.bill(data)
                database.add(data["id"])

    return Idempotent
