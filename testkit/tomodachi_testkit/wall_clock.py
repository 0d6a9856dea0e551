"""Moves `time.time()` and `datetime.now()` with the virtual clock.

Three movers: time-machine (fast, patches at the C level), freezegun (works everywhere, slower to
enter, misses names bound early), and none. The loop's own time is not theirs to move, so neither can
stall it.

Where a test, or a fixture before `svc`, has frozen the clock already, the harness takes that over: its
time starts there, and moves what was frozen. A freeze that begins while the harness runs is refused.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tomodachi_testkit.errors import TestkitError, TwoClocks
from tomodachi_testkit.tracebacks import hides

__tracebackhide__ = hides

_TOLERANCE_S = 1e-3


class WallClock(Protocol):
    """Keeps the process's wall clock equal to a given Unix time."""

    def start(self, now: float) -> None:
        """Take over the wall clock."""
        ...

    def move(self, now: float) -> None:
        """Set the wall clock to `now` (Unix seconds)."""
        ...

    def check(self) -> None:
        """Refuse a wall clock that somebody else has set meanwhile.

        Raises:
            TwoClocks: somebody has.
        """
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

    def check(self) -> None:
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
        """Set the wall clock to `now` (Unix seconds)."""
        self.check()
        self._traveller.move_to(now, tick=False)
        self._now = now

    def check(self) -> None:
        """Refuse another freeze inside of this one."""
        if abs(time.time() - self._now) > _TOLERANCE_S:
            msg = f"the wall clock shows {time.time():.3f}, the harness set it to {self._now:.3f}."
            raise TwoClocks(msg)

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

        # No module is left out: freezegun leaves out whatever that module calls, too, which are all
        # coroutines for asyncio. The loop has a time of its own, and its own monotonic clock.
        self._freezer = freezegun.freeze_time(_utc(now), real_asyncio=True)
        self._frozen = self._freezer.start()

    def move(self, now: float) -> None:
        """Set the wall clock to `now`."""
        self.check()
        self._frozen.move_to(_utc(now))

    def check(self) -> None:
        """Refuse another freeze inside of this one."""
        _check_innermost(self._frozen)

    def stop(self) -> None:
        """Give the wall clock back."""
        self._freezer.stop()


class BoundFreezegun:
    """The wall clock that a test froze with freezegun before the harness began.

    Raises:
        TwoClocks: it ticks.
    """

    def __init__(self) -> None:
        import freezegun.api

        self._frozen: Any = freezegun.api.freeze_factories[-1]
        self._before = self._frozen()
        if not isinstance(self._frozen, freezegun.api.FrozenDateTimeFactory):
            msg = "freezegun was told to let time tick by itself (tick=True, auto_tick_seconds)."
            raise TwoClocks(msg)

    def start(self, now: float) -> None:
        """Nothing to take over: it is frozen already."""

    def move(self, now: float) -> None:
        """Set the wall clock to `now`."""
        self.check()
        self._frozen.move_to(_utc(now))

    def check(self) -> None:
        """Refuse another freeze inside of this one."""
        _check_innermost(self._frozen)

    def stop(self) -> None:
        """Give the wall clock back as it was."""
        self._frozen.move_to(self._before)


def _check_innermost(frozen: Any) -> None:
    import freezegun.api

    if freezegun.api.freeze_factories[-1] is not frozen:
        msg = "the test has frozen time while the harness was moving it."
        raise TwoClocks(msg)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A clock that was frozen before the harness began.

    Attributes:
        at: What it shows, Unix seconds.
        mover: What moves it from here on.
    """

    at: float
    mover: Callable[[], WallClock]


def frozen_before() -> Frozen | None:
    """The wall clock that somebody has frozen; None where it is the machine's."""
    # Nothing can be frozen by a module that nobody has imported.
    freezegun: Any = sys.modules.get("freezegun.api")
    if freezegun is not None and freezegun.freeze_factories:
        return Frozen(time.time(), BoundFreezegun)
    time_machine: Any = sys.modules.get("time_machine")
    if time_machine is not None and time_machine.escape_hatch.is_travelling():
        return Frozen(time.time(), TimeMachineWallClock)
    return None


def refuse_decorated(test: Callable[..., object]) -> None:
    """Refuse a test that is decorated with a freeze: that begins within the harness, unseen by it.

    Raises:
        TwoClocks: it is.
    """
    code = getattr(test, "__code__", None)
    module = "" if code is None else Path(code.co_filename).parent.name
    if module in ("freezegun", "time_machine"):
        msg = f"a decorator of {module} is around the test, inside of `svc`."
        raise TwoClocks(msg)


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
