"""What a known difference is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """One known difference.

    Attributes:
        kind: Of the cases that show it.
        reason: Why it is as it is.
        is_met: Whether the case and what differs of the answers, theirs and ours, are an instance of it.
    """

    kind: str
    reason: str
    # Any: cases and answers are JSON of many shapes.
    is_met: Callable[[Any, Any, Any], bool]


def raised(answer: Any, name: str | None = None) -> bool:
    """Whether an answer is an exception, and one that can be caught by this name."""
    if not isinstance(answer, dict) or not isinstance(answer.get("raised"), list):
        return False
    return name is None or name in answer["raised"]


def only(theirs: Any, ours: Any, *keys: str) -> bool:
    """Whether the answers differ in these keys alone, and neither is an exception."""
    if raised(theirs) or raised(ours) or not isinstance(theirs, dict):
        return False
    return isinstance(ours, dict) and set(theirs) | set(ours) <= set(keys)
