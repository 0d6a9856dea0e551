"""What a difference needs, out of a long list of steps that shows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

StepT = TypeVar("StepT")


def shortened(
    steps: list[StepT], differs: Callable[[list[StepT]], bool], seconds: float
) -> list[StepT]:
    """Leave out what the difference does not need, in ever smaller pieces, while there is time.

    Args:
        steps: A list with which `differs` is true.
        differs: Whether fewer steps show the difference as well.
        seconds: No new attempt is made after this time.
    """
    until, size = time.monotonic() + seconds, len(steps) // 2
    while size:
        at = 0
        while at < len(steps) and time.monotonic() < until:
            fewer = steps[:at] + steps[at + size :]
            if differs(fewer):
                steps = fewer
            else:
                at += size
        size //= 2
    return steps
