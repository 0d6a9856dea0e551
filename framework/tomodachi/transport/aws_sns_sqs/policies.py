"""What a service wants of its queue, topic and subscription, and which attributes that changes.

Pure: current attributes in, the smallest set of changes out. What None, "" and False mean for KMS is
decided here: None leaves the resource as it is, "" and False turn encryption with a key off, and a
text sets the key.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html,
https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html (queue policy)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tomodachi.transport.aws_sns_sqs.defaults import (
    DEAD_LETTER_QUEUE_DEFAULT,
    FILTER_POLICY_DEFAULT,
    MAX_RECEIVE_COUNT_DEFAULT,
    VISIBILITY_TIMEOUT_DEFAULT,
)
from tomodachi.transport.aws_sns_sqs.errors import InvalidHandlerArgument
from tomodachi.transport.aws_sns_sqs.names import source_arn

MAX_VISIBILITY_TIMEOUT_S = 43_200

# --- KMS ----------------------------------------------------------------------------------------


def kms_key(option: Any, value: Any) -> str | None:
    """The key an option asks for: None to leave the resource alone, "" to turn encryption off.

    Raises:
        ValueError: the option is something else than None, False or a text.
    """
    if value is None or isinstance(value, str):
        return value
    if value is False:
        return ""
    msg = (
        f"Bad value for aws_sns_sqs option {option}: {value!r}. Give a key's id, alias or ARN, "
        "'' or False to turn encryption off, or None to change nothing."
    )
    raise ValueError(msg)


def kms_reuse_period(value: Any) -> int | None:
    """Seconds for which SQS reuses a data key; None to leave the queue alone.

    Raises:
        ValueError: the option is no number of seconds.
    """
    if value is None or value is False:
        return None
    try:
        period = 0 if value is True else int(value)
    except (TypeError, ValueError):
        period = -1
    if value is True or period < 0:
        msg = (
            f"Bad value for aws_sns_sqs option sqs_kms_data_key_reuse_period: {value!r}. "
            "Give whole seconds, or None to change nothing."
        )
        raise ValueError(msg)
    return period or None


# --- policies as they go on the wire ------------------------------------------------------------


def filter_policy_attribute(filter_policy: Any) -> str | None:
    """Subscription attribute `FilterPolicy`; None when no filter policy is asked for.

    Raises:
        InvalidHandlerArgument: the policy is neither a dict nor the JSON of one.
    """
    if filter_policy == FILTER_POLICY_DEFAULT:
        return None
    policy = filter_policy
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except ValueError as error:
            msg = f"filter_policy is no JSON: {filter_policy!r} ({error})."
            raise InvalidHandlerArgument(msg) from error
    if policy is None:
        policy = {}
    if not isinstance(policy, dict):
        msg = f"filter_policy must be a dict, the JSON of one, or None: {filter_policy!r}."
        raise InvalidHandlerArgument(msg)
    return json.dumps(policy)


def queue_policy(
    queue_arn: str,
    topic_arns: Sequence[str],
    *,
    single: Any = None,
    wildcard: Any = None,
) -> dict[str, Any]:
    """The policy that lets topics send to a queue.

    Args:
        queue_arn: The queue.
        topic_arns: The topics, at least one.
        single: Option `queue_policy`, which stands in for the source ARN.
        wildcard: Option `wildcard_queue_policy`, which beats it when there are several topics.

    Returns:
        A policy document. An option that is a whole document itself (a dict with a "Statement") is
        returned as it is.
    """
    source = (wildcard if len(topic_arns) > 1 else None) or single
    if isinstance(source, dict) and "Statement" in source:
        return source
    statement = {
        "Sid": "AllowTopicsToSend",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "SQS:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": source or source_arn(topic_arns)}},
    }
    return {
        "Version": "2012-10-17",
        "Id": f"{queue_arn}/SQSDefaultPolicy",
        "Statement": [statement],
    }


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Where messages go after `max_receive_count` receives; `queue_name` None takes a policy away."""

    queue_name: str | None
    max_receive_count: int


def dead_letter(queue_name: Any, max_receive_count: Any) -> DeadLetter | None:
    """What the decorator's two arguments ask for; None leaves the queue as it is.

    Raises:
        InvalidHandlerArgument: one without the other, or a value it cannot have.
    """
    named = queue_name != DEAD_LETTER_QUEUE_DEFAULT
    counted = max_receive_count != MAX_RECEIVE_COUNT_DEFAULT
    if not named and not counted:
        return None
    if queue_name is None and max_receive_count in (MAX_RECEIVE_COUNT_DEFAULT, None):
        return DeadLetter(None, 0)
    right = (
        named
        and isinstance(queue_name, str)
        and queue_name.strip() != ""
        and isinstance(max_receive_count, int)
        and not isinstance(max_receive_count, bool)
        and max_receive_count >= 1
    )
    if not right:
        shown = queue_name if named else "not given"
        msg = (
            "Invalid values specified for dead-letter queue parameters (dead_letter_queue_name and "
            f"max_receive_count): {shown!r} and {max_receive_count!r}. Give both, a queue name or "
            "ARN and an integer of 1 or more; or neither."
        )
        raise InvalidHandlerArgument(msg)
    return DeadLetter(queue_name, max_receive_count)


