from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.aws.policy import PolicyRequest, evaluate
from tomodachi_fakes.aws.policy_grammar import is_statement

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"Sid": "a"},
        {"Effect": "Deny"},
        {"Principal": {"AWS": "222222222222", "Service": ["a.amazonaws.com", "b.amazonaws.com"]}},
        {"Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": ["a", "b"]},
        {"Condition": {}},
        {"Condition": {"Bool": {"a": True}, "NumericEquals": {"b": [1, 2.5]}}},
        {"Condition": {"StringEquals": {"a": "x", "b": ["y", "z"]}}},
    ],
)
def test_a_statement_has_its_elements(elements: dict[str, Any]) -> None:
    """IAM user guide, grammar of the policy language; an allowed statement can be asked."""
    statement = STATEMENT | elements

    assert is_statement(statement)
    evaluate({"Statement": [statement]}, PolicyRequest("sqs:SendMessage", "a"))


def test_elements_that_say_not() -> None:
    """IAM user guide, grammar of the policy language: `NotPrincipal`, `NotAction`, `NotResource`."""
    assert is_statement(
        {"Effect": "Deny", "NotPrincipal": {"AWS": "1"}, "NotAction": "a", "NotResource": "b"}
    )


@pytest.mark.parametrize(
    "elements",
    [
        {"Sid": 1},
        {"Effect": "allow"},
        {"Principal": None},
        {"Principal": "222222222222"},
        {"Principal": ["*"]},
        {"Principal": {}},
        {"Principal": {"AWS": []}},
        {"Principal": {"AWS": [{}]}},
        {"Principal": {"AWS": 1}},
        {"Action": {}},
        {"Action": []},
        {"Resource": {"Ref": "a"}},
        {"Resource": []},
        {"Condition": "x"},
        {"Condition": []},
        {"Condition": {"StringEquals": "x"}},
        {"Condition": {"StringEquals": {"a": {}}}},
        {"Condition": {"StringEquals": {"a": None}}},
        {"Condition": {"Null": {"a": []}}},
    ],
)
def test_other_types_are_none(elements: dict[str, Any]) -> None:
    """IAM user guide, grammar of the policy language."""
    assert not is_statement(STATEMENT | elements)


@pytest.mark.parametrize("given", [None, "x", 1, [], [STATEMENT], {}])
def test_what_is_no_object_is_no_statement(given: Any) -> None:
    assert not is_statement(given)
