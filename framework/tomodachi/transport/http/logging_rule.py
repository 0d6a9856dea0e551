"""Decides which responses of a route are left out of the access log."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple


class LoggingRule(NamedTuple):
    """Which of a route's responses are left out of the access log (`ignore_logging`).

    A server error is logged even where everything else is ignored.
    """

    everything: bool = False
    statuses: frozenset[int] = frozenset()

    @classmethod
    def of(cls, ignore_logging: bool | Collection[int]) -> LoggingRule:  # noqa: FBT001 - the decorator's own argument
        """From a decorator's argument.

        Raises:
            TypeError: neither a bool nor a collection of statuses.
        """
        if isinstance(ignore_logging, bool):
            return cls(everything=ignore_logging)
        if not isinstance(ignore_logging, list | tuple | set | frozenset):
            msg = f"ignore_logging is True, False or a list of statuses: got {ignore_logging!r}"
            raise TypeError(msg)
        return cls(statuses=frozenset(int(status) for status in ignore_logging))

    def ignores(self, status: int) -> bool:
        """Whether a response with `status` gets no line."""
        return status in self.statuses or (self.everything and status != 500)


LOG_ALL = LoggingRule()
