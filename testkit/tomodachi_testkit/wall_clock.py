"""Moves `time.time()` and `datetime.now()` with the virtual clock.

Three movers: time-machine (fast, patches at the C level), freezegun (works everywhere, slower to
enter, misses names bound early), and none. The loop's own time is not theirs to move, so neither can
stall it.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any, Protocol

from tomodachi_testkit.errors import TestkitError, TwoClocks


class WallClock(Protocol):
    """Keeps the process's wall clock equal to a given Unix time."""

    def start(self, now: float) -> None:
        """Take over the wall clock."""
        ...

    def move(self, now: float) -> None:
        """Set the wall clock to `now` (Unix seconds)."""
        ...

    def stop(self) -> None:
        """Give the wall clock back."""
        ...


class NoWallClock:
    """Leaves the process's wall clock alone."""

    def start(self, now: float) -> None:
        """Do nothing."""

    def move(self, now: float) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


class TimeMachineWallClock:
    """The wall clock through time-machine."""

    def __init__(self) -> None:
        self._travel: Any = None  # time_machine.travel, untyped until it is imported
        self._traveller: Any = None

    def start(self, now: float) -> None:
        """Take over the wall clock."""
        import time_machine

        self._travel = time_machine.travel(now, tick=False)
        self._traveller = self._travel.start()
        self._now = now

    def move(self, now: float) -> None:
        """Set the wall clock to `now`, unless the test froze it itself meanwhile."""
        if abs(time.time() - self._now) > 1e-3:
            msg = f"the wall clock shows {time.time():.3f}, the harness set it to {self._now:.3f}."
            raise TwoClocks(msg)
        self._traveller.move_to(now, tick=False)
        self._now = now

    def stop(self) -> None:
        """Give the wall clock back."""
        self._travel.stop()


class FreezegunWallClock:
    """The wall clock through freezegun; the loop's own time stays the loop's."""

    def __init__(self) -> None:
        self._freezer: Any = None  # freezegun's private return type
        self._frozen: Any = None

    def start(self, now: float) -> None:
        """Take over the wall clock."""
        import freezegun

        self._freezer = freezegun.freeze_time(
            _utc(now), real_asyncio=True, ignore=["tomodachi_testkit", "asyncio", "selectors"]
        )
        self._frozen = self._freezer.start()

    def move(self, now: float) -> None:
        """Set the wall clock to `now`."""
        self._frozen.move_to(_utc(now))

    def stop(self) -> None:
        """Give the wall clock back."""
        self._freezer.stop()


def _utc(now: float) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(now, UTC).replace(tzinfo=None)


def wall_clock(name: str = "auto") -> WallClock:
    """The mover by its name: "time-machine", "freezegun", "none", or "auto" (the first installed).

    Raises:
        TestkitError: the name is not one of these.
    """
    movers: dict[str, Callable[[], WallClock]] = {
        "time-machine": TimeMachineWallClock,
        "freezegun": FreezegunWallClock,
        "none": NoWallClock,
    }
    if name == "auto":
        for candidate, module in (("time-machine", "time_machine"), ("freezegun", "freezegun")):
            if importlib.util.find_spec(module) is not None:
                return movers[candidate]()
        return NoWallClock()
    if name not in movers:
        msg = f"unknown wall clock {name!r}: use one of 'auto', {', '.join(map(repr, movers))}."
        raise TestkitError(msg)
    return movers[name]()
