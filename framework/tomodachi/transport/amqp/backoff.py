"""How long to wait before the next attempt: exponential back-off with full jitter.

The wait is drawn evenly from 0 up to a ceiling that doubles with every attempt. Jitter comes
from the generator in force (`tomodachi.helpers.entropy`), so that a test can seed it.

Source: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from __future__ import annotations

from tomodachi.helpers import entropy

FIRST_CEILING_S = 0.5
HIGHEST_CEILING_S = 30.0
_MAX_DOUBLINGS = 16


class Backoff:
    """The waits of one series of attempts."""

    __slots__ = ("_attempts",)

    def __init__(self) -> None:
        self._attempts = 0

    def ceiling(self) -> float:
        """The longest that the next wait can be, in seconds."""
        return float(
            min(HIGHEST_CEILING_S, FIRST_CEILING_S * 2 ** min(self._attempts, _MAX_DOUBLINGS))
        )

    def next_wait(self) -> float:
        """Seconds to wait before the next attempt."""
        wait = entropy.fraction() * self.ceiling()
        self._attempts += 1
        return wait

    def reset(self) -> None:
        """Start over: the last attempt succeeded."""
        self._attempts = 0
