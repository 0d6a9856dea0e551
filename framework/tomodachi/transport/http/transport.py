"""The HTTP transport as the invoker knows it: registers handlers, starts and stops the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from tomodachi.helpers.execution_context import set_execution_context
from tomodachi.invoker import Invoker, lifecycle
from tomodachi.transport.http import service_keys
from tomodachi.transport.http.registry import HttpRegistry
from tomodachi.transport.http.server import HttpServer
from tomodachi.transport.http.settings import HttpSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tomodachi.transport.http.handlers import PreHandler
    from tomodachi.transport.http.registry import IgnoreLogging

    StartFunction = Callable[[], Awaitable[None]]


class HttpTransport(Invoker):
    """Registers the handlers of a service; each classmethod is behind one of the decorators."""

    @classmethod
    async def request_handler(
        cls,
        obj: object,
        context: dict[str, Any],
        func: Callable[..., Any],
        method: str | list[str] | tuple[str, ...],
        url: str,
        *,
        ignore_logging: IgnoreLogging = False,
        pre_handler_func: PreHandler | None = None,
        stream_body: bool = False,
    ) -> StartFunction | None:
        """Register a request handler (`@tomodachi.http`)."""
        registry = HttpRegistry.of(obj, context)
        registry.add_handler(
            func,
            method,
            url,
            ignore_logging=ignore_logging,
            pre_handler_func=pre_handler_func,
            stream_body=stream_body,
        )
        return await cls.start_server(obj, context)

    @classmethod
    async def static_request_handler(
        cls,
        obj: object,
        context: dict[str, Any],
        func: Callable[..., Any],
        path: str,
        base_url: str,
        *,
        ignore_logging: IgnoreLogging = False,
    ) -> StartFunction | None:
        """Register a directory of files (`@tomodachi.http_static`)."""
        registry = HttpRegistry.of(obj, context)
        registry.add_static(func, path, base_url, ignore_logging=ignore_logging)
        return await cls.start_server(obj, context)

    @classmethod
    async def error_handler(
        cls, obj: object, context: dict[str, Any], func: Callable[..., Any], status_code: int
    ) -> StartFunction | None:
        """Register an error handler (`@tomodachi.http_error`)."""
        registry = HttpRegistry.of(obj, context)
        registry.add_error_handler(func, status_code)
        return await cls.start_server(obj, context)

    @classmethod
    async def websocket_handler(
        cls, obj: object, context: dict[str, Any], func: Callable[..., Any], url: str
    ) -> StartFunction | None:
        """Register a websocket function (`@tomodachi.websocket`)."""
        registry = HttpRegistry.of(obj, context)
        registry.add_websocket(func, url)
        return await cls.start_server(obj, context)

    @classmethod
    async def start_server(cls, obj: object, context: dict[str, Any]) -> StartFunction | None:
        """What starts the service's server; None if an earlier handler has got it.

        Transports that register routes of their own (`context["_http_routes"]`) end with it too.
        """
        if context.get(service_keys.STARTED):
            return None
        context[service_keys.STARTED] = True

        async def start() -> None:
            registry = HttpRegistry.of(obj, context)
            await _start(registry, HttpSettings.of_options(cls.options(context)))

        return start


async def _start(registry: HttpRegistry, settings: HttpSettings) -> None:
    set_execution_context(
        {
            "http_enabled": True,
            "http_current_tasks": 0,
            "http_total_tasks": 0,
            "aiohttp_version": aiohttp.__version__,
        }
    )
    server = HttpServer(
        registry.service,
        registry.context,
        settings,
        registry.route_table(),
        registry.error_handlers,
    )
    lifecycle.before_stop(registry.service, server.stop)
    registry.server = server
    await server.start()
    await _announce(registry, settings.host, server.port)


async def _announce(registry: HttpRegistry, host: str | None, port: int) -> None:
    """Tell the service's registries (deprecated `discovery`) of every route."""
    for discovery in registry.context.get("discovery") or ():
        add = getattr(discovery, "add_http_endpoint", None)
        if add is None:
            continue
        for method, pattern, _, _ in registry.routes:
            await add(registry.service, host, port, method, pattern)
