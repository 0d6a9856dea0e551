"""Decides when a cron notation is due next.

Up to six fields, `minute hour day month weekday year`; missing ones mean any. Pure: the current time
is handed in. A naive time is taken, and answered, as plain wall time. An aware one is answered in its
own time zone, across changes of the clock as Vixie cron does it:

* a time that the clock skips is due at the moment of the change, once;
* a time that comes twice is due the first time only;
* unless every hour is meant (`30 * * * *`): such a notation follows real time, so that it neither
  gets an extra call when an hour is skipped nor misses any when one is repeated.

A step counts from 0 whatever the field begins with: `*/2` among days means the even ones, `5/20` among
minutes 5, 25 and 45. A range that descends is read backwards. `L` counts for the part of a list that it
stands in; alone as weekday it means the last of each, the last seven days of the month.

Source: https://man7.org/linux/man-pages/man5/crontab.5.html and cron(8), daylight saving time; steps
and `L` as services of the original framework have them.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from tomodachi.errors import TomodachiError

FIRST_YEAR, LAST_YEAR = 1970, 2099
FURTHEST_YEARS = 100
_ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@hourly": "0 * * * *",
    "@minutely": "* * * * *",
}
_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name} | {
    name.lower(): n for n, name in enumerate(calendar.month_name) if name
}
_WEEKDAYS = {name.lower(): (n + 1) % 7 for n, name in enumerate(calendar.day_abbr)} | {
    name.lower(): (n + 1) % 7 for n, name in enumerate(calendar.day_name)
}
_SECOND = timedelta(seconds=1)
_PART = re.compile(r"(?:(\*|\?)|(\w+)(?:-(\w+))?)(?:/(\d+))?")


class CronNotationError(TomodachiError, ValueError):
    """The notation can't be read, or names days that no month has."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: dict[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day", 1, 31, {}),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS),
    _Field("year", FIRST_YEAR, LAST_YEAR, {}),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A notation, read.

    Attributes:
        days: Days of the month, None if any; an empty set with `last_day` means only the last.
        weekdays: 0 is Sunday, None if any.
        last_weekdays: Weekdays of which only the last in the month counts.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int] | None
    last_day: bool
    months: tuple[int, ...]
    weekdays: frozenset[int] | None
    last_weekdays: frozenset[int]
    years: tuple[int, ...]

    @property
    def every_hour(self) -> bool:
        """Whether the notation names no particular hours."""
        return len(self.hours) == 24

    def next_wall_time(self, start: datetime) -> datetime | None:
        """The first due minute at or after the naive `start`; None if there is none."""
        last_year = min(start.year + FURTHEST_YEARS, LAST_YEAR)
        for year in self.years[bisect_left(self.years, start.year) :]:
            if year > last_year:
                return None
            for month in self.months:
                if (year, month) < (start.year, start.month):
                    continue
                found = self._in_month(year, month, start)
                if found is not None:
                    return found
        return None

    def _in_month(self, year: int, month: int, start: datetime) -> datetime | None:
        first = start.day if (year, month) == (start.year, start.month) else 1
        for day in self._days_of(year, month):
            if day < first:
                continue
            if (year, month, day) != (start.year, start.month, start.day):
                return datetime(year, month, day, self.hours[0], self.minutes[0])  # noqa: DTZ001
            time = self._time_at_or_after(start.hour, start.minute)
            if time is not None:
                return datetime(year, month, day, *time)  # noqa: DTZ001 - wall time
        return None

    def _time_at_or_after(self, hour: int, minute: int) -> tuple[int, int] | None:
        at = bisect_left(self.hours, hour)
        if at < len(self.hours) and self.hours[at] == hour:
            index = bisect_left(self.minutes, minute)
            if index < len(self.minutes):
                return hour, self.minutes[index]
            at += 1
        return (self.hours[at], self.minutes[0]) if at < len(self.hours) else None

    def _days_of(self, year: int, month: int) -> list[int]:
        first_weekday, length = calendar.monthrange(year, month)
        sunday_based = (first_weekday + 1) % 7
        if self.days is None and self.weekdays is None:
            return list(range(1, length + 1))
        return [
            day
            for day in range(1, length + 1)
            if self._is_day(day, length) or self._is_weekday(day, length, sunday_based)
        ]

    def _is_day(self, day: int, length: int) -> bool:
        if self.days is None:
            return False
        return day in self.days or (self.last_day and day == length)

    def _is_weekday(self, day: int, length: int, first_weekday: int) -> bool:
        if self.weekdays is None:
            return False
        weekday = (first_weekday + day - 1) % 7
        return weekday in self.weekdays or (weekday in self.last_weekdays and day + 7 > length)


