"""The operator's port: the management API, and whatever else is served beside the brokers' own ports.

It listens from the start; what answers is loaded with the first request that comes, so that the start
of the brokers does not wait for it. Parsing is `http_protocol.py`'s.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.errors import PortInUse
from tomodachi_fakes.servers.http_guard import HttpGuard
from tomodachi_fakes.servers.http_protocol import HttpConnection

MAX_CONNECTIONS = 256
MAX_BODY_BYTES = 256 * 1024 * 1024  # a snapshot, or definitions
HEADER_DEADLINE_S = 10.0
STOP_DEADLINE_S = 0.5
_log = logging.getLogger("tomodachi_fakes.operator")
_FAILED = HttpResponse(500, "text/plain; charset=utf-8", b"The broker failed; see its log.\n")
_NOT_FOUND = HttpResponse(404, "text/plain; charset=utf-8", b"Nothing is here.\n")

# Answers a request; None when the connection is answered later, or when it is not the route's own.
Answer = HttpResponse | None
Route = Callable[[HttpRequest, HttpConnection], Answer]


class OperatorServer:
    """Serves routes by the beginning of their path.

    Args:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        option: The flag that chooses the port, for the message when it is taken.

    Attributes:
        routes: By prefix; the longest that fits answers.
        port: The port in use, once started.
    """

    def __init__(self, host: str, port: int, option: str) -> None:
        self.routes: dict[str, Route] = {}
        self.port = port
        self._host = host
        self._option = option
        self._guard = HttpGuard(host)
        self._server: asyncio.Server | None = None
        self._connections: set[HttpConnection] = set()
        self._reading: dict[HttpConnection, asyncio.TimerHandle] = {}
        self._all_closed = asyncio.Event()

    async def start(self) -> None:
        """Listen.

        Raises:
            PortInUse: another program holds the port.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: HttpConnection(self, MAX_BODY_BYTES), self._host, self.port
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(self._host, self.port, self._option) from error
            raise
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and close every connection, within 500 ms."""
        self.close()
        await self.wait_closed()

    def close(self) -> None:
        """Stop listening and close; `wait_closed` waits until clients are gone."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for connection in list(self._connections):
            connection.close()

    async def wait_closed(self) -> None:
        """Wait until every client is gone; one that does not read is cut off after 500 ms."""
        if not self._connections:
            return
        self._all_closed.clear()
        try:
            await asyncio.wait_for(self._all_closed.wait(), STOP_DEADLINE_S)
        except TimeoutError:
            for connection in list(self._connections):
                connection.abort()

    # --- what connections tell -------------------------------------------------------------------

    def opened(self, connection: HttpConnection) -> bool:
        """A client connected."""
        if len(self._connections) >= MAX_CONNECTIONS:
            return False
        self._connections.add(connection)
        return True

    def closed(self, connection: HttpConnection) -> None:
        """A client left."""
        self._connections.discard(connection)
        self.headers_end(connection)
        if not self._connections:
            self._all_closed.set()

    def headers_begin(self, connection: HttpConnection) -> None:
        """A request begins; its headers are due in ten seconds."""
        loop = asyncio.get_running_loop()
        self._reading[connection] = loop.call_later(HEADER_DEADLINE_S, connection.time_out)

    def headers_end(self, connection: HttpConnection) -> None:
        """A request's headers are complete."""
        timer = self._reading.pop(connection, None)
        if timer is not None:
            timer.cancel()

    def handle(self, connection: HttpConnection, request: HttpRequest) -> HttpResponse | None:
        """Answer a request, or leave that to its route."""
        refusal = self._guard.refusal(request.headers)
        if refusal is not None:
            return HttpResponse(403, "text/plain; charset=utf-8", f"{refusal}\n".encode())
        prefixes = [prefix for prefix in self.routes if request.path.startswith(prefix)]
        if not prefixes:
            return _NOT_FOUND
        try:
            return self.routes[max(prefixes, key=len)](request, connection)
        except Exception:  # noqa: BLE001 - logged in full, and the connection has to be answered
            _log.exception("%s %s could not be answered", request.method, request.path)
            return _FAILED
