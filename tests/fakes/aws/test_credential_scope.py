"""What a signature says of its caller; nothing a client writes there is ever an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.aws.credential_scope import (
    UNSIGNED,
    CredentialScope,
    account_of,
    region_of_host,
    region_of_set,
    scope_of,
    scope_of_credential,
    scope_of_request,
)


def test_scope_of_a_signed_request() -> None:
    header = (
        "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/sqs/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )

    assert scope_of(header) == CredentialScope("AKIA", "eu-west-1", "sqs")


def test_scope_of_version_4a_has_no_region() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html: version 4a."""
    header = "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20260101/sns/aws4_request, Signature=0"

    assert scope_of(header) == CredentialScope("AKIA", "", "sns")


@pytest.mark.parametrize(
    ("regions", "region"),
    [
        ("eu-west-1", "eu-west-1"),
        ("eu-*, us-west-2", "us-west-2"),
        ("*", ""),
        ("", ""),
    ],
)
def test_region_of_a_region_set(regions: str, region: str) -> None:
    assert region_of_set(regions) == region


def test_access_key_may_hold_slashes() -> None:
    scope = scope_of_credential("a/b/20260101/eu-west-1/SNS/aws4_request")

    assert scope == CredentialScope("a/b", "eu-west-1", "sns")


@pytest.mark.parametrize("header", ["", "Bearer x", "AWS4 Credential=", "AWS4 Credential=a/b"])
def test_other_headers_are_unsigned(header: str) -> None:
    assert scope_of(header) is UNSIGNED


def test_region_that_is_none_is_left_out() -> None:
    assert scope_of_credential("a/1/<region>/sqs/aws4_request").region == ""


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        (
            "X-Amz-Credential=AKIA%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0",
            CredentialScope("AKIA", "eu-west-1", "s3"),
        ),
        ("AWSAccessKeyId=AKIA&Signature=a%3D&Expires=1", CredentialScope("AKIA", "", "s3")),
        ("Action=ListQueues&AWSAccessKeyId=AKIA&Signature=a&Expires=1", UNSIGNED),
        ("AWSAccessKeyId=AKIA&Signature=a", UNSIGNED),
        ("", UNSIGNED),
    ],
)
@pytest.mark.source("https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html")
def test_a_presigned_url_has_its_scope_in_the_query(query: str, scope: CredentialScope) -> None:
    assert scope_of_request("", query) == scope


def test_a_header_counts_before_the_query() -> None:
    header = "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/sqs/aws4_request"

    assert scope_of_request(header, "X-Amz-Credential=B/1/r/s3/aws4_request").access_key_id == "A"


@given(st.text())
def test_any_header_is_read(header: str) -> None:
    assert isinstance(scope_of(f"Credential={header}"), CredentialScope)


@pytest.mark.parametrize(
    ("key", "account"), [("123456789012", "123456789012"), ("test", "0"), ("12345678901", "0")]
)
def test_account_of_an_access_key(key: str, account: str) -> None:
    assert account_of(key, "0") == account


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("sqs.eu-west-1.amazonaws.com", "eu-west-1"),
        ("SNS.us-gov-east-1.localhost.localstack.cloud:4566", "us-gov-east-1"),
        ("eu-north-1.queue.localhost.localstack.cloud:4566", "eu-north-1"),
        ("queue.localhost.localstack.cloud:4566", ""),
        ("sqs.localhost:4566", ""),
        ("sqs.eu-west-1", ""),
        ("s3.eu-west-1.amazonaws.com", ""),
        ("localhost:4566", ""),
        ("", ""),
    ],
)
def test_region_of_an_endpoints_name(host: str, region: str) -> None:
    """General reference, SQS endpoints and legacy endpoints; LocalStack's endpoint strategies."""
    assert region_of_host(host) == region
