"""What a quorum queue on one node does otherwise than a classic one.

It counts deliveries in vain, takes back behind or before the others, refuses late, knows neither exclusive
consumers nor a shared prefetch, and can keep its dead letters until they have arrived.

Source: https://www.rabbitmq.com/docs/quorum-queues, and answers of a RabbitMQ 3.10.8
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.amqp.fields import Field, FieldType, Table
from tomodachi_fakes.amqp.model.at_least_once import Letters
from tomodachi_fakes.amqp.model.consumers import Consumer
from tomodachi_fakes.amqp.model.dead_letter import Reason
from tomodachi_fakes.amqp.model.message import Entry, Message
from tomodachi_fakes.amqp.model.queue import Queue
from tomodachi_fakes.amqp.model.ready import ReadyStore, of_quorum_queue

_ENOUGH_PERCENT = 80


class QuorumQueue(Queue):
    """A quorum queue.

    Attributes:
        letters: Dead letters that have not arrived everywhere.
    """

    __slots__ = ("_cancelled", "_got", "_refusing", "letters")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.letters = Letters(self)
        self._cancelled: list[Consumer] = []
        self._got: set[int] = set()
        self._refusing = False

    def _store(self) -> ReadyStore:
        return of_quorum_queue(self.vhost.profile.quorum_levels)

    def _refuses(self, message: Message) -> bool:
        """Whether it is over its limit, waiting letters included, or was and is above four fifths still."""
        count = len(self.ready) + len(self.letters)
        octets = self.ready_bytes + self.letters.octets
        percent = _ENOUGH_PERCENT if self._refusing else 100
        self._refusing = self.rules.over_limit(count, octets, percent)
        return self._refusing

    def get(self, *, no_ack: bool, now: float) -> Entry | None:
        """Take the next message for `basic.get`."""
        entry = super().get(no_ack=no_ack, now=now)
        if entry is not None and not no_ack:
            self._got.add(entry.position)
        return entry

    def header_for(self, entry: Entry, *, got: bool = False) -> bytes:
        """The content header with the counts of deliveries that the release shows."""
        profile = self.vhost.profile
        added: Table = {}
        if profile.acquired_count and entry.acquired_count:
            added["x-acquired-count"] = Field(FieldType.LONG, entry.acquired_count)
        if entry.delivery_count or (got and profile.counts_first_delivery):
            added["x-delivery-count"] = Field(FieldType.LONG, entry.delivery_count)
        if not added:
            return entry.message.header
        headers = {**added, **entry.message.headers}
        return entry.message.with_headers(dict(sorted(headers.items())))

    def requeue(self, entries: list[Entry], *, failed: bool, now: float) -> None:
        """Entries come back."""
        for entry in entries:
            entry.acquired_count += 1
            self._got.discard(entry.position)
        super().requeue(entries, failed=failed, now=now)

    def _has_failed(self, entry: Entry) -> bool:
        entry.delivery_count += 1
        limit = self.rules.delivery_limit
        return limit is not None and entry.delivery_count > limit >= 0

    def _give_back(self, entry: Entry) -> None:
        """Before the fresh ones; without a delivery limit at the end.

        Source: https://www.rabbitmq.com/docs/quorum-queues#repeated-requeues
        """
        limit = self.rules.delivery_limit
        if limit is None or limit < 0:
            self.ready_bytes += len(entry.message.body)
            self.ready.push(entry)
        else:
            super()._give_back(entry)

    def _post(self, letter: Message, reason: Reason) -> None:
        if self.rules.dead_letters_at_least_once:
            self.letters.post(letter, reason)
        else:
            super()._post(letter, reason)

    def remove_consumer(self, consumer: Consumer, now: float) -> None:
        """A consumer ends; whoever is the single active one then gets messages at once."""
        if consumer.unacked:
            self._cancelled.append(consumer)
        super().remove_consumer(consumer, now)
        self.pump(now)

    @property
    def consumer_count(self) -> int:
        """Consumers; a cancelled one that still holds deliveries and a `basic.get` count as such."""
        self._cancelled = [consumer for consumer in self._cancelled if consumer.unacked]
        self._got &= self.unacked.keys()
        return len(self.consumers) + len(self._cancelled) + len(self._got)

    def close(self, now: float) -> None:
        """The queue is being deleted, and the letters that wait in it."""
        self.letters.forget()
        super().close(now)
