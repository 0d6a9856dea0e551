"""The AWS CLI, unmodified, against a started `svc-fake-broker`.

It pins a botocore of its own, so it lives in a virtual environment of its own; `SVC_TEST_AWS_CLI`
names its executable. Without it these tests are skipped, except in CI, where they fail.
"""

import json
import os
import subprocess
from collections.abc import Iterator

import pytest
from tests.support_fake_broker import Program, started

CLI = os.environ.get("SVC_TEST_AWS_CLI", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.source("https://docs.aws.amazon.com/cli/latest/reference/sqs/"),
]
if not CLI and not os.environ.get("CI"):
    pytestmark.append(pytest.mark.skip(reason="set SVC_TEST_AWS_CLI to an `aws` executable"))


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with started("--no-amqp") as running:
        yield running


def aws(program: Program, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ENDPOINT_URL": program.aws,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_PAGER": "",
    }
    return subprocess.run(
        [CLI, "--endpoint-url", program.aws, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def answer(program: Program, *arguments: str) -> dict[str, object]:
    result = aws(program, *arguments, "--output", "json")
    assert result.returncode == 0, result.stderr
    parsed: dict[str, object] = json.loads(result.stdout or "{}")
    return parsed


def test_a_message_goes_from_a_topic_to_a_queue(program: Program) -> None:
    queue = str(answer(program, "sqs", "create-queue", "--queue-name", "cli")["QueueUrl"])
    topic = str(answer(program, "sns", "create-topic", "--name", "cli")["TopicArn"])
    endpoint = "arn:aws:sqs:eu-west-1:000000000000:cli"
    subscribe = ("sns", "subscribe", "--protocol", "sqs", "--topic-arn", topic)
    answer(program, *subscribe, "--notification-endpoint", endpoint)
    answer(program, "sns", "publish", "--topic-arn", topic, "--message", "hello")
    received = answer(program, "sqs", "receive-message", "--queue-url", queue)
    messages: list[dict[str, str]] = received["Messages"]  # type: ignore[assignment]
    assert [json.loads(message["Body"])["Message"] for message in messages] == ["hello"]


def test_a_missing_queue_is_reported_as_aws_reports_it(program: Program) -> None:
    result = aws(program, "sqs", "get-queue-url", "--queue-name", "nowhere")
    assert result.returncode == 255  # what version 1 of the CLI ends with on a service error
    assert "(AWS.SimpleQueueService.NonExistentQueue)" in result.stderr
    assert "The specified queue does not exist" in result.stderr
