"""SQS as one core: every operation of the API by name, time, waiting receives, snapshots, peeks.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tomodachi_fakes.aws.call import CallContext, LongPoll, Wake
from tomodachi_fakes.aws.errors import NotImplementedByFake
from tomodachi_fakes.aws.keys import KeyRegistry, NoKeys
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.sqs.errors import QueueDoesNotExist
from tomodachi_fakes.sqs.flow import MessageFlow
from tomodachi_fakes.sqs.limits import SqsOptions
from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_fakes.sqs.move_tasks import MoveTaskOperations
from tomodachi_fakes.sqs.permissions import PermissionOperations
from tomodachi_fakes.sqs.queue import Queue, QueueId
from tomodachi_fakes.sqs.queue_operations import QueueOperations
from tomodachi_fakes.sqs.receive_operations import ReceiveOperations
from tomodachi_fakes.sqs.send_operations import SNS, SendOperations
from tomodachi_fakes.sqs.state import SqsState

Handler = Callable[[dict[str, Any], CallContext], dict[str, Any] | LongPoll]


@dataclass(frozen=True, slots=True)
class QueuePeek:
    """A queue's messages without receiving them, each list oldest first.

    Attributes:
        ready: Available to a receiver.
        in_flight: Received and neither deleted nor visible again.
        delayed: Not yet visible for the first time.
        dead: What its dead-letter queue holds from it.
    """

    ready: tuple[StoredMessage, ...]
    in_flight: tuple[StoredMessage, ...]
    delayed: tuple[StoredMessage, ...]
    dead: tuple[StoredMessage, ...]


class SqsService:
    """All of SQS, for every account and region."""

    def __init__(
        self,
        *,
        ids: IdSource,
        events: EventLog,
        faults: FaultPlan,
        keys: KeyRegistry | None = None,
        options: SqsOptions | None = None,
    ) -> None:
        self._state = SqsState(
            ids=ids,
            events=events,
            faults=faults,
            keys=keys or NoKeys(),
            options=options or SqsOptions(),
        )
        self._flow = MessageFlow(self._state)
        self._moves = MoveTaskOperations(self._state, self._flow)
        self._send = SendOperations(self._state, self._flow)
        self._handlers = self._all_handlers()

    def _all_handlers(self) -> dict[str, Handler]:
        queues = QueueOperations(self._state, self._flow)
        receive = ReceiveOperations(self._state, self._flow)
        permissions = PermissionOperations(self._state)
        return {
            "AddPermission": permissions.add_permission,
            "CancelMessageMoveTask": self._moves.cancel_message_move_task,
            "ChangeMessageVisibility": receive.change_message_visibility,
            "ChangeMessageVisibilityBatch": receive.change_message_visibility_batch,
            "CreateQueue": queues.create_queue,
            "DeleteMessage": receive.delete_message,
            "DeleteMessageBatch": receive.delete_message_batch,
            "DeleteQueue": queues.delete_queue,
            "GetQueueAttributes": queues.get_queue_attributes,
            "GetQueueUrl": queues.get_queue_url,
            "ListDeadLetterSourceQueues": queues.list_dead_letter_source_queues,
            "ListMessageMoveTasks": self._moves.list_message_move_tasks,
            "ListQueueTags": queues.list_queue_tags,
            "ListQueues": queues.list_queues,
            "PurgeQueue": queues.purge_queue,
            "ReceiveMessage": receive.receive_message,
            "RemovePermission": permissions.remove_permission,
            "SendMessage": self._send.send_message,
            "SendMessageBatch": self._send.send_message_batch,
            "SetQueueAttributes": queues.set_queue_attributes,
            "StartMessageMoveTask": self._moves.start_message_move_task,
            "TagQueue": queues.tag_queue,
            "UntagQueue": queues.untag_queue,
        }

    @property
    def operations(self) -> tuple[str, ...]:
        """Names of the operations that are implemented."""
        return tuple(self._handlers)

    # --- calls -----------------------------------------------------------------------------------

    def call(
        self, operation: str, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any] | LongPoll:
        """Run one operation.

        Raises:
            AwsError: the answer is an error.
        """
        handler = self._handlers.get(operation)
        if handler is None:
            msg = "sqs"
            raise NotImplementedByFake(msg, operation)
        self.advance(now=context.now)
        if self._state.options.enforce_policies:
            self._check_caller(operation, params, context)
        return handler(params, context)

    def _check_caller(self, operation: str, params: dict[str, Any], context: CallContext) -> None:
        from tomodachi_fakes.sqs.access import check_caller

        queue: Queue | None = None
        if "QueueUrl" in params:
            queue = self._state.queue_of(params, context)
        elif "SourceArn" in params:
            queue = self._state.queue_at(params["SourceArn"])
        elif operation == "GetQueueUrl":
            account = params.get("QueueOwnerAWSAccountId") or context.account
            queue_id = QueueId(account, context.region, params["QueueName"])
            queue = self._state.queues.get(queue_id)
        if queue is not None:
            check_caller(queue, operation, context)

    def deliver(
        self,
        queue_arn: str,
        *,
        body: str,
        now: float,
        sender_id: str,
        source_arn: str = "",
        message_attributes: dict[str, Any] | None = None,
        message_group_id: str | None = None,
        message_deduplication_id: str | None = None,
        trace_header: str | None = None,
        cause: int | None = None,
    ) -> str:
        """Put a message from another service into a queue; returns its message id.

        Raises:
            AwsError: the queue does not exist or does not accept the message.
        """
        self.advance(now=now)
        queue = self._state.queue_at(queue_arn)
        if queue is None:
            raise QueueDoesNotExist()
        if self._state.options.enforce_policies:
            from tomodachi_fakes.sqs.access import check_service

            check_service(queue, SNS, source_arn, now=now)
        params: dict[str, Any] = {"MessageBody": body, "MessageAttributes": message_attributes}
        if message_group_id is not None:
            params["MessageGroupId"] = message_group_id
        if message_deduplication_id is not None and queue.fifo:
            params["MessageDeduplicationId"] = message_deduplication_id
        if trace_header is not None:
            trace = {"DataType": "String", "StringValue": trace_header}
            params["MessageSystemAttributes"] = {"AWSTraceHeader": trace}
        context = CallContext(sender_id, queue.id.region, now, "", "")
        return self._send.deliver(queue, params, context, cause=cause)

    def cancel(self, waiter_id: int) -> None:
        """The client of a waiting receive left; no message is given to it any more."""
        queue = self._state.waiting.pop(waiter_id, None)
        if queue is not None:
            queue.waiters.pop(waiter_id, None)

    def finish_waits(self) -> None:
        """Answer every waiting receive empty, as a server does that stops."""
        for waiter_id, queue in list(self._state.waiting.items()):
            waiter = queue.waiters[waiter_id]
            self._state.wake(queue, waiter_id, waiter.render([]))

    def take_wakes(self) -> list[Wake]:
        """Answers of receives that waited, since the last call."""
        wakes, self._state.wakes = self._state.wakes, []
        return wakes

    # --- time ------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When `advance` has something to do; None when nothing waits for time."""
        due = self._state.next_queue()
        move = self._moves.next_deadline() if self._moves.tasks else None
        if due is None:
            return move
        return due[0] if move is None else min(due[0], move)

    def advance(self, *, now: float) -> None:
        """Let everything that is due by `now` happen, in the order of its time."""
        while self._moves.tasks and (move := self._moves.next_deadline()) is not None:
            if move > now:
                break
            self._flow.advance(now=move)
            self._moves.advance(now=move)
        self._flow.advance(now=now)

    # --- for tests -------------------------------------------------------------------------------

    def queues(self) -> list[Queue]:
        """Every queue, in the order of creation, to look at."""
        return list(self._state.queues.values())

    def find(self, arn: str) -> Queue | None:
        """The queue with this ARN, to look at."""
        return self._state.queue_at(arn)

    def peek(self, arn: str) -> QueuePeek:
        """The queue's messages by state; nothing changes.

        Raises:
            QueueDoesNotExist: there is no such queue.
        """
        queue = self._state.queue_at(arn)
        if queue is None:
            raise QueueDoesNotExist()
        target = self._state.queue_at(queue.redrive.target_arn) if queue.redrive else None
        dead = () if target is None else target.store.messages.values()
        return QueuePeek(
            ready=tuple(queue.peek(Visibility.AVAILABLE)),
            in_flight=tuple(queue.peek(Visibility.IN_FLIGHT)),
            delayed=tuple(queue.peek(Visibility.DELAYED)),
            dead=tuple(m for m in dead if m.dead_letter_source == arn),
        )

    def waiting(self, arn: str) -> int:
        """How many receives wait on a queue."""
        queue = self._state.queue_at(arn)
        return 0 if queue is None else len(queue.waiters)

    def snapshot(self) -> bytes:
        """Everything stored, as opaque octets; receives that wait are not part of it."""
        state = self._state
        return pickle.dumps(
            (
                state.queues,
                state.deleted_at,
                state.last_uid,
                state.sequence_number,
                state.usage,
                self._moves.tasks,
            )
        )

    def restore(self, snapshot: bytes) -> None:
        """Go back to what `snapshot` gave; receives that wait are answered empty."""
        self.finish_waits()
        state = self._state
        (
            state.queues,
            state.deleted_at,
            state.last_uid,
            state.sequence_number,
            state.usage,
            self._moves.tasks,
        ) = pickle.loads(snapshot)  # noqa: S301 - only ever what `snapshot` wrote in this process
        state.rebuild_agenda()

    def reset(self, account: str | None = None) -> None:
        """Forget everything, or everything of one account."""
        for queue in list(self._state.queues.values()):
            if account in (None, queue.id.account):
                self._state.remove_queue(queue, now=0.0)
        self._state.deleted_at.clear()
        self._moves.tasks = [
            task for task in self._moves.tasks if self._state.queue_at(task.source_arn) is not None
        ]