@lru_cache(maxsize=256)
def parse(notation: str) -> Cron:
    """Read a cron notation.

    Raises:
        CronNotationError: it can't be read, or no month has the days it names.
    """
    expanded = _ALIASES.get(notation.strip().lower(), notation)
    parts = expanded.lower().split()
    if not 1 <= len(parts) <= len(_FIELDS) or expanded.startswith("@"):
        raise _invalid(notation, "expected one to six fields")
    parts += ["*"] * (len(_FIELDS) - len(parts))
    minute, hour, day, month, weekday, year = parts
    days, last_day = _days(day, notation)
    weekdays, last_weekdays = _weekdays(weekday, notation)
    cron = Cron(
        minutes=_sorted(minute, _FIELDS[0], notation),
        hours=_sorted(hour, _FIELDS[1], notation),
        days=days,
        last_day=last_day,
        months=_sorted(month, _FIELDS[3], notation),
        weekdays=weekdays,
        last_weekdays=last_weekdays,
        years=_sorted(year, _FIELDS[5], notation),
    )
    _refuse_impossible_days(cron, notation)
    return cron


def get_next_datetime(notation: str, now: datetime) -> datetime | None:
    """The first time that `notation` names and that is not before `now`; None if it is never due.

    Args:
        notation: Cron fields, or an alias such as `@daily`.
        now: Naive for plain wall time; aware for a time zone, in which the answer is given too. A
            fraction of a second does not count.

    Raises:
        CronNotationError: the notation can't be read.
    """
    zone = now.tzinfo
    since = (now if zone is None else now.astimezone(UTC)).replace(microsecond=0) - _SECOND
    return next_after(notation, since if zone is None else since.astimezone(zone))


def next_after(notation: str, now: datetime) -> datetime | None:
    """The first time after `now` that `notation` names; None if there is none within 100 years.

    Args:
        notation: Cron fields, or an alias such as `@daily`.
        now: Naive for plain wall time; aware for a time zone, in which the answer is given too.

    Raises:
        CronNotationError: the notation can't be read.
    """
    cron = parse(notation)
    if now.tzinfo is None:
        return cron.next_wall_time(_next_minute(now))
    zone = _zone_of(now.tzinfo)
    here = now.astimezone(UTC).astimezone(zone)
    return _next_following_hours(cron, here) if cron.every_hour else _next_once(cron, here)


def _next_once(cron: Cron, now: datetime) -> datetime | None:
    zone = now.tzinfo
    wall = cron.next_wall_time(_next_minute(now.replace(tzinfo=None)))
    while wall is not None:
        due = wall.replace(tzinfo=zone, fold=0)
        if not _exists(due):
            return _change_before(due)
        if due.astimezone(UTC) > now.astimezone(UTC):
            return due
        # The wall time is the repeated one of an hour that comes twice: it was due before.
        wall = cron.next_wall_time(_next_minute(wall))
    return None


def _next_following_hours(cron: Cron, now: datetime) -> datetime | None:
    zone = now.tzinfo
    wall = cron.next_wall_time(_next_minute(now.replace(tzinfo=None)))
    while wall is not None and not _exists(wall.replace(tzinfo=zone)):
        wall = cron.next_wall_time(_next_minute(wall))
    if wall is None:
        return None
    due = wall.replace(tzinfo=zone, fold=0)
    if due.astimezone(UTC) <= now.astimezone(UTC):
        due = wall.replace(tzinfo=zone, fold=1)
    repeated = _next_in_repeated_hour(cron, now)
    if repeated is not None and repeated.astimezone(UTC) < due.astimezone(UTC):
        return repeated
    return due


