"""A filter policy's JSON text: what is wrong with it, in SNS's words, or the policy it means.

SNS stops at the first mistake it meets in the text and says where its parser stood. Limits (five
names, 150 combinations) are checked once the text is sound.

Source: recorded answers of AWS; https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html;
where those are silent, the texts of the rule compiler that AWS publishes (https://github.com/aws/event-ruler),
which words its errors as SNS does.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from typing import Any, NoReturn

from tomodachi_fakes.sns.filter_conditions import (
    LARGEST_NUMBER,
    AnythingBut,
    AnythingButPrefix,
    Cidr,
    Condition,
    EqualsIgnoreCase,
    Exactly,
    Exists,
    Numeric,
    Prefix,
    Suffix,
    is_number,
)
from tomodachi_fakes.sns.filter_policy import AllOf, FilterPolicy, FilterPolicyScope, Leaf, Path
from tomodachi_fakes.sns.json_source import JsonSyntaxError, Node, location, parse

MAXIMUM_KEYS = 5
MAXIMUM_COMBINATIONS = 150
MAXIMUM_POLICY_BYTES = 256 * 1024
OR = "$or"
_IPV4_WIDTH = 32
_LONGEST_MASK = 9
_ONLY_ONE_KEY = "Only one key allowed in match expression"
_FURTHER_KEY = dict.fromkeys(("anything-but", "numeric"), "Too many elements in numeric expression")


class InvalidFilterPolicy(ValueError):
    """A filter policy that SNS refuses; the message is what follows "FilterPolicy: "."""


class _InvalidNetwork(ValueError):
    """An operand of `cidr` that is no network; the message is SNS's."""


