"""Data protection policies of standard topics: what is accepted, and what they do to messages.

Inbound statements audit, mask, redact or refuse what is published; outbound ones refuse deliveries. What
counts as sensitive is decided in `data_identifiers.py`. Of audits the event log tells; they are not
sampled, and no log destination is written.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html,
sns-message-data-protection-operations.html
"""

from __future__ import annotations

import json
import string
from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sns import data_identifiers
from tomodachi_fakes.sns.errors import AuthorizationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tomodachi_fakes.aws.call import CallContext
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.message import Content, Message
    from tomodachi_fakes.sns.state import Subscription, Topic

MAXIMUM_LENGTH = 30_720
_VERSION = "2021-06-01"
_INBOUND = "Inbound"
_DIRECTIONS = (_INBOUND, "Outbound")
_SAMPLE_RATES = range(100)
_DESTINATIONS = ("FindingsDestination", "NoFindingsDestination")
_MASKS = frozenset(string.ascii_letters + string.digits + " !#$%&()*+,-./:;<=>?@[]^_`{|}~'\"\\")


class InvalidDataProtectionPolicy(ValueError):
    """A data protection policy that SNS refuses; the message says why."""


class Operation(Enum):
    """What a statement does once it finds sensitive data."""

    AUDIT = auto()
    MASK = auto()
    REDACT = auto()
    DENY = auto()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy.

    Attributes:
        principals: ARNs or account ids it is for; "*" for all.
        identifiers: Names of the data identifiers.
        mask: The character that takes the place of each one of the data, for MASK.
    """

    inbound: bool
    principals: frozenset[str]
    identifiers: frozenset[str]
    operation: Operation
    mask: str = ""

    def is_for(self, principal: str) -> bool:
        """Whether it is for the principal with this ARN: by that, or as one of its account."""
        return not self.principals.isdisjoint(("*", principal, principal.split(":")[4]))

    def findings(self, text: str) -> list[data_identifiers.Finding]:
        """The sensitive data in a text."""
        return data_identifiers.find(self.identifiers, text)

    def without_sensitive_data(self, text: str) -> str:
        """The text with sensitive data masked or taken out."""
        parts: list[str] = []
        end = 0
        for finding in self.findings(text):
            start = max(finding.start, end)
            parts.append(text[end:start])
            parts.append(self.mask * max(0, finding.end - start))
            end = max(end, finding.end)
        return "".join((*parts, text[end:]))


@dataclass(frozen=True, slots=True)
class DataProtectionPolicy:
    """A topic's data protection policy, as text and ready to be applied."""

    text: str
    statements: tuple[Statement, ...]

    def inbound(self, principal: str, operation: Operation) -> list[Statement]:
        """The statements with this operation on what this principal publishes."""
        return [
            item
            for item in self.statements
            if item.inbound and item.operation is operation and item.is_for(principal)
        ]

    def prohibits_delivery(self, message: Message, subscription: Subscription) -> bool:
        """Whether the message must not be delivered to the subscription."""
        return any(
            not item.inbound
            and item.is_for(subscription.principal)
            and item.findings(message.body_for(subscription.protocol))
            for item in self.statements
        )


def parse_policy(text: str) -> DataProtectionPolicy:
    """Read a policy.

    Raises:
        InvalidDataProtectionPolicy: too long, not JSON, or not a policy.
    """
    if len(text) > MAXIMUM_LENGTH:
        msg = f"The policy is longer than {MAXIMUM_LENGTH} characters"
        raise InvalidDataProtectionPolicy(msg)
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidDataProtectionPolicy("The policy is not valid JSON") from error
    if not isinstance(policy, dict):
        raise InvalidDataProtectionPolicy("The policy must be a JSON object")
    _require(policy, ("Name", "Version", "Statement"))
    if policy["Version"] != _VERSION:
        msg = f"Version must be {_VERSION}"
        raise InvalidDataProtectionPolicy(msg)
    if not isinstance(policy["Statement"], list):
        raise InvalidDataProtectionPolicy("Statement must be a list")
    statements = tuple(_statement(item) for item in policy["Statement"])
    if sum(item.operation is Operation.AUDIT for item in statements) > 1:
        raise InvalidDataProtectionPolicy("Only one Audit statement is allowed")
    return DataProtectionPolicy(text, statements)


