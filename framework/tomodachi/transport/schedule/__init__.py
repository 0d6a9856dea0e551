"""Schedules: handlers called by the clock.

When a function is due is decided by `interval.py`, waiting and calling is in `loop.py`.
"""

from __future__ import annotations

from tomodachi.transport.schedule.decorators import (
    daily,
    every_second,
    heartbeat,
    hourly,
    minutely,
    monthly,
    schedule,
    scheduler,
)
from tomodachi.transport.schedule.errors import (
    InvalidIntervalError,
    InvalidTimestampError,
    ScheduleError,
    UnknownTimezoneError,
)
from tomodachi.transport.schedule.scheduler import Scheduler

__all__ = [
    "InvalidIntervalError",
    "InvalidTimestampError",
    "ScheduleError",
    "Scheduler",
    "UnknownTimezoneError",
    "daily",
    "every_second",
    "heartbeat",
    "hourly",
    "minutely",
    "monthly",
    "schedule",
    "scheduler",
]
