"""Missing reconnect: a connection of its own, made at start, is used until it breaks and ever after."""

import asyncio
import json
from typing import Any

import aioamqp
from tests.testkit.bugs.support_bugs import Amqp, job, work


class Publisher:
    """A connection that is closed in order."""

    async def connect(self, options: Any) -> None:
        address = options["amqp.host"], options["amqp.port"]
        self.transport, self.protocol = await aioamqp.connect(*address)
        self.channel = await self.protocol.channel()

    async def publish(self, data: dict[str, Any]) -> None:
        body = json.dumps({"id": data["id"]}).encode()
        await self.channel.basic_publish(body, "amq.topic", "billed")

    async def close(self) -> None:
        await self.protocol.close()
        self.transport.close()
        await asyncio.wait([self.protocol.worker])


class Buggy(Amqp):
    async def _started_service(self) -> None:
        self.publisher = Publisher()
        await self.publisher.connect(self.options)

    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await work()
        await self.publisher.publish(data)

    async def _stop_service(self) -> None:
        await self.publisher.close()


class Fixed(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await work()
        publisher = Publisher()
        await publisher.connect(self.options)
        try:
            await publisher.publish(data)
        finally:
            await publisher.close()