def visibility(value: Any) -> int | None:
    """The visibility timeout asked for, in seconds; None (also for 0) leaves the queue as it is.

    Raises:
        InvalidHandlerArgument: it is no integer 0..43200.
    """
    if value is None or value == VISIBILITY_TIMEOUT_DEFAULT:
        return None
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if not is_int or not 0 <= value <= MAX_VISIBILITY_TIMEOUT_S:
        msg = (
            f"SQS visibility_timeout is invalid: {value!r}. Give whole seconds, 0 to "
            f"{MAX_VISIBILITY_TIMEOUT_S} (12 hours)."
        )
        raise InvalidHandlerArgument(msg)
    return value or None


# --- what to change -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WantedQueue:
    """What a handler wants of its queue; None in a field leaves that attribute as it is.

    Attributes:
        policy: Policy document.
        redrive: Redrive policy; {} takes the one there is away.
        visibility_timeout_s: Seconds.
        kms_key: Key id; "" turns encryption with a key off.
        kms_reuse_period_s: Seconds; applied only where a key is, or becomes, set.
    """

    policy: Mapping[str, Any] | None = None
    redrive: Mapping[str, Any] | None = None
    visibility_timeout_s: int | None = None
    kms_key: str | None = None
    kms_reuse_period_s: int | None = None


def queue_changes(wanted: WantedQueue, current: Mapping[str, str]) -> dict[str, str]:
    """Arguments for SetQueueAttributes: only what differs from the current attributes."""
    changes = _policy_change(wanted, current)
    if wanted.visibility_timeout_s is not None:
        _set(changes, current, "VisibilityTimeout", str(wanted.visibility_timeout_s))
    if wanted.redrive is not None and _loaded(current.get("RedrivePolicy")) != _comparable(
        wanted.redrive
    ):
        changes["RedrivePolicy"] = json.dumps(wanted.redrive) if wanted.redrive else ""
    return changes | _kms_changes(wanted, current)


def _policy_change(wanted: WantedQueue, current: Mapping[str, str]) -> dict[str, str]:
    if wanted.policy is None:
        return {}
    if _statements(_loaded(current.get("Policy"))) == _statements(wanted.policy):
        return {}
    return {"Policy": json.dumps(wanted.policy)}


def _kms_changes(wanted: WantedQueue, current: Mapping[str, str]) -> dict[str, str]:
    changes: dict[str, str] = {}
    if wanted.kms_key is not None:
        _set(changes, current, "KmsMasterKeyId", wanted.kms_key)
    key = wanted.kms_key if wanted.kms_key is not None else current.get("KmsMasterKeyId")
    if key and wanted.kms_reuse_period_s is not None:
        period = str(wanted.kms_reuse_period_s)
        _set(changes, current, "KmsDataKeyReusePeriodSeconds", period)
    return changes


def _set(changes: dict[str, str], current: Mapping[str, str], name: str, value: str) -> None:
    if current.get(name, "") != value:
        changes[name] = value


def _loaded(text: str | None) -> Any:
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return text
    return _comparable(value) if isinstance(value, dict) else value


def _comparable(redrive: Mapping[str, Any]) -> dict[str, Any]:
    # AWS answers the count as a number, or as the text it was set with.
    return {
        key: str(value) if key == "maxReceiveCount" else value for key, value in redrive.items()
    }


def _statements(policy: Any) -> Any:
    # What a policy and its statements are called decides nothing: whoever made the queue may have
    # called them something else.
    if not isinstance(policy, Mapping):
        return policy
    statements = policy.get("Statement", [])
    if isinstance(statements, Mapping):
        statements = [statements]
    return [{k: v for k, v in statement.items() if k != "Sid"} for statement in statements]


def max_receive_count(attributes: Mapping[str, str]) -> int | None:
    """How often a queue hands a message out before it moves it; None without a redrive policy."""
    redrive = _loaded(attributes.get("RedrivePolicy"))
    if not isinstance(redrive, dict) or "deadLetterTargetArn" not in redrive:
        return None
    return int(redrive.get("maxReceiveCount", 1))
