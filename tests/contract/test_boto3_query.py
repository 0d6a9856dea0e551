"""boto3 as it was before SQS moved to JSON, with AWS's own model of the query protocol.

The other tests' query clients are given their names by the overlay that the fake itself uses; this one
is not. It lives in a virtual environment of its own (`boto3==1.28.80`); `SVC_TEST_BOTO3_QUERY` names its
Python.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name
from tests.contract.support_boto3_query import conversation

PYTHON = os.environ.get("SVC_TEST_BOTO3_QUERY", "")
SCRIPT = Path(__file__).with_name("support_boto3_query.py")
VARIABLE = {
    "ApproximateFirstReceiveTimestamp",
    "MessageId",
    "ReceiptHandle",
    "SentTimestamp",
    "StartedTimestamp",
    "TaskHandle",
}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.source(
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html"
    ),
    pytest.mark.skipif(
        not PYTHON, reason="set SVC_TEST_BOTO3_QUERY to a Python with boto3 1.28.80"
    ),
]


def comparable(said: Any) -> Any:
    """What both protocols have to say alike: no ids and times, and of errors code and text."""
    if isinstance(said, list):
        return [comparable(item) for item in said]
    if isinstance(said, bytes):
        return said.hex()
    if not isinstance(said, dict):
        return said
    if "Error" in said:
        error = said["Error"]
        text = error["Message"].replace(" for this wsdl version", "")
        return {"Code": error["Code"], "Type": error["Type"], "Message": text}
    return {key: key if key in VARIABLE else comparable(value) for key, value in said.items()}


def test_the_query_protocol_says_what_json_says(aws_url: str) -> None:
    """Every operation once, and some errors."""
    ran = subprocess.run(
        [PYTHON, str(SCRIPT), aws_url], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    query = json.loads(ran.stdout)
    client = boto3.client(
        "sqs",
        endpoint_url=aws_url,
        region_name="eu-central-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="secret",
    )
    said = conversation(client)
    client.close()

    assert (query.pop("protocol"), said.pop("protocol")) == ("query", "json")
    assert set(said) == set(map(xform_name, client.meta.service_model.operation_names))
    assert comparable(query) == comparable(said)
