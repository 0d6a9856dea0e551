"""Double publish: two effects, and when the second one fails, the first one comes again."""

from typing import Any

from tests.testkit.bugs.support_bugs import Sqs, order

import tomodachi
from tomodachi.helpers import clock

IDEMPOTENT = True


def service(*, stages: bool) -> type[Sqs]:
    done: set[tuple[str, int]] = set()

    class Shop(Sqs):
        @order
        async def handle(self, data: dict[str, Any]) -> None:
            for topic in ("billed", "shipped"):
                if stages and (topic, data["id"]) in done:
                    continue
                await self.bill(data, topic)
                done.add((topic, data["id"]))
                await clock.sleep(0.4)

    return Shop


def Buggy() -> type[tomodachi.Service]:  # noqa: N802 - stands for a class
    return service(stages=False)


def Fixed() -> type[tomodachi.Service]:  # noqa: N802
    return service(stages=True)
