"""The decorators of scheduled functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tomodachi.transport.schedule.scheduler import Scheduler


def _named(
    interval: str | int,
) -> Callable[..., Awaitable[Callable[[], Awaitable[None]] | None]]:
    async def handler(
        obj: object,
        context: dict[str, Any],
        func: Callable[..., Any],
        timezone: str | None = None,
        immediately: bool = False,  # noqa: FBT001 - the decorator's own argument
    ) -> Callable[[], Awaitable[None]] | None:
        return await Scheduler.schedule_handler(
            obj, context, func, interval, timezone=timezone, immediately=immediately
        )

    return handler


schedule = Scheduler.decorator(Scheduler.schedule_handler)
"""`@schedule(interval=None, timestamp=None, timezone=None, immediately=False)`: call a method at its
times. `interval` is a number of seconds, a name such as "every hour" or a cron notation; `timestamp` is
`YYYY-MM-DD HH:MM[:SS]` (once) or `HH:MM[:SS]` (daily). The method may ask for `invocation_time`
(ISO 8601, UTC) and `interval` by naming them.
"""

scheduler = schedule

every_second = Scheduler.decorator(_named(1))
"""`@every_second`: call a method every second."""

heartbeat = every_second

minutely = Scheduler.decorator(_named("minutely"))
"""`@minutely`: call a method when a minute begins."""

hourly = Scheduler.decorator(_named("hourly"))
"""`@hourly`: call a method when an hour begins."""

daily = Scheduler.decorator(_named("daily"))
"""`@daily`: call a method when a day begins, in `timezone` or local time."""

monthly = Scheduler.decorator(_named("monthly"))
"""`@monthly`: call a method when a month begins, in `timezone` or local time."""
