"""How many messages a consumer may handle at a time, and waiting for room."""

from __future__ import annotations

import asyncio


class Slots:
    """A number of slots; each running handler takes one."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0
        self._waiter: asyncio.Future[None] | None = None

    @property
    def free(self) -> int:
        """How many are free now."""
        return self.size - self.taken

    def take(self) -> None:
        """One more handler runs."""
        self.taken += 1

    def give_back(self) -> None:
        """One handler is through."""
        self.taken -= 1
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self) -> int:
        """Return when at least one is free, with how many are.

        Handlers that end in the same turn of the loop are counted together, so that the next receive
        can ask for as many messages.
        """
        while self.free <= 0:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self.free
