"""Falsy taken for unset: an id of 0 counts as no id, and is not remembered."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

IDEMPOTENT = True


def service(*, asks_for_none: bool) -> type[Sqs]:
    database: set[int] = set()

    class Remembering(Sqs):
        @order
        async def handle(self, data: dict[str, Any]) -> None:
            number = data.get("id")
            if number in database:
                return
            await self.bill(data)
            if number is not None if asks_for_none else number:
                database.add(number)

    return Remembering


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service(asks_for_none=False)


def Fixed() -> type[Sqs]:  # noqa: N802
    return service(asks_for_none=True)
