"""The invoker: turns a transport's registration function into a decorator for service methods."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

from tomodachi.invoker.attributes import (
    FUNCTION_ATTRIBUTE,
    INVOKER_TASK_START_KEYWORD,
    WRAPPER_ATTRIBUTE,
)
from tomodachi.invoker.registration import StartFunction, register
from tomodachi.invoker.service_context import service_context

if TYPE_CHECKING:
    from tomodachi.options import Options

P = ParamSpec("P")
# A handler's parameters are the user's own; a decorator hands its type on unchanged.
F = TypeVar("F", bound=Callable[..., Any])


class InvokerDecorator(Protocol[P]):
    """A public decorator: used bare, or called with the transport's arguments first."""

    @overload
    def __call__(self, func: F, /) -> F: ...
    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Callable[[F], F]: ...


class _Contexts:
    """`Invoker.context[service]` is `service.context`."""

    def __getitem__(self, service: Any) -> dict[str, Any]:
        return service_context(service)


class Invoker:
    """Base of transports.

    A transport's registration function is an async class method
    `handler(cls, obj, context, func, *args, **kwargs)`: it remembers in `context`, the instance's own
    dict, that `func` is to be called, and returns an async function that starts the transport for this
    service, or None when it did so before. `MyTransport.decorator(MyTransport.handler)` is then the
    decorator that users put on their methods; what they call it with arrives as `args` and `kwargs`.
    """

    context = _Contexts()

    @classmethod
    def decorator(
        cls,
        cls_func: Callable[
            Concatenate[Any, dict[str, Any], Any, P], Awaitable[StartFunction | None]
        ],
    ) -> InvokerDecorator[P]:
        """Make a decorator out of a registration function."""
        signature = _without_its_first(cls_func, 3)

        @functools.wraps(cls_func)
        def decorate(*args: Any, **kwargs: Any) -> Any:
            if len(args) == 1 and not kwargs and _is_handler(args[0]):
                return _wrapper(args[0], cls_func, (), {})
            try:
                signature.bind(*args, **kwargs)
            except TypeError as error:
                # Said where the decorator is written, not when the service starts.
                msg = f"{getattr(cls_func, '__qualname__', cls_func)}() {error}"
                raise TypeError(msg) from None
            return lambda func: _wrapper(func, cls_func, args, kwargs)

        decorate.__signature__ = signature  # type: ignore[attr-defined]
        # The overloads say what `decorate` does; a function can't be declared to have them.
        return cast("InvokerDecorator[P]", decorate)

    @staticmethod
    def options(context: dict[str, Any]) -> Options:
        """The options in a service's context, as an `Options` object whatever form they came in."""
        from tomodachi.options import Options

        options = context.get("options")
        if not isinstance(options, Options):
            options = context["options"] = Options(**(options or {}))
        return options


def _without_its_first(cls_func: Callable[..., Any], count: int) -> inspect.Signature:
    parameters = list(inspect.signature(cls_func).parameters.values())
    # A function that takes whatever comes has fewer of its own.
    own = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return inspect.Signature([p for p in parameters if p not in own[:count]])


def _is_handler(argument: object) -> bool:
    return callable(argument) and not isinstance(argument, type)


def _wrapper(
    func: Callable[..., Any],
    cls_func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Callable[..., Any]:
    @functools.wraps(func)
    async def wrapper(obj: Any, *call_args: Any, **call_kwargs: Any) -> Any:
        if call_kwargs.get(INVOKER_TASK_START_KEYWORD) is True:
            return await register(obj, wrapper)
        result = func(obj, *call_args, **call_kwargs)
        return await result if inspect.isawaitable(result) else result

    marks = {FUNCTION_ATTRIBUTE: True, WRAPPER_ATTRIBUTE: wrapper, "func": func}
    marks |= {"cls_func": cls_func, "args": args, "kwargs": kwargs}
    for name, value in marks.items():
        setattr(wrapper, name, value)
    return wrapper
