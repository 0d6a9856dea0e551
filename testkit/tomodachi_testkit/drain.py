"""Drain: move time until no accepted message is left to handle.

Work is what can still lead to a handler call: a handler that runs, a message in flight or delayed, a
ready message in a queue that somebody consumes, a message that a TTL will dead-letter. Timers alone
(heartbeats, long polls, schedules) are not work, so a drained system stays drained however long its
schedule is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from tomodachi_testkit.clock import Clock, seconds
from tomodachi_testkit.errors import DrainIncomplete
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides


@dataclass(frozen=True, slots=True)
class DrainResult:
    """What a drain did, and what was done since the one before, or since the test began.

    Handlers may be done before a drain begins: after `settle()`, say, or on real brokers.

    Attributes:
        elapsed: How far the clock moved.
        failures: How many handler calls raised since the drain before.
        handled: How many handler calls ended since then, except requests and what the test ran with
            `Running.call`: those were answered.
        steps: How many times the clock moved.
    """

    elapsed: timedelta
    failures: int
    handled: int
    steps: int


class Steps(Protocol):
    """The part of the clock that a drain uses."""

    def unix(self) -> float:
        """Now in Unix seconds."""
        ...

    async def settle(self) -> None:
        """Return when nothing is runnable any more."""
        ...

    async def step(self, limit: float | None = None) -> bool:
        """Move to the next timer; False when there is none up to `limit`."""
        ...


async def drain(
    harness: Harness,
    queues: tuple[str, ...],
    *,
    until: timedelta | float | None,
    raise_errors: bool,
    limit: int | None,
) -> DrainResult:
    """Drain a harness; see `Harness.drain`."""
    watch, clock = harness.watch, harness.clock
    began = clock.unix()
    until_s = None if until is None else seconds(until)
    if isinstance(clock, Clock):
        limit = limit or harness.settle_limit
        with harness.moments.limited(limit):
            steps = await step_until_drained(
                clock,
                lambda: harness.work(queues),
                limit=limit,
                until_s=until_s,
                loop_time=asyncio.get_running_loop().time,
            )
    else:
        steps = await harness.brokers.poll_until_drained(queues, until_s)
    handled, failures = watch.take_counts()
    if raise_errors:
        harness.raise_errors()
    else:
        watch.take_errors()
    elapsed = timedelta(seconds=round(clock.unix() - began, 6))
    return DrainResult(elapsed=elapsed, failures=failures, handled=handled, steps=steps)


async def step_until_drained(
    clock: Steps,
    work: Callable[[], Sequence[str]],
    *,
    limit: int,
    until_s: float | None,
    loop_time: Callable[[], float],
) -> int:
    """Step the clock until `work` names nothing; returns the number of steps.

    Args:
        clock: What is moved.
        work: Names the work that is left, for the error message.
        limit: Most steps to take.
        until_s: Most seconds to move the clock by; None means no bound.
        loop_time: Now, on the axis that `step` takes its limit on.

    Raises:
        DrainIncomplete: the limit was reached, or work is left that no timer will move.
    """
    end = None if until_s is None else loop_time() + until_s
    await clock.settle()
    for steps in range(limit):
        left = work()
        if not left:
            return steps
        if not await clock.step(end):
            raise DrainIncomplete(_stuck(left, until_s))
    msg = (
        f"drain took {limit} steps and is not done; left: {', '.join(work())}. "
        "Pass limit=..., or find what keeps sending."
    )
    raise DrainIncomplete(msg)


def _stuck(left: Sequence[str], until_s: float | None) -> str:
    if until_s is not None:
        return f"{until_s:g} s passed and this is left: {', '.join(left)}."
    return f"nothing will move any more, and this is left: {', '.join(left)}."
