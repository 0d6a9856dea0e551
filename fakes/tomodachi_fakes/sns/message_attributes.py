"""Message attributes: names, types and values that SNS takes.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html; SQS's rules for the
same attributes, whose texts SNS shares. Names with a prefix of AWS's are the reserved ones of SMS and
mobile push: https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-ttl.html
"""

from __future__ import annotations

import re
from typing import Any

from tomodachi_fakes.sns.errors import InvalidParameterValue

FOR_PHONES_AND_DEVICES = ("AWS.MM.SMS.", "AWS.SNS.MOBILE.", "AWS.SNS.SMS.")
_MAXIMUM_NAME_LENGTH = 256
_NAME_CHARACTER = re.compile(r"[^a-zA-Z0-9_.\-]")
_TYPE = re.compile(r"(String|Number|Binary)(\..+)?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def check_attributes(attributes: dict[str, dict[str, Any]]) -> None:
    """Check every message attribute of a message.

    Raises:
        InvalidParameterValue: a name, type or value that SNS does not take.
    """
    for name, attribute in attributes.items():
        _check_name(name)
        _check_type(name, attribute.get("DataType", ""))
        _check_value(name, attribute)


def attributes_size(attributes: dict[str, dict[str, Any]]) -> int:
    """Octets that the attributes add to a message: names, types and values."""
    return sum(
        len(name.encode()) + len(attribute["DataType"].encode()) + _value_size(attribute)
        for name, attribute in attributes.items()
    )


def _value_size(attribute: dict[str, Any]) -> int:
    if "BinaryValue" in attribute:
        return len(attribute["BinaryValue"])
    return len(attribute["StringValue"].encode())


def _check_name(name: str) -> None:
    if not name:
        text = "You must specify a non-empty message attribute name."
    elif len(name) > _MAXIMUM_NAME_LENGTH:
        text = f"Length of message attribute name must be less than {_MAXIMUM_NAME_LENGTH} bytes."
    elif invalid := _NAME_CHARACTER.search(name):
        text = (
            f"Invalid non-alphanumeric character '#x{ord(invalid[0]):X}' was found in the message "
            "attribute name. Can only include alphanumeric characters, hyphens, underscores, or "
            "dots."
        )
    elif name[0] == ".":
        text = "Invalid message attribute name starting with character '.' was found."
    elif name[-1] == ".":
        text = "Invalid message attribute name ending with character '.' was found."
    elif ".." in name:
        text = "Message attribute name can not have successive '.' character."
    elif _is_reserved(name):
        text = "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'."
    else:
        return
    raise InvalidParameterValue(text)


def _is_reserved(name: str) -> bool:
    """Whether the name has a prefix of AWS's, and is none that tells how to send a text or a push."""
    if name.startswith(FOR_PHONES_AND_DEVICES):
        return False
    return name.lower().startswith(("aws.", "amazon."))


def _check_type(name: str, data_type: str) -> None:
    if not data_type:
        msg = f"The message attribute '{name}' must contain non-empty message attribute type."
        raise InvalidParameterValue(msg)
    if not _TYPE.fullmatch(data_type) or _SURROGATE.search(data_type):
        msg = (
            f"The message attribute '{name}' has an invalid message attribute type, the set of "
            "supported type prefixes is Binary, Number, and String."
        )
        raise InvalidParameterValue(msg)


def _check_value(name: str, attribute: dict[str, Any]) -> None:
    data_type = attribute["DataType"]
    field, other = ("Binary", "String") if data_type.startswith("Binary") else ("String", "Binary")
    value = attribute.get(f"{field}Value")
    if value is None and f"{other}Value" in attribute:
        msg = f"The message attribute '{name}' with type '{data_type}' must use field '{field}'."
        raise InvalidParameterValue(msg)
    if not value:
        msg = (
            f"The message attribute '{name}' must contain non-empty message attribute value for "
            f"message attribute type '{data_type}'."
        )
        raise InvalidParameterValue(msg)
    if attribute.get(f"{other}Value"):
        msg = (
            f"The message attribute '{name}' has multiple values for message attribute type "
            f"'{data_type}'."
        )
        raise InvalidParameterValue(msg)
    if field == "String" and _SURROGATE.search(value):
        msg = f"The message attribute '{name}' has characters that are not allowed in its value."
        raise InvalidParameterValue(msg)
    if data_type.startswith("Number") and not _NUMBER.fullmatch(value):
        msg = f"Could not cast message attribute '{name}' value to number."
        raise InvalidParameterValue(msg)
