"""One queue: its settings, its messages, its waiting receivers, and the moves between their states.

A pure state machine. It is told what to do with validated values; the wire's dicts are built in
`service.py` and its neighbours. Moving a message to another queue is `flow.py`'s, since a queue
does not know the others.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tomodachi_fakes.sqs import attributes
from tomodachi_fakes.sqs.deduplication import DeduplicationWindow
from tomodachi_fakes.sqs.fifo import FifoStore
from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_fakes.sqs.redrive import (
    RedriveAllowPolicy,
    RedrivePolicy,
    read_redrive_allow_policy,
    read_redrive_policy,
)
from tomodachi_fakes.sqs.standard import StandardStore
from tomodachi_fakes.sqs.store import Usage
from tomodachi_fakes.sqs.timers import LazyHeap


class QueueId(NamedTuple):
    """Where a queue lives."""

    account: str
    region: str
    name: str


@dataclass(slots=True)
class Waiter:
    """A receive that waits for messages; `render` makes its output."""

    waiter_id: int
    limit: int
    visibility_timeout_s: int
    deadline: float
    render: Callable[[list[StoredMessage]], dict[str, Any]]
    attempt_id: str | None = None


@dataclass(slots=True)
class ReceiveAttempt:
    """What a FIFO receive with an attempt id returned, for a retry of it."""

    until: float
    deliveries: list[tuple[int, int, float]] = field(default_factory=list)


class Queue:
    """One queue.

    Attributes:
        id: Account, region and name.
        arn: Its ARN.
        uid: A number that no other queue of the service ever had; part of receipt handles.
        fifo: Whether it is a FIFO queue.
        values: Settable attributes, as on the wire.
        tags: Cost allocation tags.
        created_at: Unix time.
        modified_at: Unix time of the last change of attributes.
        store: The messages.
        waiters: Receives that wait, in order of arrival.
        agenda_at: Deadline under which the service knows this queue; infinity for none.
        last_seq: Number of the message that arrived last.
        deleted: It was deleted; nothing may be done with it any more.
    """

    def __init__(
        self,
        queue_id: QueueId,
        arn: str,
        uid: int,
        values: dict[str, str],
        usage: Usage,
        *,
        now: float,
    ) -> None:
        self.id = queue_id
        self.arn = arn
        self.uid = uid
        self.fifo = queue_id.name.endswith(".fifo")
        self.tags: dict[str, str] = {}
        self.created_at = self.modified_at = now
        self.store: StandardStore | FifoStore = (FifoStore if self.fifo else StandardStore)(
            0.0, usage
        )
        self.deduplication = DeduplicationWindow()
        self.attempts: OrderedDict[str, ReceiveAttempt] = OrderedDict()
        self.waiters: OrderedDict[int, Waiter] = OrderedDict()
        self._waits = LazyHeap(self._is_waiting)
        self.purged_at = -math.inf
        self.agenda_at = math.inf
        self.last_seq = 0
        self.deleted = False
        self.redrive: RedrivePolicy | None = None
        self.redrive_allow = RedriveAllowPolicy()
        self.values: dict[str, str] = {}
        self.configure(values, now=now)

    def __getstate__(self) -> dict[str, Any]:
        # Waiting receives belong to live connections, which no snapshot can hold.
        without = {"waiters": OrderedDict(), "_waits": LazyHeap(self._is_waiting)}
        return {**self.__dict__, **without, "agenda_at": math.inf}

    def _is_waiting(self, at: float, waiter_id: int) -> bool:
        waiter = self.waiters.get(waiter_id)
        return waiter is not None and waiter.deadline == at

    def configure(self, values: dict[str, str], *, now: float) -> None:
        """Put validated attributes in force.

        Raises:
            AwsError: a redrive policy is invalid.
        """
        redrive = values.get("RedrivePolicy")
        allow = values.get("RedriveAllowPolicy")
        self.redrive, self.redrive_allow = (
            read_redrive_policy(redrive) if redrive else None,
            read_redrive_allow_policy(allow) if allow else RedriveAllowPolicy(),
        )
        old_delay = self.values.get("DelaySeconds")
        self.values = values
        self.visibility_timeout_s = int(values["VisibilityTimeout"])
        self.delay_s = int(values["DelaySeconds"])
        self.wait_s = int(values["ReceiveMessageWaitTimeSeconds"])
        self.max_message_bytes = int(values["MaximumMessageSize"])
        self.store.retention_s = float(values["MessageRetentionPeriod"])
        self.content_based = values.get("ContentBasedDeduplication") == "true"
        self.scope_is_group = values.get("DeduplicationScope") == "messageGroup"
        self.kms_key_id = values.get("KmsMasterKeyId", "")
        self.modified_at = now
        if self.fifo and old_delay not in (None, values["DelaySeconds"]):
            self._delay_again()

    def _delay_again(self) -> None:
        # Only a FIFO queue's delay is retroactive (API reference, DelaySeconds).
        for message in self.store.messages.values():
            if message.state is Visibility.DELAYED:
                self.store.hide_until(message, message.sent_at + self.delay_s)

    def shown_attributes(self) -> dict[str, str]:
        """Every attribute, computed ones included, as GetQueueAttributes shows them."""
        return attributes.shown(self.values) | {
            "QueueArn": self.arn,
            "ApproximateNumberOfMessages": str(self.store.available),
            "ApproximateNumberOfMessagesNotVisible": str(self.store.in_flight),
            "ApproximateNumberOfMessagesDelayed": str(self.store.delayed),
            "CreatedTimestamp": str(int(self.created_at)),
            "LastModifiedTimestamp": str(int(self.modified_at)),
        }

    def put(self, message: StoredMessage, *, now: float) -> None:
        """Number a message and put it in."""
        self.last_seq += 1
        message.seq = self.last_seq
        self.store.add(message, now=now)

    def exhausted(self, message: StoredMessage) -> bool:
        """Whether another receive would exceed maxReceiveCount."""
        return (
            self.redrive is not None
            and message.receive_count - message.receives_before >= self.redrive.max_receive_count
        )

    def deliver(self, message: StoredMessage, visible_at: float, *, now: float) -> None:
        """Put an available message in flight: count the receive, give it a new handle."""
        message.receive_count += 1
        message.handle_number += 1
        if not message.first_received_at:
            message.first_received_at = now
        message.received_at = now
        self.store.take(message, visible_at)

    def find(self, seq: int) -> StoredMessage | None:
        """The message with this number, if it is still here."""
        return self.store.messages.get(seq)

    def next_deadline(self) -> float | None:
        """When `advance` has something to do: a message is revealed or expires, a wait ends."""
        deadline = self.store.next_deadline()
        if not self.waiters:
            return deadline
        first = self._waits.head()
        if deadline is None or first is None:
            return first if deadline is None else deadline
        return min(first, deadline)

    def wait(self, waiter: Waiter) -> None:
        """Let a receive wait in line."""
        self.waiters[waiter.waiter_id] = waiter
        self._waits.push(waiter.deadline, waiter.waiter_id, len(self.waiters))

    def due_waiters(self, now: float) -> list[Waiter]:
        """Take out the waiters whose time is up."""
        return [self.waiters.pop(waiter_id) for waiter_id in list(self._waits.due(now))]

    # --- looking without touching ----------------------------------------------------------------

    def peek(self, state: Visibility) -> Iterator[StoredMessage]:
        """Messages in a state, oldest first; nothing changes."""
        return (m for m in self.store.messages.values() if m.state is state)
