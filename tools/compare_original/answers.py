"""Answers as JSON: how values and exceptions are shown, and what of two answers differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

RAISED = "raised"
_ABSENT = "(absent)"


def raised(error: BaseException) -> dict[str, Any]:
    """An exception: what it can be caught as, nearest first."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind not in (object, BaseException)]
    return {RAISED: kinds}


def result_of(call: Callable[[], object]) -> Any:
    """What a call gives, as text, or the exception that it raises."""
    try:
        return repr(call())
    except Exception as error:  # noqa: BLE001 - what is raised is what is compared
        return raised(error)


def differing(theirs: Any, ours: Any) -> tuple[Any, Any] | None:
    """The parts of two answers that differ; None when a user finds in ours what he is used to.

    An exception may be of a more special class: what caught the original's catches ours.
    """
    if is_raised(theirs) and is_raised(ours):
        return None if theirs[RAISED][0] in ours[RAISED] else (theirs, ours)
    if isinstance(theirs, dict) and isinstance(ours, dict) and not is_raised(theirs):
        keys = [*theirs, *(key for key in ours if key not in theirs)]
        found = {key: differing(theirs.get(key, _ABSENT), ours.get(key, _ABSENT)) for key in keys}
        parts = {key: pair for key, pair in found.items() if pair is not None}
        return (_side(parts, 0), _side(parts, 1)) if parts else None
    return None if theirs == ours else (theirs, ours)


def _side(parts: dict[str, tuple[Any, Any]], number: int) -> dict[str, Any]:
    return {key: pair[number] for key, pair in parts.items()}


def is_raised(answer: Any) -> bool:
    """Whether an answer is an exception."""
    return isinstance(answer, dict) and isinstance(answer.get(RAISED), list)
