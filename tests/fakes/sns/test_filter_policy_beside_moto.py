"""Filter policies beside moto's matcher, a second opinion.

Where the two are known to differ, AWS's documentation decides, and the case is left out here:

- null for an absent attribute, values of `String.Array`, conditions on another type than the value's
  (moto raises an error);
- `exists: false` beside other conditions of the same name: either is enough, moto wants the name to
  be there.
"""

from __future__ import annotations

import json
import string as characters
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tomodachi_fakes.sns.filter_policy import FilterPolicyScope
from tomodachi_fakes.sns.filter_policy_parser import parse_filter_policy
from tomodachi_fakes.sns.message import Message

utils = pytest.importorskip("moto.sns.utils")

words = st.text(characters.ascii_lowercase[:3], min_size=1, max_size=3)
numbers = st.integers(-5, 5)
exists = st.fixed_dictionaries({"exists": st.booleans()})
on_words = st.one_of(
    words,
    exists,
    st.fixed_dictionaries({"prefix": words}),
    st.fixed_dictionaries({"suffix": words}),
    st.fixed_dictionaries({"anything-but": st.lists(words, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"anything-but": st.fixed_dictionaries({"prefix": words})}),
    st.fixed_dictionaries({"equals-ignore-case": words}),
)
on_numbers = st.one_of(
    numbers,
    exists,
    st.builds(
        lambda operator, bound: {"numeric": [operator, bound]},
        st.sampled_from(["=", "<", "<=", ">", ">="]),
        numbers,
    ),
    st.builds(
        lambda low, width: {"numeric": [">", low, "<=", low + width]}, numbers, st.integers(1, 5)
    ),
)


def absence_among_others(conditions: list[Any]) -> bool:
    """True for `exists: false` beside another condition."""
    return len(conditions) > 1 and {"exists": False} in conditions


def optional(**members: Any) -> Any:
    return st.fixed_dictionaries({}, optional=members)


policies = optional(
    a=st.lists(on_words, min_size=1, max_size=2),
    b=st.lists(on_words, min_size=1, max_size=2),
    n=st.lists(on_numbers, min_size=1, max_size=2),
).filter(lambda policy: bool(policy) and not any(map(absence_among_others, policy.values())))
documents = optional(a=words, b=words, n=numbers)


@pytest.mark.slow
@settings(deadline=None)
@given(policies, documents)
def test_attribute_policies(policy: dict[str, Any], values: dict[str, Any]) -> None:
    ours = parse_filter_policy(json.dumps(policy), FilterPolicyScope.MESSAGE_ATTRIBUTES)
    wire = {
        name: {
            "DataType": "String" if isinstance(value, str) else "Number",
            "StringValue": str(value),
        }
        for name, value in values.items()
    }
    theirs = {
        name: {"Type": "String" if isinstance(value, str) else "Number", "Value": value}
        for name, value in values.items()
    }
    matcher = utils.FilterPolicyMatcher(policy, "MessageAttributes")

    mine = ours.accepts(Message("arn", "id", "x", 0.0, attributes=wire), "sqs")

    assert mine is bool(matcher.matches(theirs, "x"))


@pytest.mark.slow
@settings(deadline=None)
@given(policies, documents)
def test_body_policies(policy: dict[str, Any], values: dict[str, Any]) -> None:
    ours = parse_filter_policy(json.dumps({"outer": policy}), FilterPolicyScope.MESSAGE_BODY)
    body = json.dumps({"outer": values})
    matcher = utils.FilterPolicyMatcher({"outer": policy}, "MessageBody")

    mine = ours.accepts(Message("arn", "id", body, 0.0), "sqs")

    assert mine is bool(matcher.matches({}, body))
