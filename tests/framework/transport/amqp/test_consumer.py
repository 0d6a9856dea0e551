"""Consuming: concurrency, stops, and a broker that ends what it gave. Rows 2 and 3."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.framework.transport.amqp.support_rig import Rig

import tomodachi
from tomodachi.transport.amqp import AmqpException


class Gated(tomodachi.Service):
    """Handlers wait until the test lets them go."""

    name = "gated"

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.hooks: list[str] = []

    async def _started_service(self) -> None:
        self.hooks.append("started")

    async def _stop_service(self) -> None:
        self.hooks.append("stopped")

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self, message: str) -> None:
        await self.work(message)

    @tomodachi.amqp("b.*", queue_name="r")
    async def other(self, message: str) -> None:
        await self.work(message)

    async def work(self, message: str) -> None:
        self.begun.append(message)
        await self.gates.setdefault(message, asyncio.Event()).wait()
        self.done.append(message)

    def open(self, *messages: str) -> None:
        for message in messages:
            self.gates.setdefault(message, asyncio.Event()).set()


async def test_row_2_handlers_run_concurrently(rig: Rig) -> None:
    service = await rig.start(Gated)
    for number in range(50):
        rig.peer.deliver(str(number).encode())
    await rig.settle()
    assert len(service.begun) == 50
    assert rig.peer.acked == []
    service.open("49")
    await rig.settle()
    assert rig.peer.acked == [50]
    service.open(*map(str, range(50)))


async def test_row_2_a_consumer_runs_no_more_than_its_prefetch_count(rig: Rig) -> None:
    """Even where the broker hands out more than it was asked to."""
    service = await rig.start(Gated, qos={"queue_prefetch_count": 3})
    for number in range(5):
        rig.peer.deliver(str(number).encode())
    await rig.settle()
    assert service.begun == ["0", "1", "2"]
    service.open("1")
    await rig.settle()
    assert service.begun == ["0", "1", "2", "3"]
    service.open(*map(str, range(5)))
    await rig.settle()
    assert sorted(rig.peer.acked) == [1, 2, 3, 4, 5]


async def test_row_2_all_consumers_run_no_more_than_the_global_prefetch_count(rig: Rig) -> None:
    service = await rig.start(Gated, qos={"global_prefetch_count": 2})
    q, r = rig.peer.consumers
    for number, consumer in enumerate((q, r, q, r)):
        rig.peer.deliver(str(number).encode(), consumer=consumer)
    await rig.settle()
    assert service.begun == ["0", "1"]
    service.open("0", "1")
    await rig.settle()
    assert service.begun == ["0", "1", "2", "3"]
    service.open("2", "3")


async def test_row_2_the_broker_s_frames_are_read_while_handlers_run(rig: Rig) -> None:
    service = await rig.start(Gated)
    rig.peer.deliver(b"long")
    await rig.settle()
    await rig.publish(service, "hello", "x")
    assert rig.peer.published[0].body == b"hello"
    service.open("long")


async def test_prefetch_counts_are_those_of_the_options(rig: Rig) -> None:
    await rig.start(Gated, qos={"queue_prefetch_count": 7, "global_prefetch_count": 19})
    asked = [(qos.prefetch_count, qos.global_) for qos in rig.peer.named("Basic.Qos")]
    assert asked == [(7, False), (19, True)]


async def test_consuming_begins_once_started_service_has_returned(rig: Rig) -> None:
    class Slow(Gated):
        async def _started_service(self) -> None:
            await self.gates.setdefault("start", asyncio.Event()).wait()

    starting = asyncio.create_task(rig.start(Slow))
    await rig.settle()
    assert "Queue.Bind" in rig.peer.received
    assert "Basic.Consume" not in rig.peer.received
    rig.service_of(Slow).open("start")
    await starting
    assert len(rig.peer.consumers) == 2


async def test_a_connection_lost_before_consuming_began_is_mended_and_consumed_on(
    rig: Rig,
) -> None:
    class Slow(Gated):
        async def _started_service(self) -> None:
            await self.gates.setdefault("start", asyncio.Event()).wait()

    starting = asyncio.create_task(rig.start(Slow))
    await rig.settle()
    rig.peer.hang_up()
    await rig.clock.advance(1)
    assert rig.peer.consumers == []
    rig.service_of(Slow).open("start")
    await starting
    assert len(rig.peer.consumers) == 2


# --- stopping ---------------------------------------------------------------------------------------


async def test_row_3_a_stop_cancels_awaits_acks_closes_and_then_calls_the_service(
    rig: Rig,
) -> None:
    service = await rig.start(Gated)
    rig.peer.deliver(b"m")
    await rig.settle()
    rig.peer.received.clear()
    stopping = rig.stopping()
    await rig.clock.advance(60)
    assert rig.peer.received == ["Basic.Cancel", "Basic.Cancel"]
    assert service.hooks == ["started"]
    service.open("m")
    await stopping
    assert rig.peer.received == [
        "Basic.Cancel",
        "Basic.Cancel",
        "Basic.Ack",
        "Channel.Close",
        "Connection.Close",
    ]
    assert service.hooks == ["started", "stopped"]
    assert service.done == ["m"]


async def test_row_3_a_stop_says_what_it_waits_for(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "tomodachi.amqp")
    service = await rig.start(Gated)
    rig.peer.deliver(b"m")
    await rig.settle()
    stopping = rig.stopping()
    await rig.clock.advance(23)
    service.open("m")
    await stopping
    said = [r.getMessage() for r in caplog.records if r.name == "tomodachi.amqp"]
    again = "still awaiting running tasks"
    assert said == ["awaiting running tasks", again, again]


async def test_row_3_a_stop_with_nothing_to_do_takes_no_time(rig: Rig) -> None:
    service = await rig.start(Gated)
    began = rig.clock.now()
    await rig.stop()
    assert rig.clock.now() == began
    assert service.hooks == ["started", "stopped"]
    assert rig.peer.connections == []


async def test_row_3_messages_that_no_handler_has_begun_go_back(rig: Rig) -> None:
    """Once the consumers are cancelled, or the broker would hand them out again to us."""
    service = await rig.start(Gated, qos={"queue_prefetch_count": 1})
    for number in range(3):
        rig.peer.deliver(str(number).encode())
    await rig.settle()
    rig.peer.unanswered.add("Basic.Cancel")
    stopping = rig.stopping()
    await rig.settle()
    rig.peer.deliver(b"late")
    service.open("0")
    await rig.settle()
    assert service.begun == ["0"]
    assert rig.peer.nacked == []
    rig.peer.unanswered.clear()
    rig.peer.cancel_ok(rig.peer.consumers[0])
    await stopping
    assert rig.peer.acked == [1]
    assert rig.peer.nacked == [(2, True), (3, True), (4, True)]


async def test_row_3_the_service_is_stopped_while_the_broker_is_away(rig: Rig) -> None:
    service = await rig.start(Gated)
    await rig.peer.stop()
    await rig.clock.advance(3)
    await rig.stop()
    assert service.hooks == ["started", "stopped"]
    await rig.clock.advance(60)
    assert rig.clock.next() == []


async def test_row_3_the_service_is_stopped_although_the_broker_has_fallen_silent(
    rig: Rig,
) -> None:
    service = await rig.start(Gated)
    rig.peer.silent = True
    stopping = rig.stopping()
    await rig.clock.advance(16)
    await stopping
    assert service.hooks == ["started", "stopped"]


async def test_row_3_a_connection_lost_during_the_stop_does_not_keep_the_service_from_stopping(
    rig: Rig,
) -> None:
    service = await rig.start(Gated)
    rig.peer.deliver(b"m")
    await rig.settle()
    stopping = rig.stopping()
    await rig.settle()
    rig.peer.hang_up()
    await rig.clock.advance(5)
    assert rig.peer.consumers == []
    service.open("m")
    await stopping
    assert service.hooks == ["started", "stopped"]
    assert rig.peer.acked == []
    assert rig.calls.outcomes == ["unacked"]


async def test_handlers_can_publish_while_the_service_stops(rig: Rig) -> None:
    class Relays(Gated):
        @tomodachi.amqp("c.*", queue_name="s")
        async def relay(self, message: str) -> None:
            await self.work(message)
            await tomodachi.amqp_publish(self, "done", "x")

    service = await rig.start(Relays)
    rig.peer.deliver(b"m", consumer=rig.peer.consumers[-1])
    await rig.settle()
    stopping = rig.stopping()
    await rig.settle()
    service.open("m")
    await stopping
    assert [message.body for message in rig.peer.published] == [b"done"]
    assert rig.peer.acked == [1]


# --- a broker that ends things ----------------------------------------------------------------------


async def test_a_channel_closed_by_the_broker_is_opened_again(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    service = await rig.start(Gated)
    rig.peer.deliver(b"m")
    await rig.settle()
    text = "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out"
    rig.peer.close_channel(rig.peer.consumer, 406, text)
    await rig.settle()
    service.open("m")
    await rig.clock.advance(1)
    assert rig.peer.acked == []
    assert rig.calls.outcomes == ["unacked"]
    assert len(rig.peer.consumers) == 2
    assert rig.peer.received.count("Connection.Open") == 1
    rig.peer.deliver(b"m", redelivered=True)
    await rig.settle()
    assert rig.peer.acked == [1]
    assert "Channel [amqp] closed by the broker - reopening" in caplog.text


async def test_a_consumer_cancelled_by_the_broker_declares_its_queue_again(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """https://www.rabbitmq.com/docs/consumer-cancel: the queue was deleted, or expired."""
    service = await rig.start(Gated)
    q, r = rig.peer.consumers
    rig.peer.received.clear()
    rig.peer.cancel(q)
    await rig.clock.advance(1)
    assert rig.peer.received == ["Queue.Declare", "Queue.Bind", "Basic.Consume"]
    rig.peer.deliver(b"again", consumer=rig.peer.consumer)
    rig.peer.deliver(b"other", consumer=r)
    service.open("again", "other")
    await rig.settle()
    assert sorted(service.done) == ["again", "other"]
    assert "cancelled by the broker" in caplog.text


