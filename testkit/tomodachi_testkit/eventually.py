"""Waits for what a test expects, where nobody can say when it will have happened.

Under virtual time a drain says it exactly; this is for real time, real brokers and foreign processes,
and moves a virtual clock where there is one, so that a test may be run either way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tomodachi_testkit.clock import Clock, RealClock
from tomodachi_testkit.tracebacks import hides

__tracebackhide__ = hides

T = TypeVar("T")


async def eventually(
    clock: Clock | RealClock, check: Callable[[], T], *, within: float, every: float
) -> T:
    """Return what `check` gives as soon as that is true.

    Args:
        clock: Whose time passes.
        check: Asked again and again; an AssertionError counts as not yet.
        within: Seconds of the clock.
        every: Seconds between two looks, where the clock is real.

    Raises:
        AssertionError: it was not true in time.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while True:
        await clock.settle()
        value, failure = _look(check)
        if failure is None and value:
            return value
        if not await _wait(clock, end, every):
            said = f"it gave {value!r}" if failure is None else str(failure)
            msg = f"not within {within:g} s: {said}"
            raise AssertionError(msg) from failure


def _look(check: Callable[[], T]) -> tuple[T | None, AssertionError | None]:
    try:
        return check(), None
    except AssertionError as error:
        return None, error


async def _wait(clock: Clock | RealClock, end: float, every: float) -> bool:
    if isinstance(clock, Clock):
        return await clock.step(end)
    left = end - asyncio.get_running_loop().time()
    if left <= 0:
        return False
    await asyncio.sleep(min(every, left))
    return True
