"""Wrong dead-letter queue: poison goes to a queue that a handler reads as its own."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs

import tomodachi


def service(dead_letters: str) -> type[Sqs]:
    class Shop(Sqs):
        @tomodachi.aws_sns_sqs(
            "order",
            queue_name="orders",
            dead_letter_queue_name=dead_letters,
            max_receive_count=3,
            on_exception="retry",
        )
        async def handle(self, data: dict[str, Any]) -> None:
            await self.bill(data)

        @tomodachi.aws_sns_sqs("refund", queue_name="refunds", on_exception="retry")
        async def refund(self, data: dict[str, Any]) -> None:
            await self.bill(data, "refunded")

    return Shop


def Buggy() -> type[Sqs]:  # noqa: N802 - stands for a class
    return service("refunds")


def Fixed() -> type[Sqs]:  # noqa: N802
    return service("orders-dead")