def parse_filter_policy(text: str, scope: FilterPolicyScope) -> FilterPolicy:
    """Read a filter policy.

    Raises:
        InvalidFilterPolicy: not JSON, not a policy, or too complex.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAXIMUM_POLICY_BYTES:
        raise InvalidFilterPolicy("Filter policy is too large")
    try:
        root = parse(text)
    except JsonSyntaxError as error:
        msg = f"failed to parse JSON. {error}"
        raise InvalidFilterPolicy(msg) from error
    policy = _Parser(text, scope).policy(root)
    _check_limits(policy)
    return FilterPolicy(policy, scope)


def _check_limits(policy: AllOf) -> None:
    if len(policy.fields) + len(policy.alternatives) > MAXIMUM_KEYS:
        msg = f"Filter policy can not have more than {MAXIMUM_KEYS} keys"
        raise InvalidFilterPolicy(msg)
    if combinations(policy) > MAXIMUM_COMBINATIONS:
        raise InvalidFilterPolicy("Filter policy is too complex")


def combinations(policy: AllOf) -> int:
    """The product over all names of values times levels; `$or` adds its alternatives up."""
    total = 1
    for _, wanted in policy.fields:
        if isinstance(wanted, AllOf):
            total *= combinations(wanted)
        else:
            total *= len(wanted.conditions) * len(wanted.path)
    for options in policy.alternatives:
        total *= sum(combinations(option) for option in options)
    return total


class _Parser:
    __slots__ = ("_scope", "_text")

    def __init__(self, text: str, scope: FilterPolicyScope) -> None:
        self._text = text
        self._scope = scope

    def policy(self, root: Node) -> AllOf:
        if not root.is_object:
            self._fail("Filter is not an object", root.seen_at)
        return self._object(root, (), 0)

    def _object(self, node: Node, path: Path, depth: int) -> AllOf:
        if not node.value and depth:
            self._fail("Empty objects are not allowed", node.end)
        fields: dict[str, Leaf | AllOf] = {}
        alternatives: list[tuple[AllOf, ...]] = []
        for name, member in node.value:
            if name == OR and self._is_or(member):
                alternatives.append(
                    tuple(self._object(option, path, depth + 1) for option in member.value)
                )
                continue
            first, wanted = self._field(name, member, path, depth)
            fields[first] = _joined(fields.get(first), wanted)
        return AllOf(tuple(fields.items()), tuple(alternatives))

    def _is_or(self, member: Node) -> bool:
        """`$or` is the operator when its value is an array of two objects or more."""
        return (
            member.is_array
            and len(member.value) > 1
            and all(option.is_object for option in member.value)
            and not any(self._is_condition(option) for option in member.value)
        )

    def _is_condition(self, option: Node) -> bool:
        return len(option.value) == 1 and option.value[0][0] in _OPERATORS

    def _field(self, name: str, member: Node, path: Path, depth: int) -> tuple[str, Leaf | AllOf]:
        """The member under its first segment; a dotted name means levels in body scope."""
        segments = (
            tuple(name.split(".")) if self._scope is FilterPolicyScope.MESSAGE_BODY else (name,)
        )
        here = (*path, *segments)
        wanted: Leaf | AllOf
        if member.is_object:
            if self._scope is FilterPolicyScope.MESSAGE_ATTRIBUTES:
                raise InvalidFilterPolicy(
                    "Filter policy scope MessageAttributes does not support nested filter policy"
                )
            wanted = self._object(member, here, depth + 1)
        elif member.is_array:
            wanted = self._leaf(member, here)
        else:
            self._fail(f'"{name}" must be an object or an array', member.seen_at)
        for segment in reversed(segments[1:]):
            wanted = AllOf(((segment, wanted),))
        return segments[0], wanted

    def _leaf(self, node: Node, path: Path) -> Leaf:
        if not node.value:
            self._fail("Empty arrays are not allowed", node.end)
        return Leaf(path, tuple(self._condition(item) for item in node.value))

    def _condition(self, node: Node) -> Condition:
        if node.is_array:
            self._fail("Match value must be String, number, true, false, or null", node.seen_at)
        if not node.is_object:
            return Exactly(node.value)
        if not node.value:
            self._fail("Match expression name not found", node.end)
        operator, operand = node.value[0]
        parse_operand = _OPERATORS.get(operator)
        if parse_operand is None:
            self._fail(f"Unrecognized match type {operator}", operand.seen_at)
        condition = parse_operand(self, operator, operand)
        self._only_one_key(node, operator)
        return condition

    def _only_one_key(self, node: Node, operator: str) -> None:
        if len(node.value) > 1:
            self._fail(_FURTHER_KEY.get(operator, _ONLY_ONE_KEY), node.value[1][1].seen_at)

    def _fail(self, reason: str, offset: int) -> NoReturn:
        source = f'[Source: (String)"{self._text}"; {location(self._text, offset)}]'
        msg = f"{reason}\n at {source}"
        raise InvalidFilterPolicy(msg)

    def string(self, operator: str, operand: Node) -> str:
        """The operand of an operator that takes a string."""
        if not isinstance(operand.value, str):
            self._fail(f"{operator} match pattern must be a string", operand.seen_at)
        return operand.value

    def exists(self, operator: str, operand: Node) -> Condition:
        """`{"exists": true}` or `{"exists": false}`."""
        if not isinstance(operand.value, bool):
            reason = f"{operator} match pattern must be either true or false."
            self._fail(reason, operand.seen_at)
        return Exists(operand.value)

    def cidr(self, operator: str, operand: Node) -> Condition:
        """`{"cidr": "10.0.0.0/24"}`."""
        try:
            return Cidr(_network(self.string("prefix", operand)))  # named so by SNS, too
        except _InvalidNetwork as error:
            raise InvalidFilterPolicy(str(error)) from error  # without a position, as from SNS

    def anything_but(self, operator: str, operand: Node) -> Condition:
        """`{"anything-but": ...}` with one value, a list of one kind, or a prefix."""
        if operand.is_object:
            return self._anything_but_pattern(operand)
        if operand.is_array:
            return AnythingBut(self._anything_but_list(operand))
        if isinstance(operand.value, bool) or operand.value is None:
            reason = f"Value of {operator} must be an array or single string/number value."
            self._fail(reason, operand.seen_at)
        return AnythingBut((operand.value,))

    def _anything_but_pattern(self, node: Node) -> Condition:
        if not node.value:
            self._fail("Anything-But expression name not found", node.end)
        pattern, operand = node.value[0]
        if pattern != "prefix":
            self._fail(f"Unsupported anything-but pattern: {pattern}", operand.seen_at)
        prefix = self.string(pattern, operand)
        if not prefix:
            self._fail("Null prefix not allowed", operand.end)
        self._only_one_key(node, pattern)
        return AnythingButPrefix(prefix)

    def _anything_but_list(self, node: Node) -> tuple[Any, ...]:
        for item in node.value:
            if not isinstance(item.value, str) and not is_number(item.value):
                reason = "Inside anything but list, start|null|boolean is not supported."
                self._fail(reason, item.seen_at)
        values = tuple(item.value for item in node.value)
        if len({isinstance(value, str) for value in values}) != 1:
            reason = (
                "Inside anything but list, either all values are number or string, "
                "mixed type is not supported"
            )
            self._fail(reason, node.end)
        return values

    def numeric(self, operator: str, operand: Node) -> Condition:
        """`{"numeric": ["=", 1]}` or a range of one or two bounds."""
        if not operand.is_array:
            self._fail(f"Value of {operator} must be an array.", operand.seen_at)
        if not operand.value:
            self._fail("Invalid member in numeric match: ]", operand.end)
        comparison = operand.value[0].value
        if not isinstance(comparison, str):
            reason = f"Invalid member in numeric match: {_token(operand.value[0])}"
            self._fail(reason, operand.value[0].seen_at)
        if comparison not in {"=", "<", "<=", ">", ">="}:
            reason = f"Unrecognized numeric range operator: {comparison}"
            self._fail(reason, operand.value[1].seen_at if operand.value[1:] else operand.end)
        bound = self._bound(comparison, operand, 1)
        rest = operand.value[2:]
        if comparison in {"=", "<", "<="}:
            if rest:
                self._fail("Too many elements in numeric expression", rest[0].seen_at)
            lower = bound if comparison == "=" else None
            return Numeric(lower, bound, includes_upper=comparison != "<")
        if not rest:
            return Numeric(bound, None, includes_lower=comparison == ">=")
        return self._range(operand, bound, includes_lower=comparison == ">=")

    def _range(self, operand: Node, lower: float, *, includes_lower: bool) -> Condition:
        comparison, *rest = operand.value[2:]
        if not isinstance(comparison.value, str):
            self._fail(f"Bad value in numeric range: {_token(comparison)}", comparison.seen_at)
        if comparison.value not in {"<", "<="}:
            self._fail(f"Bad numeric range operator: {comparison.value}", comparison.end)
        upper = self._bound(comparison.value, operand, 3)
        if len(rest) > 1:
            self._fail("Too many terms in numeric range expression", rest[1].seen_at)
        if lower >= upper:
            self._fail("Bottom must be less than top", operand.end)
        return Numeric(
            lower, upper, includes_lower=includes_lower, includes_upper=comparison.value == "<="
        )

    def _bound(self, comparison: str, operand: Node, index: int) -> float:
        name = "equals" if comparison == "=" else comparison
        if len(operand.value) <= index:
            self._fail(f"Value of {name} must be numeric", operand.end)
        node = operand.value[index]
        if not is_number(node.value):
            self._fail(f"Value of {name} must be numeric", node.seen_at)
        if abs(node.value) > LARGEST_NUMBER:
            self._fail("Value must be between -1.0E9 and 1.0E9, inclusive", operand.end)
        return float(node.value)


def _token(node: Node) -> str:
    """The token that a JSON parser sees where a value begins."""
    if isinstance(node.value, list):
        return "{" if node.is_object else "["
    return node.value if isinstance(node.value, str) else json.dumps(node.value)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The network in CIDR notation; one address alone (/32, /128) is none for SNS."""
    address, _, bits = text.partition("/")
    if text.count("/") != 1 or not bits:
        raise _InvalidNetwork("Malformed CIDR, one '/' required")
    if not (bits.isascii() and bits.removeprefix("-").isdecimal()) or len(bits) > _LONGEST_MASK:
        raise _InvalidNetwork("Malformed CIDR, mask bits must be an integer")
    if int(bits) < 0:
        raise _InvalidNetwork("Malformed CIDR, mask bits must not be negative")
    try:
        width = ipaddress.ip_address(address).max_prefixlen
    except ValueError as error:
        msg = f"Nonstandard IP address: {address}"
        raise _InvalidNetwork(msg) from error
    if int(bits) >= width:
        msg = f"{'IPv4' if width == _IPV4_WIDTH else 'IPv6'} mask bits must be < {width}"
        raise _InvalidNetwork(msg)
    return ipaddress.ip_network(f"{address}/{bits}", strict=False)


def _joined(known: Leaf | AllOf | None, new: Leaf | AllOf) -> Leaf | AllOf:
    """Names that begin with the same segment are one object; a repeated leaf replaces the first."""
    if isinstance(known, AllOf) and isinstance(new, AllOf):
        fields = dict(known.fields)
        for name, wanted in new.fields:
            fields[name] = _joined(fields.get(name), wanted)
        return AllOf(tuple(fields.items()), known.alternatives + new.alternatives)
    return new


_OPERATORS: dict[str, Callable[[_Parser, str, Node], Condition]] = {
    "anything-but": _Parser.anything_but,
    "cidr": _Parser.cidr,
    "equals-ignore-case": lambda parser, operator, operand: EqualsIgnoreCase(
        parser.string(operator, operand).casefold()
    ),
    "exists": _Parser.exists,
    "numeric": _Parser.numeric,
    "prefix": lambda parser, operator, operand: Prefix(parser.string(operator, operand)),
    "suffix": lambda parser, operator, operand: Suffix(parser.string(operator, operand)),
}
