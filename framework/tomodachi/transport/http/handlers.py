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
from tomodachi.transport.repeated_binding import RepeatedBinding

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.response import ReturnValue
    from tomodachi.transport.http.routes import Groups

    PreHandler = Callable[[Any, Request], Awaitable[object]]


class BoundHandler:
    """A service's method with what it takes to call it; make one with `of` at registration.

    Attributes:
        takes_request_only: Its one parameter is called `request`, as most handlers have it.
    """

    __slots__ = ("_arguments", "_func", "_is_async", "_service", "takes_request_only")

    def __init__(
        self, service: object, func: Callable[..., Any], arguments: HandlerArguments
    ) -> None:
        self._service = service
        self._func = func
        self._arguments = arguments
        self._is_async = inspect.iscoroutinefunction(func)
        self.takes_request_only = arguments.required == ("request",) == arguments.names_in_order

    @classmethod
    def of(cls, service: object, func: Callable[..., Any]) -> BoundHandler:
        """The method of `service` whose function is `func`."""
        return cls(service, func, HandlerArguments.of(func))

    def __call__(
        self,
        values: Mapping[str, Any],  # Any: whatever a transport or a middleware hands over
        fallbacks: Sequence[Any],
        extra: Mapping[str, Any] | None = None,
    ) -> Awaitable[ReturnValue]:
        """Call the method, which may be synchronous.

        Args:
            values: What the transport knows, by name.
            fallbacks: What required parameters get whose names nobody knows, in order.
            extra: What middlewares added; beats `values`, so that a middleware may replace a group of
                the route. (The chain of middlewares has dropped what they can't replace.)

        Raises:
            IndexError: a required parameter has no value.
        """
        args, kwargs = self._bind(values, fallbacks, extra or {})
        return self._awaitable(self._func(self._service, *args, **kwargs))

    def of_request(self, request: Request) -> Awaitable[ReturnValue]:
        """Call a method that `takes_request_only`."""
        result = self._func(self._service, request)
        return result if self._is_async else self._awaitable(result)

    def _awaitable(self, result: ReturnValue) -> Awaitable[ReturnValue]:
        if self._is_async or inspect.isawaitable(result):
            return result  # type: ignore[no-any-return] # an awaitable of the user's
        return _returned(result)

    def _bind(
        self, values: Mapping[str, Any], fallbacks: Sequence[Any], extra: Mapping[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        arguments = self._arguments
        args, kwargs = arguments.bind({**values, **extra} if extra else values, fallbacks)
        if extra and arguments.takes_any_keyword:
            known = arguments.names
            kwargs.update((k, v) for k, v in extra.items() if k not in known)
        return args, kwargs


async def _returned(value: ReturnValue) -> ReturnValue:
    return value


class AroundHandler:
    """The service's `http_middleware` around one of its methods.

    Args:
        service: The instance.
        context: Its context, which holds the list of middlewares.
        func: The method's function.
        about: What the middlewares' logger says besides their name.
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
        self._about = about
        self._middlewares: list[Callable[..., Any]] = []
        self._chain = MiddlewareChain(func, ())

    @property
    def is_needed(self) -> bool:
        """Whether there is any middleware now; the list may change while the service runs."""
        return bool(self._context.get("http_middleware"))

    async def run(
        self,
        request: Request,
        routine: Callable[..., Awaitable[ReturnValue]],
        values: Mapping[str, Any],  # Any: the request, a status
    ) -> ReturnValue:
        """What the outermost middleware returns; what `routine` does if there is none.

        Args:
            request: What middlewares get by position, after the service.
            routine: Calls the method, with the keywords that middlewares added.
            values: What middlewares get by name. The groups of a route are the handler's alone.
        """
        middlewares = list(self._context.get("http_middleware") or ())
        if middlewares != self._middlewares:
            self._middlewares = middlewares
            self._chain = MiddlewareChain(self._func, middlewares, entering=self._entering)
        return await self._chain.run(routine, (self._service, request), values)

    def _entering(self, name: str) -> None:
        logging.bind_logger(
            {"logger": "tomodachi.http.middleware", "middleware": name, **self._about}
        )


class Handler:
    """A service's method inside the service's `http_middleware`.

    Args:
        service: The instance.
        context: Its context, which holds the list of middlewares.
        func: The method's function.
        about: What the handler's logger says besides the handler's name.
        pre_handler_func: Awaited first, with the service and the request.
    """

    def __init__(
        self,
        service: object,
        context: Mapping[str, Any],
        func: Callable[..., Any],
        about: Mapping[str, str | int],
        pre_handler_func: PreHandler | None = None,
    ) -> None:
        self._service = service
        self._context = context
        self._pre_handler_func = pre_handler_func
        self._handler = BoundHandler.of(service, func)
        about = {"handler": func.__name__, **about}
        self._bind_logger = RepeatedBinding({"logger": "tomodachi.http.handler", **about})
        self._around = AroundHandler(service, context, func, about)

    def answer(self, request: Request, groups: Groups) -> Awaitable[ReturnValue]:
        """The return value for a request; an endpoint's `answer`."""
        if self._pre_handler_func is not None:
            return self._after_pre_handler(self._pre_handler_func, request, groups)
        return self._answer(request, groups)

    async def answer_error(self, request: Request, status: int) -> ReturnValue:
        """The return value for an HTTP error; an error endpoint's `answer`."""
        return await self._through(request, {"request": request, "status_code": status}, {})

    def _answer(self, request: Request, groups: Groups) -> Awaitable[ReturnValue]:
        if self._context.get("http_middleware"):
            return self._through(request, {"request": request}, groups)
        self._bind_logger()
        if self._handler.takes_request_only:
            return self._handler.of_request(request)
        return self._handler({**groups, "request": request}, (request,))

    async def _after_pre_handler(
        self, pre_handler: PreHandler, request: Request, groups: Groups
    ) -> ReturnValue:
        await pre_handler(self._service, request)
        return await self._answer(request, groups)

    async def _through(
        self,
        request: Request,
        values: Mapping[str, Any],  # Any: the request, a status
        groups: Groups,
    ) -> ReturnValue:
        async def routine(**extra: object) -> ReturnValue:
            self._bind_logger()
            return await self._handler({**groups, **values}, (request,), extra)

        return await self._around.run(request, routine, values)
