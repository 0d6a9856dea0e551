"""Everything SQS knows, and what all its operations share: queues, time, waiting receives, events.

Operations are in `queue_operations.py`, `send_operations.py`, `receive_operations.py`,
`permissions.py` and `move_tasks.py`; `service.py` puts them together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from heapq import heappop, heappush
from typing import Any

from tomodachi_fakes.aws.arn import parse_arn, partition_of
from tomodachi_fakes.aws.call import CallContext, Wake
from tomodachi_fakes.aws.keys import KeyRegistry
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.sqs.errors import InvalidAddress, QueueDoesNotExist
from tomodachi_fakes.sqs.limits import SqsOptions
from tomodachi_fakes.sqs.message import StoredMessage
from tomodachi_fakes.sqs.queue import Queue, QueueId
from tomodachi_fakes.sqs.store import Usage

_ACCOUNT_DIGITS = 12
_FIRST_SEQUENCE_NUMBER = 18_849_496_460_467_696_128
_SEQUENCE_STEP = 256


class SqsState:
    """The state that every operation works on.

    Attributes:
        queues: Every queue of every account and region.
        deleted_at: When a queue of that id was deleted last, where re-creating it has to wait.
        wakes: Answers of waiting receives, until the shell takes them.
        options: Which waits are in force.
        usage: How much all queues hold.
    """

    def __init__(
        self,
        *,
        ids: IdSource,
        events: EventLog,
        faults: FaultPlan,
        keys: KeyRegistry,
        options: SqsOptions,
    ) -> None:
        self.ids = ids
        self.events = events
        self.faults = faults
        self.keys = keys
        self.options = options
        self.queues: dict[QueueId, Queue] = {}
        self.deleted_at: dict[QueueId, float] = {}
        self.wakes: list[Wake] = []
        self.waiting: dict[int, Queue] = {}
        self.usage = Usage()
        self.last_uid = 0
        self.sequence_number = _FIRST_SEQUENCE_NUMBER
        self._last_waiter = 0
        self._agenda: list[tuple[float, int, Queue]] = []

    # --- finding queues --------------------------------------------------------------------------

    def queue_of(self, params: dict[str, Any], context: CallContext) -> Queue:
        """The queue that `QueueUrl` names: a URL on any host, or a bare name.

        Raises:
            QueueDoesNotExist: there is none.
            InvalidAddress: that is no queue's address.
        """
        url: str = params["QueueUrl"]
        account, name = _split_url(url)
        found = self.queues.get(QueueId(account or context.account, context.region, name))
        if found is None and not context.access_key_id:
            # An unsigned request has no region; its URL may belong to any.
            owner = account or context.account
            found = next(
                (q for q in self.queues.values() if (q.id.account, q.id.name) == (owner, name)),
                None,
            )
        if found is None:
            raise QueueDoesNotExist(context.protocol)
        return found

    def queue_at(self, arn: str) -> Queue | None:
        """The queue with this ARN."""
        parsed = parse_arn(arn)
        if parsed is None or parsed.service != "sqs":
            return None
        return self.queues.get(QueueId(parsed.account, parsed.region, parsed.resource))

    def queues_in(self, account: str, region: str) -> Iterator[Queue]:
        """The queues of an account in a region, by name."""
        found = [q for i, q in self.queues.items() if (i.account, i.region) == (account, region)]
        return iter(sorted(found, key=lambda queue: queue.id.name))

    def add_queue(self, queue_id: QueueId, values: dict[str, str], *, now: float) -> Queue:
        """Make a queue.

        Raises:
            AwsError: one of its policies is invalid.
        """
        self.last_uid += 1
        queue = Queue(queue_id, arn_of(queue_id), self.last_uid, values, self.usage, now=now)
        self.queues[queue_id] = queue
        return queue

    def remove_queue(self, queue: Queue, *, now: float) -> None:
        """Delete a queue; receives that wait on it are answered empty."""
        del self.queues[queue.id]
        queue.store.clear()
        queue.deleted = True
        if self.options.recreate_wait:
            self.deleted_at[queue.id] = now
        for waiter in list(queue.waiters.values()):
            self.wake(queue, waiter.waiter_id, waiter.render([]))

    # --- numbers and events ----------------------------------------------------------------------

    def next_sequence_number(self) -> str:
        """A 20-digit number greater than every one before."""
        self.sequence_number += _SEQUENCE_STEP
        return str(self.sequence_number)

    def record(
        self, kind: str, queue: Queue, message: StoredMessage, *, now: float, **detail: Any
    ) -> None:
        """Append an event that happened to a message, caused by the one before."""
        message.event = self.events.append(
            "sqs",
            kind,
            queue.arn,
            now=now,
            message_id=message.message_id,
            cause=message.event or None,
            payload=message,
            **detail,
        )

    # --- waiting receives ------------------------------------------------------------------------

    def next_waiter_id(self) -> int:
        """A number for a receive that waits."""
        self._last_waiter += 1
        return self._last_waiter

    def wake(self, queue: Queue, waiter_id: int, output: dict[str, Any]) -> None:
        """Answer a waiting receive."""
        queue.waiters.pop(waiter_id, None)
        self.waiting.pop(waiter_id, None)
        self.wakes.append(Wake(waiter_id, output))

    # --- the agenda: which queue has something to do next, and when -------------------------------

    def schedule(self, queue: Queue) -> None:
        """Note the queue's next deadline, if it comes before the one that is noted."""
        deadline = queue.next_deadline()
        if deadline is not None and deadline < queue.agenda_at:
            queue.agenda_at = deadline
            heappush(self._agenda, (deadline, queue.uid, queue))

    def may_be_due(self, now: float) -> bool:
        """Whether a look at the agenda is worth it: a noted deadline is never too late."""
        return bool(self._agenda) and self._agenda[0][0] <= now

    def next_queue(self) -> tuple[float, Queue] | None:
        """The queue whose deadline comes first."""
        agenda = self._agenda
        while agenda:
            at, _, queue = agenda[0]
            if queue.deleted or queue.agenda_at != at:
                heappop(agenda)
                continue
            if queue.next_deadline() == at:
                return at, queue
            heappop(agenda)
            queue.agenda_at = math.inf
            self.schedule(queue)
        return None

    def rebuild_agenda(self) -> None:
        """Note every queue's deadline anew, after a restore."""
        self._agenda.clear()
        for queue in self.queues.values():
            queue.agenda_at = math.inf
            self.schedule(queue)


def arn_of(queue_id: QueueId) -> str:
    """The ARN of the queue with this id."""
    partition = partition_of(queue_id.region)
    return f"arn:{partition}:sqs:{queue_id.region}:{queue_id.account}:{queue_id.name}"


def url_of(queue: Queue, context: CallContext) -> str:
    """The queue's URL under the address that the client used."""
    return f"{context.base_url}/{queue.id.account}/{queue.id.name}"


@lru_cache(maxsize=1024)
def _split_url(url: str) -> tuple[str, str]:
    """Account ("" for a bare name) and name in a queue URL."""
    if "/" not in url:
        return "", url
    parts = url.rstrip("/").rsplit("/", 2)
    account = parts[-2] if len(parts) > 2 else ""
    if len(account) != _ACCOUNT_DIGITS or not account.isdecimal():
        raise InvalidAddress(url)
    return account, parts[-1]
