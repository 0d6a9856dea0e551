"""An asyncio loop that knows when it is quiescent, and whose time moves only when it is told to.

The loop is a stock `SelectorEventLoop` over a wrapped selector. asyncio calls `select()` exactly when
it has run everything that was ready; if the selector then reports nothing, no executor call is under
way and nobody holds the clock, the program is *idle*: nothing can happen any more without time
passing. Brokers, services and test share the loop, and data written to a loopback socket is readable
at once, so idleness is exact and needs no polling.

On idleness, in this order: whoever waits for idleness is told; if the test itself has a timer
pending, time jumps to the next timer of anybody; otherwise the test hangs, which is reported.

Outside a harness the loop keeps real time like any other. Only public interfaces are used: a
selector handed to `SelectorEventLoop`, `time()`, `call_at()`, `run_in_executor()`.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import random
import selectors
import time
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

from tomodachi_testkit.redirects import Redirects

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

OWNER: ContextVar[str] = ContextVar("tomodachi_testkit.owner", default="test")
"""Who creates a timer: "test", "broker", or a service's name. Tasks inherit it."""

GRID_S = 1e-6
"""Times closer together than half of this are the same moment."""

HANG_AFTER_S = 0.04
"""Real seconds of idleness after which a waiting test is called hung; told within 50 ms."""

# How many turns a task's step waits while the order is perturbed, drawn from these.
_TURNS = (0, 0, 0, 1, 1, 2, 5)

_TLS_ARGUMENTS = ("ssl", "server_hostname", "ssl_handshake_timeout", "ssl_shutdown_timeout")


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


class VirtualLoop(asyncio.SelectorEventLoop):
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
        self._on_move: list[Callable[[], None]] = []
        self.on_hang: Callable[[], None] | None = None
        self._tasks: WeakKeyDictionary[asyncio.Future[Any], str] = WeakKeyDictionary()
        self._sockets: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        # Protocols of accepted connections; aiohttp's can't be referred to weakly.
        self._accepted: list[tuple[Any, str]] = []
        self.redirects = Redirects()
        self._delays: random.Random | None = None
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
        owner = _owner(context)
        self._timer_count += 1
        heapq.heappush(
            self._timers, (when, self._timer_count, handle, f"{owner}\0{_kind(callback)}")
        )
        return handle

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

    # --- ownership ------------------------------------------------------------------------------

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: Context | None = None,
        **kwargs: Any,
    ) -> asyncio.Task[T]:
        """Create a task as asyncio does, and remember who asked."""
        task = super().create_task(coro, name=name, context=context, **kwargs)
        self._tasks[task] = _owner(context)
        return task

    async def create_connection(
        self,
        protocol_factory: Callable[[], Any],
        host: Any = None,
        port: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Connect as asyncio does, and remember who asked."""
        if self.redirects and (
            self.redirects.claims(host) or self.redirects.reached(kwargs.get("sock"))
        ):
            # What stands in for the host speaks no TLS.
            kwargs = {name: kwargs[name] for name in kwargs if name not in _TLS_ARGUMENTS}
        transport, protocol = await super().create_connection(
            protocol_factory, host, port, **kwargs
        )
        self._sockets[transport] = OWNER.get()
        return transport, protocol

    async def getaddrinfo(self, host: Any, port: Any, **kwargs: Any) -> Any:
        """Resolve as asyncio does; a host that a test stands in for has an address of its own."""
        if self.redirects.claims(host):
            return self.redirects.resolve(host, port)
        return await super().getaddrinfo(host, port, **kwargs)

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Connect as asyncio does, or to what a test puts in the address's place."""
        if self.redirects:
            address = await self.redirects.target(address)
        await super().sock_connect(sock, address)

    async def create_server(
        self, protocol_factory: Callable[[], Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Listen as asyncio does, and remember who asked, for accepted connections too."""
        owner = OWNER.get()

        def accept() -> Any:
            protocol = protocol_factory()
            self._accepted = [pair for pair in self._accepted if not _is_lost(pair[0])]
            self._accepted.append((protocol, owner))
            return protocol

        server = await super().create_server(accept, *args, **kwargs)
        self._sockets[server] = owner
        return server

    def tasks_of(self, owner: str) -> list[asyncio.Future[Any]]:
        """Tasks of `owner` that have not ended."""
        return [task for task, name in self._tasks.items() if name == owner and not task.done()]

    def addresses_of(self, owner: str) -> set[str]:
        """Local addresses (`host:port`) of the connections that `owner` opened."""
        names = [
            holder.get_extra_info("sockname")
            for holder, name in self._sockets.items()
            if name == owner and isinstance(holder, asyncio.BaseTransport)
        ]
        return {f"{name[0]}:{name[1]}" for name in names if isinstance(name, tuple)}

    def kill(self, owner: str) -> list[asyncio.Future[Any]]:
        """Do to `owner` what the end of its process would: abort its sockets, cancel its tasks."""
        for holder, name in [*self._sockets.items(), *self._accepted]:
            if name == owner:
                _abort(holder)
        tasks = self.tasks_of(owner)
        for task in tasks:
            task.cancel()
        for _, _, handle, label in self._timers:
            if label.startswith(f"{owner}\0"):
                handle.cancel()
        return tasks

    # --- order ----------------------------------------------------------------------------------

    @contextmanager
    def perturbed(self, seed: int) -> Iterator[None]:
        """Inside, a task that could run may have to wait for others, as the seed decides.

        asyncio runs tasks in the order in which they became ready, which no program may rely on.
        Callbacks that are no tasks keep their order: transports do rely on that.
        """
        self._delays = random.Random(seed)  # noqa: S311 - replay
        try:
            yield
        finally:
            self._delays = None

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Schedule as asyncio does; a task's step may come later while the order is perturbed."""
        if self._delays is not None and _is_a_tasks_step(callback):
            turns = _TURNS[self._delays.randrange(len(_TURNS))]
            if turns:
                return super().call_soon(self._later, turns, callback, args, context)
        return super().call_soon(callback, *args, context=context)

    def _later(
        self, turns: int, callback: Callable[..., object], args: Any, context: Context | None
    ) -> None:
        if turns > 1:
            super().call_soon(self._later, turns - 1, callback, args, context)
        else:
            super().call_soon(callback, *args, context=context)

    # --- idleness -------------------------------------------------------------------------------

    async def settled(self) -> None:
        """Return when nothing can happen any more without time passing."""
        waiter: asyncio.Future[None] = self.create_future()
        self._idle_waiters.append(waiter)
        await waiter

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


def _is_a_tasks_step(callback: object) -> bool:
    # Steps and wake-ups of tasks are methods of the task; nobody holds their handles.
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


def _owner(context: Context | None) -> str:
    return OWNER.get() if context is None else context.get(OWNER, "test")


def _is_lost(protocol: Any) -> bool:
    # Protocols of aiohttp and asyncio keep their transport under this name until it is lost.
    return getattr(protocol, "transport", protocol) is None


def _abort(holder: Any) -> None:
    # A client's transport, a server, or the protocol of an accepted connection.
    transport = getattr(holder, "transport", holder)
    end = getattr(transport, "abort", None) or getattr(transport, "close", None)
    if end is not None:
        end()


def _kind(callback: Callable[..., object]) -> str:
    owner = getattr(callback, "__self__", None)
    tag = getattr(owner, "svc_timer_kind", None)
    if tag is not None:
        return str(tag() if callable(tag) else tag)
    name = getattr(callback, "__qualname__", "") or type(callback).__name__
    if "_set_result_unless_cancelled" in name:
        return "cron" if _is_a_schedules_task() else "sleep"
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
