"""Falsy option taken for unset: a store that is handed in empty is replaced by a private one."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

IDEMPOTENT = True


def service(*, asks_for_none: bool) -> type[Sqs]:
    database: set[int] = set()

    class Remembering(Sqs):
        def __init__(self, store: set[int] | None = database) -> None:
            if asks_for_none:
                self.store = set() if store is None else store
            else:
                self.store = store or set()

        @order
        async def handle(self, data: dict[str, Any]) -> None:
            if data["id"] not in self.store:
                await self.bill(data)
                self.store.add(data["id"])

    return Remembering


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service(asks_for_none=False)


def Fixed() -> type[Sqs]:  # noqa: N802
    return service(asks_for_none=True)
