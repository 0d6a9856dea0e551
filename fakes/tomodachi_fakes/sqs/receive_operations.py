"""ReceiveMessage, and what is done with a receipt handle: delete, change visibility; in batches too.

Sources: SQS API reference, ReceiveMessage, DeleteMessage, ChangeMessageVisibility;
https://github.com/aws/aws-sdk-java/issues/1628 and https://github.com/smaskalik/sqsmover/issues/54 (what a
handle that has expired is called, alone and in a batch);
https://github.com/Cbsoftware/pressureNET-server/issues/74 (too many messages in flight).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tomodachi_fakes.aws.call import CallContext, LongPoll
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.keys import DECRYPT
from tomodachi_fakes.sqs import limits
from tomodachi_fakes.sqs.batches import check_entries, run_batch
from tomodachi_fakes.sqs.errors import (
    InvalidParameterValue,
    MessageNotInflight,
    MissingParameter,
    OverLimit,
    ReceiptHandleIsInvalid,
)
from tomodachi_fakes.sqs.flow import MessageFlow
from tomodachi_fakes.sqs.key_rules import check_key
from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_fakes.sqs.queue import Queue, Waiter
from tomodachi_fakes.sqs.receipt import Receipt, read_handle
from tomodachi_fakes.sqs.receive_attempts import recall, remember
from tomodachi_fakes.sqs.rendering import renderer
from tomodachi_fakes.sqs.state import SqsState
from tomodachi_fakes.sqs.validation import check_id

# What a FIFO queue says of a handle whose delivery is over.
HandleError = Callable[[str], AwsError]
_TOO_MANY_IN_FLIGHT = (
    "Too many messages have been received without being deleted.\n"
    "Please delete your received messages or let them timeout before receiving more."
)
_NOT_AVAILABLE = "Message does not exist or is not available for visibility timeout change."
_BEYOND_LIMIT = (
    "Total VisibilityTimeout for the message is beyond the limit "
    f"[{limits.MAX_VISIBILITY_TIMEOUT_S} seconds]"
)


class ReceiveOperations:
    """Operations that give out messages and take back their handles."""

    def __init__(self, state: SqsState, flow: MessageFlow) -> None:
        self._state = state
        self._flow = flow

    # --- receiving -------------------------------------------------------------------------------

    def receive_message(
        self, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any] | LongPoll:
        """ReceiveMessage: messages at once, or a wait for them."""
        queue = self._state.queue_of(params, context)
        limit = _ranged(
            params, "MaxNumberOfMessages", 1, limits.MAX_MESSAGES_PER_RECEIVE, 1, between=True
        )
        timeout = _ranged(
            params,
            "VisibilityTimeout",
            0,
            limits.MAX_VISIBILITY_TIMEOUT_S,
            queue.visibility_timeout_s,
        )
        wait = _ranged(params, "WaitTimeSeconds", 0, limits.MAX_WAIT_S, queue.wait_s)
        attempt_id = _attempt_id(queue, params)
        render = renderer(queue, params)
        check_key(self._state.keys, queue, context, DECRYPT)
        if not wait and not queue.fifo:
            self._refuse_over_limit(queue)
        messages = self._receive(queue, limit, timeout, attempt_id, now=context.now)
        if messages or not wait:
            self._state.schedule(queue)
            return render(messages)
        return self._wait(queue, limit, timeout, wait, attempt_id, render, now=context.now)

    def _receive(
        self, queue: Queue, limit: int, timeout: int, attempt_id: str | None, *, now: float
    ) -> list[StoredMessage]:
        if attempt_id is None:
            return self._flow.take(queue, limit, timeout, now=now)
        again = recall(queue, attempt_id, timeout, now=now)
        if again:
            return again
        messages = self._flow.take(queue, limit, timeout, now=now)
        remember(queue, attempt_id, messages, now=now)
        return messages

    def _wait(
        self,
        queue: Queue,
        limit: int,
        timeout: int,
        wait: int,
        attempt_id: str | None,
        render: Callable[[list[StoredMessage]], dict[str, Any]],
        *,
        now: float,
    ) -> LongPoll:
        def finish(messages: list[StoredMessage]) -> dict[str, Any]:
            if attempt_id is not None and messages:
                remember(queue, attempt_id, messages, now=messages[0].received_at)
            return render(messages)

        waiter_id = self._state.next_waiter_id()
        queue.wait(Waiter(waiter_id, limit, timeout, now + wait, finish))
        self._state.waiting[waiter_id] = queue
        self._state.schedule(queue)
        return LongPoll(waiter_id, now + wait)

    def _refuse_over_limit(self, queue: Queue) -> None:
        if queue.store.in_flight >= self._state.options.max_in_flight:
            raise OverLimit(_TOO_MANY_IN_FLIGHT)

    # --- deleting --------------------------------------------------------------------------------

    def delete_message(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """DeleteMessage."""
        queue = self._state.queue_of(params, context)
        if not params["ReceiptHandle"]:
            msg = "MessageHandle"
            raise MissingParameter(msg)
        self._delete(queue, params, _expired, now=context.now)
        self._state.schedule(queue)
        return {}

    def delete_message_batch(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """DeleteMessageBatch."""
        queue = self._state.queue_of(params, context)
        entries = params["Entries"]
        check_entries(entries, "DeleteMessageBatchRequestEntry")
        output = run_batch(
            entries, lambda entry: self._delete(queue, entry, _expired_entry, now=context.now)
        )
        self._state.schedule(queue)
        return output

    def _delete(
        self, queue: Queue, params: dict[str, Any], expired: HandleError, *, now: float
    ) -> dict[str, Any]:
        handle = _handle(params)
        receipt = read_handle(handle, queue.uid)
        message = queue.find(receipt.seq)
        if message is None:
            return {}
        if queue.fifo and not _holds(receipt, message):
            raise expired(handle)
        # A standard queue deletes by any handle that it gave for the message. The reference does not
        # promise that for older ones, but it is what SQS was seen to do.
        self._flow.delete(queue, message, now=now)
        return {}

    # --- visibility ------------------------------------------------------------------------------

    def change_message_visibility(
        self, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any]:
        """ChangeMessageVisibility."""
        queue = self._state.queue_of(params, context)
        self._change(queue, params, _expired, now=context.now)
        self._settle(queue, now=context.now)
        return {}

    def change_message_visibility_batch(
        self, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any]:
        """ChangeMessageVisibilityBatch."""
        queue = self._state.queue_of(params, context)
        entries = params["Entries"]
        check_entries(entries, "ChangeMessageVisibilityBatchRequestEntry")
        output = run_batch(
            entries, lambda entry: self._change(queue, entry, _expired_entry, now=context.now)
        )
        self._settle(queue, now=context.now)
        return output

    def _change(
        self, queue: Queue, params: dict[str, Any], expired: HandleError, *, now: float
    ) -> dict[str, Any]:
        handle = _handle(params)
        if "VisibilityTimeout" not in params:
            msg = "VisibilityTimeout"
            raise MissingParameter(msg)
        timeout = _ranged(params, "VisibilityTimeout", 0, limits.MAX_VISIBILITY_TIMEOUT_S, 0)
        receipt = read_handle(handle, queue.uid)
        message = queue.find(receipt.seq)
        if message is not None and queue.fifo and not _holds(receipt, message):
            raise expired(handle)
        if message is None or message.handle_number != receipt.number:
            raise InvalidParameterValue.of(handle, "ReceiptHandle", _NOT_AVAILABLE)
        if message.state is not Visibility.IN_FLIGHT:
            raise MessageNotInflight()
        if now + timeout - message.received_at > limits.MAX_VISIBILITY_TIMEOUT_S:
            raise InvalidParameterValue.of(timeout, "VisibilityTimeout", _BEYOND_LIMIT)
        queue.store.hide_until(message, now + timeout)
        self._state.record("visibility-changed", queue, message, now=now, timeout_s=timeout)
        return {}

    def _settle(self, queue: Queue, *, now: float) -> None:
        """A timeout of 0 has ended already: let others have the message in the same step."""
        self._state.schedule(queue)
        self._flow.advance(now=now)


def _holds(receipt: Receipt, message: StoredMessage) -> bool:
    """Whether the receipt is of the delivery that still hides the message."""
    return message.handle_number == receipt.number and message.state is Visibility.IN_FLIGHT


def _expired(handle: str) -> AwsError:
    return InvalidParameterValue.of(handle, "ReceiptHandle", "The receipt handle has expired.")


def _expired_entry(handle: str) -> AwsError:
    return ReceiptHandleIsInvalid(handle, "The receipt handle has expired")


def _handle(params: dict[str, Any]) -> str:
    handle: str = params["ReceiptHandle"]
    if not handle:
        msg = "ReceiptHandle"
        raise MissingParameter(msg)
    return handle


def _ranged(
    params: dict[str, Any],
    name: str,
    least: int,
    most: int,
    default: int,
    *,
    between: bool = False,
) -> int:
    value: int | None = params.get(name)
    if value is None:
        return default
    if not least <= value <= most:
        span = f"between {least} and {most}" if between else f">= {least} and <= {most}"
        raise InvalidParameterValue.of(value, name, f"Must be {span}, if provided.")
    return value


def _attempt_id(queue: Queue, params: dict[str, Any]) -> str | None:
    """The attempt's id; standard queues have no use for one and say nothing of it.

    Source: https://github.com/awspring/spring-cloud-aws/issues/529
    """
    attempt_id: str | None = params.get("ReceiveRequestAttemptId")
    if attempt_id is None or not queue.fifo:
        return None
    check_id("ReceiveRequestAttemptId", attempt_id)
    return attempt_id
