"""A standard queue's messages: about in order, and fairly among message groups.

Groups take turns; messages without one are one more group. A group that has more than its share in
flight is a noisy neighbour, and waits until no other group has an available message.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Final

from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_fakes.sqs.store import MessageStore, Usage

NOISY_IN_FLIGHT: Final = 30
NOISY_SHARE: Final = 0.1
_SLACK = 64

Line = deque[StoredMessage]


class StandardStore(MessageStore):
    """A standard queue's messages.

    Attributes:
        choose: Picks one of the first messages of a line for a planned reordering; gets the line's
            length and returns an index. None means strictly the first.
    """

    def __init__(self, retention_s: float, usage: Usage) -> None:
        super().__init__(retention_s, usage)
        # Lines of groups, in the order of their turns; a noisy group's is found so, and set aside.
        self._lines: OrderedDict[str | None, Line] = OrderedDict()
        self._noisy: dict[str | None, Line] = {}
        self._in_flight_of: dict[str | None, int] = {}
        self._stale = 0
        self.choose: Callable[[int], int] | None = None

    def take(self, message: StoredMessage, visible_at: float) -> None:
        """Put a message in flight, which counts for its group."""
        super().take(message, visible_at)
        if message.group_id is not None:
            self._count(message.group_id, 1)

    def candidates(self) -> Iterator[StoredMessage]:
        """Available messages, one of each group in turn; those of noisy groups at the end."""
        for group in [group for group in self._noisy if not self._is_noisy(group)]:
            self._lines[group] = self._noisy.pop(group)
        while (turn := self._next_turn()) is not None:
            group, line = turn
            message = self._next(line)
            if line:
                self._lines[group] = line
            if message.state is Visibility.AVAILABLE:
                yield message
            else:
                self._stale -= 1

    def _next_turn(self) -> tuple[str | None, Line] | None:
        while self._lines:
            group, line = self._lines.popitem(last=False)
            if not self._is_noisy(group):
                return group, line
            self._noisy[group] = line
        if not self._noisy:
            return None
        group = min(self._noisy, key=lambda noisy: self._in_flight_of.get(noisy, 0))
        return group, self._noisy.pop(group)

    def _is_noisy(self, group: str | None) -> bool:
        count = self._in_flight_of.get(group, 0)
        return count >= NOISY_IN_FLIGHT and count > NOISY_SHARE * self.in_flight

    def _count(self, group: str, change: int) -> None:
        count = self._in_flight_of.get(group, 0) + change
        if count:
            self._in_flight_of[group] = count
        else:
            del self._in_flight_of[group]

    def _next(self, line: Line) -> StoredMessage:
        if self.choose is None:
            return line.popleft()
        index = self.choose(len(line))
        message = line[index]
        del line[index]
        return message

    def _offer(self, message: StoredMessage) -> None:
        group = message.group_id
        line = self._lines.get(group) or self._noisy.get(group)
        if line is None:
            line = self._lines[group] = deque()
        line.append(message)

    def _return(self, message: StoredMessage, before: Visibility) -> None:
        self._leave_flight(message, before)
        self._offer(message)

    def _left(self, message: StoredMessage, before: Visibility) -> None:
        self._leave_flight(message, before)
        if before is not Visibility.AVAILABLE:
            return
        self._stale += 1
        if self._stale > self.available + _SLACK:
            self._compact()

    def _leave_flight(self, message: StoredMessage, before: Visibility) -> None:
        if before is Visibility.IN_FLIGHT and message.group_id is not None:
            self._count(message.group_id, -1)

    def _compact(self) -> None:
        for lines in (self._lines, self._noisy):
            for group, line in list(lines.items()):
                kept = deque(m for m in line if m.state is Visibility.AVAILABLE)
                if kept:
                    lines[group] = kept
                else:
                    del lines[group]
        self._stale = 0

    def _forget(self) -> None:
        self._lines.clear()
        self._noisy.clear()
        self._in_flight_of.clear()
        self._stale = 0
