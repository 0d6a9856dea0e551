"""Queue attributes: which exist, their ranges and defaults, and what a change of them means.

Values are text, as on the wire. Redrive policies are read in `redrive.py`, access policies in
`permissions.py`; attributes that are computed (counts, timestamps, ARN) are added by `queue.py`.

Source: SQS API reference, CreateQueue and SetQueueAttributes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from tomodachi_fakes.sqs.errors import InvalidAttributeName, InvalidAttributeValue

READ_ONLY: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
)
_RANGES: Final = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}
_DEFAULTS: Final = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
}
_FIFO_DEFAULTS: Final = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoQueue": "true",
    "FifoThroughputLimit": "perQueue",
}
_BOOLEANS: Final = ("ContentBasedDeduplication", "FifoQueue", "SqsManagedSseEnabled")
_CHOICES: Final = {
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoThroughputLimit": ("perMessageGroupId", "perQueue"),
}
_JSON: Final = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
_KMS: Final = ("KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds")
SETTABLE: Final = frozenset((*_RANGES, *_BOOLEANS, *_CHOICES, *_JSON, "KmsMasterKeyId"))
DEFAULT_REUSE_PERIOD: Final = "300"
_ONE_ENCRYPTION = (
    "You can use one type of server-side encryption (SSE) at one time. "
    "You can either enable KMS SSE or SQS SSE."
)


def initial(given: Mapping[str, str], *, fifo: bool) -> dict[str, str]:
    """The attributes of a new queue that is created with `given`, validated."""
    values = dict(_DEFAULTS) | (_FIFO_DEFAULTS if fifo else {}) | {"SqsManagedSseEnabled": "true"}
    return changed(values, given, fifo=fifo, creating=True)


def changed(
    values: Mapping[str, str], given: Mapping[str, str], *, fifo: bool, creating: bool = False
) -> dict[str, str]:
    """`values` after a request sets `given`: "" resets an attribute, absent leaves it.

    Raises:
        InvalidAttributeName: unknown, computed, or not for this queue type.
        InvalidAttributeValue: outside its range.
    """
    for name, value in given.items():
        _check_name(name, fifo=fifo)
        if value != "":
            _check_value(name, value)
    if fifo and not creating and "FifoQueue" in given:
        _refuse_type_change(given["FifoQueue"])
    result = dict(values)
    for name, value in given.items():
        _set(result, name, value, fifo=fifo)
    _choose_encryption(result, given)
    _check_throughput(result)
    return result


def _set(result: dict[str, str], name: str, value: str, *, fifo: bool) -> None:
    if value == "":
        defaults = _DEFAULTS | (_FIFO_DEFAULTS if fifo else {})
        if name in defaults:
            result[name] = defaults[name]
        elif name != "SqsManagedSseEnabled":
            result.pop(name, None)
    elif name in _RANGES:
        result[name] = _without_zeros(value)
    else:
        result[name] = value.lower() if name in _BOOLEANS else value


def _check_name(name: str, *, fifo: bool) -> None:
    if name not in SETTABLE:
        raise InvalidAttributeName.unknown(name)
    if fifo:
        return
    if name in _CHOICES:
        msg = f"You can specify the {name} only when FifoQueue is set to true."
        raise InvalidAttributeName(msg)
    if name in ("FifoQueue", "ContentBasedDeduplication"):
        raise InvalidAttributeName.unknown(name)


def _check_value(name: str, value: str) -> None:
    if name in _RANGES:
        least, most = _RANGES[name]
        is_number = value.isascii() and value.isdecimal()
        if not is_number or not least <= int(_without_zeros(value)[:12]) <= most:
            raise InvalidAttributeValue.of(name)
    elif name in _BOOLEANS:
        if value.lower() not in ("true", "false"):
            raise InvalidAttributeValue.of(name)
    elif name in _CHOICES:
        if value not in _CHOICES[name]:
            raise InvalidAttributeValue.of(name)
    elif name in _JSON:
        read_json(name, value)


def _without_zeros(number: str) -> str:
    return number.lstrip("0") or "0"


def read_json(name: str, value: str) -> dict[str, object]:
    """The object in a policy attribute.

    Raises:
        InvalidAttributeValue: it is not a JSON object.
    """
    try:
        data = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise InvalidAttributeValue.of(name, _not_json(name, value)) from error
    if not isinstance(data, dict):
        raise InvalidAttributeValue.of(name, _not_json(name, value))
    return data


def _not_json(name: str, value: str) -> str:
    if name == "RedrivePolicy":
        return "Redrive policy is not a valid JSON map."
    if name == "RedriveAllowPolicy":
        return "Redrive allow policy is not a valid JSON map."
    return "Policy is not a valid JSON map." if value else ""


def _refuse_type_change(value: str) -> None:
    if value.lower() == "true":
        msg = "FifoQueue"
        raise InvalidAttributeName.unknown(msg)
    msg = "FifoQueue"
    raise InvalidAttributeValue.of(msg, "Modifying queue type is not supported.")


def _choose_encryption(result: dict[str, str], given: Mapping[str, str]) -> None:
    if result.get("KmsMasterKeyId"):
        if given.get("SqsManagedSseEnabled", "").lower() == "true":
            raise InvalidAttributeName(_ONE_ENCRYPTION)
        result["SqsManagedSseEnabled"] = "false"


def _check_throughput(result: Mapping[str, str]) -> None:
    if (
        result.get("FifoThroughputLimit") == "perMessageGroupId"
        and result.get("DeduplicationScope") != "messageGroup"
    ):
        msg = "FifoThroughputLimit"
        raise InvalidAttributeValue.of(
            msg,
            "The perMessageGroupId value is allowed only when the value for DeduplicationScope "
            "is messageGroup.",
        )


def shown(values: Mapping[str, str]) -> dict[str, str]:
    """The attributes as GetQueueAttributes shows them: no key, no reuse period."""
    result = dict(values)
    if not result.get("KmsMasterKeyId"):
        for name in _KMS:
            result.pop(name, None)
    else:
        result.setdefault("KmsDataKeyReusePeriodSeconds", DEFAULT_REUSE_PERIOD)
    return result


def first_difference(
    values: Mapping[str, str], given: Mapping[str, str], *, fifo: bool
) -> str | None:
    """The attribute in which CreateQueue's `given` differs from the queue that exists."""
    wanted = changed({}, given, fifo=fifo, creating=True) if given else {}
    existing = shown(values)
    for name in given:
        if _canonical(name, wanted.get(name, "")) != _canonical(name, existing.get(name, "")):
            return name
    return None


def _canonical(name: str, value: str) -> object:
    if name in _JSON and value:
        data = read_json(name, value)
        # The count of a redrive policy may be written as a text.
        return {k: str(v) if k == "maxReceiveCount" else v for k, v in data.items()}
    return value
