"""Attributes of a subscription: which can be set, to what, and how they read.

Source: SNS API reference, Subscribe, SetSubscriptionAttributes, GetSubscriptionAttributes; recorded
answers of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from tomodachi_fakes.aws.arn import parse_arn, role_at
from tomodachi_fakes.sns import archive
from tomodachi_fakes.sns.delivery_policy import (
    InvalidDeliveryPolicy,
    effective_subscription_policy,
    subscription_policy,
)
from tomodachi_fakes.sns.errors import (
    FilterPolicyLimitExceeded,
    InvalidParameter,
    invalid_attributes,
    invalid_parameter,
)
from tomodachi_fakes.sns.filter_policy import FilterPolicyScope
from tomodachi_fakes.sns.filter_policy_parser import InvalidFilterPolicy, parse_filter_policy

if TYPE_CHECKING:
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.state import Subscription, Topic

_NAMES = frozenset(
    {
        "DeliveryPolicy",
        "FilterPolicy",
        "FilterPolicyScope",
        "RawMessageDelivery",
        "RedrivePolicy",
        "ReplayPolicy",
        "SubscriptionRoleArn",
    }
)
_RAW_PROTOCOLS = frozenset({"firehose", "http", "https", "sqs"})

# Makes an error from "<attribute>: <what is wrong with it>".
Refusal = Callable[[str], InvalidParameter]


def on_subscribe(reason: str) -> InvalidParameter:
    """The error for an attribute given to Subscribe."""
    return invalid_attributes(reason)


def on_set(reason: str) -> InvalidParameter:
    """The error for an attribute given to SetSubscriptionAttributes."""
    return invalid_parameter(reason)


def is_attribute(name: str) -> bool:
    """True for an attribute that can be set."""
    return name in _NAMES


def check_topic_has_room(core: Core, topic: Topic) -> None:
    """Let a further filter policy pass.

    Raises:
        FilterPolicyLimitExceeded: the topic or the account has as many as it may.
    """
    limits = core.limits
    here = sum(item.filter_policy is not None for item in topic.subscriptions.values())
    if here >= limits.filter_policies_per_topic:
        raise FilterPolicyLimitExceeded()
    owner = (topic.account, topic.region)
    total = sum(
        item.filter_policy is not None
        for other in core.state.topics.values()
        if (other.account, other.region) == owner
        for item in other.subscriptions.values()
    )
    if total >= limits.filter_policies:
        raise FilterPolicyLimitExceeded()


class AttributeSetter:
    """Sets attributes of one subscription of one topic."""

    __slots__ = ("_core", "_now", "_refuse", "_subscription", "_topic")

    def __init__(
        self, core: Core, topic: Topic, subscription: Subscription, refuse: Refusal, *, now: float
    ) -> None:
        self._core = core
        self._topic = topic
        self._subscription = subscription
        self._refuse = refuse
        self._now = now

    def set_all(self, attributes: dict[str, str]) -> None:
        """Set several, the scope before the policy that depends on it.

        Raises:
            InvalidParameter: an unknown name, or a value that the attribute may not have.
        """
        for name in sorted(attributes, key=lambda name: name == "FilterPolicy"):
            self.set(name, attributes[name])

    def set(self, name: str, value: str) -> None:
        """Set one; "" takes it away.

        Raises:
            InvalidParameter: a value that it may not have.
            FilterPolicyLimitExceeded, ReplayLimitExceeded: too many of them.
        """
        setters: dict[str, Callable[[str], None]] = {
            "DeliveryPolicy": self._set_delivery_policy,
            "FilterPolicy": self._set_filter_policy,
            "FilterPolicyScope": self._set_scope,
            "RawMessageDelivery": self._set_raw,
            "RedrivePolicy": self._set_redrive_policy,
            "ReplayPolicy": self._set_replay_policy,
            "SubscriptionRoleArn": self._set_role,
        }
        setters[name](value)

    def _store(self, name: str, value: str) -> None:
        if value:
            self._subscription.attributes[name] = value
        else:
            self._subscription.attributes.pop(name, None)

    def _set_delivery_policy(self, value: str) -> None:
        try:
            self._store("DeliveryPolicy", subscription_policy(value) if value else "")
        except InvalidDeliveryPolicy as error:
            msg = f"DeliveryPolicy: {error}"
            raise self._refuse(msg) from error

    def _set_filter_policy(self, value: str) -> None:
        subscription = self._subscription
        if not value.strip() or value.strip() == "{}":
            subscription.filter_policy = None
            self._store("FilterPolicy", "")
            return
        try:
            policy = parse_filter_policy(value, scope_of(subscription))
        except InvalidFilterPolicy as error:
            msg = f"FilterPolicy: {error}"
            raise self._refuse(msg) from error
        if subscription.filter_policy is None:
            check_topic_has_room(self._core, self._topic)
        subscription.filter_policy = policy
        self._store("FilterPolicy", value)

    def _set_scope(self, value: str) -> None:
        if value not in tuple(FilterPolicyScope):
            msg = (
                f"FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or "
                "MessageAttributes"
            )
            raise self._refuse(msg)
        subscription = self._subscription
        policy = subscription.attributes.get("FilterPolicy")
        if policy is not None:
            try:
                subscription.filter_policy = parse_filter_policy(policy, FilterPolicyScope(value))
            except InvalidFilterPolicy as error:
                msg = f"FilterPolicy: {error}"
                raise self._refuse(msg) from error
        self._store("FilterPolicyScope", value)

    def _set_raw(self, value: str) -> None:
        wanted = value.lower()
        if wanted not in ("true", "false"):
            msg = f"RawMessageDelivery: Invalid value [{value}]. Must be true or false."
            raise self._refuse(msg)
        protocol = self._subscription.protocol
        if wanted == "true" and protocol not in _RAW_PROTOCOLS:
            msg = f"Delivery protocol [{protocol}] does not support raw message delivery."
            raise self._refuse(msg)
        self._subscription.raw = wanted == "true"

    def _set_redrive_policy(self, value: str) -> None:
        if value:
            self._check_redrive_policy(value)
        self._store("RedrivePolicy", value)

    def _check_redrive_policy(self, value: str) -> None:
        try:
            policy = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise self._refuse("RedrivePolicy: failed to parse JSON.") from error
        if not isinstance(policy, dict):
            raise self._refuse("RedrivePolicy: failed to parse JSON.")
        for name in policy:
            if name != "deadLetterTargetArn":
                msg = f"RedrivePolicy: invalid JSON. Attribute {name} is unknown."
                raise self._refuse(msg)
        target = policy.get("deadLetterTargetArn")
        arn = parse_arn(target) if isinstance(target, str) else None
        if arn is None or arn.service != "sqs":
            raise self._refuse("RedrivePolicy: deadLetterTargetArn is an invalid arn")
        if arn.region != self._topic.region:
            raise self._refuse("RedrivePolicy: deadLetterTargetArn must be in the topic's region")
        if arn.account != self._subscription.owner:
            raise self._refuse("RedrivePolicy: deadLetterTargetArn must be of the same account")
        fifo_endpoint = self._subscription.endpoint.endswith(".fifo")
        if self._topic.fifo and fifo_endpoint and not arn.resource.endswith(".fifo"):
            raise self._refuse(
                "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
            )

    def _set_replay_policy(self, value: str) -> None:
        if not self._topic.fifo:
            raise self._refuse("ReplayPolicy: can only be set for subscriptions to FIFO topics")
        try:
            replay = archive.replay_of(value or "{}", now=self._now)
        except archive.InvalidArchivePolicy as error:
            raise self._refuse(str(error)) from error
        if replay is not None and "ArchivePolicy" not in self._topic.attributes:
            raise self._refuse("ReplayPolicy: the topic has no message archive")
        archive.begin(self._core, self._subscription, replay)
        self._store("ReplayPolicy", value if replay is not None else "")

    def _set_role(self, value: str) -> None:
        if role_at(value) is None:
            raise self._refuse("SubscriptionRoleArn: must be the ARN of a role")
        self._store("SubscriptionRoleArn", value)


def scope_of(subscription: Subscription) -> FilterPolicyScope:
    """The scope that the subscription's filter policy has, or would have."""
    scope = subscription.attributes.get("FilterPolicyScope", FilterPolicyScope.MESSAGE_ATTRIBUTES)
    return FilterPolicyScope(scope)


def rendered(topic: Topic, subscription: Subscription) -> dict[str, str]:
    """The attributes that GetSubscriptionAttributes shows; the scope only beside a policy."""
    attributes = {
        "SubscriptionArn": subscription.arn,
        "TopicArn": subscription.topic_arn,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "Owner": subscription.owner,
        "SubscriptionPrincipal": subscription.principal,
        "ConfirmationWasAuthenticated": _flag(subscription.authenticated),
        "PendingConfirmation": _flag(subscription.pending),
        "RawMessageDelivery": _flag(subscription.raw),
        **subscription.attributes,
    }
    if "FilterPolicy" in attributes:
        attributes["FilterPolicyScope"] = scope_of(subscription)
    else:
        attributes.pop("FilterPolicyScope", None)
    if subscription.protocol in ("http", "https"):
        effective = effective_subscription_policy(
            attributes.get("DeliveryPolicy"), topic.attributes.get("DeliveryPolicy")
        )
        attributes["EffectiveDeliveryPolicy"] = json.dumps(effective, separators=(",", ":"))
    if subscription.replay is not None:
        attributes["ReplayStatus"] = subscription.replay.status
    return attributes


def _flag(value: object) -> str:
    return "true" if value else "false"
