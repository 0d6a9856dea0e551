"""The five minutes in which a FIFO queue accepts a message with the same deduplication id only once.

What was accepted is remembered from its send, whatever becomes of the message (deleted, expired),
until the window ends or the queue is purged. With scope `messageGroup` an id counts per group; what
was accepted under scope `queue` keeps counting in every group.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tomodachi_fakes.sqs.limits import DEDUPLICATION_WINDOW_S

Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the first sender was told, and so every later one is."""

    message_id: str
    sequence_number: str


class DeduplicationWindow:
    """Accepted deduplication ids of one queue."""

    __slots__ = ("_accepted", "_ends")

    def __init__(self) -> None:
        self._accepted: dict[Key, Accepted] = {}
        self._ends: deque[tuple[float, Key]] = deque()

    def find(self, group_id: str, deduplication_id: str, *, now: float) -> Accepted | None:
        """The earlier message that this one repeats, or None."""
        self._forget_until(now)
        found = self._accepted.get((None, deduplication_id))
        return found or self._accepted.get((group_id, deduplication_id))

    def accept(
        self, group_id: str | None, deduplication_id: str, accepted: Accepted, *, now: float
    ) -> None:
        """Remember a message; `group_id` None for scope `queue`."""
        key = (group_id, deduplication_id)
        self._accepted[key] = accepted
        self._ends.append((now + DEDUPLICATION_WINDOW_S, key))

    def clear(self) -> None:
        """Forget everything, as a purge does."""
        self._accepted.clear()
        self._ends.clear()

    def _forget_until(self, now: float) -> None:
        while self._ends and self._ends[0][0] <= now:
            _, key = self._ends.popleft()
            del self._accepted[key]
