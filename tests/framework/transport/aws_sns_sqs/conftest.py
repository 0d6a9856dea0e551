"""A fake SNS+SQS in the test's own loop, real clients over loopback, and time that costs nothing.

Whenever everything in the loop waits, time moves to the next timer: a test awaits what it expects, or
sleeps for as long as it likes, on the loop's clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.helpers import observer
from tomodachi.helpers.aiobotocore_connector import ClientConnector
from tomodachi.helpers.clock import set_clock
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.faults import Fault, FaultKind, FaultPlan
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker
from tomodachi_testkit.clock import BrokerClock, Clock, ServiceClock
from tomodachi_testkit.loop import VirtualLoop

REGION = "eu-west-1"
ACCOUNT = "000000000000"
LONGEST_TEST_S = 100_000.0


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], Any]] | None:
    """Tests with `aws` run on the virtual loop."""
    if "aws" not in getattr(item, "fixturenames", ()):
        return None
    return {"virtual": VirtualLoop}


class CountingFaults(FaultPlan):
    """A fault plan that counts the calls it is asked about."""

    __slots__ = ("calls",)

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return True

    def take(self, point: str, *kinds: FaultKind) -> Fault | None:
        if kinds == (FaultKind.ERROR,):
            self.calls[point] += 1
        return super().take(point, *kinds)


class Calls:
    """Handler calls, as the runtime reports them."""

    def __init__(self) -> None:
        self.running: list[observer.HandlerCall] = []
        self.finished: list[observer.HandlerCall] = []

    def handler_started(self, call: observer.HandlerCall) -> None:
        self.running.append(call)

    def handler_finished(self, call: observer.HandlerCall) -> None:
        self.running = [other for other in self.running if other is not call]
        self.finished.append(call)

    @property
    def outcomes(self) -> list[str]:
        return [call.outcome for call in self.finished]


class Aws:
    """The fake, and services on it.

    Attributes:
        calls: Handler calls of the services.
        faults: What shall go wrong.
    """

    def __init__(self, loop: VirtualLoop) -> None:
        self._clock = Clock()
        self._clock.bind(loop)
        self.loop = loop
        self.faults = CountingFaults()
        self.calls = Calls()
        self.broker = self._broker(0)
        self._connector = ClientConnector()
        self._runners: list[ServiceRunner] = []

    def _broker(self, port: int) -> FakeBroker:
        settings = BrokerSettings(aws_port=port, amqp_port=None, seed=0)
        return FakeBroker(settings, clock=BrokerClock(self._clock), faults=self.faults)

    @property
    def url(self) -> str:
        return self.broker.aws_url

    @property
    def cloud(self) -> Cloud:
        assert self.broker.cloud is not None
        return self.broker.cloud

    @property
    def operations(self) -> Counter[str]:
        """Calls by operation: `operations["sqs.DeleteMessage"]`."""
        return self.faults.calls

    def options(self, **own: Any) -> tomodachi.Options:
        values = {
            "region_name": REGION,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }
        urls = {"sns": self.url, "sqs": self.url, "sts": self.url}
        return tomodachi.Options(aws_sns_sqs=values | own, aws_endpoint_urls=urls)

    # --- services -------------------------------------------------------------------------------

    def prepare(self, cls: type[tomodachi.Service], **own: Any) -> ServiceRunner:
        """A service on the fake that has not started; `own` are options of `aws_sns_sqs`."""
        set_clock(ServiceClock(self._clock))
        observer.set_observer(self.calls)
        service = cls()
        service.options = self.options(**own)
        runner = ServiceRunner(service)
        self._runners.append(runner)
        return runner

    async def start(self, cls: type[tomodachi.Service], **own: Any) -> Any:
        """Start a service; gives the instance."""
        runner = self.prepare(cls, **own)
        await runner.start()
        return runner.instance

    async def stop(self) -> None:
        """Stop every service."""
        for runner in self._runners:
            await runner.stop()

    async def close(self) -> None:
        await self.stop()
        await self._connector.close()
        await self.broker.stop()

    # --- time -----------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], object], within_s: float = 1000) -> None:
        """Let time pass, as far as needed, until something is true."""
        end = self.loop.time() + within_s
        while True:
            await self.settle()
            if condition():
                return
            assert self.loop.time() < end, f"not true after {within_s} s"
            if not await self._clock.step():
                self.loop.jump(end)

    async def settle(self) -> None:
        """Return when nothing is runnable any more."""
        await self._clock.settle()

    async def pass_time(self, seconds: float) -> None:
        """Let seconds pass, timer by timer."""
        await self._clock.advance(seconds)

    # --- the other side -------------------------------------------------------------------------

    async def client(self, service: str, region: str = REGION) -> Any:
        credentials = {
            "region_name": region,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "endpoint_url": self.url,
        }
        return await self._connector.create_client(f"{service}/{region}", credentials, service)

    async def send(self, queue: str, body: str, **params: Any) -> str:
        """Send a body as it is to a queue by its name; gives the message id."""
        client = await self.client("sqs")
        url = (await client.get_queue_url(QueueName=queue))["QueueUrl"]
        answer = await client.send_message(QueueUrl=url, MessageBody=body, **params)
        return str(answer["MessageId"])

    async def queue_attributes(self, queue: str, region: str = REGION) -> dict[str, str]:
        client = await self.client("sqs", region)
        url = (await client.get_queue_url(QueueName=queue))["QueueUrl"]
        answer = await client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return dict(answer["Attributes"])

    async def topic_attributes(self, topic: str) -> dict[str, str]:
        client = await self.client("sns")
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
        return dict((await client.get_topic_attributes(TopicArn=arn))["Attributes"])

    async def subscription_attributes(self, topic: str) -> list[dict[str, str]]:
        client = await self.client("sns")
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
        found = (await client.list_subscriptions_by_topic(TopicArn=arn))["Subscriptions"]
        return [
            (await client.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"]))[
                "Attributes"
            ]
            for one in found
        ]

    async def publish(self, topic: str, message: str, **params: Any) -> None:
        """Publish a text to a topic by its full name."""
        client = await self.client("sns")
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
        await client.publish(TopicArn=arn, Message=message, **params)

    def left(self, queue: str, region: str = REGION) -> int:
        """How many messages are in a queue, in whatever state."""
        peek = self.cloud.sqs.peek(f"arn:aws:sqs:{region}:{ACCOUNT}:{queue}")
        return len(peek.ready) + len(peek.in_flight) + len(peek.delayed)

    # --- trouble --------------------------------------------------------------------------------

    def fail(self, point: str, kind: FaultKind = FaultKind.ERROR, **settings: Any) -> Fault:
        """Plan a fault."""
        return self.faults.add(Fault(point, kind, **settings))

    async def go_away(self) -> int:
        """Stop listening and close every connection; gives the port to come back on."""
        port = int(self.url.rpartition(":")[2])
        await self.broker.stop()
        return port


@pytest.fixture
async def aws() -> AsyncIterator[Aws]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    with loop.virtual_time():
        kit = Aws(loop)
        await kit.broker.start()
        yield kit
        await kit.close()
