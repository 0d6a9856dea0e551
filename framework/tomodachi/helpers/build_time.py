"""How long ago a release was built, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from tomodachi.helpers import clock
from tomodachi.version import __build_time__

_DAY_S = 86_400


def get_time_since_build(
    timestamp: str | float | None = None, build_time: str | None = None
) -> str:
    """`released 2 days ago`; "" when there is no build time, as in a checkout.

    Args:
        timestamp: The time to count to, ISO 8601 or Unix seconds; now when left out.
        build_time: The time to count from, ISO 8601; the runtime's own when left out.
    """
    build_time = build_time or __build_time__
    if not build_time:
        return ""
    until = clock.utcnow() if timestamp is None else _parsed(timestamp)
    seconds = int((until - _parsed(build_time)).total_seconds())
    return f"released {_in_words(max(0, seconds))}"


def _in_words(seconds: int) -> str:
    days = seconds // _DAY_S
    if days >= 720:
        return f"over {max(2, days // 365)} years ago"
    if days >= 90:
        return f"{days // 30} months ago"
    for unit, count in (("day", days), ("hour", seconds // 3_600), ("minute", seconds // 60)):
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _parsed(value: str | float) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    found = datetime.fromisoformat(value)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
