from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import envelopes, invalid, make_queue, queue_arn, refusal
from tests.fakes.support_boto import InProcess


def application(sns: Any, name: str = "app") -> str:
    return sns.create_platform_application(
        Name=name, Platform="GCM", Attributes={"PlatformCredential": "secret"}
    )["PlatformApplicationArn"]


def device(sns: Any, token: str = "token") -> str:
    arn = application(sns)
    return sns.create_platform_endpoint(PlatformApplicationArn=arn, Token=token)["EndpointArn"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"Name": "a b", "Platform": "GCM"},
            "a b Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'",
        ),
        ({"Name": "a", "Platform": "X"}, "Platform Reason: X is not supported"),
        (
            {"Name": "a", "Platform": "GCM", "Attributes": {"Unknown": "x"}},
            "Attributes Reason: Invalid attribute name: Unknown",
        ),
        (
            {"Name": "a", "Platform": "GCM", "Attributes": {"Enabled": "true"}},
            "Attributes Reason: PlatformCredential attribute not provided",
        ),
    ],
)
def test_applications_are_checked(sns: Any, params: dict[str, Any], message: str) -> None:
    given = {"Attributes": {"PlatformCredential": "secret"}, **params}

    answer = refusal(sns.create_platform_application, **given)

    assert answer == invalid(f"Invalid parameter: {message}")


def test_applications_and_their_endpoints_are_listed(sns: Any) -> None:
    arns = [application(sns, name) for name in ("a", "b")]
    endpoint = sns.create_platform_endpoint(PlatformApplicationArn=arns[0], Token="t")

    applications = sns.list_platform_applications()["PlatformApplications"]
    endpoints = sns.list_endpoints_by_platform_application(PlatformApplicationArn=arns[0])

    assert [item["PlatformApplicationArn"] for item in applications] == arns
    assert applications[0]["Attributes"] == {"Enabled": "true"}
    assert endpoints["Endpoints"] == [
        {
            "EndpointArn": endpoint["EndpointArn"],
            "Attributes": {"Enabled": "true", "Token": "t"},
        }
    ]
    sns.delete_platform_application(PlatformApplicationArn=arns[0])
    sns.delete_platform_application(PlatformApplicationArn=arns[0])
    assert refusal(sns.list_endpoints_by_platform_application, PlatformApplicationArn=arns[0]) == (
        "NotFound",
        "PlatformApplication does not exist",
        404,
    )


def test_a_device_gets_its_platforms_entry(aws: InProcess, sns: Any) -> None:
    arn = device(sns)
    message = json.dumps({"default": "text", "GCM": '{"notification": {"title": "hello"}}'})

    sns.publish(TargetArn=arn, Message=message, MessageStructure="json")

    (captured,) = aws.cloud.sns.inbox("application", arn)
    assert captured.body == '{"notification": {"title": "hello"}}'


def test_a_message_for_one_device_needs_no_default_entry(aws: InProcess, sns: Any) -> None:
    """Developer guide, platform-specific payloads: the example for FCM has none.

    A default entry "must be present when publishing a message to a topic". The text:
    https://github.com/evanshortiss/sns-mobile/issues/6
    """
    arn = device(sns)

    sns.publish(TargetArn=arn, Message='{"GCM": "{}"}', MessageStructure="json")
    answer = refusal(sns.publish, TargetArn=arn, Message='{"APNS": "{}"}', MessageStructure="json")

    assert [item.body for item in aws.cloud.sns.inbox("application", arn)] == ["{}"]
    assert answer == invalid(
        "Invalid parameter: JSON must contain an entry for 'default' or 'GCM'."
    )


def test_credentials_are_changed_together(sns: Any) -> None:
    """Noted in https://github.com/hashicorp/terraform-provider-aws/pull/1101; words as on creation."""
    credentials = {"PlatformCredential": "c", "PlatformPrincipal": "p"}
    arn = sns.create_platform_application(Name="a", Platform="ADM", Attributes=credentials)[
        "PlatformApplicationArn"
    ]

    answer = refusal(
        sns.set_platform_application_attributes,
        PlatformApplicationArn=arn,
        Attributes={"PlatformCredential": "d"},
    )
    sns.set_platform_application_attributes(PlatformApplicationArn=arn, Attributes=credentials)

    assert answer == invalid(
        "Invalid parameter: Attributes Reason: PlatformCredential attribute provided without "
        "PlatformPrincipal"
    )


