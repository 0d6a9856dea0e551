"""Writes the access log: to the logger `tomodachi.http.response`, and to a file if one is named.

What a line says is decided by `access_fields.py`, which responses get none by `logging_rule.py`.

Lines are written in the loop's next iteration, in the order and with the time of what they tell, and in
the context of its task, so that they have what a handler bound to the logger. A busy server writes the
lines of many connections in a row this way, which takes half as long as writing each of them between
two requests, when the processor's caches hold other code.
"""

from __future__ import annotations

import asyncio
from contextvars import Context, copy_context
from logging import INFO, WARNING, LogRecord
from typing import TYPE_CHECKING, Any, TypeVarTuple

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.logging.formatters import JSONFormatter
from tomodachi.transport.http.access_fields import Fields, response_fields, websocket_fields
from tomodachi.transport.http.aiohttp_response import CLIENT_CLOSED_REQUEST
from tomodachi.transport.http.errors import HttpException

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.settings import HttpSettings

Ts = TypeVarTuple("Ts")

RESPONSES, WEBSOCKETS = "tomodachi.http.response", "tomodachi.http.websocket"
ACCEPTING = "accepting http requests"
_BODY_CUT_SHORT = "ignored http request - connection closed before body was sent"


class AccessLogFile:
    """A file of JSON lines, reopened when log rotation moves it away.

    Raises:
        HttpException: the file can't be opened for appending.
    """

    def __init__(self, path: str) -> None:
        # Few services have such a file, and the module takes a while.
        from logging.handlers import WatchedFileHandler

        try:
            self._handler = WatchedFileHandler(path, encoding="utf-8")
        except OSError as error:
            msg = f"unable to use the http access log file '{path}' (http.access_log): {error}"
            raise HttpException(msg) from error

    def write(self, created: float, level: int, logger: str, message: str, fields: Fields) -> None:
        """Append a line; `created` is its time in Unix seconds."""
        line = JSONFormatter.line(created, logger, level, message, fields)
        # The handler brings a record's text to the file, which it reopens if it was moved.
        record = LogRecord(logger, level, "", 0, line, None, None)
        try:
            self._handler.emit(record)
        except OSError:
            # The file can't be opened anew. As the handler does for all other errors.
            self._handler.handleError(record)

    def close(self) -> None:
        """Close the file."""
        self._handler.close()


class AccessLog:
    """The access log of one server, and what it says of requests that could not be parsed.

    Raises:
        HttpException: the file that the options name can't be opened.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self.enabled = settings.access_log
        file = settings.access_log_file
        self._file = AccessLogFile(file) if self.enabled and file else None
        self._clock = clock.get_clock()
        self._monotonic = self._clock.monotonic
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Context, Callable[..., None], tuple[Any, ...]]] = []
        self._loggers = {name: logging.get_logger(name) for name in (RESPONSES, WEBSOCKETS)}
        self._is_shown: Callable[[int], bool] = self._loggers[RESPONSES].isEnabledFor
        if self._file is not None:
            logging.get_logger("tomodachi.http").info("logging requests to file", file_path=file)

    def accepting(self, address: Fields) -> None:
        """Begin the file with where the server listens."""
        if self._file is not None:
            self._file.write(self._clock.now(), INFO, RESPONSES, ACCEPTING, address)

    def response(
        self, request: Request, response: web.StreamResponse, *, disconnected: bool
    ) -> None:
        """Log a response, unless the options or its route's rule leave it out."""
        rule = request.logging_rule
        if not self.enabled or rule is None or not (self._file or self._is_shown(INFO)):
            return
        status = response.status
        if rule.ignores(CLIENT_CLOSED_REQUEST if disconnected and status != 500 else status):
            return
        self._soon(
            self._write_response,
            request,
            response,
            disconnected and status != CLIENT_CLOSED_REQUEST,
            self._clock.now(),
            self._monotonic() - request.arrived_at,
        )

    def body_cut_short(self, request: Request, response: web.StreamResponse) -> None:
        """Log that the client left before its request was complete."""
        if not self.enabled:
            return
        fields = response_fields(
            request,
            response,
            disconnected=False,
            handler_elapsed_s=None,
            request_s=self._monotonic() - request.arrived_at,
        )
        self._soon(self._write, INFO, RESPONSES, _BODY_CUT_SHORT, fields, self._clock.now())

    def websocket(self, request: Request, state: str, websocket_id: str) -> None:
        """Log that a websocket is "open", "cancelled", "error" or "closed"."""
        if not self.enabled:
            return
        closed = state == "closed"
        total = self._monotonic() - request.arrived_at if closed else None
        fields = websocket_fields(request, state, websocket_id, total)
        logger = RESPONSES if closed else WEBSOCKETS
        self._soon(self._write, INFO, logger, "", fields, self._clock.now())

    def bad_request(self, status: int, remote_ip: str, reason: str) -> None:
        """Log a request that could not be parsed."""
        # The first line says what is wrong; the rest quotes the client's bytes.
        details: Fields = {
            "status_code": status,
            "remote_ip": remote_ip,
            "response_content_length": 0,
            "reason": reason.strip().partition("\n")[0],
        }
        level, message = (
            (INFO, "bad http request") if status < 500 else (WARNING, "error in request handling")
        )
        self._soon(self._write, level, RESPONSES, message, details, self._clock.now())

    def close(self) -> None:
        """Write what waits to be written, and close the file, if there is one."""
        self._write_waiting()
        if self._file is not None:
            self._file.close()

    def _soon(self, write: Callable[[*Ts], None], *args: *Ts) -> None:
        if not self._waiting:
            self._loop.call_soon(self._write_waiting)
        self._waiting.append((copy_context(), write, args))

    def _write_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for context, write, args in waiting:
            context.run(write, *args)

    def _write_response(
        self,
        request: Request,
        response: web.StreamResponse,
        disconnected: bool,  # noqa: FBT001 - `_soon` passes no keywords
        created: float,
        request_s: float,
    ) -> None:
        fields = response_fields(
            request,
            response,
            disconnected=disconnected,
            handler_elapsed_s=request.handler_elapsed_s,
            request_s=request_s,
        )
        self._write(INFO, RESPONSES, "", fields, created)

    def _write(self, level: int, logger: str, message: str, fields: Fields, created: float) -> None:
        # A websocket is in the file once it is closed: the file has what ended alone.
        if self._file is not None and logger == RESPONSES:
            self._file.write(created, level, logger, message, fields)
        self._loggers[logger].log_values(level, message, fields, created)
