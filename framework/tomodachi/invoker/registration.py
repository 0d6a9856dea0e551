"""Decides which handlers a service class has, in which order, and registers them with their transports.

A method may carry several invoker decorators, and wrappers of the user's between, below or above them.
Each invoker decorator registers the nearest function below it that is not an invoker's own wrapper;
where a user's wrapper stands above all of them, the transports call that one.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from tomodachi.invoker.attributes import (
    FUNCTION_ATTRIBUTE,
    INVOKER_TASK_START_KEYWORD,
    WRAPPER_ATTRIBUTE,
)
from tomodachi.invoker.service_context import service_context

StartFunction = Callable[[], Awaitable[Any]]


def handler_methods(cls: type) -> list[Callable[..., Any]]:
    """The decorated methods of a class, in the order of their lines in the class's file.

    Methods inherited from other files come first, by name.
    """
    found = [
        function
        for _, function in inspect.getmembers(cls)
        if getattr(function, FUNCTION_ATTRIBUTE, False)
    ]
    return sorted(found, key=lambda function: _line(function, cls.__module__))


async def register(service: Any, method: Callable[..., Any]) -> StartFunction | None:
    """Register every invoker decorator of `method` for a service instance.

    Args:
        service: The instance.
        method: The function as found on the class.

    Returns:
        What has to be awaited to start the transports, or None if they need no start (any more).
    """
    context = service_context(service)
    wrappers = _wrappers(method)
    if not wrappers:
        # Marked as a handler by a third party, whose wrapper knows what the keyword means.
        own: StartFunction | None = await method(service, **{INVOKER_TASK_START_KEYWORD: True})
        return own
    starts: list[StartFunction] = []
    for wrapper, handler in wrappers:
        start = await wrapper.cls_func(service, context, handler, *wrapper.args, **wrapper.kwargs)
        if start is not None:
            starts.append(start)
    if len(starts) > 1:
        return _together(starts)
    return starts[0] if starts else None


def _together(starts: list[StartFunction]) -> StartFunction:
    async def start() -> None:
        await asyncio.gather(*(one() for one in starts))

    return start


def _wrappers(method: Any) -> list[tuple[Any, Callable[..., Any]]]:
    chain = _unwrapped(method)
    outermost = None if is_invoker_wrapper(chain[0]) else chain[0]
    found: list[tuple[Any, Callable[..., Any]]] = []
    handler: Any = None
    for function in reversed(chain):
        if not is_invoker_wrapper(function):
            handler = function
        elif handler is not None:
            found.append((function, outermost or handler))
    return found[::-1]


def _unwrapped(function: Any) -> list[Any]:
    chain = [function]
    while (wrapped := getattr(chain[-1], "__wrapped__", None)) is not None:
        chain.append(wrapped)
    return chain


def is_invoker_wrapper(function: Any) -> bool:
    """Whether a function is the wrapper that an invoker decorator made, and not a copy of its marks."""
    return getattr(function, WRAPPER_ATTRIBUTE, None) is function


def _line(function: Any, module: str) -> int:
    innermost = _unwrapped(function)[-1]
    code = getattr(innermost, "__code__", None)
    if code is None or getattr(innermost, "__module__", None) != module:
        return -1
    return int(code.co_firstlineno)
