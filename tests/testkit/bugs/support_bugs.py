"""What every service of the corpus has: a name, an envelope, short work, one effect a message."""

from __future__ import annotations

from typing import Any

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.helpers import clock

WORK_S = 0.5


class Sqs(tomodachi.Service):
    name = "shop"
    message_envelope = JsonBase
    options = tomodachi.Options(aws_sns_sqs=tomodachi.Options.AWSSNSSQS(region_name="eu-west-1"))

    async def bill(self, data: dict[str, Any], topic: str = "billed") -> None:
        await tomodachi.aws_sns_sqs_publish(self, {"id": data["id"]}, topic=topic)


class Amqp(tomodachi.Service):
    name = "shop"
    message_envelope = JsonBase
    options = tomodachi.Options(
        amqp=tomodachi.Options.AMQP(qos=tomodachi.Options.AMQP.QOS(queue_prefetch_count=10))
    )

    async def bill(self, data: dict[str, Any]) -> None:
        await tomodachi.amqp_publish(self, {"id": data["id"]}, routing_key="billed")


async def work() -> None:
    """What takes its time."""
    await clock.sleep(WORK_S)


order = tomodachi.aws_sns_sqs("order", queue_name="orders", on_exception="retry")
job = tomodachi.amqp("job", queue_name="jobs", on_exception="retry")
