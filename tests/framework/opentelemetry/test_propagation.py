"""A trace goes through a broker: from the publisher's span to the consumer's, over the real clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.envelope import JsonBase
from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.clock import SystemClock
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.servers.amqp_tcp import AmqpServer
from tomodachi_fakes.servers.aws_http import AwsHttpServer

pytestmark = pytest.mark.slow


@pytest.fixture
async def aws_options() -> AsyncIterator[dict[str, Any]]:
    """Options that point a service at SNS and SQS in memory."""
    cloud = Cloud(ids=SeededIds(1), events=EventLog(), faults=FaultPlan())
    server = AwsHttpServer(cloud, SystemClock(), "127.0.0.1", 0)
    await server.start()
    url = f"http://127.0.0.1:{server.port}"
    yield {
        "aws_sns_sqs": {
            "region_name": "us-east-1",
            "aws_access_key_id": "key",
            "aws_secret_access_key": "secret",
        },
        "aws_endpoint_urls": {"sns": url, "sqs": url, "sts": url},
    }
    await server.stop()


def by_name(telemetry) -> dict[str, Any]:
    return {span.name: span for span in telemetry.spans()}


async def test_a_trace_goes_through_a_topic_and_a_queue(aws_options, instrument, telemetry):
    handled: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    class Orders(tomodachi.Service):
        name = "orders"
        message_envelope = JsonBase
        options = tomodachi.Options(**aws_options)

        @tomodachi.aws_sns_sqs("placed", queue_name="placed", competing=True)
        async def placed(self, data: Any) -> None:
            await tomodachi.sqs_send_message(self, {"again": data}, queue_name="sent")

        @tomodachi.aws_sns_sqs(queue_name="sent", competing=True)
        async def sent(self, data: Any) -> None:
            await handled.put(("sent", data))

    instrument()
    runner = ServiceRunner(Orders)
    await runner.start()
    with telemetry.tracer.start_as_current_span("root"):
        await tomodachi.aws_sns_sqs_publish(runner.instance, 1, topic="placed")
    assert await asyncio.wait_for(handled.get(), 20) == ("sent", {"again": 1})
    await runner.stop()

    spans = by_name(telemetry)
    path = ["root", "placed publish", "placed process", "sent publish", "sent process"]
    for parent, child in pairwise(path):
        assert spans[child].parent.span_id == spans[parent].context.span_id
        assert spans[child].context.trace_id == spans["root"].context.trace_id


@pytest.fixture
async def amqp_options() -> AsyncIterator[dict[str, Any]]:
    """Options that point a service at RabbitMQ in memory."""
    server = AmqpServer(Broker(ids=SeededIds(1)), SystemClock(), "127.0.0.1", 0)
    await server.start()
    yield {"amqp": {"host": "127.0.0.1", "port": server.port}}
    await server.stop()


async def test_a_trace_goes_through_an_exchange(amqp_options, instrument, telemetry):
    handled: asyncio.Queue[Any] = asyncio.Queue()

    class Thumbnails(tomodachi.Service):
        name = "thumbnails"
        message_envelope = JsonBase
        options = tomodachi.Options(**amqp_options)

        @tomodachi.amqp("image.uploaded", queue_name="images", competing=True)
        async def uploaded(self, data: Any) -> None:
            await handled.put(data)

    instrument()
    runner = ServiceRunner(Thumbnails)
    await runner.start()
    with telemetry.tracer.start_as_current_span("root"):
        await tomodachi.amqp_publish(runner.instance, 1, routing_key="image.uploaded")
    assert await asyncio.wait_for(handled.get(), 20) == 1
    await runner.stop()

    spans = by_name(telemetry)
    for parent, child in pairwise(["root", "image.uploaded publish", "image.uploaded process"]):
        assert spans[child].parent.span_id == spans[parent].context.span_id
        assert spans[child].context.trace_id == spans["root"].context.trace_id
