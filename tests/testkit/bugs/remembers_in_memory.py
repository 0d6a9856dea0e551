"""Deduplicates in memory: the ids that were handled are forgotten with the process."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

IDEMPOTENT = True


def service(*, durable: bool) -> type[Sqs]:
    database: set[int] = set()

    class Remembering(Sqs):
        def __init__(self) -> None:
            self.handled = database if durable else set()

        @order
        async def handle(self, data: dict[str, Any]) -> None:
            if data["id"] not in self.handled:
                await self.bill(data)
                self.handled.add(data["id"])

    return Remembering


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service(durable=False)


def Fixed() -> type[Sqs]:  # noqa: N802
    return service(durable=True)
