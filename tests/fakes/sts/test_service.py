"""Who calls, and temporary credentials: what STS answers, and what requests with them are.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from tests.fakes.support_boto import START, InProcess

_ROLE = "arn:aws:iam::222222222222:role/service/worker"
_QUEUE_ARN = "arn:aws:sqs:eu-west-1:222222222222:q"


def _worker(aws: InProcess, **more: Any) -> dict[str, Any]:
    sts = aws.client("sts")
    return dict(sts.assume_role(RoleArn=_ROLE, RoleSessionName="job-1", **more))


def _web_token(claims: object) -> str:
    body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{body}.c2ln"


def test_identity_is_the_access_keys() -> None:
    """The id of an account's root is the account's number (IAM, principal table)."""
    aws = InProcess()

    mine = aws.client("sts", account="123456789012").get_caller_identity()
    default = aws.client("sts", account="AKIAEXAMPLE").get_caller_identity()

    assert (mine["Account"], mine["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:root")
    assert mine["UserId"] == "123456789012"
    assert (default["Account"], default["UserId"]) == ("000000000000", "000000000000")


def test_other_operations_are_named_as_not_implemented() -> None:
    with pytest.raises(ClientError, match=r"sts\.AssumeRoot is not implemented"):
        InProcess().client("sts").assume_root(
            TargetPrincipal="111111111111",
            TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy"},
        )


# --- roles ----------------------------------------------------------------------------------------


def test_an_assumed_role_is_named_without_its_path() -> None:
    """STS API reference, AssumeRole: `AssumedRoleUser`; IAM identifiers, "assumed-role"."""
    answer = _worker(InProcess(), SourceIdentity="alice")

    role_id, _, session = answer["AssumedRoleUser"]["AssumedRoleId"].partition(":")
    arn = "arn:aws:sts::222222222222:assumed-role/worker/job-1"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert (role_id[:4], len(role_id), session) == ("AROA", 21, "job-1")
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert answer["SourceIdentity"] == "alice"


def test_a_role_has_one_id_however_often_it_is_assumed() -> None:
    first, second = _worker(InProcess()), _worker(InProcess())

    assert first["AssumedRoleUser"] == second["AssumedRoleUser"]


def test_credentials_of_a_role_last_an_hour_unless_asked_otherwise() -> None:
    """STS API reference, AssumeRole: `DurationSeconds`."""
    aws = InProcess()

    hour = _worker(aws)["Credentials"]["Expiration"]
    quarter = _worker(aws, DurationSeconds=900)["Credentials"]["Expiration"]

    assert hour == datetime.fromtimestamp(START + 3600, UTC)
    assert quarter == datetime.fromtimestamp(START + 900, UTC)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::222222222222:user/worker",
        "arn:aws:sts::222222222222:assumed-role/worker/x",
        "arn:aws:iam::2222:role/worker",
        "arn:aws:iam::222222222222:role/",
        "worker-of-the-other-account",
    ],
)
def test_only_the_arn_of_a_role_can_be_assumed(arn: str) -> None:
    """https://github.com/physera/onelogin-aws-cli/issues/12."""
    with pytest.raises(ClientError) as refused:
        InProcess().client("sts").assume_role(RoleArn=arn, RoleSessionName="job-1")

    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationError", "Request ARN is invalid")


def test_a_role_assumed_from_a_session_lasts_an_hour_at_the_most() -> None:
    """https://github.com/mmmorris1975/aws-runas/issues/11."""
    aws = InProcess()
    sts = aws.client_of_session("sts", _worker(aws)["Credentials"])

    sts.assume_role(RoleArn=_ROLE, RoleSessionName="job-2", DurationSeconds=3600)
    with pytest.raises(
        ClientError, match="1 hour session limit for roles assumed by role chaining"
    ):
        sts.assume_role(RoleArn=_ROLE, RoleSessionName="job-2", DurationSeconds=3601)


# --- what requests with a role's credentials are --------------------------------------------------


def test_a_role_acts_in_its_own_account() -> None:
    """STS API reference, AssumeRole: the credentials are for the account that owns the role."""
    aws = InProcess()
    credentials = _worker(aws)["Credentials"]

    identity = aws.client_of_session("sts", credentials).get_caller_identity()
    url = aws.client_of_session("sqs", credentials).create_queue(QueueName="q")["QueueUrl"]

    assert identity["Account"] == "222222222222"
    assert identity["Arn"] == "arn:aws:sts::222222222222:assumed-role/worker/job-1"
    assert identity["UserId"].endswith(":job-1")
    assert url.endswith("/222222222222/q")


def test_the_sender_of_a_message_is_the_roles_session() -> None:
    """SQS API reference, ReceiveMessage: `SenderId` of a role, ABCDE1F2GH3I4JK5LMNOP:i-a123b456."""
    aws = InProcess()
    answer = _worker(aws)
    sqs = aws.client_of_session("sqs", answer["Credentials"])
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m")

    received = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["SenderId"])

    sender = received["Messages"][0]["Attributes"]["SenderId"]
    assert sender == answer["AssumedRoleUser"]["AssumedRoleId"]


def test_a_subscription_was_made_by_the_roles_session() -> None:
    """SNS API reference, GetSubscriptionAttributes: `SubscriptionPrincipal` is an ARN of the caller."""
    aws = InProcess()
    sns = aws.client_of_session("sns", _worker(aws)["Credentials"])
    topic = sns.create_topic(Name="t")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=_QUEUE_ARN)["SubscriptionArn"]

    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]

    assert attributes["SubscriptionPrincipal"].endswith(":assumed-role/worker/job-1")
    assert attributes["Owner"] == "222222222222"


