"""One client's connection, and the server's list of them.

aiohttp's protocol class parses requests and writes responses; decided here are the headers that
every response gets, when a connection is kept open, and how broken requests are answered. What a
request is answered with is the dispatcher's business, listening and stopping is `server.py`'s.
"""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.http_exceptions import BadHttpMethod, HttpProcessingError
from aiohttp.web_protocol import RequestHandler
from multidict import istr

from tomodachi.helpers import clock
from tomodachi.transport.http.real_ip import peer_address
from tomodachi.transport.http.request import get_forwarded_remote_ip

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http_parser import RawRequestMessage
    from aiohttp.streams import StreamReader

    from tomodachi.transport.http.access_log import AccessLog
    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.settings import HttpSettings

# How long a connection may stay without a request when keep-alive is off.
FIRST_REQUEST_S = 60
# A count; the length of one header is aiohttp's to limit (8190 bytes).
MAX_HEADERS = 1024
_KEEP_ALIVE = istr("Keep-Alive")


class Connection(RequestHandler):
    """A connection of one client."""

    __slots__ = ("_left_running", "opened_at", "peer_address", "server", "websocket")

    def __init__(self, server: ConnectionServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=server.settings.keep_alive.timeout_s or FIRST_REQUEST_S,
            access_log=None,  # type: ignore[arg-type] # aiohttp's way to say no access log
            max_headers=MAX_HEADERS,
        )
        self.server = server
        self.opened_at = 0.0
        self.peer_address = ""
        self.websocket: web.WebSocketResponse | None = None
        self._left_running: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        self.opened_at = self.server.monotonic()
        self.peer_address = peer_address(transport.get_extra_info("peername"))
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client left, or the connection was closed; a running handler runs on."""
        # aiohttp forgets the task here
        self._left_running = task = self._task_handler
        super().connection_lost(exc)
        if task is not None and not self._request_in_progress:
            # It would wait for the rest of a body that was refused, and that nobody sends any more.
            task.cancel()

    @property
    def busy(self) -> bool:
        """Whether a request is being handled, or its response written, or one waits to be."""
        return self._request_in_progress or bool(self._messages)

    @property
    def handler_task(self) -> asyncio.Task[None] | None:
        """The task that handles this connection's requests."""
        return self._task_handler or self._left_running

    def log_access(
        self, request: web.BaseRequest, response: web.StreamResponse, time: float | None
    ) -> None:
        """A response was sent, or can't be: aiohttp calls this after each."""
        server, transport = self.server, self.transport
        if server.log.enabled:
            gone = transport is None or transport.is_closing()
            # aiohttp types the request as its own; the server makes only ours
            server.log.response(request, response, disconnected=gone)  # type: ignore[arg-type]
        if server.is_waited_for:
            # The request counts as running until its task's next step.
            self._loop.call_soon(server.notify)

    def finish_headers(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Put the headers on `response` that all responses carry, just before they are sent."""
        headers, server = response.headers, self.server
        headers[hdrs.SERVER] = server.header
        if response.status == 101:
            return
        if response.keep_alive and server.keeps_alive and self._keeps_open(request, response):
            headers[hdrs.CONNECTION] = "keep-alive"
            headers[_KEEP_ALIVE] = server.keep_alive_header
            return
        response.force_close()
        headers[hdrs.CONNECTION] = "close"

    def _keeps_open(self, request: web.BaseRequest, response: web.StreamResponse) -> bool:
        if request.version < HttpVersion11 and hdrs.CONTENT_LENGTH not in response.headers:
            # HTTP/1.0 knows only the end of the connection as the end of such a body.
            return False
        policy = self.server.limited_keep_alive
        if policy is None:
            return True
        answered = self._request_count - len(self._messages)
        age_s = self.server.monotonic() - self.opened_at
        return policy.keeps(request_number=answered, age_s=age_s)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that could not be parsed: an empty body, and the connection closes."""
        if isinstance(exc, HttpProcessingError):
            status = exc.code if not isinstance(exc, BadHttpMethod) else 400
        if request.writer.output_size > 0:
            # The response that began has its line in the log already.
            msg = "a part of the response is sent already, no other can follow it"
            raise ConnectionResetError(msg) from exc
        reason = message or (str(exc) if exc is not None else "")
        self.server.log.bad_request(status, request.remote or "", reason)
        response = web.Response(
            status=status, headers={hdrs.CONTENT_TYPE: "text/plain; charset=utf-8"}
        )
        response.headers[hdrs.SERVER] = self.server.header
        response.headers[hdrs.CONNECTION] = "close"
        response.force_close()
        return response

    @staticmethod
    def get_request_ip(request: web.BaseRequest, *_context: object, **_more: object) -> str:
        """Deprecated name of `get_forwarded_remote_ip`; what else older code hands over is ignored."""
        warnings.warn(
            "RequestHandler.get_request_ip is deprecated: use tomodachi.get_forwarded_remote_ip",
            DeprecationWarning,
            stacklevel=2,
        )
        return get_forwarded_remote_ip(request)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Something went wrong after a response was sent; the connection closes.

        Unless it is the client's mistake, a body that can't be read to its end.
        """
        if not isinstance(kw.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **kw)

    def abort(self) -> asyncio.Task[None] | None:
        """Close at once, whatever is going on; the task returned ends soon, if there is one."""
        task = self.handler_task
        self.force_close()
        if task is not None:
            task.cancel()
        return task


class ConnectionServer(web.Server):
    """Makes a `Connection` for each client, and knows those that are open.

    Args:
        settings: The options.
        handler: Answers a request.
        make_request: Makes the request object that `handler` is given.
        log: The access log.
    """

    def __init__(
        self,
        settings: HttpSettings,
        handler: Callable[[Request], Awaitable[web.StreamResponse]],
        make_request: Callable[
            [
                RawRequestMessage,
                StreamReader,
                RequestHandler,
                AbstractStreamWriter,
                asyncio.Task[None],
            ],
            Request,
        ],
        log: AccessLog,
    ) -> None:
        super().__init__(handler, request_factory=make_request)  # type: ignore[arg-type] # aiohttp types the handler's request as its own base class
        self.settings = settings
        self.log = log
        self.monotonic = clock.get_clock().monotonic
        self.keeps_alive = settings.keep_alive.enabled
        self.keep_alive_header = settings.keep_alive.header
        # What every request asks for, in the form that is asked for fastest.
        self.header = settings.server_header
        self.limited_keep_alive = settings.keep_alive if settings.keep_alive.is_limited else None
        self.real_ip = settings.real_ip if settings.real_ip.trusted else None
        self._changed: asyncio.Future[None] | None = None

    def __call__(self) -> Connection:
        """A connection for a client that the listening socket accepted."""
        return Connection(self, self._loop)

    @property
    def open_connections(self) -> list[Connection]:
        """Connections that are open, or whose handler still runs though the client is gone."""
        return [handler for handler in self._connections if isinstance(handler, Connection)]

    @property
    def is_waited_for(self) -> bool:
        """Whether anybody is in `wait_until`."""
        return self._changed is not None

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """A connection was closed, by whichever side."""
        task = handler.handler_task if isinstance(handler, Connection) else None
        super().connection_lost(handler, exc)
        if task is None or task.done():
            self.notify()
        else:
            task.add_done_callback(lambda _: self.notify())

    def notify(self) -> None:
        """Wake `wait_until`, whose condition may hold now."""
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    async def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Wait until `condition` holds, at most `timeout_s` seconds of the clock in force."""
        if condition() or timeout_s <= 0:
            return
        timer = asyncio.ensure_future(clock.sleep(timeout_s))
        try:
            while not condition() and not timer.done():
                self._changed = self._loop.create_future()
                await asyncio.wait((timer, self._changed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._changed = None
            timer.cancel()
            await asyncio.wait((timer,))
