"""Decides when a schedule is due next, from its interval, its timestamp and its time zone.

Pure: the current time is handed in. Time zones' names are read in `timezone.py`, waiting and calling
is left to `loop.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from tomodachi.helpers import crontab
from tomodachi.transport.schedule.errors import InvalidIntervalError, InvalidTimestampError

NEVER_S = 100 * 365 * 24 * 3600
_SECONDS = re.compile(r"(\d+)\s*(?:s|sec|secs|second|seconds)", re.IGNORECASE)
_DATE_TIME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?")
_EVERY_SECOND = 1


@dataclass(frozen=True, slots=True)
class Every:
    """Due so many whole seconds after the previous call."""

    seconds: int


@dataclass(frozen=True, slots=True)
class AtCron:
    """Due at the minutes of a cron notation, so many seconds into them."""

    notation: str
    second: int = 0


@dataclass(frozen=True, slots=True)
class Once:
    """Due at one wall time."""

    wall_time: datetime


@dataclass(frozen=True, slots=True)
class Never:
    """Not due by the clock."""


Timing = Every | AtCron | Once | Never


def _alias_table() -> dict[str, int | str]:
    table: dict[str, int | str] = {}
    units: dict[int | str, tuple[str, str, str]] = {
        _EVERY_SECOND: ("second", "secondly", "1s"),
        "* * * * *": ("minute", "minutely", "1m"),
        "0 * * * *": ("hour", "hourly", "1h"),
        "0 0 * * *": ("day", "daily", "1d"),
        "0 0 1 * *": ("month", "monthly", "1month"),
        "0 0 1 1 *": ("year", "yearly", "1y"),
        "0 0 * * 1": ("week", "weekly", "1w"),
    }
    for timing, (unit, adverb, short) in units.items():
        phrases = [unit, adverb, f"every {short}"]
        phrases += [f"{how} {unit}" for how in ("every", "once per", "once a")]
        counts = (f"1{unit}", f"1 {unit}", short, f"1 {short[1:]}")
        table.update(dict.fromkeys((*phrases, *counts), timing))
    table.update(dict.fromkeys(("1min", "every minutes"), "* * * * *"))
    table.update(dict.fromkeys(("nightly", "every night", "night", "once per night"), "0 0 * * *"))
    table.update(dict.fromkeys(("annually", "every annum"), "0 0 1 1 *"))
    days = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    groups = {name: str(number) for number, name in enumerate(days)}
    groups |= {"weekday": "1-5", "weekend": "0,6"}
    for name, weekdays in groups.items():
        words = (name,) if name.startswith("week") else (name, name[:3])
        for word in words:
            forms = (word, f"{word}s", f"every {word}", f"once per {word}", f"once every {word}")
            table.update(dict.fromkeys(forms, f"0 0 * * {weekdays}"))
    return table


_ALIASES = _alias_table()


def timing_of(interval: int | str | None, timestamp: str | None) -> Timing:
    """Read a schedule's arguments; the interval counts if both are given.

    Raises:
        InvalidIntervalError: the interval is no number of seconds, alias or cron notation.
        InvalidTimestampError: the timestamp is neither a date with a time nor a time of day.
    """
    if interval is not None and interval != "":
        return _timing_of_interval(interval)
    return Never() if timestamp is None else _timing_of_timestamp(timestamp)


def _timing_of_interval(interval: int | str) -> Timing:
    if isinstance(interval, str):
        text = " ".join(interval.lower().split())
        seconds = _SECONDS.fullmatch(text)
        alias = _ALIASES.get(text, text)
        if seconds is None and isinstance(alias, str):
            return _timing_of_cron(interval, alias)
        return _every(interval, int(seconds[1]) if seconds else int(alias))
    if isinstance(interval, bool) or not isinstance(interval, int | float):
        raise InvalidIntervalError(interval)
    return _every(interval, int(interval))


def _every(given: int | str, seconds: int) -> Timing:
    if seconds < 1:
        raise InvalidIntervalError(given, "the shortest interval is one second")
    return Every(seconds)


def _timing_of_cron(interval: str, notation: str) -> Timing:
    try:
        crontab.parse(notation)
    except crontab.CronNotationError as error:
        raise InvalidIntervalError(interval, str(error)) from error
    return AtCron(notation)


def _timing_of_timestamp(timestamp: object) -> Timing:
    if not isinstance(timestamp, str):
        raise InvalidTimestampError(timestamp)
    date_time, time = _DATE_TIME.fullmatch(timestamp), _TIME.fullmatch(timestamp)
    try:
        if date_time is not None:
            numbers = [int(number or 0) for number in date_time.groups()]
            return Once(datetime(*numbers))  # type: ignore[arg-type] # noqa: DTZ001 - wall time
        if time is not None:
            hour, minute, second = (int(number or 0) for number in time.groups())
            datetime(2000, 1, 1, hour, minute, second)  # noqa: DTZ001 - only to check its range
            return AtCron(f"{minute} {hour} * * *", second)
    except ValueError as error:
        raise InvalidTimestampError(timestamp) from error
    raise InvalidTimestampError(timestamp)


def next_due_at(timing: Timing, now: float, zone: tzinfo) -> int | None:
    """Unix time of the first due second after `now`; None if there is none."""
    match timing:
        case Every(seconds):
            return int(now) + seconds
        case AtCron():
            return _next_cron(timing, now, zone)
        case Once(wall_time):
            due = int(wall_time.replace(tzinfo=zone).timestamp())
            return due if due > int(now) else None
        case Never():
            return None


def _next_cron(timing: AtCron, now: float, zone: tzinfo) -> int | None:
    # The minute that `now` is in may be due with its later seconds.
    since = datetime.fromtimestamp(int(now), UTC) - timedelta(seconds=timing.second)
    due = crontab.next_after(timing.notation, since.astimezone(zone))
    return None if due is None else int(due.timestamp()) + timing.second
