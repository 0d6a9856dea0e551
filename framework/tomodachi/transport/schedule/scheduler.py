"""The schedule transport as the invoker knows it: registers functions, runs their loops."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.helpers.execution_context import (
    decrease_execution_context_value,
    increase_execution_context_value,
    set_execution_context,
)
from tomodachi.helpers.handler_entries import HandlerEntry, add_entry
from tomodachi.invoker import Invoker, lifecycle
from tomodachi.transport.handler_arguments import HandlerArguments
from tomodachi.transport.repeated_binding import RepeatedBinding
from tomodachi.transport.schedule.interval import NEVER_S, next_due_at, timing_of
from tomodachi.transport.schedule.loop import ScheduledFunction, ScheduleLoop
from tomodachi.transport.schedule.timezone import zone_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    StartFunction = Callable[[], Awaitable[None]]

_KEY = "_schedule_loops"
# Where services and their tools find (interval, timestamp, timezone, immediately, function, call).
_FUNCTIONS = "_schedule_scheduled_functions"
_COUNTER = "scheduled_functions"
# How long `_started_service` may take before somebody is told what the schedules wait for.
WARN_AFTER_S, ERROR_AFTER_S = 10.0, 120.0


class Scheduler(Invoker):
    """Registers the scheduled functions of a service."""

    @classmethod
    async def schedule_handler(
        cls,
        obj: object,
        context: dict[str, Any],
        func: Callable[..., Any],
        interval: str | int | None = None,
        timestamp: str | None = None,
        timezone: str | None = None,
        immediately: bool = False,  # noqa: FBT001 - the decorator's own argument
    ) -> StartFunction | None:
        """Register a function (`@tomodachi.schedule`).

        Raises:
            ScheduleError: the interval, timestamp or time zone can't be understood.
        """
        timing, zone = timing_of(interval, timestamp), zone_of(timezone)
        # A time zone without rules for the time in question fails here, at the start.
        next_due_at(timing, clock.now(), zone)
        function = ScheduledFunction(
            service=obj,
            name=func.__name__,
            task_name=f"{type(obj).__name__}.{func.__name__}",
            call=_caller(obj, func, interval),
            timing=timing,
            zone=zone,
            immediately=bool(immediately),
            count=_count,
        )
        loop = ScheduleLoop(function)
        add_entry(context, HandlerEntry("schedule", function.name, loop.handle))
        as_given = (interval, timestamp, timezone, immediately, func, loop.handle)
        context.setdefault(_FUNCTIONS, []).append(as_given)
        loops: list[ScheduleLoop] | None = context.get(_KEY)
        if loops is not None:
            loops.append(loop)
            return None
        context[_KEY] = loops = [loop]
        return _starter(obj, loops)

    @staticmethod
    def next_call_at(
        current_time: float,
        interval: str | int | None = None,
        timestamp: str | None = None,
        timezone: str | None = None,
    ) -> int:
        """Unix time of the first call after `current_time`; a century on if there is none.

        Raises:
            ScheduleError: the interval, timestamp or time zone can't be understood.
        """
        due = next_due_at(timing_of(interval, timestamp), current_time, zone_of(timezone))
        return int(current_time) + NEVER_S if due is None else due

    @staticmethod
    def get_timezone(timezone: str | None = None) -> str | None:
        """The database's name of a time zone, or of an offset such as `GMT +1`; nothing for local time.

        Raises:
            UnknownTimezoneError: neither.
        """
        return str(zone_of(timezone)) if timezone else timezone


def _starter(service: object, loops: list[ScheduleLoop]) -> StartFunction:
    async def start() -> None:
        set_execution_context(
            {
                f"{_COUNTER}_enabled": True,
                f"{_COUNTER}_current_tasks": 0,
                f"{_COUNTER}_total_tasks": 0,
            }
        )
        reminder = asyncio.create_task(_remind_of_start())

        async def begin() -> None:
            reminder.cancel()
            for loop in loops:
                loop.start()

        async def end() -> None:
            reminder.cancel()
            await asyncio.gather(*(loop.stop() for loop in loops))

        lifecycle.after_started(service, begin)
        lifecycle.before_stop(service, end)

    return start


async def _remind_of_start() -> None:
    logger = logging.get_logger("tomodachi.scheduler")
    await clock.sleep(WARN_AFTER_S)
    text = "scheduled function loop cannot start yet - start waiter not done for {:.0f} seconds"
    logger.warning(text.format(WARN_AFTER_S))
    await clock.sleep(ERROR_AFTER_S - WARN_AFTER_S)
    logger.error(text.format(ERROR_AFTER_S))


def _caller(
    service: object, func: Callable[..., Any], interval: str | int | None
) -> Callable[[str], Awaitable[object]]:
    arguments = HandlerArguments.of(func)
    bind_logger = RepeatedBinding(
        {
            "logger": "tomodachi.schedule.handler",
            "handler": func.__name__,
            "type": "tomodachi.schedule",
        }
    )

    async def call(invocation_time: str) -> object:
        bind_logger()
        values = {"invocation_time": invocation_time, "interval": interval}
        args, kwargs = arguments.bind(values)

        async def run() -> object:
            result = func(service, *args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        around = getattr(service, "_schedule_pre_middleware", None)
        if around is None:
            return await run()
        return await around(run, function_name=func.__name__, **values)

    return call


def _count(change: int) -> None:
    if change > 0:
        increase_execution_context_value(f"{_COUNTER}_current_tasks")
        increase_execution_context_value(f"{_COUNTER}_total_tasks")
    else:
        decrease_execution_context_value(f"{_COUNTER}_current_tasks")
