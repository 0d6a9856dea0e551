"""Which items have a key, so that finding them does not cost more the more there are.

Two items may come to share a key: a device can be given another's token, and the message of an
Unsubscribe restores a subscription whose endpoint is subscribed anew. The first one is found then, and
the other once that one has gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K")


@dataclass(slots=True)
class Index(Generic[K]):
    """ARNs by key, those of one key in the order in which they took it."""

    _holders: dict[K, dict[str, None]] = field(default_factory=dict)

    def add(self, key: K, arn: str) -> None:
        """Let the item have the key."""
        self._holders.setdefault(key, {})[arn] = None

    def remove(self, key: K, arn: str) -> None:
        """Take the key from an item that has it."""
        holders = self._holders[key]
        del holders[arn]
        if not holders:
            del self._holders[key]

    def first(self, key: K) -> str | None:
        """The ARN of the first item that has the key, or None."""
        return next(iter(self._holders.get(key, ())), None)
