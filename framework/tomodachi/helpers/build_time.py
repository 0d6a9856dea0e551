"""How long ago a release was built, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from tomodachi.helpers import clock

_UNITS = (
    ("year", 365 * 86_400),
    ("month", 30 * 86_400),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
)
_AT_LEAST = {"year": 2, "month": 2, "day": 2}


def get_time_since_build(
    timestamp: str | float | None = None, build_time: str | None = None
) -> str:
    """`released 2 months ago`, or `local development version` when there is no build time.

    Args:
        timestamp: The time to count to, ISO 8601 or Unix seconds; now when left out.
        build_time: The time to count from, ISO 8601; the runtime's own when left out.
    """
    if build_time is None:
        import tomodachi

        build_time = getattr(tomodachi, "__build_time__", "")
    if not build_time:
        return "local development version"
    until = clock.utcnow() if timestamp is None else _parsed(timestamp)
    seconds = int((until - _parsed(build_time)).total_seconds())
    return f"released {_in_words(max(0, seconds))}"


def _in_words(seconds: int) -> str:
    for unit, size in _UNITS:
        count = seconds // size
        if count >= _AT_LEAST.get(unit, 1):
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _parsed(value: str | float) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    found = datetime.fromisoformat(value)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
