"""Who holds what, who is connected; and the end of queues, topics and exchanges."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pika
import pytest
from tests.fakes.control.support_site import START, Site


async def test_a_received_message_is_held_until_its_timeout_ends(site: Site) -> None:
    account = site.broker.settings.account
    site.aws("sqs", "CreateQueue", QueueName="dead")
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{account}:dead", "maxReceiveCount": 3}
    attributes = {"RedrivePolicy": json.dumps(policy)}
    site.aws("sqs", "SetQueueAttributes", QueueUrl="q", Attributes=attributes)
    await site.post("send", queue="q", body="x")
    site.aws("sqs", "ReceiveMessage", QueueUrl="q", VisibilityTimeout=45)

    (held,) = await site.get("in-flight")

    assert (held["queue"], held["held_since"], held["held_until"]) == ("q", START, START + 45)
    assert (held["receive_count"], held["max_receive_count"]) == (1, 3)


async def test_an_unacknowledged_message_names_its_connection_channel_and_consumer(
    site: Site,
) -> None:
    def use() -> tuple[list[Any], list[Any]]:
        with pika.BlockingConnection(pika.URLParameters(site.broker.amqp_url)) as connection:
            channel = connection.channel()
            channel.basic_publish("", "aq", b"one")
            channel.basic_publish("", "aq", b"two")
            channel.basic_get("aq")
            channel.basic_consume("aq", lambda *_: None, consumer_tag="me")
            connection.process_data_events()
            look = asyncio.run_coroutine_threadsafe(site.get("in-flight"), loop)
            connections = asyncio.run_coroutine_threadsafe(site.get("connections"), loop)
            return look.result(10), connections.result(10)

    loop = asyncio.get_running_loop()
    held, (connection,) = await asyncio.to_thread(use)

    assert [(one["body"], one["holder"]["consumer_tag"]) for one in held] == [
        ("one", None),
        ("two", "me"),
    ]
    assert held[0]["holder"]["channel"] == 1
    assert held[0]["held_since"] == START
    assert held[0]["holder"]["connection"] == connection["id"]
    assert connection["channels"][0]["consumers"][0]["consumer_tag"] == "me"
    assert connection["connected_at"] == START


async def test_queues_topics_and_exchanges_can_be_deleted(site: Site) -> None:
    amqp = site.broker.amqp
    assert amqp is not None
    amqp.vhost().declare_exchange("x", "topic", durable=True, auto_delete=False, internal=False, arguments={})  # fmt: skip
    for what in ({"queue": "q"}, {"queue": "aq"}, {"topic": "t"}, {"exchange": "x"}):
        (name,) = what.values()
        assert await site.post("delete", **what) == (200, {"deleted": name})
    assert await site.get("queues") == []
    assert "x" not in amqp.vhost().exchanges
    assert await site.get("topics", service="sns") == []


@pytest.mark.parametrize(
    ("what", "status", "error"),
    [
        ({}, 400, "give one of queue, topic, exchange"),
        ({"queue": "q", "topic": "t"}, 400, "give one of queue, topic, exchange"),
        ({"queue": "nobody"}, 404, "no queue 'nobody'"),
        ({"exchange": "amq.topic"}, 409, "not allowed"),
        ({"exchange": ""}, 409, "cannot be deleted"),
    ],
)
async def test_what_cannot_be_deleted_is_named(
    site: Site, what: dict[str, str], status: int, error: str
) -> None:
    found, answer = await site.post("delete", **what)
    assert found == status
    assert error in answer["error"]


async def test_dead_letters_of_a_rabbitmq_queue_are_counted_from_the_log(site: Site) -> None:
    amqp = site.broker.amqp
    assert amqp is not None
    arguments = {"x-dead-letter-exchange": "amq.fanout", "x-message-ttl": 0}
    amqp.declare_queue("hot", now=START, arguments=arguments)
    await site.post("send", queue="hot", body="x")
    rows = {row["name"]: row for row in await site.get("queues")}
    assert rows["hot"]["dead_lettered"] == 1
