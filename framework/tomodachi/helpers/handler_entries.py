"""Where transports leave the way into each handler, for tools that call one without its broker.

A transport adds an entry for each handler of a started service: what hands a message to the handler,
through envelope, middlewares and keyword arguments, as if it had just been received. Nothing in the
runtime uses entries; the testkit's `Running.call` does. Kept in the service's own context.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

_KEY = "_handler_entries"


class HandlerEntry(NamedTuple):
    """The way into one handler.

    Attributes:
        transport: As in `HandlerCall.transport`.
        name: The method's name.
        deliver: Handles one message to the end, in the transport's own form of a received message;
            None where calls come over a connection only (HTTP).
        detail: What a caller has to know to make such a message (queue, binding key, method, pattern).
    """

    transport: str
    name: str
    # Every transport's received message is of a type of its own.
    deliver: Callable[..., Awaitable[object]] | None = None
    detail: Mapping[str, Any] = MappingProxyType({})


def add_entry(context: dict[str, Any], entry: HandlerEntry) -> None:
    """Make a handler known to tools."""
    context.setdefault(_KEY, []).append(entry)


def entries_of(context: Mapping[str, Any]) -> list[HandlerEntry]:
    """The handlers of a started service, in the order they were added."""
    return list(context.get(_KEY, ()))
