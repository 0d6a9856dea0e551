"""A service that runs inside a harness: what a test does with one after `svc.start(...)`."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.http_client import HTTPClient, WebSocketSession

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    import tomodachi
    from tomodachi.container import ServiceRunner

S = TypeVar("S", bound="tomodachi.Service")


class Running(Generic[S]):
    """One running service.

    Attributes:
        service: The instance.
        name: The service's name, as in the event log.
        owner: Its tasks, timers and sockets are known to the loop by this.
        stopped: Whether it was stopped or crashed.
    """

    def __init__(
        self,
        service: S,
        runner: ServiceRunner,
        *,
        context: Context,
        session: Callable[[], aiohttp.ClientSession],
        again: Callable[[type[S]], Any],
        owner: str,
        kill: Callable[[], Awaitable[None]],
        stopped: Callable[[], None],
    ) -> None:
        self.service = service
        self.name = service.name
        self.owner = owner
        self._runner = runner
        self._context = context
        self._session = session
        self._again = again
        self._kill = kill
        self._on_stop = stopped
        self.stopped = False

    @property
    def base_url(self) -> str:
        """Root URL of the service's HTTP server.

        Raises:
            TestkitError: the service has no HTTP handlers.
        """
        port = self._runner.context.get("_http_port")
        if not port:
            msg = f"service {self.name!r} has no HTTP handlers, so it listens on no port."
            raise TestkitError(msg)
        return f"http://127.0.0.1:{port}"

    @property
    def http(self) -> HTTPClient:
        """A client whose paths are relative to the service's root."""
        return HTTPClient(self._session(), self.base_url)

    async def ws(self, path: str) -> WebSocketSession:
        """Open a websocket."""
        return WebSocketSession(await self._session().ws_connect(self.base_url + path))

    async def stop(self, *, graceful: bool = True) -> None:
        """Stop as on SIGTERM, or, not gracefully, as `crash` does."""
        if self.stopped:
            return
        if not graceful:
            await self.crash()
            return
        self._end()
        loop = asyncio.get_running_loop()
        await loop.create_task(self._runner.stop(), context=self._context)

    async def crash(self) -> None:
        """End at once, as if the process was killed: no hook runs, nothing is acknowledged."""
        if self.stopped:
            return
        self._end()
        await self._kill()

    def _end(self) -> None:
        self.stopped = True
        self._on_stop()

    async def restart(self) -> Running[S]:
        """Stop, and start a new instance of the same class with the same settings."""
        await self.stop()
        running: Running[S] = await self._again(type(self.service))
        return running
