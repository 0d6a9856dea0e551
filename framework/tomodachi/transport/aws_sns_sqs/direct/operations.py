"""Bodies of the requests and answers of the operations that are called all the time.

Pure. SNS speaks the query protocol (a form, answered by XML), SQS the JSON protocol. Parameters and
answers are those of botocore's client methods, without `ResponseMetadata`.

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html,
https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from botocore.parsers import ResponseParserError

from tomodachi.transport.aws_sns_sqs.form_encoding import encode_form

Params = Mapping[str, Any]
Answer = dict[str, Any]

SNS_API_VERSION = "2010-03-31"


@dataclass(frozen=True, slots=True)
class Operation:
    """An AWS operation.

    Attributes:
        method: What botocore's clients call it.
        encode: Parameters to the request's body.
        decode: The answer's body to the answer; raises botocore's ResponseParserError.
    """

    method: str
    encode: Callable[[Params], bytes]
    decode: Callable[[bytes], Answer]


# --- SQS: JSON ----------------------------------------------------------------------------------


def encode_json(params: Params) -> bytes:
    """A request of the JSON protocol; octets travel in base64."""
    return json.dumps(params, default=_base64).encode()


def _base64(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode()
    msg = f"{type(value).__name__} is nothing that an SQS parameter can hold"
    raise TypeError(msg)


def decode_json(body: bytes) -> Answer:
    """An answer of the JSON protocol that holds no octets."""
    try:
        answer = json.loads(body) if body else {}
    except ValueError as error:
        raise _unreadable(body) from error
    if not isinstance(answer, dict):
        raise _unreadable(body)
    return answer


def decode_messages(body: bytes) -> Answer:
    """The answer of ReceiveMessage, whose message attributes may hold octets."""
    answer = decode_json(body)
    try:
        for message in answer.get("Messages") or ():
            for value in (message.get("MessageAttributes") or {}).values():
                if "BinaryValue" in value:
                    value["BinaryValue"] = b64decode(value["BinaryValue"])
    except (AttributeError, TypeError, binascii.Error) as error:
        raise _unreadable(body) from error
    return answer


# --- SNS: form and XML --------------------------------------------------------------------------


def encode_query(action: str) -> Callable[[Params], bytes]:
    """Gives what encodes requests of an action of SNS."""
    start = {"Action": action, "Version": SNS_API_VERSION}
    return lambda params: encode_form({**start, **dict(_fields(params, ""))})


def _fields(params: Params, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in params.items():
        if name == "MessageAttributes":
            yield from _attribute_fields(value, f"{prefix}MessageAttributes.entry.")
        elif name == "PublishBatchRequestEntries":
            for number, entry in enumerate(value, 1):
                yield from _fields(entry, f"{prefix}PublishBatchRequestEntries.member.{number}.")
        else:
            yield f"{prefix}{name}", value


def _attribute_fields(attributes: Params, prefix: str) -> Iterator[tuple[str, Any]]:
    for number, (name, value) in enumerate(attributes.items(), 1):
        yield f"{prefix}{number}.Name", name
        for part, content in value.items():
            text = b64encode(content).decode() if isinstance(content, bytes) else content
            yield f"{prefix}{number}.Value.{part}", text


def decode_publish(body: bytes) -> Answer:
    """The answer of Publish."""
    answer = _result(body, "PublishResult")
    if "MessageId" not in answer:
        raise _unreadable(body)
    return answer


def decode_publish_batch(body: bytes) -> Answer:
    """The answer of PublishBatch."""
    answer = _result(body, "PublishBatchResult")
    failed = answer.get("Failed") or []
    for entry in failed:
        entry["SenderFault"] = entry.get("SenderFault") == "true"
    return {"Successful": answer.get("Successful") or [], "Failed": failed}


def _result(body: bytes, name: str) -> Answer:
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - AWS's, as botocore reads it
    except ElementTree.ParseError as error:
        raise _unreadable(body) from error
    for element in root:
        if _name(element) == name:
            found = _value(element)
            return found if isinstance(found, dict) else {}
    raise _unreadable(body)


def _value(element: ElementTree.Element) -> Any:
    if not len(element):
        return element.text or ""
    if all(_name(child) == "member" for child in element):
        return [_value(child) for child in element]
    return {_name(child): _value(child) for child in element}


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _unreadable(body: bytes) -> ResponseParserError:
    return ResponseParserError(f"Unable to parse response, invalid body received: {body[:500]!r}")


OPERATIONS: dict[str, Operation] = {
    "Publish": Operation("publish", encode_query("Publish"), decode_publish),
    "PublishBatch": Operation("publish_batch", encode_query("PublishBatch"), decode_publish_batch),
    "SendMessage": Operation("send_message", encode_json, decode_json),
    "ReceiveMessage": Operation("receive_message", encode_json, decode_messages),
    "DeleteMessage": Operation("delete_message", encode_json, decode_json),
    "DeleteMessageBatch": Operation("delete_message_batch", encode_json, decode_json),
}
