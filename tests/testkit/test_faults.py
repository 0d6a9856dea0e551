"""Planned faults reach a service over the wire, and the service mends itself in virtual time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

import tomodachi
from tomodachi.envelope import JsonBase


class Billing(tomodachi.Service):
    name = "billing"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.seen: set[int] = set()

    @tomodachi.aws_sns_sqs(
        "order-created", queue_name="orders", visibility_timeout=30, on_exception="retry"
    )
    async def bill(self, data: dict[str, Any]) -> None:
        if data["id"] in self.seen:
            return
        self.seen.add(data["id"])
        await tomodachi.aws_sns_sqs_publish(self, {"order_id": data["id"]}, topic="invoice-sent")


class Worker(tomodachi.Service):
    name = "worker"
    message_envelope = JsonBase
    options = tomodachi.Options(
        amqp=tomodachi.Options.AMQP(
            exchange_name="jobs", qos=tomodachi.Options.AMQP.QOS(queue_prefetch_count=10)
        )
    )

    @tomodachi.amqp("resize", queue_name="jobs", on_exception="retry")
    async def resize(self, data: dict[str, Any]) -> None:
        await asyncio.sleep(1)  # noqa: TID251 - work that takes a second of virtual time


async def test_a_lost_delete_makes_a_message_come_twice_and_be_billed_once(svc: Any) -> None:
    await svc.start(Billing)
    svc.faults.drop("sqs.DeleteMessage*", at="before", times=1)
    await svc.sns.publish("order-created", {"id": 1})
    await svc.drain(until=timedelta(minutes=5))
    svc.sns.published.count(1, topic="invoice-sent")


@pytest.mark.parametrize(
    "plan",
    [
        lambda faults: faults.throttle("sqs.ReceiveMessage", times=3),
        lambda faults: faults.error("sqs.ReceiveMessage", "InternalError", status=500, times=2),
        lambda faults: faults.drop("sqs.ReceiveMessage", at="after", times=1),
        lambda faults: faults.reset("sqs.ReceiveMessage", after_bytes=10),
        lambda faults: faults.latency("sqs.DeleteMessage*", 5.0, times=1),
        lambda faults: faults.drop("sns.Publish", at="before", times=1),
    ],
    ids=["throttled", "5xx", "lost reply", "reset", "slow", "lost publish"],
)
async def test_no_accepted_message_is_lost_to_a_fault(svc: Any, plan: Any) -> None:
    await svc.start(Billing)
    plan(svc.faults)
    for number in range(3):
        await svc.sns.publish("order-created", {"id": number})
    await svc.drain()
    sent = {m.data["order_id"] for m in svc.sns.published.where(topic="invoice-sent")}
    assert sent == {0, 1, 2}


async def test_a_dropped_connection_is_mended_and_everything_handled(svc: Any) -> None:
    worker = await svc.start(Worker)
    for number in range(20):
        await svc.amqp.publish("jobs", "resize", {"n": number})
    await svc.settle()
    assert svc.amqp.connections[0].unacked == 10
    assert await svc.amqp.drop_connections(worker) == 1
    await svc.drain()
    assert {m.data["n"] for m in svc.amqp.queue("jobs").acked} == set(range(20))


@pytest.mark.parametrize("profile", ["replies", "errors"])
@pytest.mark.parametrize("seed", range(3))
def test_chaos_loses_nothing(profile: str, seed: int) -> None:
    """Invariant 21 and 23 of testkit.md: one effect per message id, nothing accepted is lost."""
    import tomodachi_testkit
    from tomodachi_testkit import Harness

    async def body() -> None:
        async with Harness(seed=seed) as svc:
            await svc.start(Billing)
            svc.faults.chaos(profile)
            for number in range(5):
                await svc.sns.publish("order-created", {"id": number})
            await svc.drain(raise_errors=False)
            sent = {m.data["order_id"] for m in svc.sns.published.where(topic="invoice-sent")}
            assert sent == set(range(5))

    tomodachi_testkit.run(body())


class Teller(tomodachi.Service):
    name = "teller"

    @tomodachi.amqp("ask", queue_name="asks")
    async def tell(self, message: str) -> None:
        await tomodachi.amqp_publish(self, message, routing_key="told")


@pytest.mark.svc_allow("unrouted")
async def test_a_blocked_connection_holds_what_is_published_until_the_alarm_is_over(
    svc: Any,
) -> None:
    """https://www.rabbitmq.com/docs/connection-blocked: publishers wait, consumers do not."""
    await svc.start(Teller)
    svc.faults.block_connection(5)
    await svc.amqp.publish("amq.topic", "ask", "x", envelope=None)
    await svc.clock.advance(4.9)
    assert svc.amqp.connections[0].blocked
    svc.amqp.published.none(topic="told")
    await svc.clock.advance(0.1)
    assert not svc.amqp.connections[0].blocked
    svc.amqp.published.one(topic="told", data="x")
    await svc.drain()


async def test_jitter_is_another_for_each_call_and_the_same_for_a_seed(svc: Any) -> None:
    """testkit.md, `latency(op, seconds, jitter)`: what jitters is each answer."""
    await svc.sqs.create_queue("jobs")
    url = f"{svc.aws_url}/000000000000/jobs"
    sqs = await svc.aws("sqs")

    async def waits() -> list[float]:
        took = []
        for _ in range(4):
            began = svc.clock.unix()
            await sqs.get_queue_attributes(QueueUrl=url)
            took.append(round(svc.clock.unix() - began, 6))
        return took

    svc.faults.latency("sqs.GetQueueAttributes", 2.0, jitter=1.0)
    first = await waits()
    assert all(2.0 <= wait <= 3.0 for wait in first)
    assert len(set(first)) == 4
    svc.faults.clear()
    svc.faults.latency("sqs.GetQueueAttributes", 2.0, jitter=1.0)
    assert await waits() == first


async def test_an_error_without_a_text_says_that_it_is_injected(svc: Any) -> None:
    svc.faults.error("sqs.ListQueues", "InternalError", status=500, times=None)
    client = await svc.aws("sqs")
    with pytest.raises(ClientError) as caught:
        await client.list_queues()
    assert caught.value.response["Error"]["Message"] == "injected fault"
