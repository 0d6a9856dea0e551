"""aiobotocore on the same loop as the server: long polls, fan-out, many calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiobotocore.session
import pytest
from tests.fakes.servers.support_http import Site, site

from tomodachi_fakes.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.source("https://github.com/aio-libs/aiobotocore")]


class Clients:
    def __init__(self, aws: Site, stack: AsyncExitStack) -> None:
        self._aws, self._stack = aws, stack
        self._session = aiobotocore.session.get_session()

    async def of(self, service: str) -> Any:
        context = self._session.create_client(
            service,
            region_name="eu-west-1",
            endpoint_url=f"http://127.0.0.1:{self._aws.server.port}",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        return await self._stack.enter_async_context(context)


@pytest.fixture
async def clients() -> AsyncIterator[Clients]:
    async with AsyncExitStack() as stack:
        aws = await stack.enter_async_context(site(SystemClock()))
        yield Clients(aws, stack)


async def test_long_poll_is_answered_by_a_send(clients: Clients) -> None:
    sqs = await clients.of("sqs")
    url = (await sqs.create_queue(QueueName="q"))["QueueUrl"]
    poll = asyncio.ensure_future(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20))
    await sqs.list_queues()

    await sqs.send_message(QueueUrl=url, MessageBody="a")

    (message,) = (await poll)["Messages"]
    assert message["Body"] == "a"


async def test_cancelled_long_poll_leaves_the_message(clients: Clients) -> None:
    sqs = await clients.of("sqs")
    url = (await sqs.create_queue(QueueName="q"))["QueueUrl"]
    poll = asyncio.ensure_future(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20))
    await sqs.list_queues()
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    await sqs.list_queues()

    await sqs.send_message(QueueUrl=url, MessageBody="a")

    (message,) = (await sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5))["Messages"]
    assert message["Body"] == "a"


async def test_fan_out_has_happened_when_publish_returns(clients: Clients) -> None:
    sqs, sns = await clients.of("sqs"), await clients.of("sns")
    topic = (await sns.create_topic(Name="t"))["TopicArn"]
    urls = []
    for n in range(3):
        urls.append((await sqs.create_queue(QueueName=f"q{n}"))["QueueUrl"])
        arn = f"arn:aws:sqs:eu-west-1:000000000000:q{n}"
        await sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    await sns.publish(TopicArn=topic, Message="hello")

    for url in urls:
        (message,) = (await sqs.receive_message(QueueUrl=url))["Messages"]
        assert '"Message" : "hello"' in message["Body"] or '"Message": "hello"' in message["Body"]


async def test_many_calls_at_once(clients: Clients) -> None:
    sqs = await clients.of("sqs")
    url = (await sqs.create_queue(QueueName="q"))["QueueUrl"]

    await asyncio.gather(*(sqs.send_message(QueueUrl=url, MessageBody=str(n)) for n in range(100)))

    seen: set[str] = set()
    while len(seen) < 100:
        received = await sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        seen |= {message["Body"] for message in received["Messages"]}
    assert seen == {str(n) for n in range(100)}
