"""How transports take part in a service's life: after it has started, before and after it stops.

The hooks are put round the service's own `_started_service` and `_stop_service`, on the instance, which
is also what third-party transports do by hand: both ways mix, and whoever comes last is outermost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Callback = Callable[[], Awaitable[Any]]
_AFTER_STOPPED = "_tomodachi_after_stopped"
_HAS_STOPPED = "_tomodachi_has_stopped"
_IS_TO_STOP = "_tomodachi_is_to_stop"


def after_started(service: Any, callback: Callback) -> None:
    """Await `callback` once the user's `_started_service` has returned; not if it raised.

    Consumers, schedules and receive loops begin here; not if the service has been asked to stop by
    then. An exception in a callback fails the start.
    """
    inner: Callback | None = getattr(service, "_started_service", None)

    async def started() -> None:
        if inner is not None:
            await inner()
        if not getattr(service, _IS_TO_STOP, False):
            await callback()

    service._started_service = started


def ask_to_stop(service: Any) -> None:
    """What waits for the start of `service` does not begin any more."""
    service.__dict__[_IS_TO_STOP] = True


def before_stop(service: Any, callback: Callback) -> None:
    """Await `callback` before the user's `_stop_service`, and before callbacks registered earlier.

    An exception in it is logged, and keeps neither the others nor the user's hook from running.
    """
    inner: Callback | None = getattr(service, "_stop_service", None)

    async def stop() -> None:
        await _logged(callback)
        if inner is not None:
            await inner()

    service._stop_service = stop


def after_stopped(service: Any, callback: Callback) -> None:
    """Await `callback` once the user's `_stop_service` is over, whatever it raised.

    The hook itself may be the first to need what the callback closes, so that it may be registered
    as late as that; `run_after_stopped` is for whoever calls the hook. An exception is logged.
    """
    pending: list[Callback] | None = service.__dict__.get(_AFTER_STOPPED)
    if pending is not None:
        pending.append(callback)
        return
    service.__dict__[_AFTER_STOPPED] = [callback]
    inner: Callback | None = getattr(service, "_stop_service", None)

    async def stop() -> None:
        try:
            if inner is not None:
                await inner()
        finally:
            await run_after_stopped(service)

    service._stop_service = stop


def has_stopped(service: Any) -> bool:
    """Whether what `after_stopped` registers from now on is never run."""
    return bool(getattr(service, _HAS_STOPPED, False))


async def run_after_stopped(service: Any) -> None:
    """Run what `after_stopped` registered and has not run yet."""
    service.__dict__[_HAS_STOPPED] = True
    pending: list[Callback] = service.__dict__.get(_AFTER_STOPPED, [])
    while pending:
        await _logged(pending.pop(0))


async def _logged(callback: Callback) -> None:
    try:
        await callback()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        _log_failure(callback)
    except Exception:  # noqa: BLE001 - whatever a transport raises, the service still has to stop
        _log_failure(callback)


def _log_failure(callback: Callback) -> None:
    from tomodachi import logging

    name = getattr(callback, "__qualname__", repr(callback))
    logging.get_logger("tomodachi.lifecycle").exception("transport failed to stop", callback=name)
