"""Rejected without dead letters: a delivery that failed is rejected for good, and nothing keeps it."""

from typing import Any

from tests.testkit.bugs.support_bugs import Amqp, job

import tomodachi


class Buggy(Amqp):
    @tomodachi.amqp("job", queue_name="jobs", on_exception="reject")
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)


class Fixed(Amqp):
    @job
    async def handle(self, data: dict[str, Any]) -> None:
        await self.bill(data)
