"""No prefetch limit: one instance takes every message there is, and the others have none."""

from typing import Any

from tests.testkit.bugs.support_bugs import Amqp, job

import tomodachi


class Fixed(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Buggy(Fixed):
    options = tomodachi.Options(
        amqp=tomodachi.Options.AMQP(
            qos=tomodachi.Options.AMQP.QOS(queue_prefetch_count=0, global_prefetch_count=0)
        )
    )
