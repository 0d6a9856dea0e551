"""`@tomodachi.decorator`: makes a decorator for handlers out of a function that looks at each call.

The function gets the handler's arguments. When it returns True or None the handler runs; anything else
is returned in the handler's place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar, overload

# Handlers and deciding functions have the parameters their authors gave them.
F = TypeVar("F", bound=Callable[..., Any])
Deciding = Callable[..., Any]


@overload
def decorator(decorator_func: Deciding, /) -> Callable[[F], F]: ...
@overload
def decorator(
    decorator_func: None = None, /, *, include_function: bool = False
) -> Callable[[Deciding], Callable[[F], F]]: ...
def decorator(decorator_func: Any = None, /, *, include_function: bool = False) -> Any:
    """Make a decorator for handlers; used bare or called.

    Args:
        decorator_func: `f(self, *args, **kwargs)`, sync or async.
        include_function: Call it as `f(func, self, *args, **kwargs)`.
    """

    def make(deciding: Deciding) -> Callable[[F], F]:
        # The object stands for the handler in everything but its body.
        return lambda func: DecoratedHandler(deciding, func, include_function)  # type: ignore[return-value]

    return make if decorator_func is None else make(decorator_func)


class DecoratedHandler:
    """Pretends to be the handler: name, signature, annotations and class are the handler's."""

    def __init__(self, deciding: Deciding, func: Any, include_function: bool) -> None:  # noqa: FBT001
        # Marks of invoker decorators below come along, as with functools.wraps.
        self.__dict__.update(getattr(func, "__dict__", {}))
        for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
            setattr(self, name, getattr(func, name, None))
        for name in ("__code__", "__defaults__", "__kwdefaults__", "__globals__", "__closure__"):
            setattr(self, name, getattr(func, name, None))
        self.__wrapped__ = func
        self._deciding = deciding
        self._include_function = include_function

    # `isinstance(handler, FunctionType)` asks for it; mypy knows object's as writable.
    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """A function's, so that inspection takes this for one."""
        return FunctionType

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Bind to the service, as functions do."""
        if instance is None:
            return self

        async def bound(*args: Any, **kwargs: Any) -> Any:
            return await self(instance, *args, **kwargs)

        return bound

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Ask the deciding function, then run the handler or not."""
        lead = (self.__wrapped__,) if self._include_function else ()
        verdict = await _value(self._deciding(*lead, *args, **kwargs))
        if verdict is not True and verdict is not None:
            return verdict
        return await _value(self.__wrapped__(*args, **kwargs))


async def _value(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result
