"""A cloud in the same process, and botocore clients of its SNS and SQS."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.support_boto import InProcess

_AWS = InProcess()  # clients are costly to make and hold nothing; the cloud behind them is renewed


@pytest.fixture
def aws() -> InProcess:
    """A cloud with nothing in it."""
    _AWS.renew()
    return _AWS


@pytest.fixture
def sns(aws: InProcess) -> Any:
    """A botocore client of SNS."""
    return aws.client("sns")


@pytest.fixture
def sqs(aws: InProcess) -> Any:
    """A botocore client of SQS."""
    return aws.client("sqs")


@pytest.fixture
def topic(sns: Any) -> str:
    """The ARN of a standard topic."""
    return sns.create_topic(Name="topic")["TopicArn"]


@pytest.fixture
def fifo_topic(sns: Any) -> str:
    """The ARN of a FIFO topic without content-based deduplication."""
    return sns.create_topic(Name="topic.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
