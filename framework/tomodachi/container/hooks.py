"""Runs a service's own lifecycle methods, each with its logger context."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from tomodachi import logging
from tomodachi.helpers.isolation import Isolated

_EVENTS = {
    "_start_service": "lifecycle.setup",
    "_started_service": "lifecycle.initialized",
    "_stopping_service": "lifecycle.interrupt",
    "_stop_service": "lifecycle.teardown",
}


def has_start_hooks(service: Any) -> bool:
    """Whether a service defines a lifecycle method of its start."""
    return any(
        getattr(service, name, None) is not None for name in ("_start_service", "_started_service")
    )


def tell(event: str) -> None:
    """Log a lifecycle event, for those who debug."""
    logging.get_logger("tomodachi.event").debug(f"-> {event}", event_=event)


async def run_hook(service: Any, name: str) -> None:
    """Run a lifecycle method, if the service has it; what it raises is the caller's."""
    hook = getattr(service, name, None)
    if hook is not None:
        await Isolated(_run(hook, name))


async def _run(hook: Any, name: str) -> None:
    logger = logging.get_logger("tomodachi.lifecycle.handler")
    logging.bind_logger(logger.bind(handler=name, type="tomodachi.event", event=_EVENTS[name]))
    await awaited(hook())


async def run_all(service: Any, suffix: str) -> None:
    """Run every method whose name is `_<tool>__<suffix>`; tools that instrument services have them."""
    for method in _methods(service, suffix):
        await awaited(method())


def _methods(service: Any, suffix: str) -> Iterator[Any]:
    # Backwards: the order in which tools know them to run.
    for name in reversed(dir(service)):
        if name.startswith("_") and name.endswith(f"__{suffix}"):
            yield getattr(service, name)


async def awaited(result: Any) -> Any:
    """The value of a call that may have been of a synchronous function."""
    return await result if inspect.isawaitable(result) else result
