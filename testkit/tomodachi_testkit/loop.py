"""An asyncio loop that knows when it is quiescent, and whose time moves only when it is told to.

The loop is a stock `SelectorEventLoop` over a wrapped selector. asyncio calls `select()` exactly when
it has run everything that was ready; if the selector then reports nothing, no executor call is under
way and nobody holds the clock, the program is *idle*: nothing can happen any more without time
passing. Brokers, services and test share the loop, and data written to a loopback socket is readable
at once, so idleness is exact and needs no polling.

On idleness, in this order: whoever waits for idleness is told; if the test itself has a timer
pending, time jumps to the next timer of anybody; otherwise the test hangs, which is reported.

Who owns what on the loop is `owning_loop.py`'s. Outside a harness the loop keeps real time like any
other. Only public interfaces are used: a selector handed to `SelectorEventLoop`, `time()`, `call_at()`,
`run_in_executor()`.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import selectors
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple

from tomodachi_testkit.owning_loop import OWNER as OWNER
from tomodachi_testkit.owning_loop import OwningLoop, owner_in

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

GRID_S = 1e-6
"""Times closer together than half of this are the same moment."""

HANG_AFTER_S = 0.04
"""Real seconds of idleness after which a waiting test is called hung; told within 50 ms."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A pending timer.

    Attributes:
        owner: "test", "broker", or a service's name.
        kind: What it is for: "sleep", "timeout", "long-poll", "visibility", "heartbeat", ...
        due: Loop time in seconds.
    """

    owner: str
    kind: str
    due: float


class _Selector(selectors.BaseSelector):
    """The platform's selector; asks the loop what to do when there is nothing to report."""

    def __init__(self, inner: selectors.BaseSelector) -> None:
        self._inner = inner
        self.loop: VirtualLoop | None = None

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.get_key(fileobj)

    def close(self) -> None:
        self._inner.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.loop is None or not self.loop.virtual:
            return self._inner.select(timeout)
        ready = self._inner.select(0)
        if ready or (timeout is not None and timeout <= 0):
            self.loop.active()
            return ready
        wait = self.loop.idle()
        return ready if wait == 0 else self._inner.select(wait)


