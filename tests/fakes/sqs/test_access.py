"""Queue policies decide, where that was asked for: owners, other accounts, topics."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sqs.support_sqs import REGION, Core

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.sessions import Session
from tomodachi_fakes.sqs.access import check_caller
from tomodachi_fakes.sqs.limits import SqsOptions
from tomodachi_fakes.sqs.policy_rules import OWNERS

TOPIC = f"arn:aws:sns:{REGION}:111111111111:t"
QUEUE = f"arn:aws:sqs:{REGION}:111111111111:q"
STRANGER = "222222222222"


def statement(effect: str = "Allow", **given: Any) -> dict[str, Any]:
    base = {"Effect": effect, "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}
    return {**base, **given}


def core(*statements: dict[str, Any], enforce: bool = True) -> Core:
    sqs = Core(options=SqsOptions(enforce_policies=enforce))
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    sqs.create(**({"Policy": policy} if statements else {}))
    return sqs


def send_as(sqs: Core, account: str, operation: str = "SendMessage") -> Any:
    context = CallContext(account, REGION, sqs.now, "r", "http://aws.test", "key")
    url = "http://aws.test/111111111111/q"
    params: dict[str, Any] = {"QueueUrl": url, "MessageBody": "a"}
    if operation == "SendMessageBatch":
        params = {"QueueUrl": url, "Entries": [{"Id": "1", "MessageBody": "a"}]}
    return sqs.service.call(operation, params, context)


def test_without_enforcement_everybody_may() -> None:
    assert send_as(core(enforce=False), STRANGER)["MessageId"]


def test_owner_needs_no_policy_and_obeys_a_deny() -> None:
    assert core().send("q", "a")["MessageId"]
    with pytest.raises(AwsError, match="with an explicit deny") as caught:
        core(statement("Deny")).send("q", "a")
    assert (caught.value.query_code, caught.value.status) == ("AccessDenied", 403)


@pytest.mark.parametrize("operation", ["SendMessage", "SendMessageBatch"])
def test_another_account_needs_a_policy_that_allows_it(operation: str) -> None:
    with pytest.raises(AwsError, match="no resource-based policy allows the sqs:sendmessage"):
        send_as(core(), STRANGER, operation)
    allowed = core(statement(Principal={"AWS": STRANGER}))
    assert send_as(allowed, STRANGER, operation)
    with pytest.raises(AwsError):
        send_as(allowed, "333333333333", operation)
    with pytest.raises(AwsError):
        send_as(allowed, STRANGER, "PurgeQueue")


@pytest.mark.parametrize(
    ("statements", "delivered"),
    [
        ([], False),
        ([statement(Principal={"Service": "sns.amazonaws.com"})], True),
        ([statement(Condition={"ArnEquals": {"aws:SourceArn": TOPIC}})], True),
        ([statement(Condition={"ArnEquals": {"aws:SourceArn": TOPIC + "2"}})], False),
        ([statement(Principal={"AWS": "*"})], True),
        ([statement(Condition={"StringEquals": {"aws:SourceAccount": "111111111111"}})], True),
        ([statement(Condition={"StringEquals": {"aws:SourceAccount": STRANGER}})], False),
        ([statement(Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}})], False),
        ([statement(), statement("Deny", Principal={"Service": "sns.amazonaws.com"})], False),
        ([statement(), statement("Deny", NotAction="sqs:SendMessage")], True),
        ([statement(), statement("Deny", NotAction="sqs:ReceiveMessage")], False),
        ([statement(Principal={"AWS": "111111111111"})], False),
    ],
)
def test_a_topic_needs_a_policy_that_allows_it(
    statements: list[dict[str, Any]], delivered: bool
) -> None:
    sqs = core(*statements)

    def deliver() -> None:
        sqs.service.deliver(QUEUE, body="a", now=sqs.now, sender_id="sns", source_arn=TOPIC)

    if delivered:
        deliver()
    else:
        with pytest.raises(AwsError, match=r"sns\.amazonaws\.com is not authorized"):
            deliver()
    assert len(sqs.states()[0]) == delivered


def move_as(sqs: Core, account: str) -> Any:
    context = CallContext(account, REGION, sqs.now, "r", "http://aws.test", "key")
    return sqs.service.call("StartMessageMoveTask", {"SourceArn": QUEUE}, context)


def url_as(sqs: Core, account: str) -> Any:
    context = CallContext(account, REGION, sqs.now, "r", "http://aws.test", "key")
    params = {"QueueName": "q", "QueueOwnerAWSAccountId": "111111111111"}
    return sqs.service.call("GetQueueUrl", params, context)


def test_calls_without_a_queue_url_are_asked_about_too() -> None:
    """API_GetQueueUrl: the owner has to have given the permission."""
    closed = core()
    with pytest.raises(AwsError, match="sqs:startmessagemovetask"):
        move_as(closed, STRANGER)
    with pytest.raises(AwsError, match="sqs:getqueueurl"):
        url_as(closed, STRANGER)

    assert url_as(core(statement(Action="sqs:GetQueueUrl")), STRANGER)["QueueUrl"]


@pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html"
)
@pytest.mark.parametrize("operation", OWNERS)
def test_what_only_an_owner_may_do_cannot_be_shared(operation: str) -> None:
    """The page: cross-account permissions don't apply to these actions."""
    shared = core(statement(Action="sqs:*"))
    assert send_as(shared, STRANGER)
    queue = shared.queue()

    def may(account: str) -> None:
        check_caller(queue, operation, CallContext(account, REGION, 0.0, "r", "http://aws.test"))

    may(queue.id.account)
    with pytest.raises(AwsError, match=f"sqs:{operation.lower()} "):
        may(STRANGER)


# --- roles ----------------------------------------------------------------------------------------

ROLE = f"arn:aws:iam::{STRANGER}:role/service/worker"
SESSION = Session(
    STRANGER,
    "AROAEXAMPLEEXAMPLE123:job",
    f"arn:aws:sts::{STRANGER}:assumed-role/worker/job",
    ROLE,
)
ROOT = f"arn:aws:iam::{STRANGER}:root"


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"Principal": {"AWS": ROLE}}, True),
        ({"Principal": {"AWS": SESSION.arn}}, True),
        ({"Principal": {"AWS": ROOT}}, True),
        ({"Principal": {"AWS": f"arn:aws:iam::{STRANGER}:role/worker"}}, False),
        ({"Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}}}, True),
        ({"Condition": {"ArnEquals": {"aws:PrincipalArn": SESSION.arn}}}, False),
        ({"Condition": {"StringLike": {"aws:userid": "*:job"}}}, True),
    ],
)
def test_an_assumed_role_is_allowed_what_names_it(given: dict[str, Any], allowed: bool) -> None:
    """IAM user guide: Principal (role, session); global condition keys aws:PrincipalArn, aws:userid."""
    sqs = core(statement(**given))
    context = CallContext(
        STRANGER, REGION, sqs.now, "r", "http://aws.test", "ASIA", session=SESSION
    )
    params = {"QueueUrl": "http://aws.test/111111111111/q", "MessageBody": "a"}

    if allowed:
        assert sqs.service.call("SendMessage", params, context)
    else:
        with pytest.raises(AwsError, match=f"User: {SESSION.arn} is not authorized"):
            sqs.service.call("SendMessage", params, context)
