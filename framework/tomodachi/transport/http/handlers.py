"""Calls a service's methods for requests: arguments, middlewares, and the logger in force inside.

Which values go to which parameter is decided by `handler_arguments`, how middlewares are strung
together by `helpers.middleware`.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from tomodachi import logging
from tomodachi.helpers.middleware import MiddlewareChain
from tomodachi.transport.handler_arguments import HandlerArguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.response import ReturnValue


class BoundHandler:
    """A service's method with what it takes to call it; make one with `of` at registration."""

    __slots__ = ("_arguments", "_func", "_service", "_takes_request_only")

    def __init__(
        self, service: object, func: Callable[..., Any], arguments: HandlerArguments
    ) -> None:
        self._service = service
        self._func = func
        self._arguments = arguments
        self._takes_request_only = arguments.required == ("request",) == arguments.names_in_order

    @classmethod
    def of(cls, service: object, func: Callable[..., Any]) -> BoundHandler:
        """The method of `service` whose function is `func`."""
        return cls(service, func, HandlerArguments.of(func))

    async def __call__(
        self,
        values: Mapping[str, Any],  # Any: whatever a transport or a middleware hands over
        fallbacks: Sequence[Any],
        extra: Mapping[str, Any] | None = None,
    ) -> ReturnValue:
        """Call the method and return what it returns, awaited if need be.

        Args:
            values: What the transport knows, by name.
            fallbacks: What required parameters get whose names nobody knows, in order.
            extra: What middlewares added; they can't replace the transport's values.

        Raises:
            IndexError: a required parameter has no value.
        """
        if self._takes_request_only and not extra:
            result = self._func(self._service, values["request"])
        else:
            args, kwargs = self._bind(values, fallbacks, extra or {})
            result = self._func(self._service, *args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    def _bind(
        self, values: Mapping[str, Any], fallbacks: Sequence[Any], extra: Mapping[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        arguments = self._arguments
        args, kwargs = arguments.bind({**extra, **values} if extra else values, fallbacks)
        if extra and arguments.takes_any_keyword:
            known = arguments.names
            kwargs.update((k, v) for k, v in extra.items() if k not in known and k not in values)
        return args, kwargs


class MiddlewareRun:
    """A handler inside the service's `http_middleware`; called for each request.

    Args:
        service: The instance.
        context: Its context, which holds the list of middlewares.
        func: The method's function.
        about: What the handler's logger says besides the handler's name.
    """

    def __init__(
        self,
        service: object,
        context: Mapping[str, Any],
        func: Callable[..., Any],
        about: Mapping[str, str | int],
    ) -> None:
        self._service = service
        self._context = context
        self._func = func
        self._handler = BoundHandler.of(service, func)
        self._about = {"handler": func.__name__, **about}
        self._handler_log = {"logger": "tomodachi.http.handler", **self._about}
        self._middlewares: list[Callable[..., Any]] = []
        self._chain = MiddlewareChain(func, ())

    async def __call__(
        self,
        request: Request,
        values: Mapping[str, Any],  # Any: groups, the request, a status
    ) -> ReturnValue:
        """What the outermost middleware returns, or the handler if there is none."""
        middlewares = self._context.get("http_middleware")
        if not middlewares:
            logging.bind_logger(self._handler_log)
            return await self._handler(values, (request,))
        if middlewares != self._middlewares:
            self._middlewares = list(middlewares)
            self._chain = MiddlewareChain(self._func, self._middlewares, entering=self._entering)

        async def routine(**extra: object) -> ReturnValue:
            logging.bind_logger(self._handler_log)
            return await self._handler(values, (request,), extra)

        return await self._chain.run(routine, (self._service, request), values)

    def _entering(self, name: str) -> None:
        logging.bind_logger(
            {"logger": "tomodachi.http.middleware", **self._about, "middleware": name}
        )
