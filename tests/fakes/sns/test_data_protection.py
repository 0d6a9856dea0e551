"""Data protection policies: what they refuse and change, and which are refused.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-operations.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import (
    envelopes,
    invalid,
    make_queue,
    queue_arn,
    refusal,
    subscribe,
)
from tests.fakes.support_boto import InProcess

ARN = "arn:aws:dataprotection::aws:data-identifier/"
DENY: dict[str, Any] = {"Deny": {}}
MASK = {"Deidentify": {"MaskConfig": {"MaskWithCharacter": "#"}}}
REDACT: dict[str, Any] = {"Deidentify": {"RedactConfig": {}}}
AUDIT = {
    "Audit": {
        "SampleRate": "99",
        "FindingsDestination": {"CloudWatchLogs": {"LogGroup": "/aws/vendedlogs/audit"}},
    }
}
MAIL = "mail jane@example.com"


def statement(operation: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "DataDirection": "Inbound",
        "Principal": ["*"],
        "DataIdentifier": [f"{ARN}EmailAddress", f"{ARN}Ssn-US"],
        "Operation": operation,
        **changes,
    }


def policy(*statements: Any, **changes: Any) -> str:
    return json.dumps(
        {"Name": "p", "Version": "2021-06-01", "Statement": list(statements), **changes}
    )


def protect(sns: Any, topic: str, *statements: dict[str, Any]) -> None:
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=policy(*statements))


def test_an_inbound_deny_refuses_the_publish(sns: Any, sqs: Any, topic: str) -> None:
    """Developer guide: the caller of Publish receives an authorization error."""
    url = make_queue(sqs)
    subscribe(sns, topic)
    protect(sns, topic, statement(DENY))

    code, text, status = refusal(sns.publish, TopicArn=topic, Message=MAIL)
    sns.publish(TopicArn=topic, Message="nothing sensitive")

    assert (code, status) == ("AuthorizationError", 403)
    assert "data protection policy" in text
    assert [item["Message"] for item in envelopes(sqs, url)] == ["nothing sensitive"]


def test_an_inbound_deny_fails_only_the_entries_that_it_is_about(sns: Any, topic: str) -> None:
    protect(sns, topic, statement(DENY))
    entries = [{"Id": "1", "Message": "fine"}, {"Id": "2", "Message": MAIL}]

    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)

    assert [item["Id"] for item in answer["Successful"]] == ["1"]
    assert [(item["Id"], item["Code"]) for item in answer["Failed"]] == [
        ("2", "AuthorizationError")
    ]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [(MASK, "mail ################, ssn: ###########."), (REDACT, "mail , ssn: .")],
)
def test_deidentifying_masks_or_takes_out(
    sns: Any, sqs: Any, topic: str, operation: dict[str, Any], expected: str
) -> None:
    """The guide's own example: `123-45-6789` becomes `###########`, or nothing."""
    url = make_queue(sqs)
    subscribe(sns, topic)
    protect(sns, topic, statement(operation))

    sns.publish(TopicArn=topic, Message=f"{MAIL}, ssn: 123-45-6789.")

    assert [item["Message"] for item in envelopes(sqs, url)] == [expected]


def test_every_body_of_a_message_structure_is_masked(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)
    protect(sns, topic, statement(MASK))

    message = json.dumps({"default": "x", "sqs": MAIL})
    sns.publish(TopicArn=topic, Message=message, MessageStructure="json")

    assert [item["Message"] for item in envelopes(sqs, url)] == ["mail ################"]


def test_a_message_that_is_sensitive_altogether_is_refused(sns: Any, topic: str) -> None:
    protect(sns, topic, statement(REDACT))

    assert refusal(sns.publish, TopicArn=topic, Message="jane@example.com")[0] == (
        "AuthorizationError"
    )


