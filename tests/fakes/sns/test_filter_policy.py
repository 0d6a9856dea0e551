from __future__ import annotations

import json
import string as characters
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.sns.filter_policy import FilterPolicyScope
from tomodachi_fakes.sns.filter_policy_parser import parse_filter_policy
from tomodachi_fakes.sns.message import Message

ATTRIBUTES = FilterPolicyScope.MESSAGE_ATTRIBUTES
BODY = FilterPolicyScope.MESSAGE_BODY

words = st.text(characters.ascii_letters, min_size=1, max_size=4)
numbers = st.integers(-100, 100)
names = st.sampled_from(["a", "b", "c"])


def message(body: str = "x", **attributes: Any) -> Message:
    wire = {name: attribute(value) for name, value in attributes.items()}
    return Message("arn", "id", body, 0.0, attributes=wire)


def attribute(value: Any) -> dict[str, Any]:
    if isinstance(value, bytes):
        return {"DataType": "Binary", "BinaryValue": value}
    if isinstance(value, list):
        return {"DataType": "String.Array", "StringValue": json.dumps(value)}
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "Number", "StringValue": repr(value)}


def by_attributes(policy: Any, **attributes: Any) -> bool:
    compiled = parse_filter_policy(json.dumps(policy), ATTRIBUTES)
    return compiled.accepts(message(**attributes), "sqs")


def by_body(policy: Any, body: Any) -> bool:
    compiled = parse_filter_policy(json.dumps(policy), BODY)
    return compiled.accepts(message(body if isinstance(body, str) else json.dumps(body)), "sqs")


@pytest.mark.parametrize(
    ("condition", "accepted", "refused"),
    [
        ("red", ["red", ["blue", "red"]], ["Red", "redder", "", ["blue"], 1]),
        (100, [100, 100.0, 1e2, [100]], [101, "100"]),
        (True, [[True]], ["true", [False], [1], 1]),
        (None, [[None], [1, None]], ["null", 0]),
        ({"prefix": "re"}, ["re", "red", ["blue", "red"]], ["bred", "Re", 1]),
        ({"suffix": "ed"}, ["ed", "red"], ["edge", 1]),
        ({"equals-ignore-case": "Red"}, ["red", "RED"], ["redder", 1]),
        ({"anything-but": "red"}, ["blue", "Red", 1, ["red", "blue"]], ["red", ["red"]]),
        ({"anything-but": ["red", "blue"]}, ["green"], ["red", "blue", ["red", "blue"]]),
        ({"anything-but": [1, 2]}, [3, "1"], [1, 2.0]),
        ({"anything-but": {"prefix": "re"}}, ["blue", "bred", 1], ["red", "re"]),
        ({"numeric": ["=", 5]}, [5, 5.0, [4, 5]], [5.1, "5"]),
        ({"numeric": ["<", 5]}, [4.99, -100, -1e9], [5, 6, -1e9 - 1]),
        ({"numeric": ["<=", 5]}, [5, 4], [5.01]),
        ({"numeric": [">", 5]}, [5.01], [5, 4]),
        ({"numeric": [">=", 5]}, [5, 6, 1e9], [4.99, 1e9 + 1]),
        ({"numeric": [">", 0, "<=", 100]}, [0.01, 100], [0, 100.01]),
        ({"numeric": [">=", 0, "<", 100]}, [0, 99], [-1, 100]),
        ({"numeric": ["=", 0.3]}, [0.1 + 0.2, 0.300001], [0.30001]),
        ({"numeric": [">", 0.3, "<", 0.30002]}, [0.30001], [0.1 + 0.2, 0.300019]),
        (0.3, [0.1 + 0.2], [0.30001]),
        ({"anything-but": 0.3}, [0.30001], [0.1 + 0.2]),
        ({"cidr": "10.0.0.0/24"}, ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "::1", "no address", 1]),
        ({"cidr": "2001:db8::/32"}, ["2001:db8::1"], ["2001:db9::1", "10.0.0.1"]),
        ({"exists": True}, ["x", 0, [], [None]], []),
    ],
)
def test_each_operator_on_message_attributes(
    condition: Any, accepted: list[Any], refused: list[Any]
) -> None:
    """Developer guide: filter policy operators; an array matches when one of its items does.

    Its page of constraints: numbers have "five digits of accuracy after the decimal point".
    """
    policy = {"key": [condition]}
    empty_array = [value for value in accepted if value == []]

    assert [value for value in accepted if not by_attributes(policy, key=value)] == empty_array
    assert [value for value in refused if by_attributes(policy, key=value)] == []


def test_an_absent_attribute_satisfies_only_exists_false_and_null() -> None:
    conditions = ["red", 1, {"prefix": ""}, {"anything-but": "x"}, {"exists": True}]
    assert not any(by_attributes({"key": [condition]}) for condition in conditions)
    assert by_attributes({"key": [{"exists": False}]})
    assert by_attributes({"key": [None]})


def test_exists_false_is_refused_by_a_present_attribute_beside_other_names() -> None:
    """A fake that treats `exists: false` like any missing match lets everything through."""
    policy = {"key": [{"exists": False}], "other": ["x"]}

    assert by_attributes(policy, other="x")
    assert not by_attributes(policy, other="x", key="here")
    assert not by_attributes(policy, key="here")


