"""Resource policies: whether a policy allows, denies or does not mention a request.

Principal, action, resource and the common condition operators, with their `IfExists` forms and the
set operators `ForAnyValue:` and `ForAllValues:`. An explicit deny wins. Both SQS and SNS ask here;
each says for itself what an owner may do without being mentioned. Unknown operators and principals
of other kinds never match, so that nothing is allowed by what is not understood.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import translate
from functools import lru_cache
from re import IGNORECASE, Pattern
from re import compile as compile_pattern
from typing import Any

from tomodachi_fakes.aws.arn import parse_arn

Test = Callable[[str, str], bool]
_IF_EXISTS = "IfExists"
_ANY, _ALL = "ForAnyValue:", "ForAllValues:"


class Decision(Enum):
    """What a policy says about a request."""

    ALLOWED = auto()
    DENIED = auto()
    NOT_ALLOWED = auto()


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """A request that a policy is asked about.

    Attributes:
        action: "SNS:Publish", "sqs:SendMessage"; case does not matter.
        resource: ARN of the topic or queue.
        account: The caller's account; "" for an AWS service.
        principal: The caller's ARN, or a service's name ("sns.amazonaws.com").
        role: ARN of the role that the caller assumed; "" for none.
        conditions: Condition keys and their values; names' case does not matter, and an empty value
            counts as absent.
        now: Unix time in seconds, `aws:CurrentTime`.
    """

    action: str
    resource: str
    account: str = ""
    principal: str = ""
    role: str = ""
    conditions: Mapping[str, str | list[str]] = field(default_factory=dict)
    now: float = 0.0


def evaluate(policy: Mapping[str, Any], request: PolicyRequest) -> Decision:
    """What `policy` says about `request`: deny beats allow, silence is NOT_ALLOWED."""
    context = _context(request)
    decision = Decision.NOT_ALLOWED
    for statement in _list(policy.get("Statement", [])):
        if not _applies(statement, request, context):
            continue
        if statement.get("Effect") == "Deny":
            return Decision.DENIED
        if statement.get("Effect") == "Allow":
            decision = Decision.ALLOWED
    return decision


def _context(request: PolicyRequest) -> dict[str, list[str]]:
    moment = datetime.datetime.fromtimestamp(request.now, datetime.UTC)
    context = {
        "aws:currenttime": [moment.isoformat()],
        "aws:epochtime": [str(int(request.now))],
    }
    for key, value in request.conditions.items():
        if value:
            context[key.lower()] = [value] if isinstance(value, str) else list(value)
    return context


def _applies(
    statement: Mapping[str, Any], request: PolicyRequest, context: dict[str, list[str]]
) -> bool:
    return (
        _names_principal(statement, request)
        and _names(statement, "Action", request.action, ignore_case=True)
        and _names(statement, "Resource", request.resource, ignore_case=False)
        and _conditions_hold(statement.get("Condition", {}), context)
    )


def _names_principal(statement: Mapping[str, Any], request: PolicyRequest) -> bool:
    if "NotPrincipal" in statement:
        return not _is_principal(statement["NotPrincipal"], request)
    return _is_principal(statement.get("Principal"), request)


def _is_principal(principal: Any, request: PolicyRequest) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, dict):
        return False
    if "*" in _list(principal.get("AWS", [])):
        return True  # the same as "*" alone: everybody, services too
    if not request.account:
        return request.principal in _list(principal.get("Service", []))
    return any(_is_account(name, request) for name in _list(principal.get("AWS", [])))


def _is_account(name: str, request: PolicyRequest) -> bool:
    """An account is named by its id, the ARN of its root, or that of the caller or of its role."""
    if name and name in (request.account, request.principal, request.role):
        return True
    arn = parse_arn(name)
    return arn is not None and arn.account == request.account and arn.resource == "root"


def _names(statement: Mapping[str, Any], element: str, value: str, *, ignore_case: bool) -> bool:
    if f"Not{element}" in statement:
        patterns = _list(statement[f"Not{element}"])
        return not any(_like(pattern, value, ignore_case=ignore_case) for pattern in patterns)
    patterns = _list(statement.get(element, []))
    return any(_like(pattern, value, ignore_case=ignore_case) for pattern in patterns)


def _conditions_hold(conditions: Mapping[str, Any], context: dict[str, list[str]]) -> bool:
    return all(
        _condition_holds(operator, key, [str(item) for item in _strings(wanted)], context)
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition_holds(
    operator: str, key: str, wanted: list[str], context: dict[str, list[str]]
) -> bool:
    values = context.get(key.lower())
    if operator == "Null":
        return (values is None) == (wanted[0].lower() == "true")
    for_all, for_any = operator.startswith(_ALL), operator.startswith(_ANY)
    name = operator.removeprefix(_ALL).removeprefix(_ANY)
    if_exists = name.endswith(_IF_EXISTS)
    name = name.removesuffix(_IF_EXISTS)
    negated = _NEGATED.get(name)
    test = _TESTS.get(negated or name)
    if test is None:
        return False
    if values is None:
        return if_exists or for_all or (negated is not None and not for_any)

    def matches(value: str) -> bool:
        found = any(test(pattern, value) for pattern in wanted)
        return not found if negated else found

    each = for_all or (negated is not None and not for_any)
    return all(map(matches, values)) if each else any(map(matches, values))


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _strings(value: Any) -> list[str]:
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in _list(value)]


def _like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    return _compiled(str(pattern), ignore_case).fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str, ignore_case: bool) -> Pattern[str]:  # noqa: FBT001 - a cache key
    """`*` and `?` are the only wild cards; brackets stand for themselves."""
    escaped = pattern.replace("[", "[[]")
    return compile_pattern(translate(escaped), IGNORECASE if ignore_case else 0)


def _arn_like(pattern: str, value: str) -> bool:
    """Each of the six parts is compared on its own, so a wild card can't span two of them."""
    wanted, parts = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == len(parts) and all(map(_like, wanted, parts))


def _in_network(network: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _compared(compare: Callable[[float, float], bool], read: Callable[[str], float]) -> Test:
    def test(wanted: str, value: str) -> bool:
        try:
            return compare(read(value), read(wanted))
        except ValueError:
            return False

    return test


def _moment(text: str) -> float:
    if text.isdecimal():
        return float(text)
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.timestamp()


def _ordered(prefix: str, read: Callable[[str], float]) -> dict[str, Test]:
    return {
        f"{prefix}Equals": _compared(lambda value, wanted: value == wanted, read),
        f"{prefix}LessThan": _compared(lambda value, wanted: value < wanted, read),
        f"{prefix}LessThanEquals": _compared(lambda value, wanted: value <= wanted, read),
        f"{prefix}GreaterThan": _compared(lambda value, wanted: value > wanted, read),
        f"{prefix}GreaterThanEquals": _compared(lambda value, wanted: value >= wanted, read),
    }


def _same_bytes(wanted: str, value: str) -> bool:
    try:
        return base64.b64decode(wanted, validate=True) == base64.b64decode(value, validate=True)
    except ValueError:
        return False


# A test compares a policy's value with a request's.
_TESTS: dict[str, Test] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.casefold() == value.casefold(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "BinaryEquals": _same_bytes,
    "IpAddress": _in_network,
    **_ordered("Numeric", float),
    **_ordered("Date", _moment),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
