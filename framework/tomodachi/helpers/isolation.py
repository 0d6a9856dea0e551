"""Runs a coroutine in a context of its own, without a task of its own.

Context variables that it sets are seen by what it calls and by nobody else, as with a task; but it
stays part of the awaiting task, so that cancellation, `asyncio.timeout` and tracebacks pass through
it, and it costs a context copy instead of two trips through the event loop.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Isolated(Generic[T]):
    """An awaitable: `await Isolated(coroutine)`.

    Args:
        coroutine: What to run.
        context: Where to run it; a copy of the current context if None.
    """

    __slots__ = ("_context", "_coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, T], context: Context | None = None) -> None:
        self._coroutine = coroutine
        self._context = context

    def __await__(self) -> Generator[Any, Any, T]:
        """Pass on what the coroutine waits for, and what it is sent or thrown."""
        run = (self._context or copy_context()).run
        coroutine = self._coroutine
        step: Any = coroutine.send
        value: Any = None
        while True:
            try:
                waited_for = run(step, value)
            except StopIteration as stop:
                result: T = stop.value
                return result
            try:
                value = yield waited_for
                step = coroutine.send
            except GeneratorExit:
                run(coroutine.close)
                raise
            except BaseException as error:  # noqa: BLE001 - all of it belongs to the coroutine
                value, step = error, coroutine.throw
