"""Policies, operator policies and what they make of a queue's or exchange's arguments.

A policy applies to what its pattern matches, unless it sets something that the queue type does not know; of
several, the one with the highest priority. Where an
argument and policies set a number, the lowest counts; any other value is the argument's, then the
operator policy's, then the policy's, but for the overflow of quorum queues.

Source: https://www.rabbitmq.com/docs/parameters#policies; what each type knows, RabbitMQ 3.10.8, 4.0.5 and 4.3.6
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tomodachi_fakes.amqp.fields import Table, plain
from tomodachi_fakes.amqp.model.arguments import CLASSIC, QUORUM, STREAM, queue_type_of
from tomodachi_fakes.amqp.model.profiles import Profile

_OF_STREAMS = {"max-age", "stream-max-segment-size-bytes", "initial-cluster-size"}
_OF_QUORUM = {"dead-letter-strategy", "delivery-limit", "target-group-size"}
_OF_MIRRORS = {
    "ha-mode", "ha-params", "ha-sync-mode", "ha-sync-batch-size", "ha-promote-on-shutdown",
    "ha-promote-on-failure", "queue-mode", "queue-master-locator",
}  # fmt: skip
_IN_MEMORY = {"max-in-memory-length", "max-in-memory-bytes"}
_OF_QUEUES = {
    "message-ttl", "expires", "max-length", "overflow", "dead-letter-exchange", "dead-letter-routing-key",
}  # fmt: skip
# What each queue type does not know; anything else suits all of them.
_STRANGE = {
    CLASSIC: _OF_STREAMS | _OF_QUORUM,
    QUORUM: _OF_STREAMS | _OF_MIRRORS,
    STREAM: _OF_QUORUM | _OF_MIRRORS | _OF_QUEUES | _IN_MEMORY,
}


def _suits(definition: Iterable[str], kind: str, profile: Profile) -> bool:
    """Whether a queue type, or an exchange, knows all that a policy sets."""
    strange = _STRANGE.get(kind, set())
    if kind == CLASSIC:
        strange = strange | profile.strange_to_classic
    return strange.isdisjoint(definition)


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy.

    Attributes:
        pattern: Regular expression that is searched in the name.
        definition: Keys without "x-": "message-ttl", "dead-letter-exchange", "max-length", ...
        priority: The highest that matches is the one in force.
        apply_to: "all", "queues", "classic_queues", "quorum_queues", "streams" or "exchanges".
    """

    name: str
    pattern: str
    definition: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    apply_to: str = "all"

    def covers(self, name: str, kind: str, profile: Profile) -> bool:
        """Whether it applies to a thing of `kind`: "exchange" or a queue type."""
        kinds = {
            "all": ("exchange", CLASSIC, QUORUM, STREAM),
            "queues": (CLASSIC, QUORUM, STREAM),
            "classic_queues": (CLASSIC,),
            "quorum_queues": (QUORUM,),
            "streams": (STREAM,),
            "exchanges": ("exchange",),
        }[self.apply_to]
        fits = kind in kinds and _suits(self.definition, kind, profile)
        return fits and re.search(self.pattern, name) is not None


def policy_for(policies: Iterable[Policy], name: str, kind: str, profile: Profile) -> Policy | None:
    """The policy in force for a thing; of equal priorities the one set first."""
    covering = [policy for policy in policies if policy.covers(name, kind, profile)]
    return max(covering, key=lambda policy: policy.priority, default=None)


@dataclass(frozen=True, slots=True)
class QueueRules:
    """What arguments and policies together ask of a queue. Times in milliseconds, None is unset."""

    message_ttl: int | None = None
    expires: int | None = None
    dead_letter_exchange: str | None = None
    dead_letter_routing_key: str | None = None
    dead_letter_strategy: str = "at-most-once"
    max_length: int | None = None
    max_length_bytes: int | None = None
    overflow: str = "drop-head"
    delivery_limit: int | None = None
    consumer_timeout: int | None = None
    delayed_retry_type: str = "disabled"
    delayed_retry_min: int | None = None
    delayed_retry_max: int | None = None
    max_age: str | None = None

    @property
    def dead_letters_at_least_once(self) -> bool:
        """Whether letters wait until they have arrived; only a queue that never drops its head does so."""
        return self.dead_letter_strategy == "at-least-once" and self.overflow == "reject-publish"

    def over_limit(self, count: int, octets: int, percent: int = 100) -> bool:
        """Whether so many messages of so many octets are more than this share of what is allowed."""
        most, most_octets = self.max_length, self.max_length_bytes
        return (most is not None and count > most * percent // 100) or (
            most_octets is not None and octets > most_octets * percent // 100
        )


def queue_rules(arguments: Table, *policies: Policy | None) -> QueueRules:
    """Merge a queue's arguments with its policy and operator policy (in this order)."""
    merged: dict[str, Any] = {}
    sources = [{name[2:]: plain(value) for name, value in arguments.items() if name[:2] == "x-"}]
    sources += [policy.definition for policy in reversed(policies) if policy is not None]
    for source in sources:
        for name, value in source.items():
            key = name.replace("-", "_")
            if key not in merged:
                merged[key] = value
            elif isinstance(value, int) and isinstance(merged[key], int):
                merged[key] = min(value, merged[key])
    if queue_type_of(arguments) == QUORUM:
        merged |= _overflow_of(policies)
    if not _is_number(merged.get("delivery_limit", 0)):
        merged["delivery_limit"] = _NO_LIMIT
    return QueueRules(**{k: v for k, v in merged.items() if _is_usable(k, v)})


def _overflow_of(policies: Iterable[Policy | None]) -> dict[str, Any]:
    """Of quorum queues, a policy's overflow comes before the argument. Source: RabbitMQ 3.10.8, 4.0.5 and 4.3.6."""
    found = [
        policy.definition["overflow"]
        for policy in policies
        if policy and "overflow" in policy.definition
    ]
    return {"overflow": found[-1]} if found else {}


def _is_usable(name: str, value: Any) -> bool:
    """Whether a rule of that name is one; some arguments are taken whatever their type, and do nothing."""
    field = QueueRules.__dataclass_fields__.get(name)
    if field is None:
        return False
    return _is_number(value) if field.type == "int | None" else isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_NO_LIMIT = 2**63
