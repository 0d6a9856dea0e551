"""Shared between messages: what belongs to one message is kept on the service."""

from typing import Any

from tests.testkit.bugs.support_bugs import Amqp, job, work


class Buggy(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        self.current = data
        await work()
        await self.bill(self.current)


class Fixed(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        current = data
        await work()
        await self.bill(current)
