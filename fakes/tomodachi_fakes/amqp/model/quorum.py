"""What a quorum queue on one node does otherwise than a classic one.

It counts deliveries in vain, takes back behind or before the others, refuses late, knows neither exclusive
consumers nor a shared prefetch, and can keep its dead letters until they have arrived.

Source: https://www.rabbitmq.com/docs/quorum-queues, and answers of a RabbitMQ 3.10.8
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.fields import Field, FieldType, Table
from tomodachi_fakes.amqp.model.at_least_once import Letters
from tomodachi_fakes.amqp.model.consumers import Consumer, ConsumerSet
from tomodachi_fakes.amqp.model.dead_letter import Reason
from tomodachi_fakes.amqp.model.message import Entry, Message
from tomodachi_fakes.amqp.model.policies import QueueRules
from tomodachi_fakes.amqp.model.queue import Outcome, Queue
from tomodachi_fakes.amqp.model.ready import ReadyStore, of_quorum_queue
from tomodachi_fakes.amqp.model.retries import Retries, wait_of
from tomodachi_fakes.amqp.properties import PREFIX_SIZE, encode_header
from tomodachi_fakes.amqp.reply_codes import ChannelReply

_ENOUGH_PERCENT = 80
_BEFORE_FLAGS = PREFIX_SIZE - 2
_OF_DEATHS = ("x-death", "x-first-death-", "x-last-death-")


def _without_deaths(message: Message) -> bytes:
    """The content header without what dead-lettering wrote into it, which RabbitMQ keeps beside it."""
    properties = message.properties
    headers = properties.pop("headers", {})
    left = {name: value for name, value in headers.items() if not name.startswith(_OF_DEATHS)}
    return encode_header(len(message.body), properties | ({"headers": left} if left else {}))


class QuorumQueue(Queue):
    """A quorum queue.

    Attributes:
        letters: Dead letters that have not arrived everywhere.
        retries: What was delivered in vain and is to come back later.
    """

    __slots__ = ("_cancelled", "_got", "_lost", "_refusing", "letters", "retries")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.letters = Letters(self)
        self.retries = Retries(self)
        self._cancelled: list[Consumer] = []
        self._got: set[int] = set()
        self._lost = False
        self._refusing = False

    def _consumer_set(self, *, single_active: bool) -> ConsumerSet:
        by_priority = self.vhost.profile.quorum_levels > 1  # both came with 4.0
        return ConsumerSet(single_active=single_active, by_priority=by_priority)

    def _overflow_before(self, rules: QueueRules) -> str:
        return self.rules.overflow  # all rules change at once

    def _lives_not(self, rules: QueueRules) -> bool:
        return False

    def _pass_on(self, entry: Entry, consumer: Consumer, now: float) -> None:
        self._hand_over(entry, consumer, now)

    def _store(self) -> ReadyStore:
        return of_quorum_queue(self.vhost.profile.quorum_levels)

    def enqueue(self, message: Message, *, now: float) -> Outcome:
        """Take a message; the one that makes it too many is the last one until there are fewer."""
        outcome = super().enqueue(message, now=now)
        self._refusing = self._refusing or self.rules.over_limit(*self._load())
        return outcome

    def size_of(self, message: Message) -> int:
        """Octets of the body; from 4.3 on those of the properties count as well."""
        if not self.vhost.profile.overhead_counts:
            return len(message.body)
        header = _without_deaths(message) if message.is_letter else message.header
        return len(header) - _BEFORE_FLAGS + len(message.body)

    def _refuses(self, message: Message) -> bool:
        """Whether it was over its limit, waiting letters included, and is above four fifths of it still."""
        if self._refusing:
            self._refusing = self.rules.over_limit(*self._load(), _ENOUGH_PERCENT)
        return self._refusing

    def _load(self) -> tuple[int, int]:
        waiting = len(self.letters) + len(self.retries)
        octets = self.letters.octets + self.retries.octets
        return len(self.ready) + waiting, self.ready_bytes + octets

    def get(self, *, no_ack: bool, now: float) -> Entry | None:
        """Take the next message for `basic.get`.

        Raises:
            AmqpChannelError: 405, with a single active consumer.
        """
        if self.consumers.single_active:
            raise AmqpChannelError(
                ChannelReply.RESOURCE_LOCKED,
                f"cannot obtain access to locked {self.where}. basic.get operations are not supported by "
                f"{self.vhost.profile.quorum_as_shown} queues with single active consumer",
            )
        entry = super().get(no_ack=no_ack, now=now)
        if entry is not None and not no_ack:
            self._got.add(entry.position)
        return entry

    def _expire_after_get(self, now: float, *, no_ack: bool) -> None:
        """What is next may be late; `basic.get-ok` counts it nevertheless, unless it settles what it gives."""
        if no_ack:
            self.expiry.drop_due(now)
        else:
            self.vhost.later.append(self.expiry.drop_due)

    def header_for(self, entry: Entry, *, got: bool = False) -> bytes:
        """The content header with the counts of deliveries that the release shows."""
        profile = self.vhost.profile
        added: Table = {}
        failures = entry.delivery_count or (
            entry.message.failures if profile.discards_counted else 0
        )
        if profile.acquired_count and (acquired := entry.acquired_count or failures):
            added["x-acquired-count"] = Field(FieldType.LONG, acquired)
        if failures or (got and profile.counts_first_delivery):
            added["x-delivery-count"] = Field(FieldType.LONG, failures)
        if not added:
            return entry.message.header
        headers = {**added, **entry.message.headers}
        return entry.message.with_headers(dict(sorted(headers.items())))

    def channel_ended(self, consumers: list[Consumer], entries: list[Entry], now: float) -> None:
        """A channel is gone: what it held comes before the fresh ones, whatever the limit."""
        self._lost = True
        super().channel_ended(consumers, entries, now)
        self._lost = False

    def requeue(
        self, entries: list[Entry], *, failed: bool, now: float, by: Consumer | None = None
    ) -> None:
        """Entries come back."""
        for entry in entries:
            entry.acquired_count += 1
            self._got.discard(entry.position)
        super().requeue(entries, failed=failed, now=now, by=by)

    def _line_up(self, by: Consumer | None) -> None:
        """Whoever has room again stands in line; a single active consumer does not."""
        if not self.consumers.single_active:
            self.consumers.unpark([one for one in self.consumers if one.parked and one.can_take()])

    def _hand_over(self, entry: Entry, consumer: Consumer, now: float) -> None:
        """A consumer has its turn when it has room, not when a message is there. Source: RabbitMQ 3.10.8 to 4.3.6."""
        super()._hand_over(entry, consumer, now)
        self.consumers.took(consumer)

    def _count_failure(self, entry: Entry) -> None:
        entry.delivery_count += 1

    def _at_delivery_limit(self, entry: Entry) -> bool:
        limit = self._delivery_limit()
        return limit is not None and entry.delivery_count > limit

    def _delivery_limit(self) -> int | None:
        """A negative one is none, from 4.0 on."""
        limit = self.rules.delivery_limit
        negative = limit is not None and limit < 0
        return None if negative and self.vhost.profile.negative_limit_is_none else limit

    def _inherit(self, entry: Entry, failures: int) -> None:
        super()._inherit(entry, failures)
        entry.redelivered = entry.redelivered or self.vhost.profile.discards_counted

    def _failures_of(self, entry: Entry, reason: Reason) -> int:
        discarded = self.vhost.profile.discards_counted and reason is Reason.REJECTED
        return super()._failures_of(entry, reason) + discarded

    def _give_back(self, entry: Entry) -> None:
        """Before the fresh ones; before 4.3 at the end where there is no delivery limit and a client gave it back.

        Source: https://www.rabbitmq.com/docs/quorum-queues#repeated-requeues
        """
        to_the_end = self._delivery_limit() is None and not self._lost
        if to_the_end and not self.vhost.profile.failures_travel:
            self.ready_bytes += self.size_of(entry.message)
            self.ready.push(entry)
        else:
            super()._give_back(entry)

    def _wait_for_retry(self, entry: Entry, now: float, *, failed: bool) -> bool:
        if not self.vhost.profile.quorum_timeouts:
            return False
        wait_s = wait_of(entry, self.rules, failed=failed)
        if wait_s is not None:
            self.retries.hold(entry, now + wait_s)
        return wait_s is not None

    def retry(self, entry: Entry, now: float) -> None:
        """An entry has waited long enough."""
        self._give_back(entry)
        self.expiry.drop_due(now)
        self.pump(now)

    def in_order(self, held: list[Entry]) -> list[Entry]:
        """What comes back comes before the fresh ones, what waits for a retry at the end."""
        return [*sorted(held), *self.ready, *self.retries]

    def purge(self, now: float) -> int:
        """Forget the ready messages and those that wait for a retry; how many there were."""
        count = super().purge(now) + len(self.retries)
        self.retries.forget()
        return count + (len(self.letters) if self.vhost.profile.letters_are_counted else 0)

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
        """Consumers; a cancelled one that still holds deliveries and a `basic.get` count as such.

        Of those that wait to be the single active one none counts. Source: RabbitMQ 3.10.8, 4.0.5 and 4.3.6.
        """
        self._cancelled = [consumer for consumer in self._cancelled if consumer.unacked]
        self._got &= self.unacked.keys()
        consumers = (
            min(len(self.consumers), 1) if self.consumers.single_active else len(self.consumers)
        )
        return consumers + len(self._cancelled) + len(self._got)

    def close(self, now: float) -> None:
        """The queue is being deleted, and the letters that wait in it."""
        self.letters.forget()
        super().close(now)
