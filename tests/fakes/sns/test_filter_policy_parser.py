from __future__ import annotations

import json
from typing import Any

import pytest

from tomodachi_fakes.sns.filter_policy import FilterPolicyScope
from tomodachi_fakes.sns.filter_policy_parser import (
    InvalidFilterPolicy,
    combinations,
    parse_filter_policy,
)

ATTRIBUTES = FilterPolicyScope.MESSAGE_ATTRIBUTES
BODY = FilterPolicyScope.MESSAGE_BODY
MIXED = (
    "Inside anything but list, either all values are number or string, mixed type is not supported"
)


def reason(text: str, scope: FilterPolicyScope = ATTRIBUTES) -> str:
    with pytest.raises(InvalidFilterPolicy) as caught:
        parse_filter_policy(text, scope)
    return str(caught.value).partition("\n")[0]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("[]", "Filter is not an object"),
        ('"x"', "Filter is not an object"),
        ('{"key":"x"}', '"key" must be an object or an array'),
        ('{"key":1}', '"key" must be an object or an array'),
        ('{"key":[]}', "Empty arrays are not allowed"),
        ('{"key":[{}]}', "Match expression name not found"),
        ('{"key":[{"prefix":1}]}', "prefix match pattern must be a string"),
        ('{"key":[{"suffix":null}]}', "suffix match pattern must be a string"),
        (
            '{"key":[{"equals-ignore-case":[]}]}',
            "equals-ignore-case match pattern must be a string",
        ),
        ('{"key":[{"exists":"true"}]}', "exists match pattern must be either true or false."),
        ('{"key":[{"cidr":1}]}', "prefix match pattern must be a string"),
        ('{"key":[{"cidr":"10.0.0.1"}]}', "Malformed CIDR, one '/' required"),
        ('{"key":[{"cidr":"10.0.0.1/"}]}', "Malformed CIDR, one '/' required"),
        ('{"key":[{"cidr":"10.0.0.1/8/8"}]}', "Malformed CIDR, one '/' required"),
        ('{"key":[{"cidr":"10.0.0.1/x"}]}', "Malformed CIDR, mask bits must be an integer"),
        ('{"key":[{"cidr":"10.0.0.1/-1"}]}', "Malformed CIDR, mask bits must not be negative"),
        ('{"key":[{"cidr":"10.0.0.x/8"}]}', "Nonstandard IP address: 10.0.0.x"),
        ('{"key":[{"cidr":"10.0.0.1/32"}]}', "IPv4 mask bits must be < 32"),
        ('{"key":[{"cidr":"::1/128"}]}', "IPv6 mask bits must be < 128"),
        (
            '{"key":[{"anything-but":true}]}',
            "Value of anything-but must be an array or single string/number value.",
        ),
        ('{"key":[{"anything-but":[]}]}', MIXED),
        (
            '{"key":[{"anything-but":["a",null]}]}',
            "Inside anything but list, start|null|boolean is not supported.",
        ),
        ('{"key":[{"anything-but":["a",1]}]}', MIXED),
        ('{"key":[{"anything-but":{}}]}', "Anything-But expression name not found"),
        ('{"key":[{"anything-but":{"prefix":""}}]}', "Null prefix not allowed"),
        ('{"key":[{"anything-but":"a","prefix":"b"}]}', "Too many elements in numeric expression"),
        ('{"key":[{"numeric":5}]}', "Value of numeric must be an array."),
        ('{"key":[{"numeric":[]}]}', "Invalid member in numeric match: ]"),
        ('{"key":[{"numeric":[5]}]}', "Invalid member in numeric match: 5"),
        ('{"key":[{"numeric":[true]}]}', "Invalid member in numeric match: true"),
        ('{"key":[{"numeric":[["="]]}]}', "Invalid member in numeric match: ["),
        ('{"key":[{"numeric":["!=",5]}]}', "Unrecognized numeric range operator: !="),
        ('{"key":[{"numeric":["="]}]}', "Value of equals must be numeric"),
        ('{"key":[{"numeric":[">=","5"]}]}', "Value of >= must be numeric"),
        ('{"key":[{"numeric":["=",5,"<",6]}]}', "Too many elements in numeric expression"),
        ('{"key":[{"numeric":[">",5,">",6]}]}', "Bad numeric range operator: >"),
        ('{"key":[{"numeric":[">",5,6]}]}', "Bad value in numeric range: 6"),
        ('{"key":[{"numeric":[">",5,"<",6,7]}]}', "Too many terms in numeric range expression"),
        ('{"key":[{"numeric":[">",6,"<",5]}]}', "Bottom must be less than top"),
        ('{"key":[{"numeric":["<",5],"exists":true}]}', "Too many elements in numeric expression"),
        (
            '{"key":[{"numeric":["<",1000000001]}]}',
            "Value must be between -1.0E9 and 1.0E9, inclusive",
        ),
        ('{"key":[{"wildcard":"a*"}]}', "Unrecognized match type wildcard"),
        (
            '{"key":{"inner":["x"]}}',
            "Filter policy scope MessageAttributes does not support nested filter policy",
        ),
    ],
)
def test_what_is_wrong_is_said(policy: str, expected: str) -> None:
    """Beside what was recorded: the texts of https://github.com/aws/event-ruler, which SNS shares."""
    assert reason(policy) == expected


