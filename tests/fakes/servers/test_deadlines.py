"""The timer rings when its core has something to do, once, and never by itself."""

from __future__ import annotations

import asyncio

from tomodachi_fakes.clock import ManualClock, SystemClock
from tomodachi_fakes.servers.deadlines import DeadlineTimer


async def test_rings_at_the_deadline_with_a_time_not_before_it() -> None:
    clock = SystemClock()
    deadline: float | None = clock.now() + 0.01
    rung = asyncio.get_running_loop().create_future()

    def advance(now: float) -> None:
        nonlocal deadline
        assert deadline is not None
        rung.set_result(now - deadline)
        deadline = None

    timer = DeadlineTimer(clock, lambda: deadline, advance)
    timer.rearm()

    assert 0.0 <= await rung < 1.0
    timer.close()


async def test_does_not_ring_while_the_clock_stands_still() -> None:
    clock = ManualClock(100.0)
    rung: list[float] = []
    loop = asyncio.get_running_loop()
    timer = DeadlineTimer(clock, lambda: 100.005, rung.append)
    timer.rearm()
    passed = loop.create_future()
    loop.call_later(0.03, passed.set_result, None)

    await passed

    assert rung == []
    timer.close()


async def test_closed_timer_is_silent() -> None:
    clock = ManualClock(100.0)
    rung: list[float] = []
    timer = DeadlineTimer(clock, lambda: 100.0, rung.append)
    timer.close()

    timer.rearm()
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.002, done.set_result, None)
    await done

    assert rung == []
