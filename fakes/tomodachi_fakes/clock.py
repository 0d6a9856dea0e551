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


_END = 253_402_300_799.0  # 9999-12-31T23:59:59Z; dates on the wire have years of four digits


class AdjustableClock:
    """Another clock that can be stopped and moved forward, for `clock freeze` and `clock advance`."""

    __slots__ = ("_base", "_frozen_at", "_offset")

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._offset = 0.0
        self._frozen_at: float | None = None

    def now(self) -> float:
        """Unix time in seconds; never decreases."""
        return self._base.now() + self._offset if self._frozen_at is None else self._frozen_at

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None

    def freeze(self, at: float | None = None) -> None:
        """Let time stand still, now or at a later moment (Unix seconds).

        Raises:
            ValueError: `at` lies in the past, or after the year 9999.
        """
        now = self.now()
        if at is not None and at < now:
            msg = f"time cannot move back: freeze({at!r}) at {now!r}. Name a later moment."
            raise ValueError(msg)
        if at is not None and at > _END:
            msg = f"time ends with the year 9999: freeze({at!r}). Name an earlier moment."
            raise ValueError(msg)
        self._frozen_at = now if at is None else at

    def advance(self, seconds: float) -> None:
        """Move time forward by `seconds` (not negative), whether it stands still or not.

        Raises:
            ValueError: `seconds` is negative, or leads beyond the year 9999.
        """
        if seconds < 0:
            msg = f"time cannot move back: advance({seconds!r}). Pass seconds >= 0."
            raise ValueError(msg)
        if self.now() + seconds > _END:
            msg = f"time ends with the year 9999: advance({seconds!r}). Pass fewer seconds."
            raise ValueError(msg)
        if self._frozen_at is None:
            self._offset += seconds
        else:
            self._frozen_at += seconds

    def resume(self) -> None:
        """Let time go on from where it stands."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._base.now()
            self._frozen_at = None