def test_a_presigned_call_is_the_sessions_too() -> None:
    """IAM user guide: `X-Amz-Security-Token` in the query string, where a URL is signed."""
    aws = InProcess()
    sts = aws.client_of_session("sts", _worker(aws)["Credentials"])
    url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")

    _, _, query = url.partition("?")
    request = AWSRequest("GET", f"http://aws.test/?{query}").prepare()
    answer = aws.send(request).text

    assert ":assumed-role/worker/job-1</Arn>" in answer


def test_a_token_of_somebody_else_is_nobodys_session() -> None:
    """Tokens that AWS itself wrote, and any other text, leave the access key to say who calls."""
    aws = InProcess()
    keys = {"AccessKeyId": "333333333333", "SecretAccessKey": "s"}

    deep = "IQoJb3JpZ2luX2Vj" + urlsafe_b64encode(b"[" * 9_000).decode()
    for token in ("test", "IQoJb3JpZ2luX2VjEPz//////////wE=", "IQoJb3JpZ2luX2VjW10=", deep):
        sts = aws.client_of_session("sts", {**keys, "SessionToken": token})
        assert sts.get_caller_identity()["Account"] == "333333333333"


# --- sessions of users ----------------------------------------------------------------------------


def test_a_session_token_is_for_the_caller_and_twelve_hours() -> None:
    """STS API reference, GetSessionToken."""
    aws = InProcess()
    credentials = aws.client("sts").get_session_token()["Credentials"]

    identity = aws.client_of_session("sts", credentials).get_caller_identity()

    assert credentials["Expiration"] == datetime.fromtimestamp(START + 43_200, UTC)
    assert identity["Arn"] == "arn:aws:iam::111111111111:root"


def test_a_federated_user_has_the_name_that_was_given() -> None:
    """STS API reference, GetFederationToken: `FederatedUser`."""
    aws = InProcess()
    answer = aws.client("sts").get_federation_token(Name="bob")

    identity = aws.client_of_session("sts", answer["Credentials"]).get_caller_identity()

    assert answer["FederatedUser"] == {
        "FederatedUserId": "111111111111:bob",
        "Arn": "arn:aws:sts::111111111111:federated-user/bob",
    }
    assert (identity["UserId"], identity["Arn"]) == tuple(answer["FederatedUser"].values())


def test_sessions_can_not_ask_for_sessions() -> None:
    """https://github.com/aws/aws-sdk-php/issues/1876 and https://github.com/fwdcloudsec/granted/issues/151."""
    aws = InProcess()
    sts = aws.client_of_session("sts", _worker(aws)["Credentials"])

    for operation, call in (
        ("GetSessionToken", sts.get_session_token),
        ("GetFederationToken", lambda: sts.get_federation_token(Name="bob")),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"] == {
            "Type": "Sender",
            "Code": "AccessDenied",
            "Message": f"Cannot call {operation} with session credentials",
        }
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


# --- web identities -------------------------------------------------------------------------------


def test_a_role_is_assumed_without_a_signature_with_a_web_identity() -> None:
    """STS API reference, AssumeRoleWithWebIdentity, as pods do by `AWS_WEB_IDENTITY_TOKEN_FILE`."""
    aws = InProcess()
    subject = "system:serviceaccount:default:worker"
    claims = {"iss": "https://oidc.test/id/1", "sub": subject, "aud": ["sts.amazonaws.com"]}

    answer = aws.unsigned_client("sts").assume_role_with_web_identity(
        RoleArn=_ROLE, RoleSessionName="pod-1", WebIdentityToken=_web_token(claims)
    )

    assert answer["SubjectFromWebIdentityToken"] == subject
    assert answer["Provider"] == "https://oidc.test/id/1"
    assert answer["Audience"] == "sts.amazonaws.com"
    identity = aws.client_of_session("sts", answer["Credentials"]).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::222222222222:assumed-role/worker/pod-1"


@pytest.mark.parametrize(
    "token",
    [
        "token",
        "a.b.c",
        "a.é.c",
        _web_token(["no", "claims"]),
        f"a.{urlsafe_b64encode(b'[' * 9_000).decode()}.c",
        _web_token({"iss": "https://oidc.test", "aud": "x"}),
        _web_token({"iss": "https://oidc.test", "sub": "me", "aud": []}),
    ],
)
def test_what_is_no_web_token_is_no_identity(token: str) -> None:
    """STS API reference, AssumeRoleWithWebIdentity: InvalidIdentityToken; the text is the fake's own."""
    with pytest.raises(ClientError) as refused:
        InProcess().unsigned_client("sts").assume_role_with_web_identity(
            RoleArn=_ROLE, RoleSessionName="pod-1", WebIdentityToken=token
        )

    assert refused.value.response["Error"]["Code"] == "InvalidIdentityToken"


def test_a_token_of_a_named_provider_is_that_providers_affair() -> None:
    """STS API reference, AssumeRoleWithWebIdentity: `ProviderId` is for OAuth 2.0 access tokens."""
    answer = (
        InProcess()
        .unsigned_client("sts")
        .assume_role_with_web_identity(
            RoleArn=_ROLE,
            RoleSessionName="app",
            WebIdentityToken="Atza|x",
            ProviderId="www.amazon.com",
        )
    )

    assert answer["Provider"] == "www.amazon.com"
    assert "Audience" not in answer
