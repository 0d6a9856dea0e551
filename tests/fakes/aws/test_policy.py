from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.aws.policy import Decision, PolicyRequest, evaluate

QUEUE = "arn:aws:sqs:eu-west-1:111111111111:queue"
TOPIC = "arn:aws:sns:eu-west-1:111111111111:topic"
USER = "arn:aws:iam::222222222222:user/u"


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **elements}


def request(**given: Any) -> PolicyRequest:
    defaults: dict[str, Any] = {
        "action": "sqs:SendMessage",
        "resource": QUEUE,
        "account": "222222222222",
        "principal": USER,
    }
    return PolicyRequest(**defaults | given)


def decide(policy: Any, **given: Any) -> Decision:
    return evaluate({"Statement": policy}, request(**given))


def allows(policy: Any, **given: Any) -> bool:
    return decide(policy, **given) is Decision.ALLOWED


def condition(operator: str, key: str, value: Any, **context: Any) -> bool:
    return allows(
        statement(Condition={operator: {key: value}}), conditions=context.get("given", {})
    )


def test_silence_allows_nothing() -> None:
    assert evaluate({}, request()) is Decision.NOT_ALLOWED
    assert decide([]) is Decision.NOT_ALLOWED


def test_a_deny_wins_wherever_it_stands() -> None:
    allow, deny = statement(), statement(Effect="Deny")

    assert decide([allow, deny]) is Decision.DENIED
    assert decide([deny, allow]) is Decision.DENIED


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": "222222222222"}, True),
        ({"AWS": "arn:aws:iam::222222222222:root"}, True),
        ({"AWS": USER}, True),
        ({"AWS": ["333333333333", "222222222222"]}, True),
        ({"AWS": "333333333333"}, False),
        ({"AWS": "arn:aws:iam::222222222222:user/other"}, False),
        ({"Service": "sns.amazonaws.com"}, False),
        ({"Federated": "x"}, False),
        (None, False),
    ],
)
def test_principals_of_accounts(principal: Any, allowed: bool) -> None:
    assert allows(statement(Principal=principal)) is allowed


@pytest.mark.source(
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
)
def test_a_service_is_named_by_its_own_kind_of_principal() -> None:
    """And `{"AWS": "*"}` is the same as `"*"`: everybody."""
    sns = {"account": "", "principal": "sns.amazonaws.com"}

    assert allows(statement(Principal={"Service": "sns.amazonaws.com"}), **sns)
    assert allows(statement(Principal="*"), **sns)
    assert allows(statement(Principal={"AWS": "*"}), **sns)
    assert not allows(statement(Principal={"AWS": "222222222222"}), **sns)
    assert not allows(statement(Principal={"Service": "s3.amazonaws.com"}), **sns)


def test_not_principal_names_everybody_else() -> None:
    policy = statement(Effect="Deny")
    del policy["Principal"]

    assert decide(policy | {"NotPrincipal": {"AWS": "222222222222"}}) is Decision.NOT_ALLOWED
    assert decide(policy | {"NotPrincipal": {"AWS": "333333333333"}}) is Decision.DENIED


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("sqs:SendMessage", True),
        ("SQS:sendmessage", True),
        ("sqs:Send*", True),
        ("sqs:*", True),
        (["sqs:ReceiveMessage", "sqs:SendMessage"], True),
        ("sqs:SendMessageBatc?", False),
        ("sqs:ReceiveMessage", False),
        ("sns:*", False),
    ],
)
def test_actions_ignore_case_and_know_wild_cards(action: Any, allowed: bool) -> None:
    assert allows(statement(Action=action)) is allowed


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        (QUEUE, True),
        ("arn:aws:sqs:*:111111111111:queu?", True),
        ("arn:aws:sqs:eu-west-1:111111111111:[q]ueue", False),
        (QUEUE.upper(), False),
        (TOPIC, False),
    ],
)
def test_resources_have_their_case_and_know_wild_cards(resource: str, allowed: bool) -> None:
    assert allows(statement(Resource=resource)) is allowed