def test_an_outbound_deny_fails_the_deliveries_of_its_principals(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    """Another account's subscription is another principal's; a dead-letter queue gets what failed."""
    other = aws.client("sqs", account="222222222222")
    url, dead = make_queue(sqs), make_queue(sqs, "dead")
    theirs = make_queue(other)
    redrive = json.dumps({"deadLetterTargetArn": queue_arn("dead")})
    arn = subscribe(sns, topic, RedrivePolicy=redrive)
    aws.client("sns", account="222222222222").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue_arn("queue", account="222222222222")
    )
    protect(
        sns,
        topic,
        statement(DENY, DataDirection="Outbound", Principal=["arn:aws:iam::111111111111:root"]),
    )

    sns.publish(TopicArn=topic, Message=MAIL)

    assert envelopes(sqs, url) == []
    assert [item["Message"] for item in envelopes(sqs, dead)] == [MAIL]
    assert [item["Message"] for item in envelopes(other, theirs)] == [MAIL]
    (event,) = [event for event in aws.events if event.kind == "dead-lettered"]
    assert event.subject == arn
    assert event.detail["reason"] == (
        "The topic's data protection policy prohibits this message from being delivered to " + arn
    )


def test_an_audit_tells_what_was_found_and_lets_it_pass(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)
    protect(sns, topic, statement(AUDIT), statement(MASK))

    sns.publish(TopicArn=topic, Message=f"{MAIL} or joe@example.com")
    sns.publish(TopicArn=topic, Message="nothing")

    audits = [event.detail["findings"] for event in aws.events if event.kind == "audited"]
    assert audits == [{"EmailAddress": 2}, {}]
    assert len(envelopes(sqs, url)) == 2


def test_a_policy_ends_with_an_empty_one_and_survives_a_snapshot(
    aws: InProcess, sns: Any, topic: str
) -> None:
    protect(sns, topic, statement(DENY))

    aws.cloud.restore(aws.cloud.snapshot())
    assert refusal(sns.publish, TopicArn=topic, Message=MAIL)[0] == "AuthorizationError"
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy="")

    assert sns.publish(TopicArn=topic, Message=MAIL)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("x" * 30_721, "The policy is longer than 30720 characters"),
        ("{", "The policy is not valid JSON"),
        ("[]", "The policy must be a JSON object"),
        ('{"Name": "p"}', "Version is required"),
        (policy(Version="2012-10-17"), "Version must be 2021-06-01"),
        (policy(Statement={}), "Statement must be a list"),
        (policy("x"), "A statement must be a JSON object"),
        (policy({}), "DataDirection is required"),
        (policy(statement(DENY, DataDirection="Up")), "DataDirection must be Inbound or Outbound"),
        (policy(statement(DENY, Principal="*")), "Principal must be a list of strings"),
        (policy(statement(DENY, DataIdentifier=[])), "DataIdentifier must be a list of strings"),
        (policy(statement({})), "Operation must be one of Audit, Deidentify and Deny"),
        (policy(statement({"Drop": {}})), "Operation must be one of Audit, Deidentify and Deny"),
        (
            policy(statement(MASK, DataDirection="Outbound")),
            "Only Deny is available for outbound messages",
        ),
        (
            policy(statement({"Deidentify": {}})),
            "Deidentify needs either MaskConfig or RedactConfig",
        ),
        (
            policy(statement({"Deidentify": {"MaskConfig": {"MaskWithCharacter": "##"}}})),
            "MaskWithCharacter must be one supported character",
        ),
        (
            policy(statement({"Audit": {"SampleRate": "100", "FindingsDestination": {}}})),
            "SampleRate must be an integer between 0 and 99",
        ),
        (
            policy(statement({"Audit": {"SampleRate": "9"}})),
            "Audit needs a FindingsDestination or a NoFindingsDestination",
        ),
        (policy(statement(AUDIT), statement(AUDIT)), "Only one Audit statement is allowed"),
    ],
)
def test_policies_are_checked(sns: Any, topic: str, wrong: str, reason: str) -> None:
    answer = refusal(sns.put_data_protection_policy, ResourceArn=topic, DataProtectionPolicy=wrong)

    assert answer == invalid(f"Invalid parameter: DataProtectionPolicy Reason: {reason}")
