"""What every HTTP server here does: listen, count and cut off clients, and refuse what a web page sent.

What a request means is the subclass's business; parsing is `http_protocol.py`'s, and which requests are
refused `http_guard.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.errors import not_listening
from tomodachi_fakes.servers.http_guard import HttpGuard
from tomodachi_fakes.servers.http_protocol import MAX_BODY_BYTES, HttpConnection

HEADER_DEADLINE_S = 10.0
STOP_DEADLINE_S = 0.4  # the process ends within 500 ms, and has more to do than this
_BACKLOG = 1024
_PROBES = (
    "/health",
    "/_localstack/health",
    "/_localstack/init",
    "/_localstack/init/ready",
    "/metrics",
)
_log = logging.getLogger("tomodachi_fakes.http")


class HttpServer:
    """Serves HTTP on one port; a subclass answers.

    Args:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        option: The flag that chooses the port, for the message when it is taken.
        max_connections: More than these are answered 503.
        public_name: A name of the internet that clients have for it; "" for none.
    """

    def __init__(
        self, host: str, port: int, *, option: str, max_connections: int, public_name: str = ""
    ) -> None:
        self._host = host
        self._port = port
        self._option = option
        self._max_connections = max_connections
        self._guard = HttpGuard(host, public_name)
        self._server: asyncio.Server | None = None
        self._connections: set[HttpConnection] = set()
        self._reading: dict[HttpConnection, asyncio.TimerHandle] = {}
        self._all_closed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._asked_at = self._loop.time()

    # --- for subclasses --------------------------------------------------------------------------

    def answer(self, connection: HttpConnection, request: HttpRequest) -> HttpResponse | None:
        """Answer a request; None when `connection.answer` is called later."""
        raise NotImplementedError

    def failed(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request that a defect of ours kept from one."""
        return HttpResponse(
            500, "text/plain; charset=utf-8", b"The broker failed; its log says why.\n"
        )

    def max_body_bytes(self, path: str, headers: Mapping[str, str]) -> int:
        """The largest body that such a request may have."""
        return MAX_BODY_BYTES

    # --- life ------------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._port

    @property
    def used_at(self) -> float:
        """When somebody used it last, by the loop's clock: now, while a client waits or follows a stream.

        Who only looks whether it is well does not use it.
        """
        held = any(
            one.waiter_id is not None or one.on_lost is not None for one in self._connections
        )
        return self._loop.time() if held else self._asked_at

    async def start(self) -> None:
        """Listen.

        Raises:
            PortInUse: another program holds the port.
            CannotListen: the address is not one of this machine, or the port is not for everybody.
        """
        try:
            self._server = await self._loop.create_server(
                lambda: HttpConnection(self), self._host, self._port, backlog=_BACKLOG
            )
        except OSError as error:
            raise not_listening(error, self._host, self._port, self._option) from error
        self._port = self._server.sockets[0].getsockname()[1]

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
        self.before_closing()
        for connection in list(self._connections):
            connection.close()

    def before_closing(self) -> None:
        """What to tell clients before their connections are closed."""

    async def wait_closed(self) -> None:
        """Wait until every client is gone; one that does not read is cut off after 400 ms."""
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
        """A client connected; False when there are too many."""
        if len(self._connections) >= self._max_connections:
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
        """A request's headers did not come whole; they are due in ten seconds, by the loop's clock.

        The brokers' clock may stand still or be moved, which is no reason to keep a client or to lose it.
        """
        self._reading[connection] = self._loop.call_later(HEADER_DEADLINE_S, connection.time_out)

    def headers_end(self, connection: HttpConnection) -> None:
        """A request's headers are complete."""
        timer = self._reading.pop(connection, None)
        if timer is not None:
            timer.cancel()

    def handle(self, connection: HttpConnection, request: HttpRequest) -> HttpResponse | None:
        """Refuse a request, answer it, or leave it for later."""
        if request.path not in _PROBES:
            self._asked_at = self._loop.time()
        try:
            refusal = self._guard.refusal(request.headers)
            if refusal is not None:
                return HttpResponse(403, "text/plain; charset=utf-8", f"{refusal}\n".encode())
            return self.answer(connection, request)
        except Exception:  # noqa: BLE001 - logged in full, and the connection has to be answered
            # The last line: a defect of ours is told to whoever runs the fakes, not to their client.
            _log.exception("%s %s could not be answered", request.method, request.path)
            return self.failed(request)
