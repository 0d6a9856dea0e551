"""Facts about the running process: versions, the event loop, counters of running handlers.

One dict a process, as its readers (metrics, diagnostics) want a process's numbers; what belongs to a
single service lives in the service's own `context`. The register of services is reached from here
too, as in the original framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tomodachi.errors import TomodachiError
from tomodachi.services.registry import (
    clear_services,
    get_service,
    get_services,
    set_service,
    unset_service,
)

__all__ = [
    "NotACounterError",
    "clear_execution_context",
    "clear_services",
    "decrease_execution_context_value",
    "get_execution_context",
    "get_instance",
    "get_service",
    "get_services",
    "increase_execution_context_value",
    "set_execution_context",
    "set_service",
    "unset_service",
]

get_instance = get_service
_values: dict[str, Any] = {}


class NotACounterError(TomodachiError, TypeError):
    """A value of the execution context was to be counted up or down, and is no integer."""

    def __init__(self, key: str, value: object) -> None:
        super().__init__(
            f"execution context value '{key}' is {value!r}, not an integer to count with."
        )


def get_execution_context() -> dict[str, Any]:
    """The dict itself, not a copy: what is read from it stays current."""
    return _values


def set_execution_context(values: Mapping[str, Any]) -> None:
    """Add `values` to the execution context, replacing those of the same key."""
    _values.update(values)


def clear_execution_context() -> None:
    """Forget everything."""
    _values.clear()


def increase_execution_context_value(key: str, value: int = 1) -> int:
    """Count up, and return the new count; a missing key counts from 0.

    Raises:
        NotACounterError: the value is no integer.
    """
    count = _values.get(key, 0)
    if not isinstance(count, int):
        raise NotACounterError(key, count)
    _values[key] = count = count + value
    return count


def decrease_execution_context_value(key: str, value: int = 1) -> int:
    """Count down, and return the new count; a missing key counts from 0.

    Raises:
        NotACounterError: the value is no integer.
    """
    return increase_execution_context_value(key, -value)
