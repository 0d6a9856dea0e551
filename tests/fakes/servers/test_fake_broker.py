"""Both brokers as one: what the settings put in force, through real clients on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import botocore.exceptions
import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from aiohttp import web

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.clock import ManualClock
from tomodachi_fakes.errors import FakesError, PortInUse
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

ACCOUNT = "000000000000"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:t"


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[FakeBroker]:
    given = BrokerSettings(**{"amqp_port": None, "seed": 1} | settings)
    broker = FakeBroker(given, clock=ManualClock(1_767_225_600.0))
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


@asynccontextmanager
async def client(broker: FakeBroker, service: str, key: str = "test") -> AsyncIterator[Any]:
    async with get_session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=broker.aws_url,
        aws_access_key_id=key,
        aws_secret_access_key="test",
        config=AioConfig(retries={"max_attempts": 1}),
    ) as made:
        yield made


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, asyncio.Queue[dict[str, Any]]]]:
    """An HTTP endpoint, and what was posted to it."""
    posts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def keep(request: web.Request) -> web.Response:
        posts.put_nowait(json.loads(await request.text()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", keep)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", posts
    finally:
        await runner.cleanup()


def context(broker: FakeBroker) -> CallContext:
    return CallContext(
        account=ACCOUNT,
        region="us-east-1",
        now=broker.clock.now(),
        request_id="r",
        base_url=broker.aws_url,
    )


def call(broker: FakeBroker, service: str, operation: str, **params: Any) -> dict[str, Any]:
    answer = broker.call_aws(service, operation, params, context(broker))
    assert isinstance(answer, dict)
    return answer


async def test_queue_urls_begin_with_the_address_that_was_chosen() -> None:
    async with (
        running(aws_public_url="http://brokers.test:4566") as broker,
        client(broker, "sqs") as sqs,
    ):
        url = (await sqs.create_queue(QueueName="q"))["QueueUrl"]
        await sqs.send_message(QueueUrl=url, MessageBody="a")

    assert url == f"http://brokers.test:4566/{ACCOUNT}/q"


async def test_an_http_endpoint_confirms_and_gets_what_is_published() -> None:
    """SNS developer guide: the endpoint visits SubscribeURL, and notifications follow."""
    async with running() as broker, receiver() as (url, posts):
        call(broker, "sns", "CreateTopic", Name="t")
        call(broker, "sns", "Subscribe", TopicArn=TOPIC, Protocol="http", Endpoint=url)
        asked = await asyncio.wait_for(posts.get(), 5)
        async with aiohttp.ClientSession() as session, session.get(asked["SubscribeURL"]) as answer:
            assert answer.status == 200

        call(broker, "sns", "Publish", TopicArn=TOPIC, Message="hello")

        assert (await asyncio.wait_for(posts.get(), 5))["Message"] == "hello"


async def test_http_delivery_that_is_off_posts_nothing() -> None:
    async with running(http_delivery="off") as broker, receiver() as (url, posts):
        failed = asyncio.Event()
        broker.events.subscribe(lambda event: failed.set() if event.kind == "failed" else None)
        call(broker, "sns", "CreateTopic", Name="t")
        call(broker, "sns", "Subscribe", TopicArn=TOPIC, Protocol="http", Endpoint=url)

        await asyncio.wait_for(failed.wait(), 5)
        assert posts.empty()


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code


async def test_queues_can_be_looked_at_without_receiving() -> None:
    """LocalStack's developer endpoint for SQS."""
    async with running() as broker, aiohttp.ClientSession() as session:
        call(broker, "sqs", "CreateQueue", QueueName="q")
        call(broker, "sqs", "SendMessage", QueueUrl="q", MessageBody="hello")
        path = f"{broker.aws_url}/_aws/sqs/messages/us-east-1/{ACCOUNT}/q"
        async with session.get(path) as answer:
            assert "<Body>hello</Body>" in await answer.text()


@pytest.mark.slow
async def test_enforced_policies_keep_another_account_out() -> None:
    """SQS developer guide, access policies: another account needs the queue's permission."""
    async with running(enforce_policies=True) as broker:
        owner_of, stranger = client(broker, "sqs"), client(broker, "sqs", "111111111111")
        async with owner_of as owner, stranger as other:
            url = (await owner.create_queue(QueueName="q"))["QueueUrl"]
            with refused("AccessDenied"):
                await other.send_message(QueueUrl=url, MessageBody="m")
            await owner.send_message(QueueUrl=url, MessageBody="m")


async def test_without_enforcement_everybody_may() -> None:
    async with running() as broker, client(broker, "sqs", "111111111111") as other:
        call(broker, "sqs", "CreateQueue", QueueName="q")
        url = f"{broker.aws_url}/{ACCOUNT}/q"
        assert (await other.send_message(QueueUrl=url, MessageBody="m"))["MessageId"]


@pytest.mark.slow
async def test_other_services_are_served_from_the_start_where_they_are_named() -> None:
    async with running(aws_extra=("s3",)) as broker, client(broker, "s3") as s3:
        await s3.create_bucket(Bucket="parcels")
        assert [bucket["Name"] for bucket in (await s3.list_buckets())["Buckets"]] == ["parcels"]
        async with client(broker, "dynamodb") as dynamodb:
            with refused("NotImplemented"):
                await dynamodb.list_tables()


@pytest.mark.parametrize("do", [FakeBroker.serve_other_services, lambda broker: call_sts(broker)])
def test_a_broker_without_aws_says_so(do: Callable[[FakeBroker], object]) -> None:
    with pytest.raises(FakesError, match="started without AWS"):
        do(FakeBroker(BrokerSettings(aws_port=None)))


def call_sts(broker: FakeBroker) -> object:
    return call(broker, "sts", "GetCallerIdentity")


async def test_a_taken_management_port_is_no_reason_not_to_start_unless_it_was_asked_for() -> None:
    """A RabbitMQ with its own management API may run beside, for all of its ports but that one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with running(management_port=port, management_is_optional=True) as broker:
            assert broker.management_url == ""
            (sentence,) = broker.unavailable
            assert f"no management API: 127.0.0.1:{port} is already in use" in sentence
            assert broker.aws_url
        with pytest.raises(PortInUse):
            async with running(management_port=port):
                pass


@pytest.mark.parametrize(("host", "held"), [("127.0.0.1", True), ("0.0.0.0", False)])
async def test_guest_may_come_from_elsewhere_where_others_are_let_in(
    host: str, *, held: bool
) -> None:
    """https://hub.docker.com/_/rabbitmq: the container image lets guest in from other containers."""
    async with running(host=host, aws_port=None, amqp_port=0) as broker:
        assert broker.amqp is not None
        assert broker.amqp.users["guest"].loopback_only is held
        broker.reset()
        assert broker.amqp.users["guest"].loopback_only is held
