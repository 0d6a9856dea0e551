"""Messages as ReceiveMessage returns them: which system and message attributes were asked for.

Sources: SQS API reference, ReceiveMessage and Message;
https://github.com/localstack/localstack/issues/8566 (`*` alone).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tomodachi_fakes.sqs.attributes import READ_ONLY, SETTABLE
from tomodachi_fakes.sqs.digests import md5_of_attributes, md5_of_body
from tomodachi_fakes.sqs.errors import InvalidAttributeName
from tomodachi_fakes.sqs.message import StoredMessage
from tomodachi_fakes.sqs.queue import Queue
from tomodachi_fakes.sqs.receipt import write_handle

Render = Callable[[list[StoredMessage]], dict[str, Any]]

_SYSTEM: dict[str, Callable[[StoredMessage], str | None]] = {
    "SenderId": lambda m: m.sender_id,
    "SentTimestamp": lambda m: _milliseconds(m.sent_at),
    "ApproximateReceiveCount": lambda m: str(m.receive_count),
    "ApproximateFirstReceiveTimestamp": lambda m: _milliseconds(m.first_received_at),
    "SequenceNumber": lambda m: m.sequence_number,
    "MessageDeduplicationId": lambda m: m.deduplication_id,
    "MessageGroupId": lambda m: m.group_id,
    "AWSTraceHeader": lambda m: (
        m.system_attributes["AWSTraceHeader"]["StringValue"] if m.system_attributes else None
    ),
    "DeadLetterQueueSourceArn": lambda m: m.dead_letter_source,
}
# AttributeNames takes names of queue attributes too, and ignores them.
_ACCEPTED = {*_SYSTEM, *SETTABLE, *READ_ONLY}


def renderer(queue: Queue, params: dict[str, Any]) -> Render:
    """A function that writes messages as this request asked for them.

    Raises:
        InvalidAttributeName: it asks for a system attribute that does not exist.
    """
    asked = [
        *params.get("AttributeNames", ()),
        *params.get("MessageSystemAttributeNames", ()),
    ]
    system = _system_names(asked)
    wanted = params.get("MessageAttributeNames") or ()

    def render(messages: list[StoredMessage]) -> dict[str, Any]:
        if not messages:
            return {}
        return {"Messages": [_message(queue, m, system, wanted) for m in messages]}

    return render


def peeked(queue: Queue, message: StoredMessage, handle: str) -> dict[str, Any]:
    """A message as a receive that asks for everything would return it, with this handle."""
    return _message(queue, message, tuple(_SYSTEM), ("All",)) | {"ReceiptHandle": handle}


def _system_names(asked: Iterable[str]) -> tuple[str, ...]:
    names = []
    for name in asked:
        if name == "All":
            return tuple(_SYSTEM)
        if name not in _ACCEPTED:
            raise InvalidAttributeName.unknown(name)
        if name in _SYSTEM and name not in names:
            names.append(name)
    return tuple(names)


def _message(
    queue: Queue, message: StoredMessage, system: tuple[str, ...], wanted: Iterable[str]
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "MessageId": message.message_id,
        "ReceiptHandle": write_handle(queue.uid, message.seq, message.handle_number),
        "MD5OfBody": md5_of_body(message.body),
        "Body": message.body,
    }
    if system:
        values = ((name, _SYSTEM[name](message)) for name in system)
        found = {name: value for name, value in values if value is not None}
        if found:
            result["Attributes"] = found
    if wanted and message.attributes:
        chosen = {n: v for n, v in message.attributes.items() if _is_wanted(n, wanted)}
        if chosen:
            result["MD5OfMessageAttributes"] = md5_of_attributes(chosen)
            result["MessageAttributes"] = chosen
    return result


def _is_wanted(name: str, wanted: Iterable[str]) -> bool:
    for pattern in wanted:
        if pattern in ("All", "*", name):
            return True
        if pattern.endswith(".*") and name.startswith(pattern[:-2]):
            return True
    return False


def _milliseconds(at: float) -> str:
    return str(round(at * 1000))
