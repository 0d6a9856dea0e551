"""A queue of RabbitMQ, as a test sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import plain_table
from tomodachi_testkit.messages import MessageList

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.message import Entry
    from tomodachi_fakes.amqp.model.queue import Queue as CoreQueue
    from tomodachi_testkit.views.amqp import FakeAMQP


class AmqpQueue:
    """One queue, to look at.

    Attributes:
        core: The broker's own queue.
    """

    def __init__(self, amqp: FakeAMQP, core: CoreQueue) -> None:
        self._amqp = amqp
        self.core = core

    def __repr__(self) -> str:
        counts = f"{len(self.core.ready)} ready, {len(self.core.unacked)} unacked"
        return f"<AmqpQueue {self.name}: {counts}>"

    @property
    def name(self) -> str:
        """The full name."""
        return self.core.name

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments it was declared with (`x-expires`, `x-message-ttl`, ...)."""
        return plain_table(self.core.arguments)

    @property
    def consumers(self) -> int:
        """How many consumers it has."""
        return len(self.core.consumers)

    @property
    def ready(self) -> MessageList:
        """Messages that wait for a consumer, next one first."""
        return self._list(iter(self.core.ready), "ready messages")

    @property
    def unacked(self) -> MessageList:
        """Messages delivered and not settled, oldest first."""
        entries = (entry for _, entry in sorted(self.core.unacked.items()))
        return self._list(entries, "unacknowledged messages")

    @property
    def acked(self) -> MessageList:
        """What consumers acknowledged, in the order they did."""
        return self._amqp.acked(self.core)

    def _list(self, entries: Iterator[Entry], what: str) -> MessageList:
        found = [
            self._amqp.message(entry.message, queue=self.name, entry=entry) for entry in entries
        ]
        return MessageList(found, f"{what} of {self.name}")
