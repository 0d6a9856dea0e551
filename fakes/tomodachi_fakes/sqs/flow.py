"""How messages move: into a queue, to receivers, back again, out, and on to other queues.

What time does to them (delays and visibility timeouts that end, retention, waits that end) happens
in `advance`, deadline by deadline, so that each thing happens at its own time however far the clock
has moved. The operations of the API decide what is asked for; this module does it.
"""

from __future__ import annotations

from collections.abc import Callable

from tomodachi_fakes.faults import FaultKind
from tomodachi_fakes.sqs.deduplication import Accepted
from tomodachi_fakes.sqs.digests import sha256_of_body
from tomodachi_fakes.sqs.message import NewMessage, StoredMessage, Visibility
from tomodachi_fakes.sqs.queue import Queue, Waiter
from tomodachi_fakes.sqs.standard import StandardStore
from tomodachi_fakes.sqs.state import SqsState


class MessageFlow:
    """Moves messages of every queue in `state`."""

    def __init__(self, state: SqsState) -> None:
        self._state = state

    # --- in --------------------------------------------------------------------------------------

    def enqueue(
        self,
        queue: Queue,
        new: NewMessage,
        *,
        now: float,
        sender_id: str,
        cause: int | None = None,
    ) -> Accepted:
        """Accept a message; a FIFO queue accepts a repeated one without storing it again."""
        group = new.group_id
        if not queue.fifo:
            message_id = self._state.ids.uuid()
            self._store(queue, new, message_id, None, None, now=now, sender=sender_id, cause=cause)
            return Accepted(message_id, "")
        deduplication_id = new.deduplication_id or sha256_of_body(new.body)
        repeated = queue.deduplication.find(group or "", deduplication_id, now=now)
        if repeated is not None:
            self._state.events.append(
                "sqs",
                "deduplicated",
                queue.arn,
                now=now,
                message_id=repeated.message_id,
                cause=cause,
                deduplication_id=deduplication_id,
            )
            return repeated
        accepted = Accepted(self._state.ids.uuid(), self._state.next_sequence_number())
        scope = group if queue.scope_is_group else None
        queue.deduplication.accept(scope, deduplication_id, accepted, now=now)
        self._store(
            queue,
            new,
            accepted.message_id,
            deduplication_id,
            accepted.sequence_number,
            now=now,
            sender=sender_id,
            cause=cause,
        )
        return accepted

    def _store(
        self,
        queue: Queue,
        new: NewMessage,
        message_id: str,
        deduplication_id: str | None,
        sequence_number: str | None,
        *,
        now: float,
        sender: str,
        cause: int | None,
    ) -> None:
        delay = queue.delay_s if new.delay_s is None else new.delay_s
        message = StoredMessage(
            seq=0,
            message_id=message_id,
            body=new.body,
            sent_at=now,
            sender_id=sender,
            visible_at=now + delay,
            attributes=new.attributes,
            system_attributes=new.system_attributes,
            group_id=new.group_id,
            deduplication_id=deduplication_id,
            sequence_number=sequence_number,
            event=cause or 0,
        )
        queue.put(message, now=now)
        if delay:
            self._state.record("sent", queue, message, now=now, delay_s=delay)
        else:
            self._state.record("sent", queue, message, now=now)

    # --- out to receivers ------------------------------------------------------------------------

    def take(
        self, queue: Queue, limit: int, visibility_timeout_s: float, *, now: float
    ) -> list[StoredMessage]:
        """Receive up to `limit` messages; those received too often are dead-lettered instead."""
        limit = min(limit, self._state.options.max_in_flight - queue.store.in_flight)
        taken: list[StoredMessage] = []
        if limit <= 0 or not queue.store.available:
            return taken
        self._plan_reordering(queue)
        for message in queue.store.candidates():
            if queue.exhausted(message) and self._dead_letter(queue, message, now=now):
                continue
            hidden_s = 0.0 if self._is_duplicated(queue) else visibility_timeout_s
            queue.deliver(message, now + hidden_s, now=now)
            self._state.record(
                "received", queue, message, now=now, receive_count=message.receive_count
            )
            taken.append(message)
            if len(taken) == limit:
                break
        if isinstance(queue.store, StandardStore):
            queue.store.choose = None
        return taken

    def _plan_reordering(self, queue: Queue) -> None:
        if isinstance(queue.store, StandardStore) and self._state.faults:
            fault = self._state.faults.take(queue.id.name, FaultKind.REORDER)
            if fault is not None:
                queue.store.choose = self._chooser(fault.window)

    def _chooser(self, window: int) -> Callable[[int], int]:
        ids = self._state.ids
        return lambda length: ids.below(min(window, length))

    def _is_duplicated(self, queue: Queue) -> bool:
        """A planned duplicate: delivered, and visible to the next receiver at once."""
        faults = self._state.faults
        return (
            bool(faults)
            and not queue.fifo
            and faults.take(queue.id.name, FaultKind.DUPLICATE) is not None
        )

    def serve(self, queue: Queue, *, now: float) -> None:
        """Give what is available to the receives that wait, first come, first served."""
        while queue.waiters and queue.store.available:
            waiter = next(iter(queue.waiters.values()))
            messages = self.take(queue, waiter.limit, waiter.visibility_timeout_s, now=now)
            if not messages:
                return
            self._answer(queue, waiter, messages)

    def _answer(self, queue: Queue, waiter: Waiter, messages: list[StoredMessage]) -> None:
        self._state.wake(queue, waiter.waiter_id, waiter.render(messages))

    # --- away ------------------------------------------------------------------------------------

    def delete(self, queue: Queue, message: StoredMessage, *, now: float) -> None:
        """Take a message out for good; in a FIFO queue its group may go on."""
        queue.store.remove(message)
        self._state.record("deleted", queue, message, now=now)
        if queue.fifo:
            self.serve(queue, now=now)

    def _dead_letter(self, queue: Queue, message: StoredMessage, *, now: float) -> bool:
        """Move a message to the dead-letter queue; False when there is none that takes it."""
        assert queue.redrive is not None
        target = self._state.queue_at(queue.redrive.target_arn)
        if target is None or not target.redrive_allow.allows(queue.arn):
            return False
        queue.store.remove(message)
        self._state.record(
            "dead-lettered",
            queue,
            message,
            now=now,
            target=target.arn,
            receive_count=message.receive_count,
        )
        message.receives_before = message.receive_count
        message.dead_letter_source = queue.arn
        if queue.fifo:
            # So that two messages of one deduplication id never meet as duplicates over there.
            message.deduplication_id = message.message_id
        self._arrive(target, message, now=now)
        return True

    def move(self, source: Queue, target: Queue, message: StoredMessage, *, now: float) -> None:
        """Redrive a message: it is a new one in `target`, with its receives forgotten."""
        source.store.remove(message)
        new_id = self._state.ids.uuid()
        self._state.record(
            "moved", source, message, now=now, target=target.arn, new_message_id=new_id
        )
        message.message_id = new_id
        message.sent_at = now
        message.receive_count = message.receives_before = message.handle_number = 0
        message.first_received_at = message.received_at = 0.0
        message.dead_letter_source = None
        self._arrive(target, message, now=now)

    def _arrive(self, target: Queue, message: StoredMessage, *, now: float) -> None:
        message.visible_at = now
        if target.fifo:
            # A standard queue keeps the first enqueue time, a FIFO queue starts retention anew.
            message.sent_at = now
            message.sequence_number = self._state.next_sequence_number()
        target.put(message, now=now)
        self.serve(target, now=now)
        self._state.schedule(target)

    # --- time ------------------------------------------------------------------------------------

    def advance(self, *, now: float) -> None:
        """Let everything that is due by `now` happen, each at its own time."""
        while self._state.may_be_due(now):
            due = self._state.next_queue()
            if due is None or due[0] > now:
                return
            at, queue = due
            self._advance_queue(queue, at)

    def _advance_queue(self, queue: Queue, at: float) -> None:
        for message in list(queue.store.expired(at)):
            queue.store.remove(message)
            self._state.record("expired", queue, message, now=at)
        for message, before in list(queue.store.reveal_due(at)):
            kind = "delay-ended" if before is Visibility.DELAYED else "visibility-timeout-ended"
            self._state.record(kind, queue, message, now=at)
        self.serve(queue, now=at)
        for waiter in queue.due_waiters(at):
            self._answer(queue, waiter, [])
        self._state.schedule(queue)
