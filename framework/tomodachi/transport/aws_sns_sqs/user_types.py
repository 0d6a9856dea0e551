"""Types of what services write down themselves: filter policies and message attributes.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

_Scalar = str | int | float

AnythingButFilterPolicyDict = TypedDict(
    "AnythingButFilterPolicyDict", {"anything-but": _Scalar | Sequence[_Scalar] | Mapping[str, Any]}
)


class NumericFilterPolicyDict(TypedDict):
    """Compares a number: `["<=", 5]`, `[">", 0, "<", 100]`."""

    numeric: Sequence[int | float | Literal["<", "<=", "=", ">=", ">"]]


class PrefixFilterPolicyDict(TypedDict):
    """Matches what begins with a text."""

    prefix: str


class ExistsFilterPolicyDict(TypedDict):
    """Matches if the attribute is there, or if it is not."""

    exists: bool


# Operators that have no type of their own here are mappings too ("suffix", "$or", nested keys).
FilterPolicyDictValueType = (
    Sequence[
        _Scalar
        | AnythingButFilterPolicyDict
        | NumericFilterPolicyDict
        | PrefixFilterPolicyDict
        | ExistsFilterPolicyDict
        | Mapping[str, Any]
        | None
    ]
    | Mapping[str, Any]
)
FilterPolicyDictType = Mapping[str, FilterPolicyDictValueType]
MessageAttributesType = dict[
    str, str | bytes | int | float | bool | list[str | int | float | bool | None] | None
]