def test_a_disabled_device_gets_nothing(aws: InProcess, sns: Any) -> None:
    arn = device(sns)
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})

    answer = refusal(sns.publish, TargetArn=arn, Message="hello")

    assert answer == ("EndpointDisabled", "Endpoint is disabled", 400)
    assert aws.cloud.sns.inbox() == []


def test_a_disabled_application_gets_nothing(sns: Any) -> None:
    arn = device(sns)
    sns.set_platform_application_attributes(
        PlatformApplicationArn=application(sns), Attributes={"Enabled": "false"}
    )

    answer = refusal(sns.publish, TargetArn=arn, Message="hello")

    assert answer == ("PlatformApplicationDisabled", "Platform application is disabled", 400)


def test_a_device_that_does_not_exist(sns: Any) -> None:
    arn = device(sns)
    sns.delete_endpoint(EndpointArn=arn)
    sns.delete_endpoint(EndpointArn=arn)

    assert refusal(sns.publish, TargetArn=arn, Message="hello") == invalid(
        "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"
    )


def test_enabled_is_true_or_false(sns: Any) -> None:
    arn = device(sns)
    expected = invalid(
        "Invalid parameter: Attributes Reason: Invalid value for attribute: Enabled: must be "
        "either true or false"
    )

    assert expected == refusal(
        sns.set_endpoint_attributes, EndpointArn=arn, Attributes={"Enabled": "maybe"}
    )
    assert expected == refusal(
        sns.set_platform_application_attributes,
        PlatformApplicationArn=application(sns),
        Attributes={"Enabled": ""},
    )
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "False"})
    assert sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"]["Enabled"] == "false"


def test_what_is_left_out_of_a_repeated_registration_is_not_compared(sns: Any) -> None:
    """Developer guide, create a platform endpoint: an app registers its token at every start.

    It then looks at the attributes, as the device may be disabled, so the ARN has to come back.
    """
    app = application(sns)
    arn = sns.create_platform_endpoint(
        PlatformApplicationArn=app, Token="t", CustomUserData="data"
    )["EndpointArn"]
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})

    again = sns.create_platform_endpoint(PlatformApplicationArn=app, Token="t")

    assert again["EndpointArn"] == arn
    for other in ({"CustomUserData": "x"}, {"Attributes": {"Enabled": "true"}}):
        answer = refusal(
            sns.create_platform_endpoint, PlatformApplicationArn=app, Token="t", **other
        )
        assert answer == invalid(
            f"Invalid parameter: Token Reason: Endpoint {arn} already exists with the same Token, "
            "but different attributes."
        )


@pytest.mark.parametrize(
    ("operation", "parameter", "params"),
    [
        ("delete_platform_application", "PlatformApplicationArn", {}),
        ("create_platform_endpoint", "PlatformApplicationArn", {"Token": "t"}),
        ("get_endpoint_attributes", "EndpointArn", {}),
        ("delete_endpoint", "EndpointArn", {}),
    ],
)
def test_arns_of_applications_and_devices_are_checked(
    sns: Any, topic: str, operation: str, parameter: str, params: dict[str, str]
) -> None:
    """Quoted in https://github.com/awslabs/aws-sdk-ios-samples/issues/230."""
    answer = refusal(getattr(sns, operation), **{parameter: topic}, **params)

    assert answer == invalid(
        f"Invalid parameter: {parameter} Reason: Wrong number of slashes in relative portion of "
        "the ARN."
    )


@pytest.mark.parametrize("attributes", [{}, {"Token": ""}])
def test_a_device_has_a_token(sns: Any, attributes: dict[str, str]) -> None:
    """SNS API reference, CreatePlatformEndpoint: the token is required; the words are ours."""
    answer = refusal(
        sns.create_platform_endpoint,
        PlatformApplicationArn=application(sns),
        Token="",
        Attributes=attributes,
    )

    assert answer == invalid(
        "Invalid parameter: Attributes Reason: Invalid value for attribute: Token: must not be empty"
    )


def test_a_device_is_found_by_the_token_that_it_has_now(sns: Any) -> None:
    """API reference, CreatePlatformEndpoint: one with the same token and attributes is returned."""
    arn = application(sns)
    changed, deleted = (device(sns, token) for token in ("old", "deleted"))
    sns.set_endpoint_attributes(EndpointArn=changed, Attributes={"Token": "new"})
    sns.delete_endpoint(EndpointArn=deleted)

    found = {
        token: sns.create_platform_endpoint(PlatformApplicationArn=arn, Token=token)["EndpointArn"]
        for token in ("new", "old", "deleted")
    }

    assert found["new"] == changed
    assert not {changed, deleted} & {found["old"], found["deleted"]}


