"""Message move tasks: StartMessageMoveTask takes a dead-letter queue's messages back, at a rate.

A task moves `MaxNumberOfMessagesPerSecond` messages a second of the handed-in clock, the first at its
start; without a rate it moves all at once, with the system's own pace being no one's business.

Source: SQS API reference, StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tomodachi_fakes.aws.arn import parse_arn
from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.sqs.errors import (
    InvalidParameterValue,
    ResourceNotFound,
    UnsupportedOperation,
)
from tomodachi_fakes.sqs.flow import MessageFlow
from tomodachi_fakes.sqs.limits import MAX_MOVES_PER_SECOND, MOVE_TASK_HISTORY
from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_fakes.sqs.queue import Queue
from tomodachi_fakes.sqs.state import SqsState

_NO_TARGET = "AWS.SimpleQueueService.NonExistentQueue"
_NO_SOURCE = "CouldNotDetermineMessageSource"


class TaskStatus(StrEnum):
    """Status of a move task, as on the wire."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


@dataclass(slots=True)
class MoveTask:
    """One move task.

    Attributes:
        task_id: Its id, part of the handle.
        source_arn: The dead-letter queue.
        source_uid: Its number; a queue that was made anew under its name has another.
        destination_arn: Where its messages go; "" for the queues they came from.
        rate: Messages a second; 0 for as fast as can be.
        started_at: Unix time.
        to_move: Messages in the source at the start.
        status: How it stands.
        moved: Messages moved so far.
        next_at: When it moves the next message.
        failure: Why it failed.
    """

    task_id: str
    source_arn: str
    source_uid: int
    destination_arn: str
    rate: int
    started_at: float
    to_move: int
    status: TaskStatus = TaskStatus.RUNNING
    moved: int = 0
    next_at: float = 0.0
    failure: str = ""


