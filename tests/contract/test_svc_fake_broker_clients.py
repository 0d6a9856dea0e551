"""Unmodified clients against a started `svc-fake-broker`: each sends and gets a message back."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.support_fake_broker import Program, started

REGION = "eu-west-1"
KEYS: dict[str, Any] = {
    "region_name": REGION,
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with started() as running:
        yield running


@pytest.mark.source("https://docs.aws.amazon.com/boto3/latest/reference/services/sqs.html")
def test_boto3_gets_through_sns_to_sqs(program: Program) -> None:
    import boto3

    sqs = boto3.client("sqs", endpoint_url=program.aws, **KEYS)
    sns = boto3.client("sns", endpoint_url=program.aws, **KEYS)
    queue = sqs.create_queue(QueueName="boto3")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    topic = sns.create_topic(Name="boto3")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn["QueueArn"],
        Attributes={"RawMessageDelivery": "true", "FilterPolicy": '{"kind": ["wanted"]}'},
    )
    for kind in ("other", "wanted"):
        attribute = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=f"a {kind} one", MessageAttributes=attribute)
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in messages] == ["a wanted one"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
    for client in (sqs, sns):
        client.close()


async def test_aiobotocore_waits_for_a_message(program: Program) -> None:
    from aiobotocore.session import get_session

    session = get_session()
    async with session.create_client("sqs", endpoint_url=program.aws, **KEYS) as sqs:
        queue = (await sqs.create_queue(QueueName="aiobotocore"))["QueueUrl"]
        waiting = asyncio.create_task(
            sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)  # type: ignore[arg-type]
        )
        await sqs.send_message(QueueUrl=queue, MessageBody="hello")
        messages = (await waiting)["Messages"]
        assert [message["Body"] for message in messages] == ["hello"]


async def test_aio_pika_publishes_and_consumes(program: Program) -> None:
    import aio_pika

    async with await aio_pika.connect(program.amqp) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("aio-pika", auto_delete=True)
        await channel.default_exchange.publish(aio_pika.Message(b"hello"), "aio-pika")
        async with queue.iterator() as messages:
            async for message in messages:
                await message.ack()
                assert message.body == b"hello"
                break


def test_pika_publishes_with_confirms_and_gets(program: Program) -> None:
    import pika

    connection = pika.BlockingConnection(pika.URLParameters(program.amqp))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.queue_declare("pika")
    channel.basic_publish("", "pika", b"hello", mandatory=True)
    with pytest.raises(pika.exceptions.UnroutableError):
        channel.basic_publish("", "nowhere", b"hello", mandatory=True)
    _, _, body = channel.basic_get("pika", auto_ack=True)
    assert body == b"hello"
    connection.close()


async def test_aioamqp_publishes_and_consumes(program: Program) -> None:
    import aioamqp

    address = urlsplit(program.amqp)
    _, protocol = await aioamqp.connect(address.hostname, address.port)
    channel = await protocol.channel()
    await channel.queue_declare("aioamqp", auto_delete=True)
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def received(_channel: Any, body: bytes, _envelope: Any, _properties: Any) -> None:
        await got.put(body)

    await channel.basic_consume(received, queue_name="aioamqp", no_ack=True)
    await channel.basic_publish(b"hello", exchange_name="", routing_key="aioamqp")
    assert await asyncio.wait_for(got.get(), 5) == b"hello"
    await protocol.close()


def test_kombu_publishes_and_drains(program: Program) -> None:
    import kombu

    with kombu.Connection(program.amqp) as connection:
        queue = connection.SimpleQueue("kombu")
        queue.put({"hello": "world"})
        message = queue.get(timeout=5)
        assert message.payload == {"hello": "world"}
        message.ack()
        queue.close()
