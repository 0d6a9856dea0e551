"""One service with every transport, on both brokers through their real clients, under one clock."""

from datetime import timedelta
from typing import Any

import pytest

import tomodachi
from tomodachi.envelope import JsonBase


class Shop(tomodachi.Service):
    """HTTP takes orders, SNS + SQS bills them, AMQP ships them, a schedule counts the minutes."""

    name = "shop"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.attempts = 0
        self.billed: list[int] = []
        self.shipped: list[int] = []
        self.ticks: list[str] = []

    @tomodachi.http("POST", r"/orders/(?P<number>\d+)")
    async def take(self, request: object, number: str) -> tuple[int, str]:
        await tomodachi.aws_sns_sqs_publish(self, {"id": int(number)}, topic="order-taken")
        return 202, number

    @tomodachi.aws_sns_sqs(
        "order-taken", queue_name="shop-orders", visibility_timeout=30, on_exception="retry"
    )
    async def bill(self, data: dict[str, Any]) -> None:
        self.attempts += 1
        if self.attempts == 1:
            msg = "the bank is closed"
            raise ConnectionError(msg)
        self.billed.append(data["id"])
        await tomodachi.amqp_publish(self, data, routing_key="order.billed")

    @tomodachi.amqp("order.billed", queue_name="shop-parcels")
    async def ship(self, data: dict[str, Any]) -> None:
        self.shipped.append(data["id"])

    @tomodachi.schedule(interval=60)
    async def tick(self, invocation_time: str) -> None:
        self.ticks.append(invocation_time)


@pytest.mark.svc_allow("errors")
async def test_an_order_goes_through_every_transport_with_no_real_waiting(svc: Any) -> None:
    shop = await svc.start(Shop)

    answer = await shop.http.post("/orders/7")
    assert (answer.status, answer.text()) == (202, "7")
    await svc.settle()
    assert shop.service.billed == []
    assert svc.sqs["shop-orders"].inflight.one(data={"id": 7}).receive_count == 1

    await svc.clock.advance(29.9)
    assert shop.service.attempts == 1
    await svc.clock.advance(0.1)  # the visibility timeout ends: SQS developer guide
    assert shop.service.billed == [7]
    assert shop.service.shipped == [7]
    assert svc.sqs["shop-orders"].messages.count(0) == []

    await svc.clock.advance(30)
    assert shop.service.ticks == ["2026-01-01T00:01:00Z"]
    svc.amqp.queue("shop-parcels").acked.one(data={"id": 7})


async def test_a_message_expires_when_its_ttl_ends_and_is_dead_lettered(svc: Any) -> None:
    """RabbitMQ, TTL and DLX: an expired message at the head of its queue goes to the DLX."""
    shop = await svc.start(Shop)
    broker = svc.broker.amqp
    arguments = {"x-dead-letter-exchange": "amq.topic", "x-dead-letter-routing-key": "order.billed"}
    broker.declare_queue("parking", now=svc.clock.unix(), arguments=arguments)
    await svc.amqp.publish("", "parking", {"id": 8}, expiration=45_000)

    await svc.clock.advance(44.999)
    assert shop.service.shipped == []
    await svc.clock.advance(0.001)
    assert shop.service.shipped == [8]


async def test_drain_passes_every_wait_until_nothing_is_left(svc: Any) -> None:
    shop = await svc.start(Shop)
    await svc.sns.publish("order-taken", {"id": 1})
    result = await svc.drain(raise_errors=False)
    assert (result.failures, result.elapsed) == (1, timedelta(seconds=30))
    assert shop.service.shipped == [1]


async def test_errors_of_handlers_reach_the_test_at_drain(svc: Any) -> None:
    await svc.start(Shop)
    await svc.sns.publish("order-taken", {"id": 1})
    with pytest.raises(ExceptionGroup) as caught:
        await svc.drain()
    assert [str(error) for error in caught.value.exceptions] == ["the bank is closed"]


async def test_a_crashed_service_leaves_its_message_for_the_next_one(svc: Any) -> None:
    shop = await svc.start(Shop)
    await shop.crash()
    await svc.sns.publish("order-taken", {"id": 3})

    again = await svc.start(Shop)
    await svc.drain(raise_errors=False)  # the bank is closed at first, for every new instance
    assert again.service.shipped == [3]
    assert shop.service.shipped == []
