"""The service that `svc-fake-broker --demo` runs: an order comes in by SNS, an invoice goes out by AMQP.

Run as a program it starts the service on the endpoints in the environment, publishes one order
through SNS and one parcel through AMQP, and ends when both have been handled.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any
from urllib.parse import urlsplit

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.envelope import JsonBase
from tomodachi.helpers import clock

_LIMIT_S = 20.0


class DemoService(tomodachi.Service):
    """Bills orders that arrive by SNS + SQS, and ships parcels that arrive by AMQP."""

    name = "demo"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.billed = asyncio.Event()
        self.shipped = asyncio.Event()

    @tomodachi.aws_sns_sqs("order-created", queue_name="demo-orders")
    async def bill(self, data: dict[str, Any]) -> None:
        """An order: bill it, and ask for its parcel to be shipped."""
        _say(f"demo service: order {data['id']} is billed")
        await tomodachi.amqp_publish(self, data, routing_key="parcel.ready")
        self.billed.set()

    @tomodachi.amqp("parcel.*", queue_name="demo-parcels")
    async def ship(self, data: dict[str, Any]) -> None:
        """A parcel: ship it."""
        _say(f"demo service: the parcel of order {data['id']} is shipped")
        self.shipped.set()


def demo_options(aws_url: str, amqp_url: str) -> tomodachi.Options:
    """Options that point at a pair of brokers."""
    amqp = urlsplit(amqp_url)
    return tomodachi.Options(
        aws_sns_sqs=tomodachi.Options.AWSSNSSQS(
            region_name=os.environ.get("AWS_REGION", "us-east-1"),
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - what a fake is content with
        ),
        aws_endpoint_urls=tomodachi.Options.AWSEndpointURLs(sns=aws_url, sqs=aws_url, sts=aws_url),
        amqp=tomodachi.Options.AMQP(host=amqp.hostname or "127.0.0.1", port=amqp.port or 5672),
    )


async def main() -> None:
    """Start the service, publish an order, and stop when it is billed and shipped."""
    DemoService.options = demo_options(os.environ["AWS_ENDPOINT_URL"], os.environ["AMQP_URL"])
    runner = ServiceRunner(DemoService)
    await runner.start()
    try:
        service: Any = runner.instance
        _say("demo service: started; publishing an order")
        await tomodachi.aws_sns_sqs_publish(service, {"id": 7}, topic="order-created")
        async with asyncio.timeout(_LIMIT_S):
            await service.billed.wait()
            await service.shipped.wait()
        await clock.sleep(0)
    finally:
        await runner.stop()


def _say(text: str) -> None:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has had enough; what the demo does is not for them alone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    import logging

    logging.disable(logging.INFO)
    asyncio.run(main())
