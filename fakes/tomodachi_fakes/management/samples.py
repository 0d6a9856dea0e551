"""Rates of numbers that nobody counts as they change: how many messages wait, how many octets went by.

RabbitMQ takes a sample every five seconds, asked or not. Here a question is a sample: who asks every five
seconds, as its own pages do, sees the same; who asks for the first time in a while sees the mean since then.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from tomodachi_fakes.management.tally import INTERVAL_S, detailed

# Connections that are gone are never asked for again: so many are remembered before all are forgotten.
_MOST = 10_000


class Samples:
    """Values at earlier questions."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, list[tuple[float, float]]] = {}

    def rate(self, key: Hashable, value: float, now: float) -> float:
        """How much a value changes a second; 0 at the first question for it."""
        if len(self._kept) > _MOST:
            self._kept.clear()
        kept = self._kept.setdefault(key, [(now, value)])
        if now - kept[-1][0] >= INTERVAL_S:
            kept.append((now, value))
            del kept[:-2]
        at, before = kept[0]
        return (value - before) / (now - at) if now > at else 0.0

    def detailed(self, place: Hashable, name: str, value: float, now: float) -> dict[str, Any]:
        """A number of a place, with its rate."""
        return detailed(name, value, self.rate((place, name), value, now))

    def depth(self, place: Hashable, ready: int, unacked: int, now: float) -> dict[str, Any]:
        """How many messages a place holds."""
        return {
            **self.detailed(place, "messages", ready + unacked, now),
            **self.detailed(place, "messages_ready", ready, now),
            **self.detailed(place, "messages_unacknowledged", unacked, now),
        }
