"""HTTP: decorators, server, responses, static files, websockets.

The decorators are in `decorators.py`, what registers handlers in `transport.py`, how a request is
answered in `dispatcher.py`, listening and stopping in `server.py`.
"""

from __future__ import annotations

from tomodachi.transport.http.aiohttp_response import (
    Response,
    get_http_response_status,
    get_http_response_status_sync,
    resolve_response,
    resolve_response_sync,
)
from tomodachi.transport.http.connection import Connection as RequestHandler
from tomodachi.transport.http.decorators import http, http_error, http_static, websocket, ws
from tomodachi.transport.http.errors import HttpException
from tomodachi.transport.http.request import get_forwarded_remote_ip
from tomodachi.transport.http.transport import HttpTransport

__all__ = [
    "HttpException",
    "HttpTransport",
    "RequestHandler",
    "Response",
    "get_forwarded_remote_ip",
    "get_http_response_status",
    "get_http_response_status_sync",
    "http",
    "http_error",
    "http_static",
    "resolve_response",
    "resolve_response_sync",
    "websocket",
    "ws",
]
