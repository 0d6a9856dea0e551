from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.aws.policy import PolicyRequest, evaluate
from tomodachi_fakes.aws.policy_grammar import is_statement, is_version, may_exist

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


@pytest.mark.parametrize(
    ("document", "known"),
    [
        ({}, True),
        ({"Version": "2008-10-17"}, True),
        ({"Version": "2012-10-17"}, True),
        ({"Version": "2012-10-18"}, False),
        ({"Version": None}, False),
    ],
)
def test_the_language_has_two_versions(document: dict[str, Any], known: bool) -> None:
    """IAM user guide, grammar of the policy language: `Version`, which is optional."""
    assert is_version(document) is known


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        "222222222222",
        "arn:aws:iam::222222222222:root",
        "arn:aws-cn:iam::222222222222:user/division/a@b.c",
        "arn:aws:iam::222222222222:role/r",
        "arn:aws:sts::222222222222:assumed-role/r/session",
        "arn:aws:sts::222222222222:federated-user/f",
    ],
)
def test_accounts_users_roles_and_sessions_are_principals(principal: str) -> None:
    """IAM user guide, AWS JSON policy elements: Principal."""
    for element in ("Principal", "NotPrincipal"):
        assert may_exist({element: {"AWS": principal}})
        assert may_exist({element: {"AWS": [principal, "*"]}})


@pytest.mark.parametrize(
    "principal",
    [
        "",
        "me",
        "2222",
        "arn:aws:iam::2222:root",
        "arn:aws:iam::222222222222:group/g",
        "arn:aws:iam::222222222222:role/*",
        "arn:aws:iam::*:root",
        "arn:aws:sqs:eu-west-1:222222222222:q",
    ],
)
def test_groups_patterns_and_what_is_no_account_are_not(principal: str) -> None:
    """IAM user guide, Principal: no groups, and no wildcards for parts of a name or ARN."""
    assert not may_exist({"Principal": {"AWS": ["222222222222", principal]}})
    assert may_exist({"Principal": {"Service": principal}})