def test_an_object_inside_a_policy_is_not_empty() -> None:
    assert reason('{"key":{}}', BODY) == "Empty objects are not allowed"


def test_the_first_mistake_of_the_text_is_reported() -> None:
    assert reason('{"a":[{"x":1}],"b":[[]]}') == "Unrecognized match type x"


@pytest.mark.parametrize(
    ("policy", "seen"),
    [
        ('{"key":[{"numeric":["!="]}]}', '{"key":[{"numeric":["!="]'),
        ('{"key":[{"numeric":["!=",5]}]}', '{"key":[{"numeric":["!=",5'),
        ('{"key":[{"numeric":[">",5,">",6]}]}', '{"key":[{"numeric":[">",5,">"'),
        ('{"key":[{"numeric":[">","5"]}]}', '{"key":[{"numeric":[">","'),
        ('{"key":[{"numeric":[]}]}', '{"key":[{"numeric":[]'),
        ('{"key":[{"anything-but":{"prefix":""}}]}', '{"key":[{"anything-but":{"prefix":""'),
        ('{"key":[{"suffix":["x"]}]}', '{"key":[{"suffix":['),
    ],
)
def test_the_position_is_behind_what_the_parser_has_read(policy: str, seen: str) -> None:
    """The rule compiler of https://github.com/aws/event-ruler says where its JSON parser stands.

    That is behind a whole number, but only behind the quote of a string that nobody has asked for.
    """
    with pytest.raises(InvalidFilterPolicy) as caught:
        parse_filter_policy(policy, ATTRIBUTES)
    assert str(caught.value).endswith(f"; line: 1, column: {len(seen) + 1}]")


def test_positions_count_lines() -> None:
    with pytest.raises(InvalidFilterPolicy) as caught:
        parse_filter_policy('{\n "key": [ {"x": 1} ]\n}', ATTRIBUTES)
    assert str(caught.value).endswith("; line: 2, column: 18]")


def test_a_policy_has_at_most_five_names() -> None:
    """Developer guide, filter policy constraints: names at the top count, nested ones do not."""
    five = {f"key{position}": ["x"] for position in range(5)}
    parse_filter_policy(json.dumps(five), ATTRIBUTES)
    nested = {"outer": {f"key{position}": ["x"] for position in range(6)}}
    assert combinations(parse_filter_policy(json.dumps(nested), BODY).root) == 2**6

    six = json.dumps(five | {"key5": ["x"]})
    assert reason(six) == "Filter policy can not have more than 5 keys"


def values(count: int) -> list[str]:
    return [f"v{position}" for position in range(count)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"a": values(3), "b": values(1), "c": values(2)}, 6),
        ({"a": values(150)}, 150),
        ({"a": {"b": values(3)}}, 6),
        ({"a": {"b": {"c": values(4)}}, "d": {"e": values(2)}}, 12 * 4),
        ({"a": values(2), "$or": [{"b": values(3)}, {"c": values(4)}]}, 14),
    ],
)
def test_combinations_multiply_values_and_levels(policy: Any, expected: int) -> None:
    """Developer guide, filter policy constraints: values times levels, multiplied over all names."""
    assert combinations(parse_filter_policy(json.dumps(policy), BODY).root) == expected


def test_more_than_150_combinations_are_too_complex() -> None:
    assert reason(json.dumps({"a": values(151)})) == "Filter policy is too complex"
    assert reason(json.dumps({"a": values(76), "b": values(2)})) == "Filter policy is too complex"


def test_a_policy_has_at_most_256_kib() -> None:
    assert reason(json.dumps({"a": ["x" * 262_144]})) == "Filter policy is too large"


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    text = '{"a":' * 5000 + '["x"]' + "}" * 5000

    assert reason(text, BODY).startswith("failed to parse JSON. Document nesting depth")