def test_not_action_and_not_resource() -> None:
    policy = statement(NotAction="sqs:ReceiveMessage")
    del policy["Action"]
    assert allows(policy)
    assert not allows(policy, action="sqs:ReceiveMessage")

    policy = statement(NotResource=QUEUE)
    del policy["Resource"]
    assert not allows(policy)
    assert allows(policy, resource=TOPIC)


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", "A", False),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEqualsIgnoreCase", "a", "A", False),
        ("StringLike", "a*c", "abc", True),
        ("StringNotLike", "a*c", "abc", False),
        ("ArnEquals", TOPIC, TOPIC, True),
        ("ArnLike", "arn:aws:sns:*:*:topic", TOPIC, True),
        ("ArnLike", "arn:aws:sns:*:topic", TOPIC, False),
        ("ArnNotLike", "arn:aws:sns:*:*:topic", TOPIC, False),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "true", "false", False),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
        ("IpAddress", "10.0.0.0/8", "nonsense", False),
        ("NotIpAddress", "10.0.0.0/8", "11.1.2.3", True),
        ("NumericEquals", 5, "5.0", True),
        ("NumericLessThan", "5", "4", True),
        ("NumericLessThanEquals", "5", "5", True),
        ("NumericGreaterThan", "5", "5", False),
        ("NumericGreaterThanEquals", "5", "x", False),
        ("NumericNotEquals", "5", "6", True),
        ("DateLessThan", "2030-01-01T00:00:00Z", "2029-12-31T23:59:59Z", True),
        ("DateGreaterThan", "1577836800", "2019-12-31T23:59:59Z", False),
        ("BinaryEquals", "AP8=", "AP8=", True),
        ("SomethingNew", "a", "a", False),
    ],
)
def test_condition_operators(operator: str, wanted: Any, value: str, holds: bool) -> None:
    assert condition(operator, "aws:Key", wanted, given={"aws:key": value}) is holds


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringEqualsIfExists", True),
        ("StringNotEquals", True),
        ("ArnLike", False),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAllValues:StringNotEquals", True),
    ],
)
def test_a_key_that_the_request_does_not_have(operator: str, holds: bool) -> None:
    assert condition(operator, "aws:Key", "a") is holds
    assert condition(operator, "aws:Key", "a", given={"aws:Key": ""}) is holds


def test_null_asks_whether_a_key_is_there() -> None:
    assert condition("Null", "aws:Key", "true")
    assert not condition("Null", "aws:Key", "false")
    assert condition("Null", "aws:Key", "false", given={"aws:Key": "x"})


def test_set_operators() -> None:
    given = {"aws:TagKeys": ["a", "b"]}

    assert condition("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b", "c"], given=given)
    assert not condition("ForAllValues:StringEquals", "aws:TagKeys", ["a"], given=given)
    assert condition("ForAnyValue:StringEquals", "aws:TagKeys", ["a"], given=given)
    assert not condition("ForAnyValue:StringEquals", "aws:TagKeys", ["c"], given=given)
    assert condition("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"], given=given)
    assert not condition("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a", "b"], given=given)
    assert not condition("ForAllValues:StringNotEquals", "aws:TagKeys", ["a"], given=given)


def test_every_condition_has_to_hold() -> None:
    both = {"StringEquals": {"aws:A": "a"}, "Bool": {"aws:B": "true"}}

    assert allows(statement(Condition=both), conditions={"aws:A": "a", "aws:B": "true"})
    assert not allows(statement(Condition=both), conditions={"aws:A": "a", "aws:B": "false"})


def test_the_time_of_the_request_is_a_condition_key() -> None:
    until = statement(Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})

    assert allows(until, now=1_893_455_999.0)
    assert not allows(until, now=1_893_456_000.0)
