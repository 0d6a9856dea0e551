"""Closes a connection behind its last user, once its service has stopped.

Until then it stays open between uses. What a service does in its `_stop_service`, or what a task of its
own does even later, still works: each such use opens the connection again, and the last to end closes
it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Self


class Uses:
    """The uses of one connection: `async with uses: ...`.

    Args:
        close: Closes it, if it is open; the next use opens it again.
        over: Whether the service has stopped already.
    """

    def __init__(self, close: Callable[[], Awaitable[None]], *, over: bool = False) -> None:
        self._close = close
        self._over = over
        self._running = 0

    async def __aenter__(self) -> Self:
        self._running += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self._running -= 1
        if self._over and not self._running:
            await self._close()

    async def end(self) -> None:
        """The service has stopped: close now, or behind the last of those that run."""
        self._over = True
        if not self._running:
            await self._close()
