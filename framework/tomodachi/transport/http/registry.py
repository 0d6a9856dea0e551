"""What the decorators of one service registered: its routes and error handlers, ready to serve.

They are kept in the service's context, where the service may look at them, and add to the routes until
its server starts.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tomodachi.helpers.handler_entries import HandlerEntry, add_entry
from tomodachi.transport.http import service_keys
from tomodachi.transport.http.endpoints import Endpoint, ErrorEndpoint
from tomodachi.transport.http.handlers import AroundHandler, BoundHandler, Handler
from tomodachi.transport.http.logging_rule import LoggingRule
from tomodachi.transport.http.routes import RouteTable, normalise_methods, strip_anchors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from aiohttp import web

    from tomodachi.transport.http.access_log import AccessLog
    from tomodachi.transport.http.handlers import PreHandler
    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.response import ReturnValue
    from tomodachi.transport.http.routes import Groups
    from tomodachi.transport.http.server import HttpServer

    IgnoreLogging = bool | Collection[int]
    ForeignHandler = Callable[[Request], Awaitable[ReturnValue]]
    RouteEntry = tuple[str, str, Endpoint | ForeignHandler, dict[str, IgnoreLogging]]

_KEY = "_http_registry"


class HttpRegistry:
    """The HTTP side of one service instance.

    Attributes:
        routes: Method, pattern, what answers, and whether it is logged, in the order of registration.
        error_handlers: What answers HTTP errors, by status.
        open_websockets: Those that are open.
        server: The running server; None before the start.
    """

    def __init__(self, service: object, context: dict[str, Any]) -> None:
        self.service = service
        self.context = context
        self.routes: list[RouteEntry] = context.setdefault(service_keys.ROUTES, [])
        self.error_handlers: dict[int, ErrorEndpoint] = context.setdefault(
            service_keys.ERROR_HANDLERS, {}
        )
        self.open_websockets: list[web.WebSocketResponse] = context.setdefault(
            service_keys.OPEN_WEBSOCKETS, []
        )
        self.server: HttpServer | None = None

    @classmethod
    def of(cls, service: object, context: dict[str, Any]) -> HttpRegistry:
        """The registry of a service, which its context holds."""
        registry = context.get(_KEY)
        if not isinstance(registry, cls):
            registry = context[_KEY] = cls(service, context)
        return registry

    def route_table(self) -> RouteTable[Endpoint]:
        """The routes as they are now, ready to be looked up.

        Raises:
            ValueError: a pattern is not a regular expression.
        """
        table: RouteTable[Endpoint] = RouteTable()
        for method, pattern, handler, about in self.routes:
            endpoint = handler
            if not isinstance(endpoint, Endpoint):
                rule = LoggingRule.of(about.get("ignore_logging", False))
                endpoint = _foreign_endpoint(endpoint, method, strip_anchors(pattern), rule)
            table.add(method, pattern, endpoint)
        return table

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
            self._add(endpoint, ignore_logging=ignore_logging)
            detail = {"method": name, "pattern": endpoint.pattern}
            add_entry(self.context, HandlerEntry("http", func.__name__, detail=detail))

    def add_static(
        self, func: Callable[..., Any], path: str, base_url: str, *, ignore_logging: IgnoreLogging
    ) -> None:
        """Register a directory of files.

        Raises:
            ValueError: the path is empty or the whole file system.
        """
        # Few services have any, and these modules add to every start.
        from tomodachi.transport.http.static_files import static_files
        from tomodachi.transport.http.static_paths import base_directory, static_url

        answer = static_files(base_directory(path, self._service_file()))
        url = static_url(base_url)
        rule = LoggingRule.of(ignore_logging)
        endpoint = Endpoint(
            func.__name__, answer, "GET", strip_anchors(url), rule, is_reported=False
        )
        self._add(endpoint, ignore_logging=ignore_logging)

    def add_websocket(self, func: Callable[..., Any], url: str) -> None:
        """Register a websocket function."""
        from tomodachi.transport.http.websocket_handler import WebSocketHandler

        about = {"handler": func.__name__, "type": "tomodachi.websocket"}
        handler = WebSocketHandler(
            self.service,
            func.__name__,
            BoundHandler.of(self.service, func),
            AroundHandler(self.service, self.context, func, about),
            self._access_log,
            self.open_websockets,
        )
        endpoint = Endpoint(
            func.__name__,
            handler.answer,
            "GET",
            strip_anchors(url),
            is_reported=False,
        )
        self._add(endpoint, ignore_logging=False)

    def add_error_handler(self, func: Callable[..., Any], status_code: int) -> None:
        """Register what answers errors with `status_code`; a later one replaces an earlier.

        Raises:
            ValueError: the status is no number.
        """
        status_code = int(status_code)
        about: dict[str, str | int] = {"type": "tomodachi.http_error", "status_code": status_code}
        handler = Handler(self.service, self.context, func, about)
        self.error_handlers[status_code] = ErrorEndpoint(func.__name__, handler.answer_error)

    def _add(self, endpoint: Endpoint, *, ignore_logging: IgnoreLogging) -> None:
        about = {"ignore_logging": ignore_logging}
        self.routes.append((endpoint.method, f"^{endpoint.pattern}$", endpoint, about))

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


def _foreign_endpoint(
    handler: ForeignHandler, method: str, pattern: str, rule: LoggingRule
) -> Endpoint:
    def answer(request: Request, _groups: Groups) -> Awaitable[ReturnValue]:
        return handler(request)

    return Endpoint(getattr(handler, "__name__", "handler"), answer, method, pattern, rule)
