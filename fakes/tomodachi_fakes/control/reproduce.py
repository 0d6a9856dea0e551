"""A message as a test: source text for pytest that sends it again, the way it came, to a service.

The test is one for the testkit's `svc` fixture. It sends to where the message was first published, as far as
the event log still tells; else straight to the queue.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.model.queue import Queue as AmqpQueue
from tomodachi_fakes.control.parameters import ControlError, Parameter
from tomodachi_fakes.control.queues import OF_A_QUEUE, AmqpPlace, find_queue
from tomodachi_fakes.control.story import short
from tomodachi_fakes.control.timeline import origin, why

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.stream import Stream
    from tomodachi_fakes.events import Event
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_fakes.sqs.message import StoredMessage
    from tomodachi_fakes.sqs.queue import Queue as SqsQueue

View = dict[str, Any]
REPRODUCE = (
    *OF_A_QUEUE,
    Parameter("message_id", "string", "the broker's id of a message in it", required=True),
)
_PERSISTENT = 2  # the testkit's own default
# What brokers add on the way: a test that gave it would not send what was sent.
_DEATH_HEADER = re.compile(r"x-death|x-(first|last)-death-\w+|x-delivery-count|CC|BCC")


@dataclass(frozen=True, slots=True)
class _Sending:
    """One call of the testkit.

    Attributes:
        method: Such as "sns.publish".
        place: What the test is called after.
        arguments: By position.
        options: By name; those that are empty are left out.
    """

    method: str
    place: str
    arguments: tuple[Any, ...]
    options: View = field(default_factory=dict)


def reproduce(broker: FakeBroker, given: View) -> View:
    """The source text of a test that sends a message again.

    Raises:
        ControlError: 404, the queue or the message is not there.
    """
    found, message_id = find_queue(broker, given), given["message_id"]
    root = origin(broker, message_id)
    if isinstance(found, AmqpPlace):
        sending = _of_amqp(_amqp_message(found, message_id), found.queue.name, root)
    else:
        sending = _of_aws(_sqs_message(broker, found, message_id), found.id.name, root)
    return {"code": _test(sending, why(broker, message_id, given["queue"]))}


# --- what is sent --------------------------------------------------------------------------------


def _amqp_message(place: AmqpPlace, message_id: str) -> View:
    for described in _described(place.queue):
        if described["message_id"] == message_id:
            return described
    raise _gone(message_id, place.queue.name)


def _described(queue: AmqpQueue | Stream) -> Iterator[View]:
    if isinstance(queue, AmqpQueue):
        yield from (entry.describe() for entry in (*queue.ready, *queue.unacked.values()))
    else:
        yield from queue.peek()


def _sqs_message(broker: FakeBroker, queue: SqsQueue, message_id: str) -> StoredMessage:
    for message in queue.store.messages.values():
        if message.message_id == message_id:
            return message
    raise _gone(message_id, queue.id.name)


def _gone(message_id: str, queue: str) -> ControlError:
    return ControlError(404, f"no message {message_id!r} is in {queue!r} any more")


def _of_amqp(message: View, queue: str, root: Event | None) -> _Sending:
    exchange, key = message["exchange"], message["routing_key"]
    if root is not None and root.kind == "published":
        exchange, key = root.subject, root.detail["routing_key"]
    options = dict(message["properties"])
    options["headers"] = {
        name: value
        for name, value in options.get("headers", {}).items()
        if not _DEATH_HEADER.fullmatch(name)
    }
    if options.get("delivery_mode") == _PERSISTENT:
        del options["delivery_mode"]
    body = _text_or_octets(message["body"])
    return _Sending("amqp.publish", exchange or key or queue, (exchange, key, body), options)


def _text_or_octets(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _of_aws(message: StoredMessage, queue: str, root: Event | None) -> _Sending:
    options = {"group": message.group_id, "dedup": message.deduplication_id}
    attributes = {name: _value(value) for name, value in (message.attributes or {}).items()}
    if root is None or root.service != "sns":
        arguments = (queue, message.body)
        return _Sending("sqs.send", queue, arguments, {"attributes": attributes, **options})
    topic, body = short(root.subject), message.body
    notification = _notification(body)
    if notification is not None:
        body = notification["Message"]
        options["subject"] = notification.get("Subject")
        attributes = {
            name: _value({"DataType": value["Type"], "StringValue": value["Value"]})
            for name, value in notification.get("MessageAttributes", {}).items()
        }
    return _Sending("sns.publish", topic, (topic, body), {"attributes": attributes, **options})


def _notification(body: str) -> View | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    is_one = isinstance(found, dict) and found.get("Type") == "Notification" and "Message" in found
    return found if is_one else None


def _value(attribute: View) -> Any:
    """A message attribute as a Python value."""
    kind, _, custom = attribute["DataType"].partition(".")
    if kind == "Binary":
        octets = attribute.get("BinaryValue")
        return b64decode(attribute["StringValue"]) if octets is None else octets
    text: str = attribute["StringValue"]
    if kind == "Number":
        return float(text) if re.search(r"[.eE]", text) else int(text)
    return json.loads(text) if custom == "Array" else text


# --- source text ---------------------------------------------------------------------------------


def _test(sending: _Sending, steps: list[str]) -> str:
    name = re.sub(r"\W+", "_", sending.place).strip("_").lower() or "message"
    last = steps[-1].replace("\\", "\\\\").replace('"', "'") if steps else "Sent again"
    lines = [
        "from my_service import Service  # the service under test",
        "",
        "",
        f"async def test_a_message_of_{name}(svc):",
        f'    """It came so far: {last}."""',
        "    await svc.start(Service)",
        f"    await svc.{sending.method}(",
        *(f"        {argument}," for argument in _arguments(sending)),
        "    )",
        "    await svc.drain()",
    ]
    return "\n".join(lines) + "\n"


def _arguments(sending: _Sending) -> Iterator[str]:
    yield from map(repr, sending.arguments)
    for name, value in sending.options.items():
        if value not in (None, {}):
            yield f"{name}={value!r}"
    # As it is: what was sent has its envelope already.
    yield "envelope=None"
