"""State in memory: a sum over messages is lost with the process, although they were acknowledged."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

import tomodachi


def service(*, durable: bool) -> type[Sqs]:
    database: list[int] = []

    class Summing(Sqs):
        def __init__(self) -> None:
            self.ids = database if durable else []

        @order
        async def handle(self, data: dict[str, Any]) -> None:
            if data["id"] not in self.ids:
                self.ids.append(data["id"])
            if len(self.ids) == 4:
                done = {"ids": sorted(self.ids)}
                await tomodachi.aws_sns_sqs_publish(self, done, topic="summed")

    return Summing


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service(durable=False)


def Fixed() -> type[Sqs]:  # noqa: N802
    return service(durable=True)
