"""Attributes of a topic: which can be set, to what, and how they read.

`set_attribute` checks a value and stores it; "" takes an attribute away where that has a meaning.
What is computed (counts, effective delivery policy, owner) is only rendered. The error's prefix
differs between CreateTopic ("Attributes Reason: ...") and SetTopicAttributes; callers give it.

Sources: SNS API reference, CreateTopic, SetTopicAttributes, GetTopicAttributes; recorded answers;
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sns (what takes attributes away).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from tomodachi_fakes.aws.arn import role_at
from tomodachi_fakes.sns import archive, policy_document
from tomodachi_fakes.sns.delivery_policy import (
    InvalidDeliveryPolicy,
    effective_topic_policy,
    topic_policy,
)
from tomodachi_fakes.sns.errors import InvalidParameter, InvalidState, invalid_parameter
from tomodachi_fakes.sns.message import DEFAULT_MAXIMUM_MESSAGE_SIZE
from tomodachi_fakes.sns.notification import timestamp

if TYPE_CHECKING:
    from tomodachi_fakes.sns.state import Topic

_FEEDBACK = frozenset(
    f"{protocol}{kind}"
    for protocol in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
    for kind in ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
)
_FIFO_ONLY = frozenset({"ArchivePolicy", "ContentBasedDeduplication", "FifoThroughputScope"})
_NAMES = _FEEDBACK | {
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
}
# What holds where an attribute is not set, which GetTopicAttributes then does not show.
DEFAULTS = {
    "FifoThroughputScope": "Topic",
    "MaximumMessageSize": str(DEFAULT_MAXIMUM_MESSAGE_SIZE),
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}
_SIZES = range(1024, 1_048_576 + 1)
_LARGE_TOPIC_SUBSCRIPTIONS = 100
# https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/sns/platform_application.go
NO_LOGGING_ROLE = "is not a valid role to allow SNS to write to Cloudwatch Logs"
LARGE_MESSAGE_PROTOCOLS = frozenset({"firehose", "lambda", "sqs"})
_MAXIMUM_DISPLAY_NAME = 100
_PERCENT = range(101)

# Makes an error from the name of an attribute and what is wrong with it, "" for the name alone.
Refusal = Callable[[str, str], InvalidParameter]


def on_create(name: str, reason: str) -> InvalidParameter:
    """The error for an attribute given to CreateTopic."""
    return invalid_parameter("Attributes", _named(name, reason))


def on_set(name: str, reason: str) -> InvalidParameter:
    """The error for an attribute given to SetTopicAttributes."""
    return invalid_parameter(_named(name, reason))


def _named(name: str, reason: str) -> str:
    return f"{name}: {reason}" if reason else name


def is_attribute(name: str) -> bool:
    """True for an attribute that can be set."""
    return name in _NAMES


def set_attribute(topic: Topic, name: str, value: str, *, now: float, refuse: Refusal) -> None:
    """Check an attribute and store it.

    Raises:
        InvalidParameter: a value that it may not have, or one for FIFO topics only.
        InvalidState: archiving is ended while the archive is in use.
    """
    if name in _FIFO_ONLY and not topic.fifo:
        raise refuse(name, "can only be set for FIFO topics")
    if name == "TracingConfig" and topic.fifo:
        raise refuse(name, "can only be set for standard topics")
    if name == "Policy":
        topic.policy = policy_document.checked_policy(topic, value)
        return
    if name == "ArchivePolicy":
        _set_archive_policy(topic, value, now=now)
        return
    checked = _checked(topic, name, value, refuse)
    if checked:
        topic.attributes[name] = checked
    else:
        topic.attributes.pop(name, None)


def rendered(topic: Topic, *, now: float) -> dict[str, str]:
    """The attributes that GetTopicAttributes shows."""
    confirmed = sum(not item.pending for item in topic.subscriptions.values())
    attributes = {
        "Policy": topic.policy
        or json.dumps(policy_document.policy_of(topic), separators=(",", ":")),
        "Owner": topic.account,
        "SubscriptionsPending": str(len(topic.subscriptions) - confirmed),
        "TopicArn": topic.arn,
        "EffectiveDeliveryPolicy": json.dumps(
            effective_topic_policy(topic.attributes.get("DeliveryPolicy")), separators=(",", ":")
        ),
        "SubscriptionsConfirmed": str(confirmed),
        "DisplayName": "",
        "SubscriptionsDeleted": str(topic.deleted),
    }
    if topic.fifo:
        attributes |= {"FifoTopic": "true", "ContentBasedDeduplication": "false"}
    attributes |= topic.attributes
    beginning = archive.beginning(topic, now=now)
    if beginning is not None:
        attributes["BeginningArchiveTime"] = timestamp(beginning)
    return attributes


def _checked(topic: Topic, name: str, value: str, refuse: Refusal) -> str:
    if not value and name in DEFAULTS:
        return ""
    if name == "DeliveryPolicy" and value:
        try:
            return topic_policy(value)
        except InvalidDeliveryPolicy as error:
            raise refuse(name, str(error)) from error
    if name == "MaximumMessageSize":
        return _maximum_message_size(topic, value, refuse)
    if name == "ContentBasedDeduplication":
        return _one_of(name, value.lower(), ("true", "false"), refuse)
    if name in _CHOICES:
        return _one_of(name, value, _CHOICES[name], refuse)
    if name == "DisplayName" and len(value) > _MAXIMUM_DISPLAY_NAME:
        raise refuse(name, "")
    if name.endswith("SampleRate") and value:
        _check_percent(name, value, refuse)
    if name.endswith("RoleArn") and value and role_at(value) is None:
        raise refuse(name, f"{value} {NO_LOGGING_ROLE}")
    return value


_CHOICES = {
    "FifoThroughputScope": ("Topic", "MessageGroup"),
    "SignatureVersion": ("1", "2"),
    "TracingConfig": ("PassThrough", "Active"),
}


def _one_of(name: str, value: str, choices: tuple[str, ...], refuse: Refusal) -> str:
    if value not in choices:
        raise refuse(name, f"Invalid value [{value}]. Must be {' or '.join(choices)}.")
    return value


def is_percent(value: str) -> bool:
    """True for a whole number between 0 and 100."""
    return value.isascii() and value.isdecimal() and int(value[:6]) in _PERCENT


def _check_percent(name: str, value: str, refuse: Refusal) -> None:
    if not is_percent(value):
        raise refuse(name, f"Invalid value [{value}]. Must be between 0 and 100.")


def _maximum_message_size(topic: Topic, value: str, refuse: Refusal) -> str:
    name = "MaximumMessageSize"
    if not (value.isascii() and value.isdecimal()) or int(value) not in _SIZES:
        raise refuse(
            name, f"Invalid value [{value}]. Must be between {_SIZES[0]} and {_SIZES[-1]}."
        )
    if int(value) > DEFAULT_MAXIMUM_MESSAGE_SIZE:
        protocols = {item.protocol for item in topic.subscriptions.values()}
        if len(topic.subscriptions) > _LARGE_TOPIC_SUBSCRIPTIONS:
            raise refuse(
                name,
                f"Values above {DEFAULT_MAXIMUM_MESSAGE_SIZE} are not supported for topics with "
                f"more than {_LARGE_TOPIC_SUBSCRIPTIONS} subscriptions.",
            )
        if not protocols <= LARGE_MESSAGE_PROTOCOLS:
            raise refuse(
                name,
                f"Values above {DEFAULT_MAXIMUM_MESSAGE_SIZE} are only supported for topics with "
                "Amazon SQS, Amazon Data Firehose and Lambda subscriptions.",
            )
    return value


def check_large_topic(topic: Topic, protocol: str) -> None:
    """Refuse a subscription that a topic for large messages can't have.

    Raises:
        InvalidParameter: the topic's `MaximumMessageSize` is above 256 KiB, and the protocol is not
            one of those that take such messages, or the topic has 100 subscriptions.
    """
    size = int(topic.attributes.get("MaximumMessageSize", DEFAULT_MAXIMUM_MESSAGE_SIZE))
    if size <= DEFAULT_MAXIMUM_MESSAGE_SIZE:
        return
    if protocol not in LARGE_MESSAGE_PROTOCOLS:
        reason = f"{protocol} is not supported by a topic with MaximumMessageSize {size}"
        raise invalid_parameter("Protocol", reason)
    if len(topic.subscriptions) >= _LARGE_TOPIC_SUBSCRIPTIONS:
        reason = f"a topic with MaximumMessageSize {size} has at most 100 subscriptions"
        raise invalid_parameter("TopicArn", reason)


def _set_archive_policy(topic: Topic, value: str, *, now: float) -> None:
    try:
        days = archive.retention_days(value)
    except archive.InvalidArchivePolicy as error:
        msg = f"Invalid parameter: {error}"
        raise InvalidParameter(msg) from error
    if days is None:
        if any(item.replay and item.replay.active for item in topic.subscriptions.values()):
            raise InvalidState("The archive can't be deactivated while a replay is in progress")
        topic.attributes.pop("ArchivePolicy", None)
        topic.archived_since = None
        topic.archive.clear()
        return
    topic.attributes["ArchivePolicy"] = value
    topic.archived_since = now if topic.archived_since is None else topic.archived_since
    archive.prune(topic, now=now)
