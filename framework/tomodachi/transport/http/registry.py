"""What the decorators of one service registered: its routes and error handlers, ready to serve."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tomodachi.helpers.handler_entries import HandlerEntry, add_entry
from tomodachi.transport.http.endpoints import Endpoint, ErrorEndpoint
from tomodachi.transport.http.handlers import AroundHandler, BoundHandler, Handler
from tomodachi.transport.http.logging_rule import LoggingRule
from tomodachi.transport.http.routes import RouteTable, normalise_methods, strip_anchors
from tomodachi.transport.http.static_files import static_files
from tomodachi.transport.http.static_paths import base_directory, static_url
from tomodachi.transport.http.websocket import WebSocketHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tomodachi.transport.http.access_log import AccessLog
    from tomodachi.transport.http.handlers import PreHandler
    from tomodachi.transport.http.server import HttpServer

    IgnoreLogging = bool | Collection[int]

_KEY = "_http_registry"


class HttpRegistry:
    """The HTTP side of one service instance.

    Attributes:
        routes: What answers requests, in the order of registration.
        error_handlers: What answers HTTP errors, by status.
        server: The running server; None before the start.
    """

    def __init__(self, service: object, context: dict[str, Any]) -> None:
        self.service = service
        self.context = context
        self.routes: RouteTable[Endpoint] = RouteTable()
        self.error_handlers: dict[int, ErrorEndpoint] = {}
        self.server: HttpServer | None = None
        self.is_started = False

    @classmethod
    def of(cls, service: object, context: dict[str, Any]) -> HttpRegistry:
        """The registry of a service, which its context holds."""
        registry = context.get(_KEY)
        if not isinstance(registry, cls):
            registry = context[_KEY] = cls(service, context)
        return registry

    def add_handler(
        self,
        func: Callable[..., Any],
        method: object,
        url: str,
        *,
        ignore_logging: IgnoreLogging,
        pre_handler_func: PreHandler | None,
        stream_body: bool,
    ) -> None:
        """Register a handler of requests.

        Raises:
            TypeError: the method is no name and no list of names; `ignore_logging` is neither a bool
                nor a list of statuses.
            ValueError: the url is not a regular expression.
        """
        about = {"type": "tomodachi.http"}
        handler = Handler(self.service, self.context, func, about, pre_handler_func)
        rule = LoggingRule.of(ignore_logging)
        for name in normalise_methods(method):
            endpoint = Endpoint(
                func.__name__,
                handler.answer,
                name,
                strip_anchors(url),
                rule,
                streams_body=stream_body,
            )
            self.routes.add(name, url, endpoint)
            detail = {"method": name, "pattern": endpoint.pattern}
            add_entry(self.context, HandlerEntry("http", func.__name__, detail=detail))

    def add_static(
        self, func: Callable[..., Any], path: str, base_url: str, *, ignore_logging: IgnoreLogging
    ) -> None:
        """Register a directory of files.

        Raises:
            ValueError: the path is empty or the whole file system, or the url no regular expression.
        """
        answer = static_files(base_directory(path, self._service_file()))
        url = static_url(base_url)
        rule = LoggingRule.of(ignore_logging)
        endpoint = Endpoint(
            func.__name__, answer, "GET", strip_anchors(url), rule, is_reported=False
        )
        self.routes.add("GET", url, endpoint)

    def add_websocket(self, func: Callable[..., Any], url: str) -> None:
        """Register a websocket function.

        Raises:
            ValueError: the url is not a regular expression.
        """
        about = {"handler": func.__name__, "type": "tomodachi.websocket"}
        handler = WebSocketHandler(
            self.service,
            func.__name__,
            BoundHandler.of(self.service, func),
            AroundHandler(self.service, self.context, func, about),
            self._access_log,
        )
        endpoint = Endpoint(
            func.__name__,
            handler.answer,
            "GET",
            strip_anchors(url),
            is_reported=False,
        )
        self.routes.add("GET", url, endpoint)

    def add_error_handler(self, func: Callable[..., Any], status_code: int) -> None:
        """Register what answers errors with `status_code`; a later one replaces an earlier.

        Raises:
            ValueError: the status is no number.
        """
        status_code = int(status_code)
        about: dict[str, str | int] = {"type": "tomodachi.http_error", "status_code": status_code}
        handler = Handler(self.service, self.context, func, about)
        self.error_handlers[status_code] = ErrorEndpoint(func.__name__, handler.answer_error)

    def _access_log(self) -> AccessLog:
        if self.server is None:
            msg = "the HTTP server does not run"
            raise RuntimeError(msg)
        return self.server.access_log

    def _service_file(self) -> str | None:
        given = self.context.get("_service_file_path")
        if isinstance(given, str) and given:
            return str(Path(given).resolve())
        try:
            return inspect.getfile(type(self.service))
        except (TypeError, OSError):
            # A class made in an interactive session has no file.
            return None
