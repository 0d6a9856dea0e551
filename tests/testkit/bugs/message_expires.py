"""A time to live shorter than an outage: what waits for the service expires."""

from typing import Any

from tests.testkit.bugs.support_bugs import Amqp, job

import tomodachi


class Fixed(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Buggy(Amqp):
    options = tomodachi.Options(
        amqp=tomodachi.Options.AMQP(
            qos=tomodachi.Options.AMQP.QOS(queue_prefetch_count=10),
            queue_ttl=10,
        )
    )

    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)
