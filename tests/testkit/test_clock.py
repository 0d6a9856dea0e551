"""The clock in a harness: whose timers are next, and waiting for what happens outside of the loop."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest

import tomodachi
from tomodachi_testkit.errors import HangDetected, RealClockCannotMove, TestkitError


class Cuckoo(tomodachi.Service):
    name = "cuckoo"

    @tomodachi.schedule(interval="every hour")
    async def call(self) -> None:
        pass

    @tomodachi.aws_sns_sqs("wind", queue_name="wind")
    async def wind(self, message: str) -> None:
        await asyncio.sleep(5)  # noqa: TID251 - virtual


async def test_next_lists_whose_timers_come_what_for_and_when(svc: Any) -> None:
    await svc.start(Cuckoo)
    await svc.sns.publish("wind", "x", envelope=None)
    await svc.settle()
    timers = {(timer.owner, timer.kind): timer.due for timer in svc.clock.next()}
    now = svc.clock.now()
    assert timers["cuckoo#1", "cron"] - now == timedelta(hours=1)
    assert timers["cuckoo#1", "sleep"] - now == timedelta(seconds=5)
    assert timers["broker", "visibility"] - now == timedelta(seconds=30)
    assert timers["broker", "retention"] - now == timedelta(days=4)
    assert timers["broker", "long-poll"] - now == timedelta(seconds=20)
    dues = [timer.due for timer in svc.clock.next()]
    assert dues == sorted(dues)
    await svc.drain()


async def test_next_tells_what_the_brokers_wait_for_and_in_which_queue(svc: Any) -> None:
    svc.call_aws("sqs", "CreateQueue", {"QueueName": "wind"})
    await svc.sqs.send("wind", "later", delay=60, envelope=None)
    svc.broker.amqp.declare_queue("rain", now=svc.clock.unix())
    await svc.amqp.publish("", "rain", b"x", expiration=timedelta(seconds=5))
    now = svc.clock.now()
    waits = [(t.kind, t.queue, t.due - now) for t in svc.clock.next() if t.owner == "broker"]
    assert waits == [
        ("ttl", "rain", timedelta(seconds=5)),
        ("delay", "wind", timedelta(seconds=60)),
        ("retention", "wind", timedelta(days=4)),
    ]
    await svc.clock.advance(60)
    assert {t.kind for t in svc.clock.next()} == {"retention"}


async def test_hold_waits_for_threads_outside_of_the_loop(svc: Any) -> None:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[int] = loop.create_future()
    release = threading.Event()

    def work() -> None:
        release.wait(5)
        loop.call_soon_threadsafe(done.set_result, 42)

    thread = threading.Thread(target=work)
    thread.start()
    threading.Timer(0.1, release.set).start()
    with svc.clock.hold():
        assert await done == 42
    thread.join()
    assert svc.clock.now().isoformat() == "2026-01-01T00:00:00+00:00"


async def test_without_hold_the_wait_is_a_hang_that_names_hold(svc: Any) -> None:
    from tomodachi_testkit.timeline import describe_wait

    text = describe_wait(svc.virtual_loop("this"), svc.clock)
    assert "svc.clock.hold()" in text
    assert issubclass(HangDetected, TestkitError)


async def test_time_that_is_set_passes_no_timer(svc: Any) -> None:
    fired: list[int] = []
    asyncio.get_running_loop().call_later(10, fired.append, 1)
    svc.clock.set(svc.clock.unix() + 3600)
    await svc.settle()
    assert fired == []
    assert svc.clock.now().isoformat() == "2026-01-01T01:00:00+00:00"
    await svc.clock.advance(10)
    assert fired == [1]


@pytest.mark.svc(clock="real")
async def test_real_time_is_read_and_not_moved(svc: Any) -> None:
    before = svc.clock.unix()
    for move in (svc.clock.advance(1), svc.clock.advance_to("2030-01-01")):
        with pytest.raises(RealClockCannotMove):
            await move
    assert svc.clock.next() == []
    with svc.clock.hold():
        assert svc.clock.unix() >= before
