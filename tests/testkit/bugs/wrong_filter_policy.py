"""Wrong filter policy: a spelling that no publisher uses lets nothing through."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs

import tomodachi
from tomodachi_testkit.machines import Sample

SAMPLES = {"order": [Sample(attributes={"event": "order-created"})]}


def service(event: str) -> type[Sqs]:
    class Shop(Sqs):
        @tomodachi.aws_sns_sqs(
            "order", queue_name="orders", filter_policy={"event": [event]}, on_exception="retry"
        )
        async def handle(self, data: dict[str, Any]) -> None:
            await self.bill(data)

    return Shop


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service("order_created")


def Fixed() -> type[Sqs]:  # noqa: N802
    return service("order-created")
