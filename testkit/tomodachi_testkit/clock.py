"""The clock that a test holds: reads time, moves it, and shows what it will do next.

One axis for everything: wall time is the start time plus the loop's virtual seconds, and brokers,
services and timers all read it. Moving time goes timer by timer, and everything a timer sets off is
over before the next one is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.control.due import broker_timers
from tomodachi_testkit.errors import NotOnRealBrokers, RealClockCannotMove, TestkitError
from tomodachi_testkit.loop import GRID_S, VirtualLoop
from tomodachi_testkit.promises import promised
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker

__tracebackhide__ = hides

DEFAULT_START = "2026-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class PendingTimer:
    """A pending timer.

    Attributes:
        owner: "test", "broker", or a service's name and number.
        kind: What it is for: "sleep", "timeout", "cron"; of a broker "visibility", "ttl", and what
            else `control/due.py` of the brokers names.
        due: When, on the wall clock.
        queue: The queue whose broker waits; empty where it is about none.
    """

    owner: str
    kind: str
    due: datetime
    queue: str = ""

    def __repr__(self) -> str:
        where = f" of {self.queue}" if self.queue else ""
        return f"<{self.owner} {self.kind}{where} due {self.due.isoformat()}>"


def parse_time(when: datetime | str | float) -> float:
    """Unix seconds of a datetime, an ISO 8601 text or a number; without an offset it is UTC.

    Raises:
        TestkitError: the text is no ISO 8601 time.
    """
    if isinstance(when, int | float):
        return float(when)
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            msg = f"{when!r} is no ISO 8601 time; write it like '2026-03-28T23:59:00+01:00'."
            raise TestkitError(msg) from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def seconds(delta: timedelta | float) -> float:
    """Seconds of a timedelta or a number; time does not move back.

    Raises:
        TestkitError: the duration is negative.
    """
    value = delta.total_seconds() if isinstance(delta, timedelta) else float(delta)
    if value < 0:
        msg = f"time cannot move back: {delta!r}. Pass a duration of 0 or more."
        raise TestkitError(msg)
    return value


class Clock:
    """Virtual time: it moves when the test says so, or sleeps itself."""

    virtual = True

    def __init__(self, start: datetime | str | float = DEFAULT_START) -> None:
        self._start = parse_time(start)
        self._origin = 0.0
        self._bound: VirtualLoop | None = None
        self._broker: FakeBroker | None = None

    def start_at(self, when: float) -> None:
        """Start at another time (Unix seconds); before the clock is bound."""
        self._start = when

    def bind(self, loop: VirtualLoop) -> None:
        """From here on the clock is this loop's; its start time is now."""
        self._bound = loop
        self._origin = loop.time()

    def show_timers_of(self, broker: FakeBroker) -> None:
        """From here on, `next` tells what the brokers wait for."""
        self._broker = broker

    def unbind(self) -> None:
        """Stand still for good: the harness has ended, and its time with it."""
        self._start, self._bound = self.unix(), None

    @property
    def _loop(self) -> VirtualLoop:
        if self._bound is None:
            msg = (
                "the clock does not run: the test must be `async def` for `svc` to start, or "
                "enter `async with Harness() as svc:`."
            )
            raise TestkitError(msg)
        return self._bound

    def unix(self) -> float:
        """Now in Unix seconds, on a grid of microseconds."""
        if self._bound is None:
            return self._start
        return round(self._start + (self._bound.time() - self._origin), 6)

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.fromtimestamp(self.unix(), UTC)

    def set(self, when: float) -> None:
        """Show another time from here on, earlier or later; no timer is passed by that.

        Args:
            when: Unix seconds.
        """
        self._start = round(when - (self._loop.time() - self._origin), 6)
        self._loop.moved()

    @promised
    async def settle(self) -> None:
        """Return when nothing is runnable any more; time does not move."""
        await self._loop.settled()

    @promised
    async def advance(self, delta: timedelta | float) -> None:
        """Move time by `delta` (seconds, or a timedelta), stepping through every timer on the way.

        Raises:
            TestkitError: the duration is negative.
        """
        await self._move_to(self._loop.time() + seconds(delta))

    @promised
    async def advance_to(self, when: datetime | str) -> None:
        """Move time to a moment; a text or datetime without an offset is UTC.

        Raises:
            TestkitError: the moment is in the past, or no time at all.
        """
        await self.advance(self._ahead(parse_time(when) - self.unix(), when))

    def _ahead(self, delta: float, when: object) -> float:
        if delta < 0:
            msg = f"time cannot move back: it is {self.now().isoformat()}, asked for {when}."
            raise TestkitError(msg)
        return delta

    async def step(self, limit: float | None = None) -> bool:
        """Move to the next timer of anybody, at most to loop time `limit`, and settle.

        Returns:
            False when there is no timer (up to the limit); time has not moved then.
        """
        due = self._loop.next_timer()
        if due is None or (limit is not None and due > limit + GRID_S / 2):
            return False
        self._loop.jump(due)
        await self._loop.settled()
        return True

    async def _move_to(self, target: float) -> None:
        await self._loop.settled()
        while await self.step(target):
            pass
        self._loop.jump(target)
        await self._loop.settled()

    def next(self) -> list[PendingTimer]:
        """Every pending timer, soonest first; those of the brokers by what they are for."""
        brokers = [] if self._broker is None else list(broker_timers(self._broker))
        timers = [PendingTimer("broker", kind, _utc(due), queue) for due, kind, queue in brokers]
        known = {timer.due for timer in timers}
        for timer in self._loop.timers():
            due = _utc(round(self._start + (timer.due - self._origin), 6))
            if timer.owner != "broker" or due not in known:
                timers.append(PendingTimer(timer.owner, timer.kind, due))
        return sorted(timers, key=lambda timer: timer.due)

    def hold(self) -> AbstractContextManager[None]:
        """Inside, the loop waits for the outside world: threads, processes, foreign sockets."""
        return self._loop.hold()

    def on_move(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every move of time; the returned function ends that."""
        return self._loop.on_move(listener)


def _utc(when: float) -> datetime:
    return datetime.fromtimestamp(when, UTC)


class RealClock:
    """Real time, for uvloop, real brokers and foreign processes: it can be read, not moved."""

    virtual = False

    def unix(self) -> float:
        """Now in Unix seconds."""
        return datetime.now(UTC).timestamp()

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)

    async def settle(self) -> None:
        """Give running callbacks a few turns of the loop; real time has no quiescence."""
        for _ in range(3):
            await asyncio.sleep(0)

    async def advance(self, delta: timedelta | float) -> None:
        """Refuse: real time cannot be moved.

        Raises:
            RealClockCannotMove: always.
        """
        raise RealClockCannotMove

    async def advance_to(self, when: datetime | str) -> None:
        """Refuse: real time cannot be moved.

        Raises:
            RealClockCannotMove: always.
        """
        raise RealClockCannotMove

    def next(self) -> list[PendingTimer]:
        """Nothing: a stock loop does not tell its timers."""
        return []

    def hold(self) -> AbstractContextManager[None]:
        """Nothing to hold: real time never jumps."""
        return nullcontext()


class RealBrokersClock(RealClock):
    """Real time beside real brokers: a test that moves it is one for the in-memory ones."""

    async def advance(self, delta: timedelta | float) -> None:
        """Refuse.

        Raises:
            NotOnRealBrokers: always.
        """
        raise NotOnRealBrokers("clock.advance")

    async def advance_to(self, when: datetime | str) -> None:
        """Refuse.

        Raises:
            NotOnRealBrokers: always.
        """
        raise NotOnRealBrokers("clock.advance_to")

    def next(self) -> list[PendingTimer]:
        """Refuse.

        Raises:
            NotOnRealBrokers: always.
        """
        raise NotOnRealBrokers("clock.next")


def clock_of(kind: str, broker: str, start: Any) -> Clock | RealClock:
    """The clock of a harness: "virtual" or "real"; beside real brokers it is always real."""
    if broker == "real":
        return RealBrokersClock()
    return Clock(start) if kind == "virtual" else RealClock()


class BrokerClock:
    """`tomodachi_fakes.clock.Clock` on the harness's clock."""

    __slots__ = ("_clock",)

    def __init__(self, clock: Clock | RealClock) -> None:
        self._clock = clock

    def now(self) -> float:
        """Unix time in seconds."""
        return self._clock.unix()


class ServiceClock:
    """`tomodachi.helpers.clock.Clock` on the harness's clock."""

    __slots__ = ("_clock",)

    def __init__(self, clock: Clock | RealClock) -> None:
        self._clock = clock

    def now(self) -> float:
        """Unix time in seconds."""
        return self._clock.unix()

    def monotonic(self) -> float:
        """Seconds on the loop's axis."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of the loop's time; 0 or less yields once."""
        await asyncio.sleep(max(0.0, seconds))
