"""An asyncio loop that knows who made what: tasks, connections, servers.

So a test can cut one service's connections, or end it as its process would end, while other services and
the brokers on the same loop go on. Hosts that a test stands in for are connected elsewhere; which, is
`redirects.py`'s decision. The order of tasks can be perturbed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

from tomodachi_testkit.redirects import Redirects

if TYPE_CHECKING:
    import selectors

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

OWNER: ContextVar[str] = ContextVar("tomodachi_testkit.owner", default="test")
"""Who creates a timer: "test", "broker", or a service's name. Tasks inherit it."""

# How many turns a task's step waits while the order is perturbed, drawn from these.
_TURNS = (0, 0, 0, 1, 1, 2, 5)

_TLS_ARGUMENTS = ("ssl", "server_hostname", "ssl_handshake_timeout", "ssl_shutdown_timeout")


class OwningLoop(asyncio.SelectorEventLoop):
    """A selector loop whose tasks, sockets and servers have owners.

    Attributes:
        redirects: Hosts that are connected somewhere else.
    """

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._tasks: WeakKeyDictionary[asyncio.Future[Any], str] = WeakKeyDictionary()
        self._sockets: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        # Protocols of accepted connections; aiohttp's can't be referred to weakly.
        self._accepted: list[tuple[Any, str]] = []
        self._delays: random.Random | None = None
        self.redirects = Redirects()
        super().__init__(selector)

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
        self._tasks[task] = owner_in(context)
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
        self.cancel_timers(owner)
        return tasks

    def cancel_timers(self, owner: str) -> None:
        """Cancel every timer of `owner`; for a loop that knows them."""

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


def _is_a_tasks_step(callback: object) -> bool:
    # Steps and wake-ups of tasks are methods of the task; nobody holds their handles.
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


def owner_in(context: Context | None) -> str:
    """Who owns what is made in a context, or in the current one."""
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