def _next_in_repeated_hour(cron: Cron, now: datetime) -> datetime | None:
    again = now.replace(fold=1)
    before, after = now.utcoffset(), again.utcoffset()
    if now.fold or before is None or after is None or before <= after:
        return None
    change = _first_instant_with(after, now.astimezone(UTC), again.astimezone(UTC), now.tzinfo)
    start = change.astimezone(now.tzinfo).replace(tzinfo=None)
    wall = cron.next_wall_time(start)
    return None if wall is None else wall.replace(tzinfo=now.tzinfo, fold=1)


def _exists(local: datetime) -> bool:
    there = local.astimezone(UTC).astimezone(local.tzinfo)
    return there.replace(tzinfo=None) == local.replace(tzinfo=None)


def _change_before(skipped: datetime) -> datetime:
    late, early = skipped.astimezone(UTC), skipped.replace(fold=1).astimezone(UTC)
    offset = skipped.replace(fold=1).utcoffset() or timedelta()
    return _first_instant_with(offset, early, late, skipped.tzinfo).astimezone(skipped.tzinfo)


def _first_instant_with(
    offset: timedelta, low: datetime, high: datetime, zone: tzinfo | None
) -> datetime:
    low = low.replace(microsecond=0)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def _zone_of(zone: tzinfo) -> tzinfo:
    # pytz zones are bound to one offset; their name leads to the rules.
    name = getattr(zone, "zone", None)
    return ZoneInfo(name) if isinstance(name, str) else zone


def _next_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0, fold=0) + timedelta(minutes=1)


def _days(text: str, notation: str) -> tuple[frozenset[int] | None, bool]:
    if text in ("*", "?"):
        return None, False
    parts = text.split(",")
    rest = [part for part in parts if part != "l"]
    days = frozenset(day for part in rest for day in _values(part, _FIELDS[2], notation))
    return days, len(rest) < len(parts)


def _weekdays(text: str, notation: str) -> tuple[frozenset[int] | None, frozenset[int]]:
    if text in ("*", "?"):
        return None, frozenset()
    every: set[int] = set()
    last: set[int] = set()
    for part in text.split(","):
        is_last = part.startswith("l")
        found = _values(part[1:] or "0-6" if is_last else part, _FIELDS[4], notation)
        (last if is_last else every).update(day % 7 for day in found)
    return frozenset(every), frozenset(last)


def _sorted(text: str, field: _Field, notation: str) -> tuple[int, ...]:
    values = {value for part in text.split(",") for value in _values(part, field, notation)}
    return tuple(sorted(values))


def _values(part: str, field: _Field, notation: str) -> list[int]:
    match = _PART.fullmatch(part)
    step = int(match[4]) if match is not None and match[4] else 1
    if match is None or step < 1:
        raise _invalid(notation, f"'{part}' is no {field.name}")
    low, high, start = field.low, field.high, 0
    if not match[1]:
        start = _number(match[2], field, notation)
        if match[3]:
            low, high = _range(match[2], match[3], field, notation)
        elif not match[4]:
            return [start]
    values = [n for n in range(low, high + 1) if n % step == start % step]
    if not values:
        raise _invalid(notation, f"'{part}' names no {field.name}, its step goes past them all")
    return values


def _range(first: str, last: str, field: _Field, notation: str) -> tuple[int, int]:
    start = _number(first, field, notation)
    end = 7 if last in ("sun", "sunday") else _number(last, field, notation)
    if end < start and first in field.names and field.name == "weekday":
        raise _invalid(notation, f"the range '{first}-{last}' of weekdays must ascend")
    return min(start, end), max(start, end)


def _number(text: str, field: _Field, notation: str) -> int:
    number = field.names.get(text, int(text) if text.isdecimal() else -1)
    if not field.low <= number <= field.high:
        raise _invalid(notation, f"'{text}' is no {field.name}")
    return number


def _refuse_impossible_days(cron: Cron, notation: str) -> None:
    if cron.days is None or cron.last_day or cron.weekdays is not None:
        return
    year = next((year for year in cron.years if calendar.isleap(year)), cron.years[0])
    longest = max(calendar.monthrange(year, month)[1] for month in cron.months)
    if min(cron.days) > longest:
        raise _invalid(notation, "days out of scope, no such month has that many")


def _invalid(notation: str, reason: str) -> CronNotationError:
    return CronNotationError(f"Invalid cron notation: '{notation}': {reason}")
