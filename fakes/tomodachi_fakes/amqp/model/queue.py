"""A classic queue: what is ready, who gets it, what overflows or goes back.

What quorum queues do otherwise is in `quorum.py`, streams are in `stream.py`; what time does is in
`expiry.py`, what a dead letter looks like in `dead_letter.py`; the order of ready messages in `ready.py`;
whose turn it is in `consumers.py`.

Source: https://www.rabbitmq.com/docs/queues, /docs/maxlength
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import Table
from tomodachi_fakes.amqp.model.arguments import QUORUM
from tomodachi_fakes.amqp.model.consumers import Consumer, ConsumerSet
from tomodachi_fakes.amqp.model.dead_letter import Reason, letter_of
from tomodachi_fakes.amqp.model.description import describe
from tomodachi_fakes.amqp.model.expiry import Expiry
from tomodachi_fakes.amqp.model.message import Entry, EntryState, Message
from tomodachi_fakes.amqp.model.policies import QueueRules
from tomodachi_fakes.amqp.model.ready import ArrivalOrder, PriorityOrder, ReadyStore
from tomodachi_fakes.amqp.properties import EXPIRATION
from tomodachi_fakes.faults import FaultKind

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.vhost import Vhost


class Outcome(Enum):
    """What became of a message that reached a queue."""

    ACCEPTED = auto()
    REJECTED = auto()


class Queue:
    """One queue.

    Attributes:
        owner: Id of the connection that holds it exclusively; None for everybody's.
        rules: What its arguments and policies ask for.
        unacked: Entries delivered and not settled, by position.
        ready_bytes: Octets of the ready messages; see `size_of`.
    """

    __slots__ = (
        "_any_may_expire",
        "_next_position",
        "arguments",
        "auto_delete",
        "consumers",
        "deleted",
        "durable",
        "expiry",
        "kind",
        "name",
        "owner",
        "ready",
        "ready_bytes",
        "rules",
        "unacked",
        "vhost",
    )

    def __init__(
        self,
        vhost: Vhost,
        name: str,
        kind: str,
        *,
        durable: bool,
        auto_delete: bool,
        owner: str | None,
        arguments: Table,
        rules: QueueRules,
    ) -> None:
        self.vhost = vhost
        self.name = name
        self.kind = kind
        self.durable = durable
        self.auto_delete = auto_delete
        self.owner = owner
        self.arguments = arguments
        self.rules = rules
        single = arguments.get("x-single-active-consumer")
        self.consumers = self._consumer_set(single_active=single is not None and bool(single.value))
        self.ready = self._store()
        self.unacked: dict[int, Entry] = {}
        self.ready_bytes = 0
        self.deleted = False
        self.expiry = Expiry(self)
        self._next_position = 0
        self._any_may_expire = kind == QUORUM

    def _consumer_set(self, *, single_active: bool) -> ConsumerSet:
        return ConsumerSet(single_active=single_active)

    def _store(self) -> ReadyStore:
        top = self.arguments.get("x-max-priority")
        return ArrivalOrder() if top is None else PriorityOrder(top.value)

    # --- arrival --------------------------------------------------------------------------------

    def enqueue(self, message: Message, *, now: float) -> Outcome:
        """Take a message: to a consumer at once where one can take it, else at the end."""
        rules = self.rules
        if rules.overflow != "drop-head" and self._refuses(message):
            if rules.overflow == "reject-publish-dlx":
                self._bury(self._entry(message, now), Reason.MAXLEN, now)
            return Outcome.REJECTED
        entry = self._entry(message, now)
        log = self.vhost.log
        if log is not None:
            entry.cause = log.append(
                "amqp",
                "enqueued",
                self.name,
                now=now,
                message_id=message.message_id,
                cause=message.cause,
                exchange=None if message.is_letter else message.exchange,
            )
        self.vhost.usage.add(message.octets)
        if not self.ready and (consumer := self.consumers.next_ready()) is not None:
            self._pass_on(entry, consumer, now)
            return Outcome.ACCEPTED
        if self._lives_not(rules):
            self._dead_letter(entry, Reason.EXPIRED, now)
            return Outcome.ACCEPTED
        self.ready.push(entry)
        self.ready_bytes += self.size_of(message)
        if self.consumers.single_active:
            self.pump(now)  # a consumer that became the active one waits for just such an occasion
        may_expire = len(self.ready) == 1 or self._any_may_expire
        if rules.overflow == "drop-head":
            self._drop_overflow(now)  # what is too much is so before it is too old
        if entry.expires_at is not None and may_expire:
            self.expiry.drop_due(now)
        return Outcome.ACCEPTED

    def _entry(self, message: Message, now: float) -> Entry:
        ttl = self.rules.message_ttl
        if (message.header[12] << 8) & EXPIRATION:
            own = message.expiration_ms()
            ttl = own if ttl is None or own is None else min(own, ttl)
        self._next_position += 1
        due = None if ttl is None else now + ttl / 1000
        self.expiry.possible = self.expiry.possible or due is not None
        entry = Entry(message, self, self._next_position, due)
        if message.failures:
            self._inherit(entry, message.failures)
        return entry

    def _inherit(self, entry: Entry, failures: int) -> None:
        """A letter comes with a count of deliveries in vain."""
        if self.vhost.profile.failures_travel:
            entry.delivery_count, entry.redelivered = failures, True

    def size_of(self, message: Message) -> int:
        """Octets that count against `x-max-length-bytes`."""
        return len(message.body)

    def _refuses(self, message: Message) -> bool:
        """Whether the queue would be over its limit with a message more."""
        return self.rules.over_limit(len(self.ready) + 1, self.ready_bytes + self.size_of(message))

    def _load(self) -> tuple[int, int]:
        """Messages and octets of bodies that count against the limits."""
        return len(self.ready), self.ready_bytes

    def _drop_overflow(self, now: float) -> None:
        rules = self.rules
        if rules.max_length is None and rules.max_length_bytes is None:
            return
        before = len(self.ready)
        while self.ready and rules.over_limit(*self._load()):
            self.drop_head(Reason.MAXLEN, now)
        if self.expiry.possible and len(self.ready) < before:
            # The new head may have waited behind the dropped one with its time over.
            self.expiry.drop_due(now)

    def drop_head(self, reason: Reason, now: float, of: ReadyStore | None = None) -> None:
        """The next message leaves for `reason`, undelivered; or the next one `of` a part of what is ready."""
        self._dead_letter(self._take(of), reason, now)

    # --- delivery -------------------------------------------------------------------------------

    def pump(self, now: float) -> None:
        """Deliver ready messages while a consumer can take one."""
        ready, next_ready = self.ready, self.consumers.next_ready
        self.expiry.catch_up(now)
        while ready:
            if (consumer := next_ready()) is None:
                break
            self._hand_over(self._take_shuffled() or self._take(), consumer, now)
            if self.expiry.possible:
                self.expiry.drop_due(now)

    def _lives_not(self, rules: QueueRules) -> bool:
        """Whether what no consumer takes at once is gone, wherever it would stand. Source: RabbitMQ 3.10.8 to 4.3.6."""
        return rules.message_ttl == 0 and rules.dead_letter_exchange is None

    def _pass_on(self, entry: Entry, consumer: Consumer, now: float) -> None:
        """Give a message to a consumer that waited for it: of what befell it elsewhere nothing is told."""
        entry.redelivered = False
        self._hand_over(entry, consumer, now)

    def _hand_over(self, entry: Entry, consumer: Consumer, now: float) -> None:
        self.unacked[entry.position] = entry
        consumer.channel.deliver(consumer, entry, now)
        if consumer.no_ack:
            self.settle(entry)

    def _take(self, of: ReadyStore | None = None) -> Entry:
        entry = (self.ready if of is None else of).pop()
        self.ready_bytes -= self.size_of(entry.message)
        return entry

    def _take_shuffled(self) -> Entry | None:
        """Take one of the next messages out of turn, when a fault wants that."""
        faults = self.vhost.faults
        fault = faults.take(self.name, FaultKind.REORDER) if faults else None
        if fault is None:
            return None
        entries = [self.ready.pop() for _ in range(min(fault.window, len(self.ready)))]
        chosen = entries.pop(self.vhost.ids.below(len(entries)))
        for entry in entries:
            self.ready.give_back(entry)
        self.ready_bytes -= self.size_of(chosen.message)
        return chosen

    def get(self, *, no_ack: bool, now: float) -> Entry | None:
        """Take the next message for `basic.get`; None when nothing is ready."""
        self.touch(now)
        self.expiry.catch_up(now)
        if not self.ready:
            return None
        entry = self._take()
        self.unacked[entry.position] = entry
        if no_ack:
            self.settle(entry)
        if self.expiry.possible:
            self._expire_after_get(now, no_ack=no_ack)
        return entry

    def _expire_after_get(self, now: float, *, no_ack: bool) -> None:
        """What is next may be late; `basic.get-ok` does not count it."""
        self.expiry.drop_due(now)

    def header_for(self, entry: Entry, *, got: bool = False) -> bytes:
        """The content header as this queue shows it to consumers, or to a `basic.get`."""
        return entry.message.header

    # --- settlement -----------------------------------------------------------------------------

    def settle(self, entry: Entry) -> None:
        """An entry was acknowledged, or delivered without need of it: it is gone."""
        if self.unacked.pop(entry.position, None) is not None:
            self.vhost.usage.add(-entry.message.octets)

    def requeue(
        self, entries: list[Entry], *, failed: bool, now: float, by: Consumer | None = None
    ) -> None:
        """Entries come back to where they were, `by` a consumer; `failed` counts against a delivery limit."""
        if self.deleted:
            return
        self._line_up(by)
        for entry in entries:
            if self.unacked.pop(entry.position, None) is None:
                continue
            entry.redelivered = True
            if failed:
                self._count_failure(entry)
            if failed and self._at_delivery_limit(entry):
                self._dead_letter(entry, Reason.DELIVERY_LIMIT, now)
            elif not self._wait_for_retry(entry, now, failed=failed):
                self._give_back(entry)
        if self._any_may_expire and self.expiry.possible:
            self.expiry.drop_due(now)  # a quorum queue looks at the age first here
        if self.rules.overflow == "drop-head":
            self._drop_overflow(now)
        if self.expiry.possible:
            self.expiry.drop_due(now)
        self.pump(now)

    def _line_up(self, by: Consumer | None) -> None:
        """Who gave messages back stands in line before they are handed out. Source: a RabbitMQ 3.10.8.

        Where a channel's consumers share a limit, it is known later that there is room.
        """
        if by is not None and by.parked and not by.channel.global_prefetch:
            self.consumers.unpark((by,))

    def _count_failure(self, entry: Entry) -> None:
        """A delivery was in vain."""
        if self.vhost.profile.failures_travel:
            entry.delivery_count += 1

    def _at_delivery_limit(self, entry: Entry) -> bool:
        """Whether that was one too many. Classic queues have no limit."""
        return False

    def _wait_for_retry(self, entry: Entry, now: float, *, failed: bool) -> bool:
        """Whether an entry is to come back later. Classic queues know no such thing."""
        return False

    def _give_back(self, entry: Entry) -> None:
        self.ready_bytes += self.size_of(entry.message)
        self.ready.give_back(entry)

    def reject(self, entry: Entry, *, failed: bool, now: float) -> None:
        """An entry was refused for good: dead-lettered, or gone."""
        if self.unacked.pop(entry.position, None) is not None:
            if failed:
                self._count_failure(entry)
            self._dead_letter(entry, Reason.REJECTED, now)

    def _dead_letter(self, entry: Entry, reason: Reason, now: float) -> None:
        self.vhost.usage.add(-entry.message.octets)
        self._bury(entry, reason, now)

    def _bury(self, entry: Entry, reason: Reason, now: float) -> None:
        """Tell of the death, and send a letter where there is a dead-letter exchange."""
        cause = self.vhost.record_death(entry, self.name, reason, now)
        if self.rules.dead_letter_exchange is None:
            return
        letter = letter_of(self, entry, reason, int(now), self.vhost.profile)
        letter.cause = cause
        letter.failures = self._failures_of(entry, reason)
        self._post(letter, reason)

    def _failures_of(self, entry: Entry, reason: Reason) -> int:
        """The count that a letter takes along."""
        return (
            entry.delivery_count if self.vhost.profile.failures_travel else entry.message.failures
        )

    def _post(self, letter: Message, reason: Reason) -> None:
        """Send a letter once, when the method at hand is answered; where it cannot go it is lost."""
        vhost = self.vhost
        vhost.later.append(lambda now: vhost.publish_letter(letter, self.name, reason, now))

    def touch(self, now: float) -> None:
        """Somebody used the queue: `x-expires` counts anew, unless a consumer holds it."""
        self.expiry.renew_lease(now)

    # --- consumers, and the end -----------------------------------------------------------------

    def add_consumer(self, consumer: Consumer, now: float) -> None:
        """A consumer begins, and gets what it can take."""
        self.consumers.add(consumer)
        self.touch(now)
        self.pump(now)

    def remove_consumer(self, consumer: Consumer, now: float) -> None:
        """A consumer ends; the last one takes an auto-delete queue with it.

        Who becomes the single active consumer so gets nothing before something else happens to the
        queue. Source: a RabbitMQ 3.10.8.
        """
        self.consumers.remove(consumer)
        if self.deleted:
            return
        if self.auto_delete and not len(self.consumers):
            self.vhost.delete_queue(self, now, reason="auto-deleted")
            return
        self.touch(now)

    def channel_ended(self, consumers: list[Consumer], entries: list[Entry], now: float) -> None:
        """A channel is gone: its consumers end before what it held comes back.

        An auto-delete queue that loses its last consumers so is deleted with what it held; nothing of
        that expires or is dead-lettered. Source: a RabbitMQ 3.10.8.
        """
        for consumer in consumers:
            self.consumers.remove(consumer)
        if consumers and self.auto_delete and not self.deleted and not len(self.consumers):
            self.vhost.delete_queue(self, now, reason="auto-deleted")
            return
        if consumers:
            self.touch(now)
        self.requeue(entries, failed=True, now=now)

    def wake(self, consumers: Collection[Consumer], now: float) -> None:
        """Consumers that could take nothing may be able to again."""
        if not self.deleted and self.consumers.unpark(consumers):
            self.pump(now)

    def purge(self, now: float) -> int:
        """Forget the ready messages; how many there were."""
        count = len(self.ready)
        self.vhost.usage.add(-sum(entry.message.octets for entry in self.ready))
        self.ready.clear()
        self.ready_bytes = 0
        self.expiry.forget()
        return count

    def close(self, now: float) -> None:
        """The queue is being deleted: nothing in it comes back."""
        self.deleted = True
        self.purge(now)
        self.vhost.usage.add(-sum(entry.message.octets for entry in self.unacked.values()))
        self.unacked.clear()
        self.touch(now)

    def in_order(self, held: list[Entry]) -> list[Entry]:
        """Ready entries with those that are held where they would come back to."""
        return sorted([*self.ready, *held])

    def put_back(self, message: Message, state: EntryState, now: float) -> None:
        """Add a message from a snapshot at the end."""
        entry = self._entry(message, now)
        entry.resume(state)
        self.ready.push(entry)
        self.ready_bytes += self.size_of(message)
        self.vhost.usage.add(message.octets)
        if entry.expires_at is not None:
            self.expiry.possible = True
            self.expiry.drop_due(now)

    def apply_rules(self, rules: QueueRules, now: float) -> None:
        """Policies changed."""
        before, self.rules = self.rules, rules
        self.touch(now)
        if "drop-head" in (rules.overflow, self._overflow_before(before)):
            self._drop_overflow(now)
        if self.expiry.possible:
            self.expiry.drop_due(now)

    def _overflow_before(self, rules: QueueRules) -> str:
        """How a new length is enforced at first: as the rules so far say. Source: RabbitMQ 3.10.8 to 4.3.6."""
        return rules.overflow

    @property
    def message_count(self) -> int:
        """Ready messages."""
        return len(self.ready)

    @property
    def consumer_count(self) -> int:
        """Consumers as a declare tells them."""
        return len(self.consumers)

    @property
    def where(self) -> str:
        """How reply texts name it."""
        return f"queue '{self.name}' in vhost '{self.vhost.name}'"

    def describe(self) -> dict[str, Any]:
        """Plain facts for people and tests."""
        return describe(self, unacknowledged=len(self.unacked))