def test_binary_attributes_are_not_looked_at() -> None:
    assert not by_attributes({"key": [{"exists": True}]}, key=b"bytes")
    assert by_attributes({"key": [{"exists": False}]}, key=b"bytes")


def test_a_string_array_that_is_no_json_counts_as_one_string() -> None:
    broken = {"key": {"DataType": "String.Array", "StringValue": "[1, 2"}}
    policy = parse_filter_policy('{"key": ["[1, 2"]}', ATTRIBUTES)

    assert policy.accepts(Message("arn", "id", "x", 0.0, attributes=broken), "sqs")


def test_a_dot_is_a_plain_character_among_attribute_names() -> None:
    compiled = parse_filter_policy('{"a.b": ["x"]}', ATTRIBUTES)
    attributes = {"a.b": attribute("x")}

    assert compiled.accepts(Message("arn", "id", "x", 0.0, attributes=attributes), "sqs")


@pytest.mark.parametrize("body", ["not json", "[1]", '"text"', "1", "", "[" * 5000])
def test_a_body_that_is_no_object_never_passes_a_body_policy(body: str) -> None:
    """A fake that ignores the scope, or a body it can't read, lets everything through."""
    assert not by_body({"key": [{"exists": False}]}, body)
    assert not by_body({"key": ["x"]}, body)


def test_a_body_policy_ignores_attributes() -> None:
    compiled = parse_filter_policy('{"key": ["x"]}', BODY)

    assert not compiled.accepts(message('{"other": 1}', key="x"), "sqs")


def test_null_in_a_body_is_a_value() -> None:
    assert by_body({"key": [None]}, {"key": None})
    assert not by_body({"key": [None]}, {})
    assert by_body({"key": [{"exists": True}]}, {"key": None})


def test_exists_in_a_body_looks_at_leaves_only() -> None:
    assert not by_body({"key": [{"exists": True}]}, {"key": {"inner": 1}})
    assert by_body({"key": [{"exists": False}]}, {"key": {"inner": 1}})
    assert by_body({"outer": {"key": [{"exists": False}]}}, {"outer": {}})
    assert by_body({"outer": {"key": [{"exists": False}]}}, {})
    assert not by_body({"outer": {"key": [{"exists": False}]}}, {"outer": [{}, {"key": 1}]})


def test_conditions_inside_an_array_hold_for_one_element_together() -> None:
    policy = {"items": {"colour": ["red"], "size": [1]}}

    assert by_body(policy, {"items": [{"colour": "blue"}, {"colour": "red", "size": 1}]})
    assert not by_body(policy, {"items": [{"colour": "red"}, {"size": 1}]})


def test_or_with_something_else_than_objects_is_a_plain_name() -> None:
    assert by_body({"$or": ["x", "y"]}, {"$or": "x"})
    assert not by_body({"$or": ["x", "y"]}, {"other": "x"})


@pytest.mark.slow
@given(names, words | numbers, words | numbers)
def test_anything_but_is_the_opposite_of_exact_on_one_value(
    name: str, expected: Any, value: Any
) -> None:
    exact = by_attributes({name: [expected]}, **{name: value})
    anything_but = by_attributes({name: [{"anything-but": expected}]}, **{name: value})

    assert exact is not anything_but


@pytest.mark.slow
@given(st.dictionaries(names, words | numbers, min_size=1), names)
def test_exists_true_and_false_are_opposites(attributes: dict[str, Any], name: str) -> None:
    there = by_attributes({name: [{"exists": True}]}, **attributes)
    absent = by_attributes({name: [{"exists": False}]}, **attributes)

    assert there is not absent
    assert there is (name in attributes)


@pytest.mark.slow
@given(
    st.dictionaries(names, st.lists(words | numbers, min_size=1, max_size=3), max_size=3),
    st.dictionaries(names, words | numbers),
)
def test_flat_policies_mean_the_same_in_both_scopes(
    policy: dict[str, list[Any]], values: dict[str, Any]
) -> None:
    assert by_attributes(policy, **values) is by_body(policy, values)


@pytest.mark.slow
@given(
    st.lists(
        st.dictionaries(names, st.lists(words, min_size=1, max_size=2), min_size=1, max_size=2),
        min_size=2,
        max_size=3,
    ),
    st.dictionaries(names, words),
)
def test_or_is_the_disjunction_of_its_alternatives(
    options: list[dict[str, list[str]]], values: dict[str, str]
) -> None:
    assert by_body({"$or": options}, values) is any(by_body(option, values) for option in options)


@pytest.mark.slow
@given(numbers, numbers, st.integers(-15_000_000, 15_000_000), st.booleans(), st.booleans())
def test_numeric_ranges_agree_with_arithmetic(
    low: int, width: int, hundred_thousandths: int, open_below: bool, open_above: bool
) -> None:
    """To the five decimals that count (subscription-filter-policy-constraints.html)."""
    value = hundred_thousandths / 100_000
    high = low + abs(width) + 1
    policy = {
        "key": [{"numeric": [">" if open_below else ">=", low, "<" if open_above else "<=", high]}]
    }
    above = value > low if open_below else value >= low
    below = value < high if open_above else value <= high

    assert by_body(policy, {"key": value}) is (above and below)
