"""Writes the access log: to the logger `tomodachi.http.response`, and to a file if one is named.

What a line says is decided by `access_fields.py`, which responses get none by `logging_rule.py`.
"""

from __future__ import annotations

import json
from logging import INFO, LogRecord
from logging.handlers import WatchedFileHandler
from typing import TYPE_CHECKING

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.http.access_fields import Fields, response_fields, websocket_fields
from tomodachi.transport.http.aiohttp_response import CLIENT_CLOSED_REQUEST
from tomodachi.transport.http.errors import HttpException

if TYPE_CHECKING:
    from aiohttp import web

    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.settings import HttpSettings

RESPONSES, WEBSOCKETS = "tomodachi.http.response", "tomodachi.http.websocket"
_BODY_CUT_SHORT = "ignored http request - connection closed before body was sent"


class AccessLogFile:
    """A file of JSON lines, reopened when log rotation moves it away.

    Raises:
        HttpException: the file can't be opened for appending.
    """

    def __init__(self, path: str) -> None:
        try:
            self._handler = WatchedFileHandler(path, encoding="utf-8")
        except OSError as error:
            msg = f"unable to use the http access log file '{path}' (http.access_log): {error}"
            raise HttpException(msg) from error

    def write(self, logger: str, message: str, fields: Fields) -> None:
        """Append a line."""
        timestamp = clock.utcnow().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        head = {"timestamp": timestamp, "logger": logger, "level": "info", "message": message}
        line = json.dumps(head | fields)
        # The handler brings a record's text to the file, which it reopens if it was moved.
        self._handler.emit(LogRecord(logger, INFO, "", 0, line, None, None))

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
        self._monotonic = clock.get_clock().monotonic
        self._loggers = {name: logging.get_logger(name) for name in (RESPONSES, WEBSOCKETS)}

    def accepting(self, url: str) -> None:
        """Begin the file with where the server listens."""
        if self._file is not None:
            self._file.write("tomodachi.http", f"accepting http requests at {url}", {})

    def response(
        self, request: Request, response: web.StreamResponse, *, disconnected: bool
    ) -> None:
        """Log a response, unless the options or its route's rule leave it out."""
        rule = request.logging_rule
        if not self.enabled or rule is None:
            return
        status = response.status
        if rule.ignores(CLIENT_CLOSED_REQUEST if disconnected and status != 500 else status):
            return
        fields = response_fields(
            request,
            response,
            disconnected=disconnected and status != CLIENT_CLOSED_REQUEST,
            handler_elapsed_s=request.handler_elapsed_s,
            request_s=self._monotonic() - request.arrived_at,
        )
        self._write(RESPONSES, "", fields)

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
        self._write(RESPONSES, _BODY_CUT_SHORT, fields)

    def websocket(self, request: Request, state: str, websocket_id: str) -> None:
        """Log that a websocket is "open", "cancelled", "error" or "closed"."""
        if not self.enabled:
            return
        closed = state == "closed"
        total = self._monotonic() - request.arrived_at if closed else None
        fields = websocket_fields(request, state, websocket_id, total)
        self._write(RESPONSES if closed else WEBSOCKETS, "", fields)

    def bad_request(self, status: int, remote_ip: str, reason: str) -> None:
        """Log a request that could not be parsed."""
        logger = logging.get_logger(RESPONSES)
        # The first line says what is wrong; the rest quotes the client's bytes.
        details = {
            "status_code": status,
            "remote_ip": remote_ip,
            "reason": reason.strip().partition("\n")[0],
        }
        if status < 500:
            logger.info("bad http request", **details)
        else:
            logger.warning("error in request handling", **details)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def _write(self, logger: str, message: str, fields: Fields) -> None:
        if self._file is not None:
            self._file.write(logger, message, fields)
        self._loggers[logger].log_values(INFO, message, fields)
