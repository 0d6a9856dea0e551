"""One axis of time for every broker: Unix seconds as a float.

Cores never read a clock: they are handed `now`. Shells read it here. The system clock is wall time
at start plus monotonic time since, so it never jumps back when the machine's clock is corrected.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What a shell needs to know about time."""

    def now(self) -> float:
        """Unix time in seconds; never decreases."""
        ...


class SystemClock:
    """Real time: wall time at construction, plus monotonic seconds since."""

    __slots__ = ("_offset",)

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Unix time in seconds; never decreases."""
        return self._offset + time.monotonic()


class ManualClock:
    """Time that stands still until it is told to move; for tests of shells and for `clock freeze`."""

    __slots__ = ("_now",)

    def __init__(self, now: float = 0.0) -> None:
        self._now = now

    def now(self) -> float:
        """Unix time in seconds; never decreases."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move time forward by `seconds` (not negative)."""
        if seconds < 0:
            msg = f"time cannot move back: advance({seconds!r}). Pass seconds >= 0."
            raise ValueError(msg)
        self._now += seconds