def protected(core: Core, topic: Topic, content: Content, context: CallContext) -> Content:
    """What is published of a message to a topic with a policy: audited, then masked and redacted.

    Raises:
        AuthorizationError: an inbound statement denies it, or nothing is left of it.
    """
    policy = topic.data_protection
    if policy is None:
        return content
    principal = context.principal
    for statement in policy.inbound(principal, Operation.AUDIT):
        _audit(core, topic, statement, content, now=context.now)
    for statement in policy.inbound(principal, Operation.DENY):
        if any(statement.findings(text) for text in (content.body, *content.bodies.values())):
            raise _denied(topic)
    for operation in (Operation.MASK, Operation.REDACT):
        for statement in policy.inbound(principal, operation):
            content = _changed(content, statement.without_sensitive_data)
    if not content.body:
        raise _denied(topic)
    return content


def _changed(content: Content, change: Callable[[str], str]) -> Content:
    bodies = {protocol: change(text) for protocol, text in content.bodies.items()}
    return replace(content, body=change(content.body), bodies=bodies)


def _audit(core: Core, topic: Topic, statement: Statement, content: Content, *, now: float) -> None:
    counts = Counter(finding.name for finding in statement.findings(content.body))
    core.record("audited", topic.arn, now, findings=dict(counts))


def _denied(topic: Topic) -> AuthorizationError:
    return AuthorizationError(
        f"The topic's data protection policy prohibits this message from being published to {topic.arn}"
    )


def _require(policy: dict[str, Any], members: tuple[str, ...]) -> None:
    for member in members:
        if member not in policy:
            msg = f"{member} is required"
            raise InvalidDataProtectionPolicy(msg)


def _statement(given: Any) -> Statement:
    if not isinstance(given, dict):
        raise InvalidDataProtectionPolicy("A statement must be a JSON object")
    _require(given, ("DataDirection", "DataIdentifier", "Principal", "Operation"))
    if given["DataDirection"] not in _DIRECTIONS:
        raise InvalidDataProtectionPolicy("DataDirection must be Inbound or Outbound")
    inbound = given["DataDirection"] == _INBOUND
    operation, mask = _operation(given["Operation"])
    if not inbound and operation is not Operation.DENY:
        raise InvalidDataProtectionPolicy("Only Deny is available for outbound messages")
    identifiers = _strings(given, "DataIdentifier")
    names = frozenset(item.removeprefix(data_identifiers.ARN_PREFIX) for item in identifiers)
    return Statement(inbound, _strings(given, "Principal"), names, operation, mask)


def _strings(given: dict[str, Any], member: str) -> frozenset[str]:
    values = given[member]
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        msg = f"{member} must be a list of strings"
        raise InvalidDataProtectionPolicy(msg)
    return frozenset(values)


def _operation(given: Any) -> tuple[Operation, str]:
    """The operation, and the masking character of one that masks."""
    if not isinstance(given, dict) or len(given) != 1:
        raise InvalidDataProtectionPolicy("Operation must be one of Audit, Deidentify and Deny")
    ((name, settings),) = given.items()
    if name not in ("Audit", "Deidentify", "Deny") or not isinstance(settings, dict):
        raise InvalidDataProtectionPolicy("Operation must be one of Audit, Deidentify and Deny")
    if name == "Audit":
        _check_audit(settings)
        return Operation.AUDIT, ""
    if name == "Deny":
        return Operation.DENY, ""
    if settings.keys() == {"RedactConfig"}:
        return Operation.REDACT, ""
    if settings.keys() != {"MaskConfig"}:
        raise InvalidDataProtectionPolicy("Deidentify needs either MaskConfig or RedactConfig")
    return Operation.MASK, _mask(settings["MaskConfig"])


def _mask(config: Any) -> str:
    mask = config.get("MaskWithCharacter") if isinstance(config, dict) else None
    if isinstance(mask, str) and mask in _MASKS:
        return mask
    raise InvalidDataProtectionPolicy("MaskWithCharacter must be one supported character")


def _check_audit(settings: dict[str, Any]) -> None:
    rate = settings.get("SampleRate")
    if not str(rate).isdecimal() or int(str(rate)) not in _SAMPLE_RATES:
        raise InvalidDataProtectionPolicy("SampleRate must be an integer between 0 and 99")
    if not any(name in settings for name in _DESTINATIONS):
        raise InvalidDataProtectionPolicy(
            "Audit needs a FindingsDestination or a NoFindingsDestination"
        )