async def test_a_handler_that_outlives_its_connection_leaves_its_message_to_the_next(
    rig: Rig,
) -> None:
    service = await rig.start(Gated)
    rig.peer.deliver(b"m")
    await rig.settle()
    rig.peer.hang_up()
    await rig.clock.advance(1)
    service.open("m")
    await rig.settle()
    assert service.done == ["m"]
    assert rig.peer.acked == []
    rig.peer.deliver(b"m", redelivered=True)
    await rig.settle()
    assert rig.peer.acked == [1]


async def test_handlers_of_a_lost_connection_count_towards_the_limit(rig: Rig) -> None:
    service = await rig.start(Gated, qos={"queue_prefetch_count": 1})
    rig.peer.deliver(b"old", consumer=rig.peer.consumers[0])
    await rig.settle()
    rig.peer.hang_up()
    await rig.clock.advance(1)
    rig.peer.deliver(b"new", consumer=rig.peer.consumers[0])
    await rig.settle()
    assert service.begun == ["old"]
    service.open("old", "new")
    await rig.settle()
    assert service.begun == ["old", "new"]
    assert rig.peer.acked == [1]


async def test_a_refused_topology_fails_the_start_in_the_broker_s_words(rig: Rig) -> None:
    text = "PRECONDITION_FAILED - inequivalent arg 'x-expires' for queue 'q'"
    with (
        rig.peer.refusing("Queue.Declare", 406, text),
        pytest.raises(AmqpException, match=r"Unable to declare queue \[amqp\] 'q' \(406 PRECOND"),
    ):
        await rig.start(Gated)


