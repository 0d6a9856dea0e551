"""Redrive policies: where a message goes that was received too often, and which queues may send it.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
and SQS API reference, SetQueueAttributes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tomodachi_fakes.aws.arn import parse_arn
from tomodachi_fakes.sqs.attributes import read_json
from tomodachi_fakes.sqs.errors import InvalidAttributeValue, InvalidParameterValue

_MAX_RECEIVES = 1000
_MAX_SOURCES = 10
_PERMISSIONS = ("allowAll", "denyAll", "byQueue")


@dataclass(frozen=True, slots=True)
class RedrivePolicy:
    """Messages received `max_receive_count` times go to `target_arn` instead of to a receiver."""

    target_arn: str
    max_receive_count: int

    def __str__(self) -> str:
        """As GetQueueAttributes shows it, however it was written: the count is a number."""
        shown = {"deadLetterTargetArn": self.target_arn, "maxReceiveCount": self.max_receive_count}
        return json.dumps(shown, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class RedriveAllowPolicy:
    """Which queues may name this one as their dead-letter queue."""

    permission: str = "allowAll"
    source_arns: tuple[str, ...] = ()

    def allows(self, source_arn: str) -> bool:
        """Whether the queue `source_arn` may dead-letter here."""
        if self.permission == "byQueue":
            return source_arn in self.source_arns
        return self.permission == "allowAll"


def read_redrive_policy(value: str) -> RedrivePolicy:
    """Parse a RedrivePolicy.

    Raises:
        InvalidParameterValue: a part is missing or out of range.
        InvalidAttributeValue: it is not a JSON object.
    """
    data = read_json("RedrivePolicy", value)
    for name in ("maxReceiveCount", "deadLetterTargetArn"):
        if name not in data:
            reason = f"Redrive policy does not contain mandatory attribute: {name}."
            raise _invalid(value, "RedrivePolicy", reason)
    unknown = set(data) - {"deadLetterTargetArn", "maxReceiveCount"}
    if unknown:
        reason = "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount]."
        raise _invalid(value, "RedrivePolicy", reason)
    count = _receive_count(data["maxReceiveCount"])
    if count is None:
        reason = (
            "Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both inclusive."
        )
        raise _invalid(value, "RedrivePolicy", reason.format(data["maxReceiveCount"]))
    arn = data["deadLetterTargetArn"]
    if not isinstance(arn, str) or parse_arn(arn) is None:
        raise _invalid(value, "RedrivePolicy", "Invalid value for deadLetterTargetArn.")
    return RedrivePolicy(arn, count)


def _receive_count(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:6])
    if type(value) is not int or not 1 <= value <= _MAX_RECEIVES:
        return None
    return value


def read_redrive_allow_policy(value: str) -> RedriveAllowPolicy:
    """Parse a RedriveAllowPolicy.

    Raises:
        InvalidAttributeValue: it is no such policy.
    """
    data = read_json("RedriveAllowPolicy", value)
    permission = data.get("redrivePermission")
    if permission not in _PERMISSIONS:
        msg = "RedriveAllowPolicy"
        raise InvalidAttributeValue.of(
            msg,
            "redrivePermission must be one of allowAll, denyAll or byQueue.",
        )
    sources = data.get("sourceQueueArns", [])
    if not isinstance(sources, list) or not all(isinstance(arn, str) for arn in sources):
        msg = "RedriveAllowPolicy"
        raise InvalidAttributeValue.of(msg, "sourceQueueArns must be a list.")
    if (permission == "byQueue") != bool(sources):
        msg = "RedriveAllowPolicy"
        raise InvalidAttributeValue.of(
            msg,
            "sourceQueueArns is for redrivePermission byQueue, and only for it.",
        )
    for arn in sources:
        if not _is_queue_arn(arn):
            msg = "RedriveAllowPolicy"
            raise InvalidAttributeValue.of(
                msg, f"sourceQueueArns has no ARN of a queue in {arn!r}."
            )
    if len(sources) > _MAX_SOURCES:
        msg = "RedriveAllowPolicy"
        raise InvalidAttributeValue.of(
            msg, f"sourceQueueArns can contain up to {_MAX_SOURCES} ARNs."
        )
    return RedriveAllowPolicy(str(permission), tuple(sources))


def _is_queue_arn(text: str) -> bool:
    arn = parse_arn(text)
    return arn is not None and arn.service == "sqs" and bool(arn.region and arn.account)


def _invalid(value: str, name: str, reason: str) -> InvalidParameterValue:
    return InvalidParameterValue.of(value, name, reason)
