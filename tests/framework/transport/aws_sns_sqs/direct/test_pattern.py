"""Patterns and signatures against botocore's own signer."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.aws_sns_sqs.direct.pattern import Pattern
from tomodachi.transport.aws_sns_sqs.direct.sigv4 import Scope

URLS = [
    "https://sns.eu-west-1.amazonaws.com/",
    "https://sqs.eu-west-1.amazonaws.com:443/",
    "http://127.0.0.1:4100/",
    "http://localhost:4100/a/path",
    "http://[::1]:4100/",
]
KEYS = ReadOnlyCredentials("AKIA", "secret", None)
TEMPORARY = ReadOnlyCredentials("ASIA", "other", "a token")


def signed(url: str, body: bytes, credentials: Any, **extra: str) -> dict[str, str]:
    """Headers as botocore sends them, signed now."""
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.X", **extra}
    request = AWSRequest("POST", url, headers=headers, data=body)
    SigV4Auth(credentials, "sqs", "eu-west-1").add_auth(request)
    request.headers["User-Agent"] = "tests"
    request.headers["amz-sdk-invocation-id"] = "one"
    request.headers["amz-sdk-request"] = "attempt=1"
    return dict(request.prepare().headers.items())


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("credentials", [KEYS, TEMPORARY])
@given(body=st.binary())
def test_a_request_after_the_pattern_is_the_one_botocore_makes(
    url: str, credentials: Any, body: bytes
) -> None:
    pattern = Pattern.learn(url, signed(url, b"first", credentials), b"first", credentials)
    assert pattern is not None
    expected = lower(signed(url, body, credentials))
    at = expected["x-amz-date"]
    assert pattern.headers(body, credentials, at=at, invocation_id="one") == expected


def test_other_credentials_of_the_same_kind_sign_with_their_own_key() -> None:
    url, other = URLS[0], ReadOnlyCredentials("AKIB", "fresh", None)
    pattern = Pattern.learn(url, signed(url, b"x", KEYS), b"x", KEYS)
    assert pattern is not None
    assert pattern.fits(other)
    assert not pattern.fits(TEMPORARY)
    expected = lower(signed(url, b"y", other))
    at = expected["x-amz-date"]
    assert pattern.headers(b"y", other, at=at, invocation_id="one") == expected


def test_headers_may_be_octets_as_aiobotocore_has_them() -> None:
    headers = {name: value.encode() for name, value in signed(URLS[0], b"x", KEYS).items()}
    assert Pattern.learn(URLS[0], headers, b"x", KEYS) is not None


@pytest.mark.parametrize(
    ("changed", "body", "credentials"),
    [
        ({}, b"another body", KEYS),
        ({}, b"x", ReadOnlyCredentials("AKIA", "another secret", None)),
        ({}, b"x", TEMPORARY),
        ({"X-Amzn-Trace-Id": "Root=1"}, b"x", KEYS),
        ({"Authorization": "Bearer token"}, b"x", KEYS),
        ({"X-Amz-Date": "20200101T000000Z"}, b"x", KEYS),
        ({"Content-Length": "2"}, b"x", KEYS),
    ],
)
def test_what_is_not_reproduced_exactly_gives_no_pattern(
    changed: dict[str, str], body: bytes, credentials: Any
) -> None:
    headers = signed(URLS[0], b"x", KEYS) | changed
    assert Pattern.learn(URLS[0], headers, body, credentials) is None


@pytest.mark.parametrize("missing", ["amz-sdk-invocation-id", "X-Amz-Date", "Authorization"])
def test_a_request_without_a_usual_header_gives_no_pattern(missing: str) -> None:
    headers = signed(URLS[0], b"x", KEYS)
    del headers[missing]
    assert Pattern.learn(URLS[0], headers, b"x", KEYS) is None


def test_an_address_with_a_query_gives_no_pattern() -> None:
    url = f"{URLS[0]}?a=b"
    assert Pattern.learn(url, signed(url, b"x", KEYS), b"x", KEYS) is None


@pytest.mark.parametrize("text", ["", "AWS4-ECDSA-P256-SHA256 Credential=a", "AWS4-HMAC-SHA256 x"])
def test_only_signature_version_4_has_a_scope(text: str) -> None:
    assert Scope.of(text) is None
