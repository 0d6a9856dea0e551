"""The one seam through which the runtime reads time and sleeps.

Everything in the runtime that waits or asks what time it is does so through the clock in force, so
that a test can drive a whole service with a virtual clock. Which clock that is, is a context
variable: tasks inherit it from the code that started the service, and two services in one process
may live under different clocks.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time and waiting."""

    def now(self) -> float:
        """Unix time in seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds on an axis that never jumps; for measuring durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock's time; 0 or less yields once to the loop."""
        ...


class SystemClock:
    """The machine's time and asyncio's sleep."""

    __slots__ = ()

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds on an axis that never jumps; for measuring durations."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`; 0 or less yields once to the loop."""
        await asyncio.sleep(max(0.0, seconds))


_SYSTEM: Clock = SystemClock()
_clock: ContextVar[Clock] = ContextVar("tomodachi.clock", default=_SYSTEM)


def get_clock() -> Clock:
    """The clock in force here; the system's unless `set_clock` gave another."""
    return _clock.get()


def set_clock(clock: Clock) -> Token[Clock]:
    """Put `clock` in force for this context and the tasks started from it."""
    return _clock.set(clock)


def reset_clock(token: Token[Clock]) -> None:
    """Go back to the clock that was in force before the `set_clock` that gave `token`."""
    _clock.reset(token)


def now() -> float:
    """Unix time in seconds, by the clock in force."""
    return _clock.get().now()


def monotonic() -> float:
    """Seconds on a steady axis, by the clock in force."""
    return _clock.get().monotonic()


def utcnow() -> datetime:
    """The current time as an aware datetime in UTC, by the clock in force."""
    return datetime.fromtimestamp(_clock.get().now(), UTC)


async def sleep(seconds: float) -> None:
    """Wait, by the clock in force."""
    await _clock.get().sleep(seconds)
