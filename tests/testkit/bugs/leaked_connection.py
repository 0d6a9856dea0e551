"""Leaked connection: an AMQP connection of its own stays open when the service has stopped."""

import asyncio
from typing import Any

import aioamqp
from tests.testkit.bugs.support_bugs import Amqp, job


class Buggy(Amqp):
    async def _started_service(self) -> None:
        self.transport, self.protocol = await aioamqp.connect(
            self.options["amqp.host"], self.options["amqp.port"]
        )

    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Fixed(Buggy):
    async def _stop_service(self) -> None:
        await self.protocol.close()
        self.transport.close()
        await asyncio.wait([self.protocol.worker])
