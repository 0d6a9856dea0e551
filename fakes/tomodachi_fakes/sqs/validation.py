"""What may be sent: bodies, attributes, group and deduplication ids, delays, and their sizes.

Source: SQS API reference, SendMessage; quotas of messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tomodachi_fakes.sqs import limits
from tomodachi_fakes.sqs.errors import (
    InvalidMessageContents,
    InvalidParameterValue,
    MissingParameter,
    NotForQueueType,
)
from tomodachi_fakes.sqs.message import NewMessage
from tomodachi_fakes.sqs.queue import Queue

_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ID = re.compile(r"[!-~]{1,128}")
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_RESERVED_NAME = re.compile(r"(aws|amazon)\.", re.IGNORECASE)
_TYPES = ("String", "Number", "Binary")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_EXPONENT = re.compile("[eE]")


def new_message(queue: Queue, params: Mapping[str, Any]) -> tuple[NewMessage, int]:
    """A SendMessage request or batch entry as a message, and its size in bytes.

    Raises:
        AwsError: something about it is not acceptable to `queue`.
    """
    body: str = params["MessageBody"]
    if not body:
        msg = "MessageBody"
        raise MissingParameter(msg)
    attributes: dict[str, Any] | None = params.get("MessageAttributes") or None
    size = _size_of_body(body)
    if attributes is not None:
        size += check_attributes(attributes)
    system = params.get("MessageSystemAttributes") or None
    if system is not None:
        _check_system_attributes(system)
    delay = params.get("DelaySeconds")
    if delay is not None:
        delay = _delay(queue, delay)
    group, deduplication = params.get("MessageGroupId"), params.get("MessageDeduplicationId")
    if queue.fifo or group is not None or deduplication is not None:
        _check_ids(queue, group, deduplication)
    return NewMessage(body, attributes, system, delay, group, deduplication), size


def check_size(queue: Queue, size: int, verb: str = "are invalid") -> None:
    """Let a message pass that is not larger than the queue allows.

    Raises:
        InvalidParameterValue: it is larger.
    """
    if size > queue.max_message_bytes:
        msg = (
            f"One or more parameters {verb}. Reason: Message must be shorter than "
            f"{queue.max_message_bytes} bytes."
        )
        raise InvalidParameterValue(msg)


def _size_of_body(body: str) -> int:
    if found := _UNSENDABLE.search(body):
        raise InvalidMessageContents(found.group())
    return len(body) if body.isascii() else len(body.encode())


def _delay(queue: Queue, delay: int) -> int | None:
    if not 0 <= delay <= limits.MAX_DELAY_S:
        raise InvalidParameterValue.of(
            delay, "DelaySeconds", f"DelaySeconds must be >= 0 and <= {limits.MAX_DELAY_S}."
        )
    if not queue.fifo:
        return delay
    if delay:
        raise NotForQueueType(delay, "DelaySeconds")
    return None  # 0 in a FIFO queue means the queue's own delay


def _check_ids(queue: Queue, group: str | None, deduplication: str | None) -> None:
    if queue.fifo and group is None:
        msg = "MessageGroupId"
        raise MissingParameter(msg)
    if group is not None:
        check_id("MessageGroupId", group)
    if deduplication is not None:
        if not queue.fifo:
            raise NotForQueueType(deduplication, "MessageDeduplicationId")
        check_id("MessageDeduplicationId", deduplication)
    elif queue.fifo and not queue.content_based:
        msg = (
            "The queue should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly"
        )
        raise InvalidParameterValue(msg)


def check_id(parameter: str, value: str) -> None:
    """Let a group id, deduplication id or receive attempt id pass that is well-formed.

    Raises:
        InvalidParameterValue: it is not.
    """
    if not _ID.fullmatch(value):
        raise InvalidParameterValue.of(
            value,
            parameter,
            f"{parameter} can only include alphanumeric and punctuation characters. "
            "1 to 128 in length.",
        )


def check_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """Message attributes' size in bytes.

    Raises:
        InvalidParameterValue: there are too many, or one is malformed.
    """
    if len(attributes) > limits.MAX_MESSAGE_ATTRIBUTES:
        msg = (
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum "
            f"[{limits.MAX_MESSAGE_ATTRIBUTES}]."
        )
        raise InvalidParameterValue(msg)
    size = 0
    for name, value in attributes.items():
        _check_attribute_name(name)
        size += len(name.encode()) + _check_value("user", name, value)
    return size


def _check_attribute_name(name: str) -> None:
    if not name:
        msg = "The request must contain non-empty message attribute name."
        raise InvalidParameterValue(msg)
    if len(name) > limits.MAX_ATTRIBUTE_NAME_CHARACTERS:
        msg = (
            "Message (user) attribute names must be shorter than "
            f"{limits.MAX_ATTRIBUTE_NAME_CHARACTERS} Bytes"
        )
        raise InvalidParameterValue(msg)
    if not _ATTRIBUTE_NAME.fullmatch(name):
        msg = (
            f"The message attribute name '{name}' is invalid. Names hold letters and digits of "
            "ASCII, underscores (_), hyphens (-) and periods (.)."
        )
        raise InvalidParameterValue(msg)
    if _RESERVED_NAME.match(name) or name[0] == "." or name[-1] == "." or ".." in name:
        msg = (
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. "
            "These strings are reserved for internal use. Additionally, they cannot start or end "
            "with '.'."
        )
        raise InvalidParameterValue(msg)


def _check_value(kind: str, name: str, value: Mapping[str, Any]) -> int:
    where = f"Message ({kind}) attribute '{name}'"
    data_type: str = value.get("DataType", "")
    base, _, label = data_type.partition(".")
    if not data_type:
        msg = f"{where} must contain a non-empty attribute type."
        raise InvalidParameterValue(msg)
    if base not in _TYPES or len(data_type) > limits.MAX_ATTRIBUTE_NAME_CHARACTERS:
        msg = (
            f"The type of message ({kind}) attribute '{name}' is invalid. You must use only the "
            "following supported type prefixes: Binary, Number, String."
        )
        raise InvalidParameterValue(msg)
    if value.get("StringListValues") or value.get("BinaryListValues"):
        msg = f"{where}: message attribute list values are not supported."
        raise InvalidParameterValue(msg)
    if base == "Binary":
        content: bytes = value.get("BinaryValue", b"")
    else:
        text: str = value.get("StringValue", "")
        if found := _UNSENDABLE.search(text) or _UNSENDABLE.search(label):
            raise InvalidMessageContents(found.group(), f"({kind}) attribute '{name}'")
        content = text.encode()
    if not content:
        msg = f"{where} must contain a non-empty value of type '{base}'."
        raise InvalidParameterValue(msg)
    if base == "Number" and not _is_number(text):
        msg = f"Can't cast the value of {where[0].lower()}{where[1:]} to a number."
        raise InvalidParameterValue(msg)
    return len(data_type.encode()) + len(content)


def _is_number(text: str) -> bool:
    """Whether SQS can read it: up to 38 digits, and 0 or between 10^-128 and 10^126."""
    if not _NUMBER.fullmatch(text):
        return False
    if len(text) <= limits.MAX_NUMBER_DIGITS and not _EXPONENT.search(text):
        return True
    from decimal import Decimal  # few numbers are that long

    number = Decimal(text)
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    in_range = Decimal("1E-128") <= number.copy_abs() <= Decimal("1E126")
    return not number or (in_range and len(digits) <= limits.MAX_NUMBER_DIGITS)


def _check_system_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> None:
    for name, value in attributes.items():
        if name != "AWSTraceHeader":
            msg = f"Message system attribute name '{name}' is invalid."
            raise InvalidParameterValue(msg)
        if value.get("DataType") != "String":
            msg = f"The message system attribute '{name}' must have the data type String."
            raise InvalidParameterValue(msg)
        _check_value("system", name, value)
