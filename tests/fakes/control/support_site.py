"""Running brokers with a queue, a topic and an AMQP queue, and calls to their control API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tomodachi_fakes.clock import AdjustableClock, ManualClock
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

START = 1_767_225_600.0


class Site:
    """Running brokers, with an SQS queue "q", a topic "t" and an AMQP queue "aq"."""

    def __init__(self, broker: FakeBroker, http: aiohttp.ClientSession) -> None:
        self.broker, self.http = broker, http

    def aws(self, service: str, operation: str, **params: Any) -> Any:
        return self.broker.call_aws(service, operation, params, self.broker.context())

    def have_dead_letter(self, receives: int = 1) -> str:
        """Put a message of topic "t" into "q-dead", the dead-letter queue of "q"; its id in SQS."""
        account = self.broker.settings.account
        self.aws("sqs", "CreateQueue", QueueName="q-dead")
        target = f"arn:aws:sqs:us-east-1:{account}:q-dead"
        redrive = {"deadLetterTargetArn": target, "maxReceiveCount": receives}
        attributes = {"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "0"}
        self.aws("sqs", "SetQueueAttributes", QueueUrl="q", Attributes=attributes)
        topic = f"arn:aws:sns:us-east-1:{account}:t"
        endpoint = f"arn:aws:sqs:us-east-1:{account}:q"
        self.aws("sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
        self.aws("sns", "Publish", TopicArn=topic, Message="poison")
        (message,) = self.aws("sqs", "ReceiveMessage", QueueUrl="q")["Messages"]
        for _ in range(receives):
            self.aws("sqs", "ReceiveMessage", QueueUrl="q")
        return str(message["MessageId"])

    async def get(self, path: str, **query: str) -> Any:
        url = f"{self.broker.management_url}/_broker/{path}"
        async with self.http.get(url, params=query) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def post(self, path: str, method: str = "POST", **body: Any) -> tuple[int, Any]:
        url = f"{self.broker.management_url}/_broker/{path}"
        async with self.http.request(method, url, json=body) as response:
            return response.status, await response.json()


@asynccontextmanager
async def running_site() -> AsyncIterator[Site]:
    """Brokers whose time stands at `START` until it is moved."""
    settings = BrokerSettings(seed=1, management_port=0)
    broker = FakeBroker(settings, clock=AdjustableClock(ManualClock(START)))
    await broker.start()
    async with aiohttp.ClientSession() as http:
        site = Site(broker, http)
        site.aws("sqs", "CreateQueue", QueueName="q")
        site.aws("sns", "CreateTopic", Name="t")
        assert broker.amqp is not None
        broker.amqp.declare_queue("aq", now=START)
        yield site
    await broker.stop()
