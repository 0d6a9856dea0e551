"""Knows which HTTP client pools a service opened, so that a crash drops them as a process's end would.

aiohttp warns of every pool that is collected without having been closed. A crashed service closes
nothing, and that is the point of the test: the harness has to do what the operating system would.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from tomodachi_testkit.owning_loop import OWNER

_owners: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


@contextmanager
def tracked() -> Iterator[None]:
    """Inside, every aiohttp connector that is made is known by its owner."""
    from aiohttp import BaseConnector

    original = BaseConnector.__init__

    def remember(self: BaseConnector, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _owners[self] = OWNER.get()

    BaseConnector.__init__ = remember  # type: ignore[method-assign] # given back below
    try:
        yield
    finally:
        BaseConnector.__init__ = original  # type: ignore[method-assign]


async def drop(owner: str) -> None:
    """Close the pools of `owner`, whose connections are gone already."""
    for connector in [connector for connector, name in _owners.items() if name == owner]:
        await connector.close()
