"""Row 20: two services in one process, each with its own brokers, regions, credentials and prefixes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker
from tomodachi_testkit.clock import BrokerClock, Clock
from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.runner import run


class Both(tomodachi.Service):
    """Takes part in SNS + SQS and in AMQP."""

    name = "both"
    uuid = "both"

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []

    @tomodachi.aws_sns_sqs("t", queue_name="q")
    async def by_aws(self, message: str) -> None:
        self.got.append(("aws", message))

    @tomodachi.amqp("k", queue_name="q")
    async def by_amqp(self, message: str) -> None:
        self.got.append(("amqp", message))


def configured(broker: FakeBroker, *, mark: str, region: str, account: str) -> Both:
    service = Both()
    url = broker.aws_url
    service.options = tomodachi.Options(
        aws_sns_sqs={
            "region_name": region,
            "aws_access_key_id": account,
            "aws_secret_access_key": mark,
            "topic_prefix": f"{mark}-",
            "queue_name_prefix": f"{mark}-",
        },
        aws_endpoint_urls={"sns": url, "sqs": url, "sts": url},
        amqp={
            "port": urlsplit(broker.amqp_url).port,
            "routing_key_prefix": f"{mark}.",
            "queue_name_prefix": f"{mark}-",
        },
    )
    return service


class Stage:
    """Two brokers and a service on each."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.clock = Clock()
        self.clock.bind(loop)
        self.brokers = [
            FakeBroker(BrokerSettings(seed=number), clock=BrokerClock(self.clock))
            for number in range(2)
        ]
        self.runners: list[ServiceRunner] = []

    async def until_settled(self, work: Any) -> Any:
        task = asyncio.ensure_future(work)
        while not task.done():
            await self.clock.advance(0.1)
        return await task


@asynccontextmanager
async def staged() -> AsyncIterator[tuple[Stage, Both, Both]]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    with loop.virtual_time():
        stage = Stage(loop)
        for broker in stage.brokers:
            await broker.start()
        one = configured(stage.brokers[0], mark="one", region="eu-west-1", account="111111111111")
        two = configured(stage.brokers[1], mark="two", region="us-east-2", account="222222222222")
        for service in (one, two):
            stage.runners.append(ServiceRunner(service))
            await stage.until_settled(stage.runners[-1].start())
        yield stage, one, two
        for runner in stage.runners:
            await stage.until_settled(runner.stop())
        for broker in stage.brokers:
            await broker.stop()
        await stage.clock.settle()


async def talk(stage: Stage, service: Both, text: str) -> None:
    await stage.until_settled(tomodachi.sns_publish(service, text, "t"))
    await stage.until_settled(tomodachi.amqp_publish(service, text, "k"))
    await stage.clock.advance(1)


async def each_hears_itself_alone() -> None:
    async with staged() as (stage, one, two):
        await talk(stage, one, "from one")
        await talk(stage, two, "from two")
        assert sorted(one.got) == [("amqp", "from one"), ("aws", "from one")]
        assert sorted(two.got) == [("amqp", "from two"), ("aws", "from two")]
        seen = [
            (
                [queue.arn for queue in broker.cloud.sqs.queues()],
                broker.amqp.find_queue(f"{mark}-q"),
            )
            for broker, mark in zip(stage.brokers, ("one", "two"), strict=True)
            if broker.cloud is not None and broker.amqp is not None
        ]
        assert [arns for arns, _ in seen] == [
            ["arn:aws:sqs:eu-west-1:111111111111:one-q"],
            ["arn:aws:sqs:us-east-2:222222222222:two-q"],
        ]
        assert all(queue is not None for _, queue in seen)


async def one_goes_on_without_the_other() -> None:
    async with staged() as (stage, one, two):
        await stage.until_settled(stage.runners[0].stop())
        await stage.brokers[0].stop()
        await talk(stage, two, "alone")
        assert one.got == []
        assert sorted(two.got) == [("amqp", "alone"), ("aws", "alone")]


@pytest.mark.slow
def test_row_20_two_services_on_two_brokers_hear_themselves_alone() -> None:
    run(each_hears_itself_alone())


@pytest.mark.slow
def test_row_20_a_service_goes_on_when_the_other_and_its_brokers_are_gone() -> None:
    run(one_goes_on_without_the_other())
