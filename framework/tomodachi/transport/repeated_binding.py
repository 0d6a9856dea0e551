"""Puts the same logger in force again and again, cheaply: once a request, once a message.

What binding a logger sets depends only on what is bound already. So the first binding is watched, and
as long as later ones begin from the same values, they only set what it set.
"""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any

from tomodachi import logging

if TYPE_CHECKING:
    from collections.abc import Mapping


class RepeatedBinding:
    """`logging.bind_logger(values)`, in this task, each time it is called.

    Args:
        values: The logger's name under `logger`, and what it says besides.
    """

    __slots__ = ("_changes", "_values")

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        # (variable, its value before, its value after); the values are the variables' own business
        self._changes: list[tuple[ContextVar[Any], Any, Any]] = []

    def __call__(self) -> None:
        """Bind."""
        changes = self._changes
        for variable, before, _ in changes:
            if variable.get(None) is not before:
                break
        else:
            if changes:
                for variable, _, after in changes:
                    variable.set(after)
                return
        self._bind_and_watch()

    def _bind_and_watch(self) -> None:
        before = copy_context()
        logging.bind_logger(self._values)
        after = copy_context()
        self._changes = [
            (variable, before.get(variable), value)
            for variable, value in after.items()
            if before.get(variable) is not value
        ]
