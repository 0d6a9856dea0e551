"""What is wrong with a schedule; raised when its service starts."""

from __future__ import annotations

from tomodachi.errors import TomodachiError


class ScheduleError(TomodachiError):
    """A schedule's arguments can't be understood."""


class InvalidIntervalError(ScheduleError, ValueError):
    """The interval is no number of seconds, alias or cron notation."""

    def __init__(self, interval: object, reason: str = "") -> None:
        expected = reason or "give seconds, an alias such as 'every hour', or a cron notation"
        super().__init__(f"Invalid interval: {interval!r} ({expected})")


class InvalidTimestampError(ScheduleError, ValueError):
    """The timestamp is neither a date with a time nor a time of day."""

    def __init__(self, timestamp: object) -> None:
        super().__init__(
            f"Invalid timestamp: {timestamp!r} (expected 'YYYY-MM-DD HH:MM[:SS]' or 'HH:MM[:SS]')"
        )


class UnknownTimezoneError(ScheduleError, ValueError):
    """No such time zone."""

    def __init__(self, name: object) -> None:
        super().__init__(
            f"Unknown timezone: {name} (expected a name such as 'Europe/Stockholm', or an offset "
            "such as '+01:00')"
        )
