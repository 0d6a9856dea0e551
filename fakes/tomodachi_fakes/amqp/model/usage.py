"""How many octets of messages the broker holds, and when that is too many.

Above the limit publishers are blocked until it falls below four fifths of it.

Source: https://www.rabbitmq.com/docs/memory
"""

from __future__ import annotations

MIB = 1024 * 1024


class Usage:
    """Octets of messages, counted once for each queue, transaction or delay that holds them.

    Attributes:
        limit: Octets at which the alarm goes off.
        alarm: Publishers are blocked.
        forced: A test or an operator sounds the alarm.
    """

    __slots__ = ("_octets", "_sounding", "forced", "limit")

    def __init__(self, limit: int = 1024 * MIB) -> None:
        self.limit = limit
        self.forced = False
        self._octets = 0
        self._sounding = False

    @property
    def octets(self) -> int:
        """Octets held now."""
        return self._octets

    def add(self, octets: int) -> None:
        """A message came (positive) or went (negative)."""
        self._octets += octets
        if self._octets > self.limit:
            self._sounding = True
        elif self._sounding and self._octets < self.limit * 4 // 5:
            self._sounding = False

    @property
    def alarm(self) -> bool:
        """Whether publishers are blocked."""
        return self.forced or self._sounding
