"""A count with its rate: how often something happened, and how often a second lately.

RabbitMQ samples its counters every five seconds and shows the difference of the last two samples; here the
last five seconds are counted second by second, so that a rate is never older than its question.

Source: https://www.rabbitmq.com/docs/management#sampling
"""

from __future__ import annotations

from collections import deque
from typing import Any

INTERVAL_S = 5


class Tally:
    """How often one thing happened to one queue, exchange, channel, ..."""

    __slots__ = ("_seconds", "count")

    def __init__(self) -> None:
        self.count = 0
        self._seconds: deque[list[int]] = deque()

    def add(self, at: float) -> None:
        """It happened at `at`, Unix seconds."""
        self.count += 1
        second = int(at)
        if self._seconds and self._seconds[-1][0] >= second:
            self._seconds[-1][1] += 1
            return
        self._seconds.append([second, 1])
        while self._seconds[0][0] <= second - INTERVAL_S:
            self._seconds.popleft()

    def rate(self, now: float) -> float:
        """How often a second, in the last five."""
        after = int(now) - INTERVAL_S
        recent = sum(count for second, count in self._seconds if second > after)
        return recent / INTERVAL_S


def detailed(name: str, value: float, rate: float = 0.0) -> dict[str, Any]:
    """A number with the rate that RabbitMQ shows beside it."""
    return {name: value, f"{name}_details": {"rate": rate}}
