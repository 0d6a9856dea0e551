"""Skips what was delivered before: a redelivery is taken for something that is done."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order, work


def service(*, marks_first: bool) -> type[Sqs]:
    database: set[int] = set()

    class Shop(Sqs):
        @order
        async def handle(self, data: dict[str, Any]) -> None:
            if data["id"] in database:
                return
            if marks_first:
                database.add(data["id"])
            await work()
            await self.bill(data)
            database.add(data["id"])

    return Shop


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service(marks_first=True)


def Fixed() -> type[Sqs]:  # noqa: N802
    return service(marks_first=False)
