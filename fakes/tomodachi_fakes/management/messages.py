"""Publish a message, or take some from a queue, over HTTP.

Source: https://www.rabbitmq.com/docs/management#http-api; answers as a RabbitMQ 3.10.8 gives them
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpError
from tomodachi_fakes.amqp.fields import plain_table
from tomodachi_fakes.amqp.methods.basic_publish import check_expiration
from tomodachi_fakes.amqp.properties import decode_properties
from tomodachi_fakes.amqp.reply_codes import ChannelReply
from tomodachi_fakes.management.call import Call, answer, exchange_name, is_before_4
from tomodachi_fakes.management.errors import ManagementError, bad_request, missing
from tomodachi_fakes.management.properties_in import properties_of

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.message import Entry
    from tomodachi_fakes.amqp.model.queue import Queue
    from tomodachi_fakes.amqp.model.stream import Stream
    from tomodachi_fakes.aws.http import HttpResponse

_LONGEST_KEY = 255
# How each is settled once it was looked at: None takes it without an acknowledgement.
_ACK_MODES = {
    "ack_requeue_true": "requeue",
    "ack_requeue_false": None,
    "reject_requeue_true": "requeue",
    "reject_requeue_false": "reject",
}


def publish(call: Call) -> HttpResponse:
    """POST exchanges/{vhost}/{exchange}/publish."""
    call.vhost()
    body = call.json("routing_key", "properties", "payload", "payload_encoding")
    payload = _payload(body)
    name = exchange_name(call.path["exchange"])
    try:
        properties = properties_of(body["properties"])
        check_expiration(properties.get("expiration"))
        call.require("write", "exchange", name)
        _refuse_internal(call, name)
        key = str(body["routing_key"])
        if len(key.encode()) > _LONGEST_KEY:
            return answer({"routed": False})  # no frame could bring it to anybody
        routed = call.broker.publish(
            name,
            key,
            payload,
            now=call.now,
            vhost=call.path["vhost"],
            **properties,
        )
    except AmqpError as error:
        raise _with_code(error) from error
    return answer({"routed": routed.queues > 0})


def _refuse_internal(call: Call, name: str) -> None:
    found = call.vhost().exchanges.get(name)
    if found is not None and found.internal:
        raise AmqpChannelError(
            ChannelReply.ACCESS_REFUSED,
            f"cannot publish to internal exchange '{name}' in vhost '{call.path['vhost']}'",
        )


def _with_code(error: AmqpError) -> ManagementError:
    return bad_request(f"{int(error.reply_code)} {error.reply_text}")


def _payload(body: dict[str, Any]) -> bytes:
    encoding, payload = body["payload_encoding"], body["payload"]
    if encoding not in ("string", "base64"):
        raise bad_request(["unsupported_encoding", encoding])
    if not isinstance(payload, str):
        raise bad_request("payload_not_string")
    if encoding == "string":
        return payload.encode("utf-8", "surrogatepass")
    try:
        return b64decode(payload, validate=True)
    except NotBase64 as error:
        raise bad_request(["not_base64", payload]) from error


def get(call: Call) -> HttpResponse:
    """POST queues/{vhost}/{queue}/get."""
    vhost = call.vhost()
    name = call.path["queue"]
    if name not in vhost.queues and not is_before_4(call.broker):
        raise missing("queue_not_found")
    body = call.json("ackmode", "count", "encoding")
    if body["encoding"] not in ("auto", "base64"):
        raise bad_request("Unsupported encoding. Please use auto or base64.")
    if body["ackmode"] not in _ACK_MODES:
        raise bad_request(["unknown", body["ackmode"]])
    if name not in vhost.queues:
        msg = f"NOT_FOUND - no queue '{name}' in vhost '{vhost.name}'"
        raise missing(msg)
    queue = vhost.queues[name]
    call.require("read", "queue", name)
    try:
        return answer(_take(call, queue, body))
    except AmqpError as error:
        text = error.reply_text.removeprefix(f"{error.reply_code.name} - ")
        msg = f"{int(error.reply_code)} {text}"
        raise bad_request(msg) from error


def _take(call: Call, queue: Queue | Stream, body: dict[str, Any]) -> list[dict[str, Any]]:
    fate = _ACK_MODES[body["ackmode"]]
    shown: list[dict[str, Any]] = []
    taken: list[Entry] = []
    for _ in range(_count(body["count"])):
        entry = queue.get(no_ack=fate is None, now=call.now)
        if entry is None:
            break
        call.vhost().record_message(
            "delivered",
            queue.name,
            entry.message,
            now=call.now,
            cause=entry.cause,
            no_ack=fate is None,
            redelivered=entry.redelivered,
        )
        taken.append(entry)
        shown.append(_view(queue, entry, body))
    if fate == "requeue":
        queue.requeue(taken, failed=True, now=call.now)
    elif fate == "reject":
        for entry in taken:
            queue.reject(entry, failed=True, now=call.now)
    return shown


def _count(given: Any) -> int:
    try:
        return int(given)
    except (TypeError, ValueError) as error:
        raise bad_request(["not_integer", given]) from error


def _view(queue: Queue | Stream, entry: Entry, body: dict[str, Any]) -> dict[str, Any]:
    properties = decode_properties(queue.header_for(entry, got=True))
    if "headers" in properties:
        properties["headers"] = plain_table(properties["headers"])
    octets = entry.message.body
    truncate = body.get("truncate")
    kept = octets if truncate is None else octets[: _count(truncate)]
    payload, encoding = shown_payload(kept, as_base64=body["encoding"] == "base64")
    return {
        "payload_bytes": len(octets),
        "redelivered": entry.redelivered,
        "exchange": entry.message.exchange,
        "routing_key": entry.message.routing_key,
        "message_count": queue.message_count,
        # An Erlang list of pairs that is empty is a list to a JSON encoder, too.
        "properties": properties or [],
        "payload": payload,
        "payload_encoding": encoding,
    }


def shown_payload(octets: bytes, *, as_base64: bool = False) -> tuple[str, str]:
    """A body as text where it is UTF-8, else in base64; with the name of what it is."""
    if not as_base64:
        try:
            return octets.decode("utf-8"), "string"
        except UnicodeDecodeError:
            pass
    return b64encode(octets).decode(), "base64"
