"""Deduplication on FIFO topics: a repeated id within five minutes is accepted and not delivered.

The repeat gets the message id and sequence number of the first. `FifoThroughputScope` says whether
ids are compared across the topic or within a message group.

Source: https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

WINDOW_S = 300.0

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the first message with an id was answered."""

    message_id: str
    sequence_number: str
    at: float


@dataclass(slots=True)
class DeduplicationWindow:
    """Ids of the last five minutes, oldest first. The group in a key is "" for topic scope."""

    _accepted: OrderedDict[Key, Accepted] = field(default_factory=OrderedDict)

    def find(self, key: Key, *, now: float) -> Accepted | None:
        """The first message with this id, if it is less than five minutes old."""
        self._forget(now)
        return self._accepted.get(key)

    def remember(self, key: Key, accepted: Accepted) -> None:
        """Note a message that was published just now."""
        self._accepted[key] = accepted

    def _forget(self, now: float) -> None:
        while self._accepted:
            key, accepted = next(iter(self._accepted.items()))
            if now - accepted.at < WINDOW_S:
                return
            del self._accepted[key]
