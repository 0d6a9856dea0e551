"""Blocks for ever: a handler waits for an event that nobody sets."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order


class Fixed(Sqs):
    def __init__(self) -> None:
        self.ready = asyncio.Event()

    async def _started_service(self) -> None:
        self.ready.set()

    @order
    async def handle(self, data: dict[str, Any]) -> None:
        await self.ready.wait()
        await self.bill(data)


class Buggy(Fixed):
    async def _started_service(self) -> None:
        """Forgets to set the event."""
