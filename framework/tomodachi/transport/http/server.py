"""Listens for one service's HTTP requests, and stops without breaking those under way.

The stop: the listening socket closes; clients with open connections get their next response with
`Connection: close` (or, without keep-alive, status 503 after a second); websockets are closed;
running handlers get the grace period; what is left then is cut off. None of these steps waits longer
than what it waits for.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from aiohttp import WSCloseCode

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.http import service_keys
from tomodachi.transport.http.access_log import ACCEPTING, AccessLog
from tomodachi.transport.http.connection import Connection, ConnectionServer
from tomodachi.transport.http.dispatcher import Dispatcher
from tomodachi.transport.http.errors import HttpException
from tomodachi.transport.http.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp import web
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http_parser import RawRequestMessage
    from aiohttp.streams import StreamReader
    from aiohttp.web_protocol import RequestHandler

    from tomodachi.transport.http.access_fields import Fields
    from tomodachi.transport.http.endpoints import Endpoint, ErrorEndpoint
    from tomodachi.transport.http.routes import RouteTable
    from tomodachi.transport.http.settings import HttpSettings

BACKLOG = 1024
# How long old connections without keep-alive may still send a request before they get status 503.
LAST_REQUESTS_S = 1.0
LEAST_GRACE_S = 2.0
# How long clients may take to answer the close of their websockets, and which part of the grace period:
# their functions end in the rest of it.
WEBSOCKET_CLOSE_S = 10.0
WEBSOCKET_CLOSE_PART = 0.5
CANCELLED_HANDLERS_S = 1.0

# Only to warn of services in this process that share a port by accident.
_listening: WeakSet[HttpServer] = WeakSet()


class HttpServer:
    """The HTTP server of one service.

    Args:
        service: The instance.
        context: Its context.
        settings: Its `http.*` options.
        routes: What answers requests.
        error_handlers: What answers HTTP errors, by status.

    Attributes:
        port: The port it listens on; 0 before `start`.
    """

    def __init__(
        self,
        service: object,
        context: dict[str, Any],  # Any: a service's context holds anything
        settings: HttpSettings,
        routes: RouteTable[Endpoint],
        error_handlers: Mapping[int, ErrorEndpoint],
    ) -> None:
        self.port = 0
        self._context = context
        self._settings = settings
        self._logger = logging.get_logger("tomodachi.http")
        self.access_log = AccessLog(settings)
        self._dispatcher = Dispatcher(
            service, routes, error_handlers, settings.defaults, self.access_log, context
        )
        self._connections = ConnectionServer(
            settings, self._dispatcher.handle, self._make_request, self.access_log
        )
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        """Bind and accept connections.

        Raises:
            HttpException: the address can't be bound.
        """
        service_keys.tell_settings(self._context, self._settings)
        # In force for what runs in connections outside of handlers: functions before them, say.
        logging.bind_logger(self._logger)
        settings = self._sharing_checked()
        try:
            self._listener = await _listen(settings, self._connections)
        except OSError as error:
            self.access_log.close()
            url = _url(settings.host, settings.port)
            msg = f"unable to bind service [http] to {url}"
            reason = _reason(error)
            self._logger.warning(msg, host=settings.host, port=settings.port, error_message=reason)
            full = f"{msg}: {reason}"
            raise HttpException(full, log_level="ERROR") from error
        self.port = self._context[service_keys.PORT] = self._listener.sockets[0].getsockname()[1]
        _listening.add(self)
        url, host = _url(settings.host, self.port), settings.host or "0.0.0.0"  # noqa: S104 - shown
        address: Fields = {"listen_url": url, "listen_host": host, "listen_port": self.port}
        self._logger.info(ACCEPTING, **address)
        self.access_log.accepting(address)

    async def stop(self) -> None:
        """Stop as the module describes; does nothing if it is not running."""
        if self._listener is None:
            return
        _listening.discard(self)
        self._connections.keeps_alive = self._context[service_keys.KEEPS_ALIVE] = False
        self._listener.close()
        self._listener = None
        try:
            await self._drain()
        finally:
            self.access_log.close()

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> Request:
        return Request(
            message,
            payload,
            protocol,
            writer,
            task,
            protocol._loop,
            client_max_size=self._settings.client_max_size,
        )

    def _sharing_checked(self) -> HttpSettings:
        settings = self._settings
        if not settings.reuse_port:
            return settings
        if sys.platform != "linux":
            self._logger.warning("http option reuse_port is only available on linux")
            return settings._replace(reuse_port=False)
        if not settings.port:
            self._logger.warning("http option reuse_port is not used with a random port")
            return settings._replace(reuse_port=False)
        if any(other.port == settings.port for other in _listening):
            self._logger.warning(
                "another service of this process listens on the same http port",
                listen_port=settings.port,
            )
        return settings

    # --- stopping -------------------------------------------------------------------------------

    def _open(self) -> list[Connection]:
        return self._connections.open_connections

    def _busy(self) -> int:
        return sum(connection.busy for connection in self._open())

    def _is_idle(self) -> bool:
        return not self._busy()

    async def _drain(self) -> None:
        grace_s = max(LEAST_GRACE_S, self._settings.grace_period_s)
        deadline = clock.monotonic() + grace_s
        keeps_alive = self._settings.keep_alive.enabled
        if not keeps_alive:
            await self._connections.wait_until(self._all_are_websockets, LAST_REQUESTS_S)
            self._context[service_keys.ACCEPTS_REQUESTS] = False
        await self._close_websockets(
            min(WEBSOCKET_CLOSE_S, WEBSOCKET_CLOSE_PART * (deadline - clock.monotonic()))
        )
        self._log_awaited(connections=keeps_alive)
        done = (lambda: not self._open()) if keeps_alive else self._is_idle
        await self._connections.wait_until(done, deadline - clock.monotonic())
        if not self._is_idle():
            self._logger.warning(
                "all requests did not gracefully finish execution",
                remaining_request_count=self._busy(),
            )
        await self._cut_off()

    def _log_awaited(self, *, connections: bool) -> None:
        opened, busy = len(self._open()), self._busy()
        if connections and opened > busy:
            self._logger.info("awaiting keep-alive connections", connection_count=opened)
        if busy:
            self._logger.info(
                "awaiting requests to complete",
                request_count=busy,
                grace_period_seconds=int(self._settings.grace_period_s),
            )

    def _all_are_websockets(self) -> bool:
        return all(connection.websocket is not None for connection in self._open())

    async def _close_websockets(self, timeout_s: float) -> None:
        open_ones = [
            connection.websocket
            for connection in self._open()
            if connection.websocket is not None and not connection.websocket.closed
        ]
        if not open_ones:
            return
        self._logger.info("closing websocket connections", connection_count=len(open_ones))
        closing = asyncio.gather(*map(_close, open_ones), return_exceptions=True)
        timer = asyncio.ensure_future(clock.sleep(timeout_s))
        await asyncio.wait((closing, timer), return_when=asyncio.FIRST_COMPLETED)
        timer.cancel()
        closing.cancel()
        await asyncio.wait((closing, timer))

    async def _cut_off(self) -> None:
        if not self._open():
            return
        self._logger.warning(
            "forcefully closing open tcp connections", connection_count=len(self._open())
        )
        for connection in self._open():
            connection.abort()
        await self._connections.wait_until(lambda: not self._open(), CANCELLED_HANDLERS_S)


async def _close(websocket: web.WebSocketResponse) -> None:
    # A peer that is gone, or breaks the protocol while it leaves, is as closed as can be.
    with suppress(ConnectionError, RuntimeError):
        await websocket.close(code=WSCloseCode.GOING_AWAY, message=b"service is stopping")


async def _listen(
    settings: HttpSettings, factory: Callable[[], asyncio.Protocol]
) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if settings.host is None and not settings.port and socket.has_dualstack_ipv6():
        # One socket for both families, or each would get a random port of its own.
        both = socket.create_server(
            ("", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG
        )
        return await loop.create_server(factory, sock=both, backlog=BACKLOG)
    return await loop.create_server(
        factory,
        settings.host,
        settings.port,
        reuse_port=settings.reuse_port or None,
        backlog=BACKLOG,
    )


def _reason(error: OSError) -> str:
    # asyncio puts the address, which is told anyway, before what the system says.
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    return error.strerror or str(error)


def _url(host: str | None, port: int) -> str:
    shown = "localhost" if host in (None, "0.0.0.0", "127.0.0.1") else host  # noqa: S104 - shown
    return f"http://[{shown}]:{port}/" if ":" in str(shown) else f"http://{shown}:{port}/"
