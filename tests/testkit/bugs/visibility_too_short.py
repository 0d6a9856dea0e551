"""Visibility timeout too short: a message comes again while it is still being worked on."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs

import tomodachi
from tomodachi.helpers import clock


def service(seconds: int) -> type[Sqs]:
    class Shop(Sqs):
        @tomodachi.aws_sns_sqs(
            "order", queue_name="orders", visibility_timeout=seconds, on_exception="retry"
        )
        async def handle(self, data: dict[str, Any]) -> None:
            await clock.sleep(45)
            await self.bill(data)

    return Shop


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service(30)


def Fixed() -> type[Sqs]:  # noqa: N802
    return service(120)
