"""Lost update: a number is read, time passes, and the old number plus one is written."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Amqp, job, work

import tomodachi


class Counting(Amqp):
    def __init__(self) -> None:
        self.lock = asyncio.Lock()


def service(*, locked: bool) -> type[Amqp]:
    database = {"count": 0}

    class Shop(Counting):
        @job
        async def handle(self, data: dict[str, Any]) -> None:
            if locked:
                async with self.lock:
                    await self.count()
            else:
                await self.count()

        async def count(self) -> None:
            count = database["count"]
            await work()
            database["count"] = count + 1
            done = {"count": count + 1}
            await tomodachi.amqp_publish(self, done, routing_key="counted")

    return Shop


def Buggy() -> type[Amqp]:  # noqa: N802 - stands for a class
    return service(locked=False)


def Fixed() -> type[Amqp]:  # noqa: N802
    return service(locked=True)
