"""What holds for views of fakes and of real brokers: ends of the test's own, beside a service's."""

from __future__ import annotations

import json
from typing import Any

import tomodachi
from tomodachi_testkit import Harness


class Archive(tomodachi.Service):
    """Keeps what reaches its queues, whoever sent it there."""

    name = "archive"
    options = tomodachi.Options(
        aws_sns_sqs={"topic_prefix": "shop-", "queue_name_prefix": "shop-"},
        amqp={"routing_key_prefix": "shop-", "queue_name_prefix": "shop-"},
    )

    def __init__(self) -> None:
        self.got: list[Any] = []

    @tomodachi.aws_sns_sqs("letter", queue_name="letters")
    async def letter(self, message: str) -> None:
        self.got.append(message)

    @tomodachi.amqp("parcel", queue_name="parcels")
    async def parcel(self, message: str) -> None:
        self.got.append(message)


async def hear_topics_of_the_test(svc: Harness) -> None:
    """A service's queue takes what a topic of the test sends to it, by its filter."""
    archive = await svc.start(Archive)
    await svc.sns.create_topic("telegram")
    policy = {"kind": ["urgent"]}
    arn = await svc.sns.subscribe("telegram", "letters", filter_policy=policy)
    assert arn.split(":")[2] == "sns"
    assert arn.split(":")[5].endswith("telegram")
    await svc.sns.publish("telegram", "stop", attributes={"kind": "dull"}, envelope=None)
    await svc.sns.publish("telegram", "go", attributes={"kind": "urgent"}, envelope=None)
    await svc.drain()
    assert archive.service.got == ["go"]
    await svc.sns.publish("letter", "dear", envelope=None)
    await svc.drain()
    assert archive.service.got == ["go", "dear"]


async def have_queues_of_the_test(svc: Harness) -> tuple[str, str]:
    """A FIFO queue with a dead-letter queue, found without ".fifo"; returns their full names."""
    dead = await svc.sqs.create_queue("dead.fifo")
    name = await svc.sqs.create_queue(
        "jobs.fifo", dlq="dead", max_receives=2, attributes={"VisibilityTimeout": 7}
    )
    assert name.endswith("jobs.fifo")
    sent = await svc.sqs.send("jobs", "x", group="g", envelope=None)
    assert (sent.data, sent.group) == ("x", "g")
    sqs = await svc.aws("sqs")
    url = (await sqs.get_queue_url(QueueName=name))["QueueUrl"]
    answer = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes = answer["Attributes"]
    redrive = json.loads(attributes["RedrivePolicy"])
    assert attributes["FifoQueue"] == "true"
    assert attributes["VisibilityTimeout"] == "7"
    assert redrive["deadLetterTargetArn"].endswith(f":{dead}")
    assert redrive["maxReceiveCount"] == 2
    return name, dead


async def hear_exchanges_of_the_test(svc: Harness) -> None:
    """A service's queue takes what exchanges of the test route to it."""
    archive = await svc.start(Archive)
    await svc.amqp.declare_exchange("voices-all", "fanout")
    await svc.amqp.declare_exchange("voices-some", "headers", durable=False)
    await svc.amqp.bind("parcels", "voices-all")
    await svc.amqp.bind("parcels", "voices-some", arguments={"kind": "urgent", "x-match": "all"})
    await svc.amqp.publish("voices-all", "any", "hey", envelope=None)
    await svc.amqp.publish("voices-some", "any", "go", headers={"kind": "urgent"}, envelope=None)
    await svc.drain()
    assert archive.service.got == ["hey", "go"]


async def hear_what_expires_in_a_queue_of_the_test(svc: Harness) -> None:
    """Dead letters of a queue of the test go to a service through an exchange of the test."""
    archive = await svc.start(Archive)
    await svc.amqp.declare_exchange("voices-dead", "fanout")
    await svc.amqp.bind("parcels", "voices-dead")
    arguments = {"x-message-ttl": 50, "x-dead-letter-exchange": "voices-dead"}
    name = await svc.amqp.declare_queue("hospital", durable=False, arguments=arguments)
    await svc.amqp.publish("", name, "x", envelope=None)
    await svc.eventually(lambda: archive.service.got)
    assert archive.service.got == ["x"]