async def test_counters_tell_running_and_total_messages(rig: Rig) -> None:
    before: dict[str, Any] = dict(tomodachi.get_execution_context())
    service = await rig.start(Gated)
    rig.peer.deliver(b"1")
    rig.peer.deliver(b"2")
    await rig.settle()
    now = tomodachi.get_execution_context()
    assert now["amqp_enabled"] is True
    assert now["aioamqp_version"] == "0.15.0"
    assert now["amqp_current_tasks"] == before.get("amqp_current_tasks", 0) + 2
    assert now["amqp_total_tasks"] == before.get("amqp_total_tasks", 0) + 2
    service.open("1", "2")
    await rig.settle()
    now = tomodachi.get_execution_context()
    assert now["amqp_current_tasks"] == before.get("amqp_current_tasks", 0)


async def test_a_crash_ends_everything(svc: Any) -> None:
    """As if the process was killed: nobody reconnects, no handler that waited begins."""

    class Crashes(Gated):
        @tomodachi.amqp("c.*", queue_name="c")
        async def third(self, message: str) -> None:
            await self.work(message)

    running = await svc.start(
        Crashes, options={"amqp.qos.queue_prefetch_count": 1, "amqp.qos.global_prefetch_count": 2}
    )
    for key in ("a.a", "b.a", "c.a"):
        await svc.amqp.publish("amq.topic", key, "text", envelope=None)
    await svc.settle()
    begun = list(running.service.begun)
    await running.crash()
    await svc.clock.advance(300)
    assert svc.amqp.connections == []
    assert running.service.begun == begun
    assert running.service.hooks == ["started"]
