"""Known differences in when schedules are due."""

from __future__ import annotations

from typing import Any

from tools.compare_original.ledgers.known import Known, raised

_HOUR_S = 3600


def _offset(case: Any, theirs: Any, ours: Any) -> bool:
    is_offset = any(sign in (case.get("timezone") or "") for sign in "+-")
    return is_offset and raised(theirs) and isinstance(ours, int)


def _summer_time(case: Any, theirs: Any, ours: Any) -> bool:
    """A date in the half of the year that has the other offset."""
    both = isinstance(theirs, int) and isinstance(ours, int)
    return both and bool(case.get("timezone")) and abs(theirs - ours) == _HOUR_S


KNOWN = (
    Known("schedules", "a time zone may be an offset", _offset),
    Known("schedules", "row 21: a date has the offset of its own season", _summer_time),
)
