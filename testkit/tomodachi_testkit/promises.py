"""Notices what a test forgot to await: `svc.drain()` alone does nothing, and the test may pass.

Python warns of such a coroutine when it is thrown away, where a warning is easily missed. What tests
call is marked as `promised`, and a harness ends with an error that names what was not awaited.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

P = ParamSpec("P")
T = TypeVar("T")

_broken: WeakKeyDictionary[asyncio.AbstractEventLoop, list[str]] = WeakKeyDictionary()


class Promise(Coroutine[Any, Any, T]):
    """A coroutine that tells when it is thrown away unawaited.

    Args:
        coroutine: What is run.
        name: What the test called.
    """

    __slots__ = ("_begun", "_broken", "_coroutine", "_name")

    def __init__(self, coroutine: Coroutine[Any, Any, T], name: str) -> None:
        self._coroutine = coroutine
        self._name = name
        self._begun = False
        self._broken = broken_promises()

    def __await__(self) -> Generator[Any, None, T]:
        self._begun = True
        return self._coroutine.__await__()

    def send(self, value: Any) -> Any:
        """Go on."""
        self._begun = True
        return self._coroutine.send(value)

    def throw(
        self,
        kind: type[BaseException] | BaseException,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
    ) -> Any:
        """Go on with an exception."""
        self._begun = True
        error = kind if isinstance(kind, BaseException) else kind()
        return self._coroutine.throw(value if isinstance(value, BaseException) else error)

    def close(self) -> None:
        """Give up: that is no forgetting."""
        self._begun = True
        self._coroutine.close()

    def __del__(self) -> None:
        if not self._begun:
            self._coroutine.close()
            self._broken.append(self._name)


def promised(
    method: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Mark a coroutine method that a test may forget to await."""

    @functools.wraps(method)
    def begin(*args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return Promise(method(*args, **kwargs), f"{method.__qualname__}()")

    return begin


def broken_promises() -> list[str]:
    """What was thrown away on the running loop; the caller's to empty. Elsewhere nobody asks."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return []
    return _broken.setdefault(loop, [])


def told(names: list[str]) -> str:
    """What to say of them."""
    listed = ", ".join(dict.fromkeys(names))
    return f"never awaited, so it was never done: {listed}. Write `await` before the call."
