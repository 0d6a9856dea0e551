"""The events of a session's clients: whether anybody but botocore itself listens to them.

Who does may look at, change or answer every request; who makes requests without botocore's events has
to know that nobody would notice. Monitoring tools register their handlers when a client is made, tests
and users afterwards, so that every registration is looked at.

Source: https://docs.aws.amazon.com/boto3/latest/guide/events.html
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, ClassVar

from aiobotocore.hooks import AioHierarchicalEmitter
from botocore.hooks import EventAliaser

LIBRARIES = ("botocore", "aiobotocore")
# A stubbed client answers in place of AWS.
_STUBBERS = ("botocore.stub", "aiobotocore.stub")


class Listeners:
    """The handlers of a session's clients that are not the library's own.

    Attributes:
        others: How many there have been; one that is taken away again still counts.
    """

    def __init__(self, others: int = 0) -> None:
        self.others = others

    def add(self, handler: Callable[..., Any]) -> None:
        """Take note of a registration."""
        self.others += not is_own(handler)


class WatchedEmitter(AioHierarchicalEmitter):
    """botocore's emitter; all clients of a session have copies of it, with the same `listeners`."""

    def __init__(self) -> None:
        super().__init__()
        self.listeners = Listeners()

    def for_new_session(self) -> WatchedEmitter:
        """A copy whose later registrations are counted apart from this one's."""
        emitter = copy.copy(self)
        emitter.listeners = Listeners(self.listeners.others)
        return emitter

    def register(self, event_name: str, handler: Callable[..., Any], *args: Any, **kw: Any) -> None:
        """As the base class does."""
        self.listeners.add(handler)
        super().register(event_name, handler, *args, **kw)

    def register_first(
        self, event_name: str, handler: Callable[..., Any], *args: Any, **kw: Any
    ) -> None:
        """As the base class does."""
        self.listeners.add(handler)
        super().register_first(event_name, handler, *args, **kw)

    def register_last(
        self, event_name: str, handler: Callable[..., Any], *args: Any, **kw: Any
    ) -> None:
        """As the base class does."""
        self.listeners.add(handler)
        super().register_last(event_name, handler, *args, **kw)


class SharedAliaser(EventAliaser):
    """botocore's translation of old event names, whose results all clients of the process share.

    The names are the same for every session, and a look-up goes through all services that were ever
    renamed. botocore keeps results per client, which a client that has just been made does not have.
    """

    _results: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._alias_name_cache = self._results


def unnoticed(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a handler of ours that only speeds botocore up, and need not be called."""
    handler.unnoticed = True  # type: ignore[attr-defined]  # a function takes attributes
    return handler


def is_own(handler: Callable[..., Any]) -> bool:
    """Whether a handler belongs to botocore or aiobotocore, or is marked `unnoticed`."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    if getattr(handler, "unnoticed", False):
        return True
    module = getattr(handler, "__module__", None) or type(handler).__module__
    return module.partition(".")[0] in LIBRARIES and module not in _STUBBERS
