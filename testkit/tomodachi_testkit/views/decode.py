"""What a test sees of a body: the payload inside notification, wrapper and envelope.

Three layers may lie around it, each optional: SNS's notification or the runtime's own wrapper of a
message sent straight to a queue (both JSON with a `Message`), then an envelope (`service`,
`metadata`, `data`, in JSON or protobuf), then JSON. Whatever can't be read further is given as it is;
the data of a protobuf envelope are octets, since only their receiver knows their class.
"""

from __future__ import annotations

import base64
import json
import sys
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_WRAPPER_TYPES = ("Notification", "Message")


@dataclass(frozen=True, slots=True)
class Payload:
    """What was found inside a body.

    Attributes:
        data: The payload.
        message_uuid: The envelope's message uuid; None without an envelope.
        topic_arn: The notification's topic; "" without one.
        attributes: Attributes that the notification or wrapper carries, as on the wire.
    """

    data: Any
    message_uuid: str | None = None
    topic_arn: str = ""
    attributes: dict[str, dict[str, Any]] | None = None


def payload_of(body: str | bytes) -> Payload:
    """Read a body as far as it can be read."""
    value = _json(body)
    if not isinstance(value, dict) or not isinstance(value.get("Message"), str):
        data, uuid = _open_envelope(value)
        return Payload(data, uuid)
    if value.get("Type") not in _WRAPPER_TYPES:
        return Payload(value)
    data, uuid = _open_envelope(_json(value["Message"]))
    attributes = value.get("MessageAttributes")
    return Payload(
        data,
        uuid,
        str(value.get("TopicArn") or ""),
        attributes if isinstance(attributes, dict) else None,
    )


def _json(body: str | bytes) -> Any:
    # Not JSON, or not even text: the test sees what the broker carries.
    text: str | bytes = body
    with suppress(ValueError):
        text = body.decode() if isinstance(body, bytes) else body
        return json.loads(text)
    return text


def _open_envelope(value: Any) -> tuple[Any, str | None]:
    if isinstance(value, str):
        return _open_protobuf(value)
    if not isinstance(value, dict) or not isinstance(value.get("metadata"), dict):
        return value, None
    metadata = value["metadata"]
    if "data" not in value or "message_uuid" not in metadata:
        return value, None
    uuid = str(metadata["message_uuid"])
    if metadata.get("data_encoding") == "base64_gzip_json":
        return json.loads(zlib.decompress(base64.b64decode(value["data"]))), uuid
    return value["data"], uuid


def _open_protobuf(text: str) -> tuple[Any, str | None]:
    # Nobody has made such an envelope before its module was imported.
    module = sys.modules.get("tomodachi.envelope.proto_build.protobuf.sns_sqs_message_pb2")
    if module is None:
        return text, None
    from google.protobuf.message import DecodeError

    try:
        found = module.SNSSQSMessage.FromString(base64.b64decode(text, validate=True))
    except (ValueError, DecodeError):
        return text, None
    metadata = found.metadata
    if not metadata.protocol_version.startswith("tomodachi-protobuf-base"):
        return text, None
    if metadata.data_encoding == "gzip_proto":
        return zlib.decompress(found.data), metadata.message_uuid
    return found.data, metadata.message_uuid


def attribute_values(attributes: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    """Python values of message attributes in any of the forms they have on the wire."""
    return {name: _value(entry) for name, entry in (attributes or {}).items()}


def _value(entry: dict[str, Any]) -> Any:
    kind = str(entry.get("DataType") or entry.get("Type") or "String")
    raw = next(
        (entry[key] for key in ("StringValue", "BinaryValue", "Value") if key in entry), None
    )
    if kind == "String.Array":
        return json.loads(str(raw))
    if kind.startswith("Number"):
        text = str(raw)
        return int(text) if text.lstrip("+-").isdecimal() else float(text)
    if kind.startswith("Binary") and isinstance(raw, str):
        return base64.b64decode(raw)
    return raw


def wire_attributes(values: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Message attributes on the wire for Python values, typed as the runtime types them."""
    return {name: _wire(value) for name, value in (values or {}).items()}


def _wire(value: Any) -> dict[str, Any]:
    if value is None or isinstance(value, bool | list | tuple):
        return {"DataType": "String.Array", "StringValue": json.dumps(value)}
    if isinstance(value, int | float):
        return {"DataType": "Number", "StringValue": str(value)}
    if isinstance(value, bytes):
        return {"DataType": "Binary", "BinaryValue": value}
    return {"DataType": "String", "StringValue": str(value)}