class VirtualLoop(OwningLoop):
    """A selector loop with real time outside `virtual_time()` and virtual time inside."""

    def __init__(self) -> None:
        # Bound here, because freezegun replaces these names in modules that hold them.
        self._monotonic = time.monotonic
        self.virtual = False
        self._now = 0.0
        self._anchor = self._monotonic()
        self._timers: list[tuple[float, int, asyncio.TimerHandle, str]] = []
        self._timer_count = 0
        self._executor_calls = 0
        self._holds = 0
        self._idle_waiters: list[asyncio.Future[None]] = []
        self._idle_since: float | None = None
        self.waits = 0  # how many times somebody has waited for idleness
        self._on_move: list[Callable[[], None]] = []
        self.on_hang: Callable[[], None] | None = None
        selector = _Selector(selectors.DefaultSelector())
        super().__init__(selector)
        selector.loop = self

    # --- time -----------------------------------------------------------------------------------

    def time(self) -> float:
        """Seconds on the loop's own axis, which starts at 0 and never moves back."""
        if self.virtual:
            return self._now
        return self._now + (self._monotonic() - self._anchor)

    @contextmanager
    def virtual_time(self) -> Iterator[None]:
        """Stop real time; from here on time moves only by `jump`, until the block ends."""
        # A whole number: sums of whole seconds are exact then, however long the test runs.
        self._now = float(math.ceil(self.time()))
        self.virtual = True
        try:
            yield
        finally:
            self._anchor = self._monotonic()
            self.virtual = False
            self._idle_since = None

    def jump(self, when: float) -> None:
        """Set the time to `when`; timers due by then run in the loop's next turn."""
        # A microsecond grid keeps wall times canonical: 30 s after 12:00:00 is 12:00:30 exactly.
        # `when` itself wins where the grid point lies before it, or its timer would never be due.
        self._now = max(self._now, round(when, 6), when)
        self.moved()

    def moved(self) -> None:
        """Tell whoever listens that the time is another than before."""
        for listener in self._on_move:
            listener()

    def on_move(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every jump; the returned function ends that."""
        self._on_move.append(listener)
        return lambda: self._on_move.remove(listener)

    # --- timers ---------------------------------------------------------------------------------

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Schedule as asyncio does, and remember who asked."""
        handle = super().call_at(when, callback, *args, context=context)
        self._timer_count += 1
        label = f"{_owner(callback, context)}\0{_kind(callback)}"
        heapq.heappush(self._timers, (when, self._timer_count, handle, label))
        return handle

    def cancel_timers(self, owner: str) -> None:
        """Cancel every timer of `owner`."""
        for _, _, handle, label in self._timers:
            if label.startswith(f"{owner}\0"):
                handle.cancel()

    def timers(self) -> list[Timer]:
        """Every timer that is still pending, soonest first."""
        self._forget_past_timers()
        pending = sorted(entry for entry in self._timers if not entry[2].cancelled())
        return [_timer(when, label) for when, _, _, label in pending]

    def next_timer(self) -> float | None:
        """Loop time of the soonest pending timer."""
        self._forget_past_timers()
        return self._timers[0][0] if self._timers else None

    def _forget_past_timers(self) -> None:
        # Only called when the loop is idle or from a task, so a timer due by now has run or is
        # about to: either way there is nothing to wait for.
        timers = self._timers
        while timers and (timers[0][2].cancelled() or timers[0][0] <= self._now):
            heapq.heappop(timers)

    def _test_waits_for_time(self) -> bool:
        return any(
            label.startswith("test\0") and not handle.cancelled() and when > self._now
            for when, _, handle, label in self._timers
        )

    # --- idleness -------------------------------------------------------------------------------

    async def settled(self) -> None:
        """Return when nothing can happen any more without time passing."""
        waiter: asyncio.Future[None] = self.create_future()
        self._idle_waiters.append(waiter)
        self.waits += 1
        await waiter

    def give_up(self, error: Exception) -> None:
        """Raise in whoever waits for idleness: it does not come."""
        waiters, self._idle_waiters = self._idle_waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(error)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Inside, idleness is never concluded: something outside the loop is at work."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1

    def run_in_executor(
        self, executor: Any, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run as asyncio does; while the call is under way the loop is not idle."""
        future = super().run_in_executor(executor, func, *args)
        self._executor_calls += 1
        future.add_done_callback(self._executor_call_done)
        return future

    def _executor_call_done(self, _: object) -> None:
        self._executor_calls -= 1

    def active(self) -> None:
        """Something happened: a later idleness is a new one."""
        self._idle_since = None

    def idle(self) -> float | None:
        """Nothing is ready. Make something happen and return 0, or say how long to wait for I/O.

        Called by the selector only. Returns real seconds; None waits without limit.
        """
        if self._executor_calls or self._holds:
            self.active()
            return None
        if self._idle_waiters:
            self.active()
            waiters, self._idle_waiters = self._idle_waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
            return 0
        if self._test_waits_for_time():
            self.active()
            self.jump(self.next_timer() or self._now)
            return 0
        return self._wait_or_hang()

    def _wait_or_hang(self) -> float | None:
        if self.on_hang is None:
            return None
        if self._idle_since is None:
            self._idle_since = self._monotonic()
        left = HANG_AFTER_S - (self._monotonic() - self._idle_since)
        if left > 0:
            return left
        self._idle_since = None
        self.on_hang()
        return 0


def _owner(callback: Callable[..., object], context: Context | None) -> str:
    # A broker's timer is the broker's, also where a test's or a service's call made it set it.
    given = getattr(getattr(callback, "__self__", None), "svc_timer_owner", None)
    return owner_in(context) if given is None else str(given)


def _kind(callback: Callable[..., object]) -> str:
    owner = getattr(callback, "__self__", None)
    tag = getattr(owner, "svc_timer_kind", None)
    if tag is not None:
        return str(tag() if callable(tag) else tag)
    name = getattr(callback, "__qualname__", "") or type(callback).__name__
    if "_set_result_unless_cancelled" in name:
        return "cron" if _is_a_schedules_task() else "sleep"
    if name == "_weakref_handle":  # aiohttp's pools close idle connections by and by
        return "keep-alive"
    return "timeout" if "imeout" in name else name


def _is_a_schedules_task() -> bool:
    # The runtime's schedules sleep in tasks that are called so.
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is not None and task.get_name().endswith("/schedule")


def _timer(when: float, label: str) -> Timer:
    owner, _, kind = label.partition("\0")
    return Timer(owner, kind, when)
