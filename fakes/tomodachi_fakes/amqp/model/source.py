"""What deliveries come from: a queue, a stream, or direct replies.

Channels and consumers know no more of it than this.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from tomodachi_fakes.amqp.model.policies import QueueRules

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.consumers import Consumer
    from tomodachi_fakes.amqp.model.message import Entry


class Source(Protocol):
    """The queue's side of a delivery."""

    kind: str
    name: str
    rules: QueueRules

    def header_for(self, entry: Entry, *, got: bool = False) -> bytes:
        """The content header as consumers, or a `basic.get`, shall see it."""
        ...

    def settle(self, entry: Entry) -> None:
        """An entry was acknowledged."""
        ...

    def requeue(
        self, entries: list[Entry], *, failed: bool, now: float, by: Consumer | None = None
    ) -> None:
        """Entries come back, `by` a consumer; `failed` counts against a delivery limit."""
        ...

    def reject(self, entry: Entry, *, failed: bool, now: float) -> None:
        """An entry was refused for good; `failed` as in `requeue`."""
        ...

    def wake(self, consumers: Collection[Consumer], now: float) -> None:
        """Consumers may be able to take again."""
        ...

    def remove_consumer(self, consumer: Consumer, now: float) -> None:
        """A consumer ends."""
        ...

    def channel_ended(self, consumers: list[Consumer], entries: list[Entry], now: float) -> None:
        """A channel is gone: its consumers end, and what it held comes back."""
        ...
