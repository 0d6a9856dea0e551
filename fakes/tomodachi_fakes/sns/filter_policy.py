"""Filter policies: whether a message passes one.

A policy is a tree of names with conditions at its leaves. All names of an object have to match, one
condition of a leaf's list is enough, `$or` needs one of its alternatives. Attribute scope looks at
message attributes, body scope into the message's JSON, where a dot in a name is the same as a level
of nesting and conditions on members of an array's element have to hold for one element together.
The JSON text becomes this tree in `filter_policy_parser.py`.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html; recorded answers of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sns.filter_conditions import Condition, Exactly, Exists

if TYPE_CHECKING:
    from tomodachi_fakes.sns.message import Message

Path = tuple[str, ...]


class FilterPolicyScope(StrEnum):
    """Where a policy's names are looked up."""

    MESSAGE_ATTRIBUTES = "MessageAttributes"
    MESSAGE_BODY = "MessageBody"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A name whose value has to satisfy one of the conditions."""

    path: Path
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """An object of the policy: every member has to match.

    Attributes:
        fields: What is wanted of each name.
        alternatives: For each `$or`, the objects of which one has to match.
    """

    fields: tuple[tuple[str, Leaf | AllOf], ...]
    alternatives: tuple[tuple[AllOf, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class FilterPolicy:
    """A subscription's filter policy, ready to be asked."""

    root: AllOf
    scope: FilterPolicyScope

    def accepts(self, message: Message, protocol: str) -> bool:
        """True when subscribers of `protocol` with this policy get the message."""
        if self.scope is FilterPolicyScope.MESSAGE_ATTRIBUTES:
            document: Any = _attributes_document(message.attributes)
        else:
            try:
                document = _nested(json.loads(message.body_for(protocol)))
            except (ValueError, RecursionError):
                return False
            if not isinstance(document, dict):
                return False
        present = frozenset(_paths(document, ()))
        return _matches(self.root, document, present, self.scope)


def _matches(policy: AllOf, value: Any, present: frozenset[Path], scope: FilterPolicyScope) -> bool:
    objects = [item for item in _flattened(value) if isinstance(item, dict)] or [{}]
    return any(_object_matches(policy, item, present, scope) for item in objects)


def _object_matches(
    policy: AllOf, value: dict[str, Any], present: frozenset[Path], scope: FilterPolicyScope
) -> bool:
    for name, wanted in policy.fields:
        member = value.get(name)
        if isinstance(wanted, AllOf):
            if not _matches(wanted, member, present, scope):
                return False
        elif not _leaf_matches(wanted, value, name, present, scope):
            return False
    return all(
        any(_object_matches(option, value, present, scope) for option in options)
        for options in policy.alternatives
    )


def _leaf_matches(
    leaf: Leaf, owner: dict[str, Any], name: str, present: frozenset[Path], scope: FilterPolicyScope
) -> bool:
    values = _flattened(owner[name]) if name in owner else ()
    scalars = [item for item in values if not isinstance(item, dict)]
    return any(
        any(condition.accepts(scalar) for scalar in scalars)
        or (leaf.path not in present and _accepts_absence(condition, scope))
        for condition in leaf.conditions
    )


def _accepts_absence(condition: Condition, scope: FilterPolicyScope) -> bool:
    """`exists: false` does; so does null among attributes, which have no null values."""
    if isinstance(condition, Exists):
        return not condition.wanted
    return (
        scope is FilterPolicyScope.MESSAGE_ATTRIBUTES
        and isinstance(condition, Exactly)
        and condition.expected is None
    )


def _attributes_document(attributes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Message attributes as one JSON object; binary ones can't be filtered on and are left out."""
    document: dict[str, Any] = {}
    for name, attribute in attributes.items():
        data_type = attribute["DataType"]
        if data_type.startswith("Binary"):
            continue
        text = attribute["StringValue"]
        if data_type.startswith("Number"):
            document[name] = float(text)
        elif data_type == "String.Array":
            document[name] = _array_items(text)
        else:
            document[name] = text
    return document


def _array_items(text: str) -> Any:
    """The items of a `String.Array`; text that is no JSON array counts as one string."""
    try:
        items = json.loads(text)
    except ValueError:
        return text
    return items if isinstance(items, list) else text


def _flattened(value: Any) -> Iterator[Any]:
    """`value` itself, or the items of an array and of the arrays inside it."""
    if isinstance(value, list):
        for item in value:
            yield from _flattened(item)
    else:
        yield value


def _paths(value: Any, path: Path) -> Iterator[Path]:
    """The path of every scalar in a document, whatever arrays it lies in."""
    for item in _flattened(value):
        if isinstance(item, dict):
            for name, member in item.items():
                yield from _paths(member, (*path, name))
        else:
            yield path


def _nested(value: Any) -> Any:
    """A document whose dotted names are levels of nesting."""
    if isinstance(value, list):
        return [_nested(item) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for name, member in value.items():
        first, *rest = name.split(".")
        nested = _nested(member)
        for segment in reversed(rest):
            nested = {segment: nested}
        result[first] = _merged(result[first], nested) if first in result else nested
    return result


def _merged(one: Any, other: Any) -> Any:
    """Two members of the same name: objects become one, anything else stands side by side."""
    if isinstance(one, dict) and isinstance(other, dict):
        merged = dict(one)
        for name, member in other.items():
            merged[name] = _merged(merged[name], member) if name in merged else member
        return merged
    return [one, other]