def test_tokens_of_apple_are_in_lower_case(sns: Any) -> None:
    """SNS API reference, GetEndpointAttributes: "returned in lowercase"."""
    credentials = {"PlatformCredential": "c", "PlatformPrincipal": "p"}
    app = sns.create_platform_application(Name="a", Platform="APNS", Attributes=credentials)
    arn = app["PlatformApplicationArn"]

    made = sns.create_platform_endpoint(PlatformApplicationArn=arn, Token="ABCDEF")
    again = sns.create_platform_endpoint(PlatformApplicationArn=arn, Token="abcdef")

    assert made["EndpointArn"] == again["EndpointArn"]
    attributes = sns.get_endpoint_attributes(EndpointArn=made["EndpointArn"])["Attributes"]
    assert attributes["Token"] == "abcdef"


def test_baidu_has_attributes_of_its_own(sns: Any) -> None:
    """SNS API reference, CreatePlatformEndpoint: `ChannelId` and `UserId`."""
    credentials = {"PlatformCredential": "c", "PlatformPrincipal": "p"}
    app = sns.create_platform_application(Name="a", Platform="BAIDU", Attributes=credentials)
    theirs = {"ChannelId": "t", "UserId": "u"}

    arn = sns.create_platform_endpoint(
        PlatformApplicationArn=app["PlatformApplicationArn"], Token="t", Attributes=theirs
    )["EndpointArn"]

    shown = sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"]
    assert shown == {"Enabled": "true", "Token": "t", **theirs}


def test_a_subscribed_device_gets_its_platforms_entry(aws: InProcess, sns: Any, topic: str) -> None:
    """Developer guide, Publishing Amazon SNS notifications with platform-specific payloads."""
    arn = device(sns)
    sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=arn)

    sns.publish(TopicArn=topic, Message='{"default": "text", "GCM": "{}"}', MessageStructure="json")
    sns.publish(TopicArn=topic, Message="plain")

    assert [item.body for item in aws.cloud.sns.inbox("application", arn)] == ["{}", "plain"]


@pytest.mark.parametrize("end", ["disabled", "deleted"])
def test_a_device_that_takes_nothing_leaves_its_messages_to_the_dead_letter_queue(
    aws: InProcess, sns: Any, sqs: Any, topic: str, end: str
) -> None:
    """Developer guide, dead-letter queues: deleted endpoints are client-side errors, not retried."""
    arn = device(sns)
    url = make_queue(sqs)
    sns.subscribe(
        TopicArn=topic,
        Protocol="application",
        Endpoint=arn,
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": queue_arn("queue")})},
    )
    if end == "disabled":
        sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})
    else:
        sns.delete_endpoint(EndpointArn=arn)

    sns.publish(TopicArn=topic, Message="hello")

    assert aws.cloud.sns.inbox("application") == []
    assert [item["Message"] for item in envelopes(sqs, url)] == ["hello"]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        (
            "SuccessFeedbackRoleArn",
            "worker",
            "worker is not a valid role to allow SNS to write to Cloudwatch Logs",
        ),
        (
            "FailureFeedbackRoleArn",
            "arn:aws:iam::1:user/u",
            "arn:aws:iam::1:user/u is not a valid role to allow SNS to write to Cloudwatch Logs",
        ),
        ("SuccessFeedbackSampleRate", "101", "must be between 0 and 100"),
        ("SuccessFeedbackSampleRate", "all", "must be between 0 and 100"),
    ],
)
def test_feedback_of_an_application_is_logged_by_a_role_at_a_rate(
    sns: Any, name: str, value: str, reason: str
) -> None:
    """SNS API reference, SetPlatformApplicationAttributes; the words: Terraform's platform_application.go.

    Its provider tries again when it reads them, since a role may be too new for SNS.
    """
    given = {"PlatformCredential": "key", name: value}

    answer = refusal(sns.create_platform_application, Name="a", Platform="GCM", Attributes=given)

    assert answer[0] == "InvalidParameter"
    assert answer[1].endswith(f"Invalid value for attribute: {name}: {reason}")
    role = "arn:aws:iam::111111111111:role/logs"
    valid = {"PlatformCredential": "key", name: "50" if name.endswith("Rate") else role}
    assert sns.create_platform_application(Name="a", Platform="GCM", Attributes=valid)
