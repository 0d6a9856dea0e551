"""Schedules: when an interval or a timestamp is next due after a time, in a time zone."""

from __future__ import annotations

import random
from typing import Any

from tomodachi.transport.schedule import Scheduler

_INTERVALS: tuple[Any, ...] = (
    *("second", "every second", "secondly", "every minute", "minutely", "hourly", "1 hour"),
    *(
        "daily",
        "day",
        "weekly",
        "monthly",
        "every month",
        "yearly",
        "monday",
        "weekday",
        "weekends",
    ),
    *(
        "30s",
        "10 minutes",
        "2 hours",
        "1h 30m",
        "3 days",
        "every 15 seconds",
        "nonsense",
        "5 parsecs",
    ),
    *(1, 2, 7, 30, 60, 3600, 86400, None),
)
_CRONS = ("*/5 * * * *", "0 3 * * *", "30 8 * * 1-5", "0 0 1 * *", "0 12 L * *", "@daily", "* *")
_TIMESTAMPS = (
    "00:00",
    "12:30",
    "23:59:59",
    "2024-02-29 12:00",
    "2030-01-01 00:00:30",
    "25:00",
    "x",
)
_ZONES = (None, None, "UTC", "Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Mars/Base")
_OFFSETS = ("+01:00", "GMT+1", "+0200", "-05:00")
# Days without a change of the clock in any of the zones; those are row 21.
_FIRST_DAYS = (1704067200, 1719792000, 1733011200, 1767225600)


def generate(dice: random.Random) -> dict[str, Any]:
    """An interval or a timestamp, a zone and a time."""
    case: dict[str, Any] = {"now": dice.choice(_FIRST_DAYS) + dice.randrange(25 * 86400)}
    if dice.random() < 0.25:
        case["timestamp"] = dice.choice(_TIMESTAMPS)
    else:
        case["interval"] = dice.choice(_CRONS if dice.random() < 0.3 else _INTERVALS)
    case["timezone"] = dice.choice(_OFFSETS if dice.random() < 0.1 else _ZONES)
    return case


async def answer(case: dict[str, Any]) -> Any:
    """The second since the epoch in which it is due."""
    return Scheduler.next_call_at(
        case["now"], case.get("interval"), case.get("timestamp"), case.get("timezone")
    )
