"""The virtual loop: exact idleness, time that moves timer by timer, hangs that are found."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tomodachi_testkit.clock import Clock
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.loop import OWNER, VirtualLoop

Body = Callable[[VirtualLoop, Clock], Awaitable[None]]


def run(body: Body) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        with loop.virtual_time():
            clock = Clock("2026-01-01T00:00:00Z")
            clock.bind(loop)
            await body(loop, clock)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_sleeping_test_jumps_time_without_waiting() -> None:
    """testkit.md, One clock: time moves when the test task itself sleeps and the loop is idle."""

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        await asyncio.sleep(86_400)  # noqa: TID251 - virtual
        assert clock.now().isoformat() == "2026-01-02T00:00:00+00:00"

    run(body)


def test_advance_steps_through_every_timer_in_order() -> None:
    """testkit.md, One clock: it steps timer by timer and settles in between."""
    seen: list[tuple[str, float]] = []

    async def ticker(clock: Clock, name: str, every: float) -> None:
        while True:
            await asyncio.sleep(every)  # noqa: TID251 - virtual
            seen.append((name, clock.unix() - 1_767_225_600))

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        OWNER.set("service")
        tasks = [loop.create_task(ticker(clock, "a", 2)), loop.create_task(ticker(clock, "b", 3))]
        await clock.advance(timedelta(seconds=6))
        for task in tasks:
            task.cancel()

    run(body)
    assert seen == [("a", 2), ("b", 3), ("a", 4), ("b", 6), ("a", 6)]


def test_advance_leaves_later_timers_alone() -> None:
    """A timer one microsecond after the target has not fired."""

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        fired: list[str] = []
        loop.call_later(10, fired.append, "at")
        loop.call_later(10.000001, fired.append, "after")
        await clock.advance(10)
        assert fired == ["at"]
        await clock.advance(0.000001)
        assert fired == ["at", "after"]

    run(body)


def test_settle_waits_for_loopback_traffic() -> None:
    """testkit.md, One loop: a selector with nothing to report and no ready handle is quiescence."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(20):
            writer.write(await reader.readexactly(4))
        writer.close()

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])

        async def client() -> None:
            for number in range(20):
                writer.write(b"%04d" % number)
                received.append(await reader.readexactly(4))

        task = loop.create_task(client())
        await clock.settle()
        assert len(received) == 20
        await task
        writer.close()
        await writer.wait_closed()
        server.close()
        await clock.settle()

    run(body)


def test_settle_waits_for_executor_calls() -> None:
    """testkit.md, One loop: an executor future that is pending means the loop is not idle."""

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        done: list[int] = []

        def work() -> int:
            return sum(range(2_000_000))

        task = loop.create_task(asyncio.to_thread(work))
        task.add_done_callback(lambda future: done.append(future.result()))
        await clock.settle()
        assert done == [sum(range(2_000_000))]

    run(body)


def test_service_timers_do_not_move_time_by_themselves() -> None:
    """Time moves when the test acts; a service's heartbeat alone moves nothing."""

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        token = OWNER.set("service")
        handle = loop.call_later(60, lambda: None)
        OWNER.reset(token)
        await clock.settle()
        assert clock.now().isoformat() == "2026-01-01T00:00:00+00:00"
        assert [(t.owner, t.due.isoformat()) for t in clock.next()] == [
            ("service", "2026-01-01T00:01:00+00:00")
        ]
        handle.cancel()
        assert clock.next() == []

    run(body)


async def test_a_broker_s_timer_does_not_make_the_test_wait_for_it(svc: Any) -> None:
    """A message that a test sends expires some day; that is nothing the test waits for."""
    svc.call_aws("sqs", "CreateQueue", {"QueueName": "q"})
    await svc.sqs.send("q", "x", envelope=None)
    svc.broker.amqp.declare_queue("q", now=svc.clock.unix())
    await svc.amqp.publish("", "q", b"x", expiration=1000)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    assert {timer.owner for timer in loop.timers()} == {"broker"}


def test_idle_loop_with_no_timer_of_the_test_reports_a_hang() -> None:
    """testkit.md: the loop is idle, no timer is left, and the test still waits."""

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        task = asyncio.current_task()
        assert task is not None
        loop.on_hang = task.cancel  # type: ignore[assignment]
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()
        task.uncancel()

    run(body)


def test_time_does_not_move_back() -> None:
    """A negative duration or a moment in the past is refused, naming the value."""

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        with pytest.raises(TestkitError, match="-1"):
            await clock.advance(-1)
        with pytest.raises(TestkitError, match="2025-01-01"):
            await clock.advance_to("2025-01-01")

    run(body)


def test_timers_without_a_fraction_land_on_the_exact_wall_time() -> None:
    """A third of a second, 90 times, is 30 s on the wall clock to the microsecond."""

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        for _ in range(90):
            await asyncio.sleep(1 / 3)  # noqa: TID251 - virtual
        assert clock.now().replace(microsecond=0).isoformat() == "2026-01-01T00:00:30+00:00"

    run(body)


def test_a_day_of_minute_timers_fires_exactly_1440_times() -> None:
    """testkit.md, Targets: 24 h of a minute schedule."""
    fires = 0

    async def body(loop: VirtualLoop, clock: Clock) -> None:
        nonlocal fires
        OWNER.set("service")

        async def minutely() -> None:
            nonlocal fires
            while True:
                await asyncio.sleep(60)  # noqa: TID251 - virtual
                fires += 1

        task = loop.create_task(minutely())
        await clock.advance(timedelta(days=1))
        task.cancel()

    run(body)
    gc.collect()
    assert fires == 1440
