"""A FIFO queue's messages: strict order within a group, and one receiver of a group at a time.

A group is locked while one of its messages is in flight. A receive drains the oldest open group
before the next. Deduplication is in `deduplication.py`.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from heapq import heappop, heappush

from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_fakes.sqs.store import MessageStore, Usage


class MessageGroup:
    """The messages of one group: how many there are, and which are available, oldest first."""

    __slots__ = ("in_flight", "ready", "size")

    def __init__(self) -> None:
        self.size = 0
        self.in_flight = 0
        self.ready: list[int] = []


class FifoStore(MessageStore):
    """A FIFO queue's messages."""

    def __init__(self, retention_s: float, usage: Usage) -> None:
        super().__init__(retention_s, usage)
        self._groups: dict[str, MessageGroup] = {}
        # Groups that are not locked and have an available message, in the order they became so.
        self._open: OrderedDict[str, None] = OrderedDict()

    def add(self, message: StoredMessage, *, now: float) -> None:
        """Put a new message at the end of its group."""
        group = self._groups.setdefault(_group_of(message), MessageGroup())
        group.size += 1
        super().add(message, now=now)

    def take(self, message: StoredMessage, visible_at: float) -> None:
        """Put a message in flight, which locks its group."""
        group_id = _group_of(message)
        self._groups[group_id].in_flight += 1
        self._open.pop(group_id, None)
        super().take(message, visible_at)

    def candidates(self) -> Iterator[StoredMessage]:
        """Available messages of open groups, one group after the other."""
        while self._open:
            group_id, _ = self._open.popitem(last=False)
            group = self._groups.get(group_id)
            while group is not None and group.ready:
                message = self.messages.get(heappop(group.ready))
                if message is not None:
                    yield message

    def is_locked(self, group_id: str) -> bool:
        """Whether a message of the group is in flight."""
        group = self._groups.get(group_id)
        return group is not None and group.in_flight > 0

    def _offer(self, message: StoredMessage) -> None:
        group_id = _group_of(message)
        group = self._groups[group_id]
        heappush(group.ready, message.seq)
        self._open_if_free(group_id, group)

    def _return(self, message: StoredMessage, before: Visibility) -> None:
        if before is Visibility.IN_FLIGHT:
            self._groups[_group_of(message)].in_flight -= 1
        self._offer(message)

    def _left(self, message: StoredMessage, before: Visibility) -> None:
        group_id = _group_of(message)
        group = self._groups[group_id]
        group.size -= 1
        if before is Visibility.IN_FLIGHT:
            group.in_flight -= 1
        if group.size == 0:
            del self._groups[group_id]
            self._open.pop(group_id, None)
        else:
            self._open_if_free(group_id, group)

    def _open_if_free(self, group_id: str, group: MessageGroup) -> None:
        if group.in_flight == 0 and group.ready and group_id not in self._open:
            self._open[group_id] = None

    def _forget(self) -> None:
        self._groups.clear()
        self._open.clear()


def _group_of(message: StoredMessage) -> str:
    return message.group_id or ""
