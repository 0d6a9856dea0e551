"""boto3's own ways to a role: a profile's `role_arn`, and the web identity of a pod.

Sources: https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html (settings);
https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html (what pods are given)
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import boto3
import pytest

pytestmark = pytest.mark.slow

ROLE = "arn:aws:iam::222222222222:role/worker"


@pytest.fixture
def environment(aws_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No credentials and no configuration but what a test puts into this directory."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def _queue_url_and_sender(session: boto3.session.Session) -> tuple[str, str]:
    sqs = session.client("sqs")
    url: str = sqs.create_queue(QueueName="roles")["QueueUrl"]
    try:
        sqs.send_message(QueueUrl=url, MessageBody="m")
        received = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["SenderId"])
        sender: str = received["Messages"][0]["Attributes"]["SenderId"]
    finally:
        sqs.delete_queue(QueueUrl=url)
        sqs.close()
    return url, sender


def test_a_profile_assumes_its_role(environment: Path) -> None:
    lines = (
        "[profile base]",
        "aws_access_key_id = 111111111111",
        "aws_secret_access_key = secret",
        "[profile app]",
        f"role_arn = {ROLE}",
        "role_session_name = app",
        "source_profile = base",
    )
    (environment / "config").write_text("\n".join(lines), encoding="utf-8")

    url, sender = _queue_url_and_sender(boto3.session.Session(profile_name="app"))

    assert url.endswith("/222222222222/roles")
    assert sender.startswith("AROA")
    assert sender.endswith(":app")


def test_a_pod_assumes_its_role(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = {"iss": "https://oidc.test", "sub": "system:serviceaccount:a:b", "aud": "sts"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    token = environment / "token"
    token.write_text(f"eyJhbGciOiJSUzI1NiJ9.{body}.c2ln", encoding="utf-8")
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    monkeypatch.setenv("AWS_ROLE_SESSION_NAME", "pod")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token))

    url, sender = _queue_url_and_sender(boto3.session.Session())

    assert url.endswith("/222222222222/roles")
    assert sender.endswith(":pod")
