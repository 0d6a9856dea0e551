"""A queue that goes with its consumer: what is published while the service is down is lost."""

from typing import Any

from tests.testkit.bugs.support_bugs import Amqp, job

import tomodachi


class Buggy(Amqp):
    @tomodachi.amqp("job")
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Fixed(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)
