"""What a signature says of its caller; nothing a client writes there is ever an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.aws.credential_scope import (
    UNSIGNED,
    CredentialScope,
    account_of,
    scope_of,
    scope_of_credential,
)


def test_scope_of_a_signed_request() -> None:
    header = (
        "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/sqs/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )

    assert scope_of(header) == CredentialScope("AKIA", "eu-west-1", "sqs")


def test_access_key_may_hold_slashes() -> None:
    scope = scope_of_credential("a/b/20260101/eu-west-1/SNS/aws4_request")

    assert scope == CredentialScope("a/b", "eu-west-1", "sns")


@pytest.mark.parametrize("header", ["", "Bearer x", "AWS4 Credential=", "AWS4 Credential=a/b"])
def test_other_headers_are_unsigned(header: str) -> None:
    assert scope_of(header) is UNSIGNED


def test_region_that_is_none_is_left_out() -> None:
    assert scope_of_credential("a/1/<region>/sqs/aws4_request").region == ""


@given(st.text())
def test_any_header_is_read(header: str) -> None:
    assert isinstance(scope_of(f"Credential={header}"), CredentialScope)


@pytest.mark.parametrize(
    ("key", "account"), [("123456789012", "123456789012"), ("test", "0"), ("12345678901", "0")]
)
def test_account_of_an_access_key(key: str, account: str) -> None:
    assert account_of(key, "0") == account
