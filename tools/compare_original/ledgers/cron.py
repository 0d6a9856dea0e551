"""Known differences in when cron notations are due."""

from __future__ import annotations

from typing import Any

from tools.compare_original.ledgers.known import Known, raised


def _parts(case: Any, field: int) -> list[str]:
    fields = case.get("fields", ())
    return list(fields[field]) if len(fields) > field else []


def _both_refuse(_case: Any, theirs: Any, ours: Any) -> bool:
    return raised(theirs) and raised(ours, "CronNotationError")


def _full_name(case: Any, theirs: Any, ours: Any) -> bool:
    named = "december" in _parts(case, 3) or "sunday" in _parts(case, 4)
    return named and raised(theirs) and not raised(ours)


def _last_in_list(case: Any, theirs: Any, ours: Any) -> bool:
    lists = (_parts(case, 2), _parts(case, 4))
    has_l = any(len(parts) > 1 and any(part[:1] == "L" for part in parts) for parts in lists)
    return has_l and _is_sooner(theirs, ours)


def _other_alone(case: Any, theirs: Any, ours: Any) -> bool:
    marked = "?" in (*_parts(case, 2), *_parts(case, 4))
    return marked and isinstance(theirs, str) and isinstance(ours, str) and theirs < ours


def _range_too_far(case: Any, theirs: Any, ours: Any) -> bool:
    parts = [part for field in case.get("fields", ()) for part in field]
    return (
        any("-" in part for part in parts)
        and not raised(theirs)
        and raised(ours, "CronNotationError")
    )


def _empty(case: Any, theirs: Any, ours: Any) -> bool:
    """The original fills an empty notation up with stars, as it does one with fields."""
    nothing = not any(part for field in case.get("fields", ()) for part in field)
    return nothing and not raised(theirs) and raised(ours, "CronNotationError")


def _next_month(case: Any, theirs: Any, ours: Any) -> bool:
    """The original passes over the beginning of a December that comes next, and of a leap day."""
    if not _is_sooner(theirs, ours):
        return False
    return ours[4:10] == "-02-29" or (ours[4:8] == "-12-" and _parts(case, 3) not in ([], ["*"]))


def _is_sooner(theirs: Any, ours: Any) -> bool:
    return isinstance(theirs, str) and isinstance(ours, str) and ours < theirs


KNOWN = (
    Known("cron", "a notation is refused as CronNotationError", _both_refuse),
    Known("cron", "full names are read", _full_name),
    Known("cron", "L counts for its part of a list", _last_in_list),
    Known("cron", "? leaves the other of day and weekday alone", _other_alone),
    Known("cron", "a range that leaves its field is refused", _range_too_far),
    Known("cron", "an empty notation is refused", _empty),
    Known("cron", "row 21: December and leap days begin at midnight", _next_month),
)
