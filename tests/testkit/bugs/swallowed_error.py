"""Swallowed error: what fails is logged, and the message is acknowledged as if it was handled."""

import logging
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order


class Buggy(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        try:
            await self.bill(data)
        except Exception:
            logging.getLogger(__name__).exception("billing failed")


class Fixed(Sqs):
    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)
