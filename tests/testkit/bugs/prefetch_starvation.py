"""Prefetch starvation: a handler waits for a message that its own unacknowledged one keeps away."""

import asyncio
from typing import Any

from tests.testkit.bugs.support_bugs import Amqp

import tomodachi


def service(prefetch: int) -> type[Amqp]:
    class Shop(Amqp):
        options = tomodachi.Options(
            amqp=tomodachi.Options.AMQP(
                qos=tomodachi.Options.AMQP.QOS(queue_prefetch_count=prefetch)
            )
        )

        def __init__(self) -> None:
            self.checked = asyncio.Event()

        @tomodachi.amqp("job", queue_name="jobs", on_exception="retry")
        async def handle(self, data: dict[str, Any]) -> None:
            if "check" in data:
                self.checked.set()
                return
            await tomodachi.amqp_publish(self, {"check": data["id"]}, routing_key="job")
            await self.checked.wait()
            await self.bill(data)

    return Shop


def Buggy() -> type[Amqp]:  # noqa: N802 - stands for a class
    return service(1)


def Fixed() -> type[Amqp]:  # noqa: N802
    return service(20)
