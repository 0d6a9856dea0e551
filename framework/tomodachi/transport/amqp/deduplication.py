"""Which messages were handled within the last minute, and which are being handled now.

A message is known by its uuid and the handler it is for. A second delivery of a handled message is a
duplicate; of one that is being handled, it is undecided until that ends: a handler that fails gives
its message back, and then the second delivery is the one that counts.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum, auto

REMEMBER_S = 60.0
MOST_REMEMBERED = 100_000
"""At most; beyond about 1,600 messages a second the minute gets shorter instead of the memory larger."""


class Claim(Enum):
    """What a delivery is told."""

    FIRST = auto()  # handle it
    RUNNING = auto()  # another delivery of it is being handled
    DUPLICATE = auto()  # it was handled


class Deduplication:
    """The messages of the last minute, oldest first."""

    __slots__ = ("_claimed_at", "_running")

    def __init__(self) -> None:
        # Unlike a dict's, its front is found at once however much was taken from there.
        self._claimed_at: OrderedDict[str, float] = OrderedDict()
        self._running: set[str] = set()

    def __len__(self) -> int:
        return len(self._claimed_at)

    def claim(self, key: str, *, now: float) -> Claim:
        """Say whether a delivery shall be handled; FIRST has to be followed by `finish`.

        Args:
            key: Message uuid and handler.
            now: Unix time in seconds.
        """
        self._forget_before(now - REMEMBER_S)
        if key in self._running:
            return Claim.RUNNING
        if key in self._claimed_at:
            return Claim.DUPLICATE
        self._claimed_at[key] = now
        self._running.add(key)
        return Claim.FIRST

    def finish(self, key: str, *, handled: bool, now: float) -> None:
        """The delivery that was FIRST has ended; unless it was handled, the next one counts."""
        self._running.discard(key)
        self._claimed_at.pop(key, None)
        if handled:
            self._claimed_at[key] = now

    def _forget_before(self, oldest: float) -> None:
        # Claims are in order of time, so this stops at the first that is young enough.
        claimed_at = self._claimed_at
        while claimed_at:
            key = next(iter(claimed_at))
            if claimed_at[key] > oldest and len(claimed_at) < MOST_REMEMBERED:
                return
            del claimed_at[key]
