"""A cloud in the same process, and SQS clients of both protocols."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.fakes.support_boto import InProcess

_AWS = InProcess()  # clients are costly to make and hold nothing; the cloud behind them is renewed


@pytest.fixture
def aws() -> InProcess:
    """A cloud with nothing in it."""
    _AWS.renew()
    return _AWS


@pytest.fixture(params=["json", "query"])
def sqs(request: pytest.FixtureRequest, aws: InProcess) -> Any:
    """A botocore client of SQS, once for each protocol."""
    return aws.client("sqs", request.param)


@pytest.fixture
def json_sqs(aws: InProcess) -> Any:
    """A botocore client of SQS that speaks JSON."""
    return aws.client("sqs", "json")


@pytest.fixture(scope="module")
def moto_client() -> Iterator[Any]:
    """A client of moto's SQS in this process; moto is costly to import, and few tests ask it."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        client = boto3.client(
            "sqs", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        yield client
        client.close()
