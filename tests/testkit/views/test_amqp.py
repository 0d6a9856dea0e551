"""RabbitMQ as a test sees it on the fakes: exchanges, queues and bindings of its own."""

from __future__ import annotations

from typing import Any

import pytest
from tests.testkit.views.support_views import (
    hear_exchanges_of_the_test,
    hear_what_expires_in_a_queue_of_the_test,
)

from tomodachi_fakes.amqp.errors import AmqpError
from tomodachi_testkit.views.names import NoSuchName


async def test_a_test_binds_a_services_queue_to_exchanges_of_its_own(svc: Any) -> None:
    await hear_exchanges_of_the_test(svc)


async def test_messages_of_a_queue_of_the_test_expire(svc: Any) -> None:
    await hear_what_expires_in_a_queue_of_the_test(svc)


async def test_a_drain_waits_for_messages_that_expire_into_another_queue(svc: Any) -> None:
    dead = await svc.amqp.declare_queue("cemetery")
    dead_letters = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}
    name = await svc.amqp.declare_queue("hospital", arguments={"x-message-ttl": 50, **dead_letters})
    await svc.amqp.publish("", name, "x", envelope=None)
    assert svc.amqp.queue("hospital").arguments["x-message-ttl"] == 50
    assert svc.amqp.queue("hospital").ready.one().data == "x"
    assert svc.clock.next()[0].kind == "ttl"
    await svc.drain()
    assert svc.amqp.queue(dead).ready.one().data == "x"


async def test_what_there_is_already_may_not_be_declared_otherwise(svc: Any) -> None:
    """AMQP 0-9-1, queue.declare and exchange.declare: 406, precondition failed."""
    await svc.amqp.declare_queue("q")
    await svc.amqp.declare_queue("q")
    with pytest.raises(AmqpError, match=r"406|PRECONDITION"):
        await svc.amqp.declare_queue("q", durable=False)
    await svc.amqp.declare_exchange("x")
    with pytest.raises(AmqpError, match=r"406|PRECONDITION"):
        await svc.amqp.declare_exchange("x", "fanout")


async def test_a_queue_that_is_not_there_cannot_be_bound(svc: Any) -> None:
    await svc.amqp.declare_exchange("x")
    with pytest.raises(NoSuchName, match="no AMQP queue 'q'"):
        await svc.amqp.bind("q", "x", "k")
