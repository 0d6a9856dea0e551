"""A service that runs inside a harness: what a test does with one after `svc.start(...)`."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.http_client import HTTPClient, WebSocketSession
from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.promises import promised
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import tomodachi
    from tomodachi.container import ServiceRunner
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides

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
        harness: Harness,
        service: S,
        runner: ServiceRunner,
        *,
        context: Context,
        again: Callable[[], Awaitable[Any]],
        owner: str,
    ) -> None:
        self.service = service
        self.name = service.name
        self.owner = owner
        self.stopped = False
        self._harness = harness
        self._runner = runner
        self._context = context
        self._again = again

    def __repr__(self) -> str:
        return f"<Running {self.owner}{' (stopped)' if self.stopped else ''}>"

    @property
    def context(self) -> Mapping[str, Any]:
        """The service's settings and the state of its transports."""
        return self._runner.context

    def context_copy(self) -> Context:
        """Context variables as the service's own tasks have them."""
        return self._context.copy()

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
        return HTTPClient(self._harness.starter.session(), self.base_url)

    @promised
    async def call(self, handler: str | Callable[..., Any], /, **message: Any) -> Any:
        """Run one handler as its transport would, without a broker, and return what it returns.

        Envelope, middlewares and keyword injection are the transport's; time moves as far as the
        handler needs.

        Args:
            handler: The handler's name, or the method.
            **message: SNS + SQS: `data`, `topic`, `attributes`, `group`, `dedup`, `receive_count`,
                `message_id`, `envelope`. AMQP: `data`, `routing_key`, `exchange`, `properties`,
                `redelivered`, `envelope`. Schedules: `invocation_time`. HTTP: values of the named
                groups or `path`, `method`, and options of the client (`json`, `headers`, ...). A
                transport of your own gets them as one dict.

        Raises:
            TestkitError: there is no such handler, or the message has a field that it cannot have.
            NotHandled: the message did not reach the handler.
            BaseException: whatever the handler raised.
        """
        from tomodachi_testkit.handler_calls import call

        return await call(self._harness, self, handler, message)

    @promised
    async def ws(self, path: str) -> WebSocketSession:
        """Open a websocket."""
        session = self._harness.starter.session()
        return WebSocketSession(await session.ws_connect(self.base_url + path))

    @promised
    async def stop(self, *, graceful: bool = True) -> None:
        """Stop as on SIGTERM, or, not gracefully, as `crash` does."""
        if self.stopped:
            return
        if not graceful:
            await self.crash()
            return
        self._end()
        loop = asyncio.get_running_loop()
        try:
            await loop.create_task(self._runner.stop(), context=self._context)
        except asyncio.CancelledError:
            # Nobody waits for it any more: a supervisor kills what does not stop.
            if isinstance(loop, VirtualLoop):
                await self._harness.starter.kill(self)
            raise

    @promised
    async def crash(self) -> None:
        """End at once, as if the process was killed: no hook runs, nothing is acknowledged."""
        if self.stopped:
            return
        self._end()
        await self._harness.starter.kill(self)

    def _end(self) -> None:
        self.stopped = True
        self._harness.brokers.forget_consumers()

    @promised
    async def restart(self) -> Running[S]:
        """Stop, and start a new instance of the same class with the same settings."""
        await self.stop()
        running: Running[S] = await self._again()
        return running