class MoveTaskOperations:
    """Operations on move tasks, and their progress in time."""

    def __init__(self, state: SqsState, flow: MessageFlow) -> None:
        self._state = state
        self._flow = flow
        self.tasks: list[MoveTask] = []

    # --- operations ------------------------------------------------------------------------------

    def start_message_move_task(
        self, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any]:
        """StartMessageMoveTask."""
        source = self._existing(params["SourceArn"], "SourceArn")
        destination = params.get("DestinationArn") or ""
        if destination and self._existing(destination, "DestinationArn").fifo != source.fifo:
            msg = "Source queue and destination queue must be of the same type."
            raise InvalidParameterValue(msg)
        rate = params.get("MaxNumberOfMessagesPerSecond")
        if rate is not None and not 1 <= rate <= MAX_MOVES_PER_SECOND:
            raise InvalidParameterValue.of(
                rate,
                "MaxNumberOfMessagesPerSecond",
                f"Must be between 1 and {MAX_MOVES_PER_SECOND}, if provided.",
            )
        if not self._is_dead_letter_queue(source):
            msg = "Source queue must be configured as a Dead Letter Queue."
            raise InvalidParameterValue(msg)
        if destination == source.arn:
            msg = "Source queue arn and destination queue arn cannot be same."
            raise InvalidParameterValue(msg)
        if any(task.status is TaskStatus.RUNNING for task in self._tasks_of(source)):
            msg = (
                "There is already a task running. Only one active task is allowed for a source "
                "queue arn at a given time."
            )
            raise InvalidParameterValue(msg)
        task = MoveTask(
            task_id=self._state.ids.uuid(),
            source_arn=source.arn,
            source_uid=source.uid,
            destination_arn=destination,
            rate=rate or 0,
            started_at=context.now,
            to_move=source.store.available,
            next_at=context.now,
        )
        self._remember(task, source)
        self.advance(now=context.now)
        return {"TaskHandle": _write_handle(task)}

    def _remember(self, task: MoveTask, source: Queue) -> None:
        """Keep a task, no more of its source's than are ever listed, and none of queues that are gone."""
        self.tasks = [old for old in self.tasks if self._source_of(old) is not None]
        self.tasks.append(task)
        for forgotten in self._tasks_of(source)[:-MOVE_TASK_HISTORY]:
            self.tasks.remove(forgotten)

    def cancel_message_move_task(
        self, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any]:
        """CancelMessageMoveTask: what was moved stays moved."""
        task_id, source_arn = _read_handle(params["TaskHandle"])
        source = self._state.queue_at(source_arn)
        if source is None:
            msg = "SourceArn"
            raise ResourceNotFound(msg)
        task = next((t for t in self._tasks_of(source) if t.task_id == task_id), None)
        if task is None:
            msg = "TaskHandle"
            raise ResourceNotFound(msg)
        if task.status is not TaskStatus.RUNNING:
            msg = "Only active tasks can be cancelled."
            raise UnsupportedOperation(msg)
        task.status = TaskStatus.CANCELLED
        return {"ApproximateNumberOfMessagesMoved": task.moved}

    def list_message_move_tasks(
        self, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any]:
        """ListMessageMoveTasks: the latest first, up to ten."""
        limit = params.get("MaxResults", 1)
        if not 1 <= limit <= MOVE_TASK_HISTORY:
            raise InvalidParameterValue.of(
                limit, "MaxResults", f"Must be between 1 and {MOVE_TASK_HISTORY}, if provided."
            )
        source = self._existing(params["SourceArn"], "SourceArn")
        latest = self._tasks_of(source)[::-1][:limit]
        return {"Results": [_shown(task) for task in latest]}

    def _existing(self, arn: str, parameter: str) -> Queue:
        parsed = parse_arn(arn)
        if parsed is None or parsed.service != "sqs":
            msg = (
                f"You must use this format to specify the {parameter}: "
                "arn:<partition>:<service>:<region>:<account-id>:<resource-id>"
            )
            raise InvalidParameterValue(msg)
        queue = self._state.queue_at(arn)
        if queue is None:
            raise ResourceNotFound(parameter)
        return queue

    def _is_dead_letter_queue(self, queue: Queue) -> bool:
        return any(
            other.redrive is not None and other.redrive.target_arn == queue.arn
            for other in self._state.queues.values()
        )

    def _tasks_of(self, source: Queue) -> list[MoveTask]:
        return [task for task in self.tasks if task.source_uid == source.uid]

    def _source_of(self, task: MoveTask) -> Queue | None:
        queue = self._state.queue_at(task.source_arn)
        return queue if queue is not None and queue.uid == task.source_uid else None

    # --- progress --------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When the next message is to be moved."""
        return min((t.next_at for t in self.tasks if t.status is TaskStatus.RUNNING), default=None)

    def advance(self, *, now: float) -> None:
        """Move what is due by `now`, a message at a time."""
        for task in self.tasks:
            while task.status is TaskStatus.RUNNING and task.next_at <= now:
                self._step(task)

    def _step(self, task: MoveTask) -> None:
        source = self._source_of(task)
        if source is None:
            self._fail(task, _NO_TARGET)
            return
        message = _first_available(source)
        if message is None or task.moved >= task.to_move:
            task.status = TaskStatus.COMPLETED
            self._state.schedule(source)
            return
        arn = task.destination_arn or message.dead_letter_source
        target = self._state.queue_at(arn) if arn else None
        if target is None:
            self._put_back(source, message)
            self._fail(task, _NO_TARGET if arn else _NO_SOURCE)
            return
        self._flow.move(source, target, message, now=task.next_at)
        task.moved += 1
        if task.rate:
            task.next_at = task.started_at + task.moved / task.rate

    def _put_back(self, source: Queue, message: StoredMessage) -> None:
        # It was taken out of line to be moved; being in flight until now puts it back in line.
        source.store.take(message, message.visible_at)
        self._state.schedule(source)

    def _fail(self, task: MoveTask, reason: str) -> None:
        task.status = TaskStatus.FAILED
        task.failure = reason


def _first_available(source: Queue) -> StoredMessage | None:
    return next((m for m in source.store.candidates() if m.state is Visibility.AVAILABLE), None)


def _shown(task: MoveTask) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if task.status is TaskStatus.RUNNING:
        result["TaskHandle"] = _write_handle(task)
    result |= {"Status": str(task.status), "SourceArn": task.source_arn}
    if task.destination_arn:
        result["DestinationArn"] = task.destination_arn
    if task.rate:
        result["MaxNumberOfMessagesPerSecond"] = task.rate
    result |= {
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": round(task.started_at * 1000),
    }
    if task.failure:
        result["FailureReason"] = task.failure
    return result


def _write_handle(task: MoveTask) -> str:
    content = {"taskId": task.task_id, "sourceArn": task.source_arn}
    return b64encode(json.dumps(content, separators=(",", ":")).encode()).decode("ascii")


def _read_handle(handle: str) -> tuple[str, str]:
    try:
        content = json.loads(b64decode(handle, validate=True))
        return str(content["taskId"]), str(content["sourceArn"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise InvalidParameterValue.of(
            handle, "TaskHandle", "The task handle is invalid."
        ) from error
