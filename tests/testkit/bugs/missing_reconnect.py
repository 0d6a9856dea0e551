"""Missing reconnect: a connection of its own, made at start, is used until it breaks and ever after."""

import json
from typing import Any

import aioamqp
from tests.testkit.bugs.support_bugs import Amqp, job, work


class Buggy(Amqp):
    connects_again = False

    async def _started_service(self) -> None:
        await self.connect()

    async def connect(self) -> None:
        self.transport, self.protocol = await aioamqp.connect(
            self.options["amqp.host"], self.options["amqp.port"]
        )
        self.channel = await self.protocol.channel()

    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await work()
        if self.connects_again and not self.channel.is_open:
            await self.connect()
        body = json.dumps({"id": data["id"]})
        await self.channel.basic_publish(body, "amq.topic", "billed")

    async def _stop_service(self) -> None:
        if self.channel.is_open:
            await self.protocol.close()
        self.transport.close()


class Fixed(Buggy):
    connects_again = True
