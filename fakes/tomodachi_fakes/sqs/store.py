"""Where a queue's messages wait: what both queue types share.

Messages by number, delays, visibility timeouts and retention. In which order available messages are
offered to a receiver is decided in `standard.py` and `fifo.py`. Every step costs O(log n).

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_fakes.sqs.timers import LazyHeap, LazyLine


@dataclass(slots=True)
class Usage:
    """Characters of message bodies that all queues of a service hold together."""

    stored: int = 0


class MessageStore:
    """The messages of one queue.

    Attributes:
        messages: Every message that is in the queue, by number.
        in_flight: How many are in flight.
        delayed: How many are delayed.
        retention_s: Seconds after which a message expires.
    """

    def __init__(self, retention_s: float, usage: Usage) -> None:
        self._usage = usage
        self.messages: dict[int, StoredMessage] = {}
        self.in_flight = 0
        self.delayed = 0
        self.retention_s = retention_s
        self._hidden = LazyHeap(self._is_hidden_until)
        self._arrivals = LazyLine(self._is_here)

    def _is_hidden_until(self, at: float, seq: int) -> bool:
        message = self.messages.get(seq)
        return (
            message is not None
            and message.visible_at == at
            and message.state is not Visibility.AVAILABLE
        )

    def _is_here(self, at: float, seq: int) -> bool:
        message = self.messages.get(seq)
        return message is not None and message.sent_at == at

    @property
    def available(self) -> int:
        """How many messages could be received (in a FIFO queue, some may be locked)."""
        return len(self.messages) - self.in_flight - self.delayed

    def add(self, message: StoredMessage, *, now: float) -> None:
        """Put a new message in; it is delayed when `visible_at` lies after `now`."""
        self.messages[message.seq] = message
        self._usage.stored += len(message.body)
        self._arrivals.push(message.sent_at, message.seq, len(self.messages))
        if message.visible_at > now:
            message.state = Visibility.DELAYED
            self.delayed += 1
            self._hide(message)
        else:
            message.state = Visibility.AVAILABLE
            self._offer(message)

    def take(self, message: StoredMessage, visible_at: float) -> None:
        """Put a message that `candidates` offered in flight until `visible_at`."""
        message.state = Visibility.IN_FLIGHT
        message.visible_at = visible_at
        self.in_flight += 1
        self._hide(message)

    def hide_until(self, message: StoredMessage, visible_at: float) -> None:
        """Move the deadline of a delayed or in-flight message."""
        message.visible_at = visible_at
        self._hide(message)

    def remove(self, message: StoredMessage) -> None:
        """Take a message out, whatever its state."""
        state = message.state
        message.state = Visibility.GONE
        del self.messages[message.seq]
        self._usage.stored -= len(message.body)
        if state is Visibility.IN_FLIGHT:
            self.in_flight -= 1
        elif state is Visibility.DELAYED:
            self.delayed -= 1
        self._left(message, state)

    def clear(self) -> None:
        """Take every message out."""
        for message in self.messages.values():
            message.state = Visibility.GONE
            self._usage.stored -= len(message.body)
        self.messages.clear()
        self.in_flight = self.delayed = 0
        self._hidden.clear()
        self._arrivals.clear()
        self._forget()

    def reveal_due(self, now: float) -> Iterator[tuple[StoredMessage, Visibility]]:
        """Make what is due by `now` available; yields each message with its state before."""
        for seq in self._hidden.due(now):
            message = self.messages[seq]
            before = message.state
            if before is Visibility.IN_FLIGHT:
                self.in_flight -= 1
            else:
                self.delayed -= 1
            message.state = Visibility.AVAILABLE
            self._return(message, before)
            yield message, before

    def expired(self, now: float) -> Iterator[StoredMessage]:
        """Messages whose retention ends by `now`; the caller removes each."""
        for seq in self._arrivals.due(now, self.retention_s):
            yield self.messages[seq]

    def next_deadline(self) -> float | None:
        """When the next message is revealed or expires."""
        revealed = self._hidden.head()
        arrived = self._arrivals.head()
        if arrived is None:
            return revealed
        expires = arrived + self.retention_s
        return expires if revealed is None or expires < revealed else revealed

    def candidates(self) -> Iterator[StoredMessage]:
        """Available messages in the order to receive them.

        The caller takes or removes each before it asks for the next.
        """
        raise NotImplementedError

    def _hide(self, message: StoredMessage) -> None:
        self._hidden.push(message.visible_at, message.seq, self.in_flight + self.delayed)

    def _offer(self, message: StoredMessage) -> None:
        raise NotImplementedError

    def _return(self, message: StoredMessage, before: Visibility) -> None:
        raise NotImplementedError

    def _left(self, message: StoredMessage, before: Visibility) -> None:
        raise NotImplementedError

    def _forget(self) -> None:
        raise NotImplementedError
