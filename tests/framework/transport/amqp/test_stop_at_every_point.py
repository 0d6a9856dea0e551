"""A stop at every point of a connection's, a message's and a publish's life. Row 3."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.framework.transport.amqp.support_rig import Rig

import tomodachi
from tomodachi.transport.amqp import AmqpException

METHODS = [
    "Connection.StartOk",
    "Connection.Open",
    "Channel.Open",
    "Basic.Qos",
    "Exchange.Declare",
    "Queue.Declare",
    "Queue.Bind",
]


class Worker(tomodachi.Service):
    name = "worker"

    def __init__(self) -> None:
        self.stopped = 0
        self.begun = 0
        self.gate = asyncio.Event()

    async def _stop_service(self) -> None:
        self.stopped += 1

    @tomodachi.amqp("a.*", queue_name="q", exchange_name="media")
    async def handle(self, message: str) -> None:
        self.begun += 1
        await self.gate.wait()
        await tomodachi.amqp_publish(self, "done", "x")


async def stopped_in_time(rig: Rig, seconds: float = 20) -> None:
    """Stop, and see that nothing is left of the service."""
    stopping = rig.stopping()
    await rig.clock.advance(seconds)
    assert stopping.done()
    await stopping
    assert rig.peer.connections == []
    assert [timer for timer in rig.clock.next() if timer.owner == "service"] == []


@pytest.mark.parametrize("method", METHODS)
async def test_while_it_starts(rig: Rig, method: str) -> None:
    rig.peer.unanswered.add(method)
    starting = asyncio.create_task(rig.start(Worker))
    await rig.settle()
    await stopped_in_time(rig)
    assert rig.service_of(Worker).stopped == 1
    with pytest.raises(AmqpException):
        await starting


async def test_while_it_begins_to_consume(rig: Rig) -> None:
    rig.peer.unanswered.add("Basic.Consume")
    starting = asyncio.create_task(rig.start(Worker))
    await rig.settle()
    await stopped_in_time(rig)
    service = await starting
    assert service.stopped == 1


@pytest.mark.parametrize("method", [*METHODS, "Basic.Consume"])
async def test_while_it_reconnects(rig: Rig, method: str) -> None:
    service = await rig.start(Worker)
    rig.peer.unanswered.add(method)
    rig.peer.hang_up()
    await rig.clock.advance(1)
    await stopped_in_time(rig)
    assert service.stopped == 1


async def test_while_it_waits_to_reconnect(rig: Rig) -> None:
    service = await rig.start(Worker)
    await rig.peer.stop()
    await rig.clock.advance(100)
    await stopped_in_time(rig, 0)
    assert service.stopped == 1


async def test_while_a_message_is_handled(rig: Rig) -> None:
    service = await rig.start(Worker)
    rig.peer.deliver(b"m")
    await rig.settle()
    service.gate.set()
    await stopped_in_time(rig, 0)
    assert (service.begun, service.stopped, rig.peer.acked) == (1, 1, [1])


@pytest.mark.parametrize("confirming", [True, False])
async def test_while_a_handler_publishes(rig: Rig, *, confirming: bool) -> None:
    service = await rig.start(Worker)
    rig.peer.confirming = False
    service.gate.set()
    rig.peer.deliver(b"m")
    await rig.settle()
    stopping = rig.stopping()
    await rig.settle()
    assert not stopping.done()
    if confirming:
        rig.peer.confirm(rig.peer.published[0])
        await rig.settle()
        await stopping
    else:
        await rig.clock.advance(31)
        await stopping
    assert service.stopped == 1
    assert rig.peer.acked == [1]


async def test_while_the_broker_closes_the_channel(rig: Rig) -> None:
    service = await rig.start(Worker)
    rig.peer.deliver(b"m")
    await rig.settle()
    rig.peer.close_channel(rig.peer.consumer, 406, "PRECONDITION_FAILED - x")
    service.gate.set()
    await stopped_in_time(rig)
    assert service.stopped == 1


async def test_while_the_broker_cancels_the_consumer(rig: Rig) -> None:
    service = await rig.start(Worker)
    rig.peer.cancel(rig.peer.consumer)
    await rig.settle()
    await stopped_in_time(rig, 0)
    assert service.stopped == 1
    assert rig.peer.received.count("Basic.Consume") == 1


async def test_while_the_broker_says_goodbye(rig: Rig) -> None:
    service = await rig.start(Worker)
    rig.peer.connection.close(320, "CONNECTION_FORCED - bye")
    await stopped_in_time(rig)
    assert service.stopped == 1


@pytest.mark.parametrize("method", ["Basic.Cancel", "Channel.Close", "Connection.Close"])
async def test_while_the_broker_does_not_answer(rig: Rig, method: str) -> None:
    service = await rig.start(Worker)
    rig.peer.unanswered.add(method)
    await stopped_in_time(rig)
    assert service.stopped == 1


async def test_twice(rig: Rig) -> None:
    service: Any = await rig.start(Worker)
    first, second = rig.stopping(), rig.stopping()
    await rig.settle()
    await asyncio.gather(first, second)
    assert service.stopped == 1
