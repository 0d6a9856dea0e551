"""How long to wait before the next attempt: exponential back-off with full jitter.

The wait is drawn evenly from 0 up to a ceiling that doubles with every attempt. Jitter comes from a
random source that is a context variable, like the clock, so that a test can seed it and two services
in one process may differ.

Source: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from __future__ import annotations

import random
from contextvars import ContextVar, Token
from typing import Protocol

FIRST_CEILING_S = 0.5
HIGHEST_CEILING_S = 30.0
_MAX_DOUBLINGS = 16


class RandomSource(Protocol):
    """What a random number is drawn from; `random.Random` is one."""

    def uniform(self, a: float, b: float) -> float:
        """A number in a..b."""
        ...


_system: RandomSource = random.Random()  # noqa: S311 - spreads load, keeps no secret
_source: ContextVar[RandomSource] = ContextVar("tomodachi.amqp.random", default=_system)


def set_random_source(source: RandomSource) -> Token[RandomSource]:
    """Draw jitter from `source` in this context and the tasks started from it."""
    return _source.set(source)


class Backoff:
    """The waits of one series of attempts."""

    __slots__ = ("_attempts", "_random")

    def __init__(self, source: RandomSource | None = None) -> None:
        self._random = source or _source.get()
        self._attempts = 0

    def ceiling(self) -> float:
        """The longest that the next wait can be, in seconds."""
        return float(
            min(HIGHEST_CEILING_S, FIRST_CEILING_S * 2 ** min(self._attempts, _MAX_DOUBLINGS))
        )

    def next_wait(self) -> float:
        """Seconds to wait before the next attempt."""
        wait = self._random.uniform(0.0, self.ceiling())
        self._attempts += 1
        return wait

    def reset(self) -> None:
        """Start over: the last attempt succeeded."""
        self._attempts = 0
