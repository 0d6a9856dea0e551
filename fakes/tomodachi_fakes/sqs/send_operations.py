"""SendMessage and SendMessageBatch, and deliveries from SNS.

Source: SQS API reference, SendMessage and SendMessageBatch.
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.keys import ENCRYPT
from tomodachi_fakes.sqs import validation
from tomodachi_fakes.sqs.batches import check_entries, run_batch
from tomodachi_fakes.sqs.digests import md5_of_attributes, md5_of_body
from tomodachi_fakes.sqs.errors import BatchRequestTooLong, StorageFull
from tomodachi_fakes.sqs.flow import MessageFlow
from tomodachi_fakes.sqs.key_rules import check_key
from tomodachi_fakes.sqs.limits import MAX_MESSAGE_BYTES
from tomodachi_fakes.sqs.message import NewMessage
from tomodachi_fakes.sqs.queue import Queue
from tomodachi_fakes.sqs.state import SqsState

# The service that delivers into queues.
SNS = "sns.amazonaws.com"
_TRACE_HEADER = "x-amzn-trace-id"


class SendOperations:
    """Operations that put messages into queues."""

    def __init__(self, state: SqsState, flow: MessageFlow) -> None:
        self._state = state
        self._flow = flow

    def send_message(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """SendMessage."""
        queue = self._state.queue_of(params, context)
        message, size = validation.new_message(queue, params)
        validation.check_size(queue, size)
        self._refuse_when_full(size)
        check_key(self._state.keys, queue, context, ENCRYPT)
        output = self._accept(queue, message, context)
        self._done(queue, now=context.now)
        return output

    def send_message_batch(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """SendMessageBatch: each entry succeeds or fails by itself."""
        queue = self._state.queue_of(params, context)
        entries = params["Entries"]
        check_entries(entries, "SendMessageBatchRequestEntry")
        total = sum(_rough_size(entry) for entry in entries)
        if total > MAX_MESSAGE_BYTES:
            raise BatchRequestTooLong(total)
        self._refuse_when_full(total)
        check_key(self._state.keys, queue, context, ENCRYPT)

        def send(entry: dict[str, Any]) -> dict[str, Any]:
            message, size = validation.new_message(queue, entry)
            validation.check_size(queue, size, "cannot be validated")
            return self._accept(queue, message, context)

        output = run_batch(entries, send)
        self._done(queue, now=context.now)
        return output

    def deliver(
        self, queue: Queue, params: dict[str, Any], context: CallContext, *, cause: int | None
    ) -> str:
        """Accept a message from another service; returns its message id.

        Raises:
            AwsError: the queue does not accept it.
        """
        message, size = validation.new_message(queue, params)
        validation.check_size(queue, size)
        self._refuse_when_full(size)
        check_key(self._state.keys, queue, SNS, ENCRYPT)
        accepted = self._flow.enqueue(
            queue, message, now=context.now, sender_id=context.user_id, cause=cause
        )
        self._done(queue, now=context.now)
        return accepted.message_id

    def _refuse_when_full(self, size: int) -> None:
        limit = self._state.options.max_stored
        if self._state.usage.stored + size > limit:
            raise StorageFull(limit)

    def _accept(self, queue: Queue, message: NewMessage, context: CallContext) -> dict[str, Any]:
        headers = context.headers
        if message.system_attributes is None and headers is not None and _TRACE_HEADER in headers:
            trace = {"DataType": "String", "StringValue": headers[_TRACE_HEADER]}
            message.system_attributes = {"AWSTraceHeader": trace}
        accepted = self._flow.enqueue(queue, message, now=context.now, sender_id=context.user_id)
        output = {"MD5OfMessageBody": md5_of_body(message.body), "MessageId": accepted.message_id}
        if message.attributes is not None:
            output["MD5OfMessageAttributes"] = md5_of_attributes(message.attributes)
        if message.system_attributes is not None:
            output["MD5OfMessageSystemAttributes"] = md5_of_attributes(message.system_attributes)
        if queue.fifo:
            output["SequenceNumber"] = accepted.sequence_number
        return output

    def _done(self, queue: Queue, *, now: float) -> None:
        if queue.waiters:
            self._flow.serve(queue, now=now)
        self._state.schedule(queue)


def _rough_size(entry: dict[str, Any]) -> int:
    """Bytes of an entry's body and attributes, valid or not."""
    size = len(entry["MessageBody"].encode("utf-8", "surrogatepass"))
    for name, value in (entry.get("MessageAttributes") or {}).items():
        size += len(name.encode("utf-8", "surrogatepass"))
        size += len(value.get("DataType", "")) + len(value.get("BinaryValue", b""))
        size += len(value.get("StringValue", "").encode("utf-8", "surrogatepass"))
    return size
