"""What a queue's policy may be, and within which quotas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.errors import AwsError

QUOTAS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html"


def statement(**given: Any) -> dict[str, Any]:
    """A statement that is fine, but for what is given."""
    fine = {"Effect": "Allow", "Principal": "*", "Action": "SQS:SendMessage", "Resource": "*"}
    return fine | given


def set_policy(sqs: Core, *statements: dict[str, Any]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    sqs.call("SetQueueAttributes", QueueUrl="q", Attributes={"Policy": policy})


@pytest.mark.source(QUOTAS)
@pytest.mark.source("https://github.com/dapr/components-contrib/issues/1780")
@pytest.mark.source("https://github.com/ministryofjustice/cloud-platform-environments/pull/9082")
@pytest.mark.source("https://github.com/BishopFox/cloudfoxable/issues/29")
@pytest.mark.parametrize(
    ("most", "too_many", "text"),
    [
        (
            [statement()] * 20,
            [statement()] * 21,
            "21 statements were found in the submitted policy, max allowed is 20",
        ),
        (
            [statement(Action=["SQS:SendMessage"] * 7)] * 2,
            [statement(Action=["SQS:SendMessage"] * 10)],
            "10 actions were found in a statement from the submitted policy, max allowed is 7",
        ),
        (
            [statement(Principal={"AWS": ["111111111111"] * 25})] * 2,
            [statement(Principal={"AWS": ["111111111111"] * 50}), statement()],
            "51 principals were found in the submitted policy, max allowed is 50",
        ),
        (
            [statement(Sid="s" * 8056)],
            [statement(Sid="s" * 8057)],
            "Submitted policy is over max allowed size.",
        ),
    ],
)
def test_quotas(most: list[dict[str, Any]], too_many: list[dict[str, Any]], text: str) -> None:
    sqs = Core()
    sqs.create()
    set_policy(sqs, *most)
    before = sqs.queue().values["Policy"]

    with pytest.raises(AwsError) as caught:
        set_policy(sqs, *too_many)

    assert (caught.value.code, caught.value.message) == ("OverLimit", text)
    assert sqs.queue().values["Policy"] == before


@pytest.mark.source(QUOTAS)
def test_permissions_are_statements_too() -> None:
    sqs = Core()
    sqs.create()
    given = {"AWSAccountIds": ["222222222222"], "Actions": ["SendMessage"]}
    for number in range(20):
        sqs.call("AddPermission", QueueUrl="q", Label=f"l{number}", **given)

    with pytest.raises(AwsError, match="21 statements were found"):
        sqs.call("AddPermission", QueueUrl="q", Label="one-more", **given)

    assert len(json.loads(sqs.queue().values["Policy"])["Statement"]) == 20


@pytest.mark.source(
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"
)
@pytest.mark.parametrize(
    "policy",
    [
        "[]",
        "{",
        '{"Statement": "x"}',
        json.dumps({"Version": "2012-10-18", "Statement": [statement()]}),
        json.dumps({"Statement": [statement(Effect="allow")]}),
        json.dumps({"Statement": [{"Effect": "Allow", "Action": "sqs:*"}]}),
        json.dumps({"Statement": {"Effect": "Allow", "Principal": "*"}}),
        json.dumps({"Version": "2012-10-17"}),
    ],
)
def test_what_is_no_policy(policy: str) -> None:
    """The page: a statement of a resource's policy has an effect, a principal and an action."""
    with pytest.raises(AwsError, match="Invalid value for the parameter Policy") as caught:
        Core().create("q", Policy=policy)
    assert caught.value.code == "InvalidAttributeValue"


@pytest.mark.source("https://github.com/aws/aws-cdk/issues/15602")
def test_principals_that_nobody_can_be() -> None:
    sqs = Core()
    sqs.create()

    with pytest.raises(AwsError) as caught:
        set_policy(sqs, statement(Principal={"AWS": "arn:aws:iam::123:root"}))

    text = "Invalid value for the parameter Policy."
    assert (caught.value.code, caught.value.message) == ("InvalidAttributeValue", text)


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}, {"Version": "2012-10-17"}])
def test_policies_of_either_version(version: dict[str, str]) -> None:
    others = {"NotPrincipal": {"AWS": "222222222222"}, "NotAction": "sqs:DeleteQueue"}
    policy = {**version, "Statement": {"Effect": "Deny", "Resource": "*", **others}}

    sqs = Core()
    sqs.create("q", Policy=json.dumps(policy))

    assert json.loads(sqs.queue().values["Policy"]) == policy


@pytest.mark.source("https://github.com/aws/aws-cdk/issues/2381")
def test_an_action_that_sqs_does_not_have() -> None:
    sqs = Core()
    sqs.create()

    with pytest.raises(AwsError) as caught:
        set_policy(sqs, statement(Action=["sqs:*", "SQS:sendmessage", "sqs:Nothing"]))

    assert caught.value.query_code == "InvalidParameterValue"
    assert "Value sqs:Nothing for parameter ActionName is invalid." in caught.value.message
