"""Message attributes: Python values out, Python values in, and their form inside a message body.

Pure. SNS and SQS know String, Number, Binary and (SNS only) String.Array; None, booleans and lists
travel as a String.Array of JSON, so that they come back as they were.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# Wire dicts: what is in them depends on the data type beside it.
WireAttribute = dict[str, Any]


def to_botocore(attributes: Mapping[str, Any] | None) -> dict[str, WireAttribute]:
    """Attributes as botocore takes them: `{"name": {"DataType": ..., "StringValue": ...}}`."""
    return {name: _outgoing(value) for name, value in (attributes or {}).items()}


def to_message_body(attributes: Mapping[str, Any] | None) -> dict[str, WireAttribute]:
    """Attributes as SNS writes them into a notification: `{"name": {"Type": ..., "Value": ...}}`."""
    wire = to_botocore(attributes)
    return {name: _in_body(value) for name, value in wire.items()}


def from_wire(attributes: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    """Python values of attributes in either form; what lacks a type or a value is none."""
    values: dict[str, Any] = {}
    for name, wire in (attributes or {}).items():
        kind, value = _first(wire, _TYPE_KEYS), _first(wire, _VALUE_KEYS)
        if kind is not None and value is not None:
            values[name] = _incoming(str(kind), value)
    return values


def _outgoing(value: Any) -> WireAttribute:
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    if value is None or isinstance(value, bool | list):
        return {"DataType": "String.Array", "StringValue": json.dumps(value)}
    if isinstance(value, int | float | Decimal):
        return {"DataType": "Number", "StringValue": str(value)}
    if isinstance(value, bytes | bytearray):
        return {"DataType": "Binary", "BinaryValue": bytes(value)}
    return {"DataType": "String", "StringValue": str(value)}


def _in_body(wire: WireAttribute) -> WireAttribute:
    if "BinaryValue" in wire:
        value = base64.b64encode(wire["BinaryValue"]).decode()
    else:
        value = wire["StringValue"]
    return {"Type": wire["DataType"], "Value": value}


_TYPE_KEYS = ("DataType", "Type", "dataType", "type")
_VALUE_KEYS = (
    "StringValue", "BinaryValue", "Value", "stringValue", "binaryValue", "value",
)  # fmt: skip


def _incoming(kind: str, value: Any) -> Any:
    # Custom labels follow the type after a dot ("Number.int"); String.Array is a type of its own.
    if kind.startswith("String.Array"):
        return _json_or_text(value)
    match kind.partition(".")[0]:
        case "Number":
            return _number(value)
        case "Binary":
            return _octets(value)
        case _:
            return value


def _first(wire: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((wire[key] for key in keys if wire.get(key) is not None), None)


def _json_or_text(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _number(value: Any) -> Any:
    text = str(value)
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        return value


def _octets(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return value.encode()
