"""Acknowledged on error: without `on_exception="retry"` a message that failed is deleted."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

import tomodachi


class Buggy(Sqs):
    @tomodachi.aws_sns_sqs("order", queue_name="orders")
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Fixed(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)
