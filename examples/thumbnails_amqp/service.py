"""A RabbitMQ service: consumes upload.*, publishes thumbnail.done."""

from typing import Any

import tomodachi
from tomodachi.envelope import JsonBase


class ThumbnailService(tomodachi.Service):
    name = "thumbnails"
    message_envelope = JsonBase
    options = tomodachi.Options(
        amqp=tomodachi.Options.AMQP(
            exchange_name="media",
            qos=tomodachi.Options.AMQP.QOS(queue_prefetch_count=10),
        )
    )

    @tomodachi.amqp("upload.*", queue_name="thumbnails", on_exception="retry")
    async def resize(self, data: dict[str, Any], routing_key: str) -> None:
        kind = routing_key.removeprefix("upload.")
        done = {"name": data["name"], "kind": kind}
        await tomodachi.amqp_publish(
            self, done, routing_key="thumbnail.done", exchange_name="media"
        )
