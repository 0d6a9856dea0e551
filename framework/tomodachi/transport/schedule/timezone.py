"""Decides which time zone a schedule's `timezone` means.

Source of the names: the IANA database, https://www.iana.org/time-zones
"""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tzlocal

from tomodachi.transport.schedule.errors import UnknownTimezoneError

_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_NO_OFFSET = ("00:00", "0000")
_FURTHEST_HOURS = 12


def zone_of(name: str | None) -> tzinfo:
    """The time zone of a name, or of an offset such as `+01:00` or `GMT +1`; local if none is given.

    Raises:
        UnknownTimezoneError: neither.
    """
    if not name:
        return tzlocal.get_localzone()
    zone = _offset_zone(name.strip()) or _named_zone(name.strip())
    if zone is None:
        raise UnknownTimezoneError(name)
    return zone


def _offset_zone(text: str) -> tzinfo | None:
    match = _OFFSET.fullmatch(f"+{text}" if text in _NO_OFFSET else text)
    if match is None:
        return None
    sign = 1 if match[1] == "+" else -1
    hours, minutes = int(match[2]), int(match[3] or 0)
    if hours > _FURTHEST_HOURS or minutes > 59:
        return None
    if minutes:
        return timezone(sign * timedelta(hours=hours, minutes=minutes))
    # The database's signs are POSIX's: west is positive.
    return ZoneInfo(f"Etc/GMT{'-' if sign > 0 else '+'}{hours}" if hours else "GMT0")


def _named_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    spelled = {zone.lower(): zone for zone in available_timezones()}.get(name.lower())
    return ZoneInfo(spelled) if spelled else None
