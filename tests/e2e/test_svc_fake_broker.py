"""The program as people start and stop it. Source: docs/svc-fake-broker.md."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pika
import pytest
from tests.support_fake_broker import COMMAND, Program, run, started


def sqs_at(program: Program) -> Any:
    return boto3.client(
        "sqs",
        endpoint_url=program.aws,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with started() as running:
        yield running


def test_the_ready_line_tells_the_real_ports(program: Program) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*", program.aws)
    assert re.fullmatch(r"amqp://guest:guest@127\.0\.0\.1:[1-9]\d*/", program.amqp)


@pytest.mark.parametrize("path", ["/health", "/_localstack/health"])
def test_health_is_200(program: Program, path: str) -> None:
    with urllib.request.urlopen(program.aws + path, timeout=5) as answer:
        assert answer.status == 200
        assert json.load(answer)


def test_a_malformed_aws_request_is_an_aws_error(program: Program) -> None:
    """SQS answers what it cannot read with an error shape, never with a stack trace."""
    request = urllib.request.Request(
        program.aws,
        data=b"{not json",
        headers={
            "X-Amz-Target": "AmazonSQS.SendMessage",
            "Content-Type": "application/x-amz-json-1.0",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    answer = caught.value.read().decode()
    caught.value.close()
    assert caught.value.code == 400
    assert "__type" in json.loads(answer)
    assert "Traceback" not in answer


def test_a_malformed_amqp_frame_ends_its_own_connection_only(program: Program) -> None:
    """AMQP 0-9-1 spec 4.2.3: a bad frame is a hard error; other clients are not touched."""
    host, port = re.findall(r"@(.*):(\d+)/", program.amqp)[0]
    neighbour = socket.create_connection((host, int(port)), 5)
    neighbour.sendall(b"AMQP\x00\x00\x09\x01")
    assert neighbour.recv(1) == b"\x01"  # a method frame: connection.start
    with socket.create_connection((host, int(port)), 5) as broken:
        broken.sendall(b"AMQP\x00\x00\x09\x01" + b"\xff" * 64)
        while broken.recv(4096):
            pass  # until the broker closes
    # The rest of connection.start, and then an answer: the neighbour is still served.
    assert neighbour.recv(4096)
    neighbour.sendall(b"\x08\x00\x00\x00\x00\x00\x00\xce")  # a heartbeat, not answered
    neighbour.setblocking(False)
    with pytest.raises(BlockingIOError):
        neighbour.recv(4096)
    neighbour.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_with_exit_code_0(number: int) -> None:
    with started() as program:
        assert program.stop(number) == 0


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("start", "--aws-port", str(port), "--amqp-port", "0", "--no-management")
    assert result.returncode == 1
    assert f"127.0.0.1:{port} is already in use" in result.stderr
    assert "--aws-port 0" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--aws-port", "70000"), "'70000' is no port"),
        (("--no-aws", "--no-amqp"), "leave nothing to start"),
        (("--rabbitmq-version", "2.0"), "'2.0' is no version of RabbitMQ"),
        (("--account", "12"), "'12' is no AWS account"),
        (("stop-everything",), "invalid choice: 'stop-everything'"),
    ],
)
def test_wrong_usage_exits_2_and_names_the_value(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr


def test_env_prints_exports_that_a_shell_can_evaluate() -> None:
    command = (
        f'eval "$({sys.executable} -m tomodachi_fakes env --aws-port 4999)"; echo $AWS_ENDPOINT_URL'
    )
    printed = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert printed.stdout == "http://127.0.0.1:4999\n"


def test_a_variable_stands_for_a_flag() -> None:
    result = run("env", "--json", env={"SVC_FAKE_BROKER_AMQP_PORT": "5999"})
    assert json.loads(result.stdout)["AMQP_URL"] == "amqp://guest:guest@127.0.0.1:5999/"


def test_the_demo_shows_both_brokers_at_work_and_ends_well() -> None:
    result = run("--demo")
    assert result.returncode == 0, result.stderr
    for line in (
        "sns published order-created",
        "sqs received demo-orders",
        "amqp acked demo-parcels",
    ):
        assert line in result.stdout


def test_the_demo_tells_its_events_in_json() -> None:
    result = run("--demo", "--json")
    told = json.loads(result.stdout)
    assert told["exit_code"] == 0
    assert {"sns", "sqs", "amqp"} == {event["service"] for event in told["events"]}


def test_the_program_starts_without_what_it_does_not_need() -> None:
    """svc-fake-broker's start path imports neither aiohttp nor botocore, which cost most of a second."""
    script = (
        "import asyncio, sys\n"
        "from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker\n"
        "async def main():\n"
        "    broker = FakeBroker(BrokerSettings(management_port=0))\n"
        "    await broker.start()\n"
        "    await broker.stop()\n"
        "asyncio.run(main())\n"
        "print([name for name in ('aiohttp', 'botocore') if name in sys.modules])\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert printed.stdout == "[]\n"


def test_the_command_under_test_is_the_installed_one() -> None:
    version = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert "SVC_FAKE_BROKER_AWS_PORT" in version.stdout


def test_it_goes_on_from_the_file_that_it_kept(tmp_path: Path) -> None:
    """--persist: what both brokers hold outlives the process; the same queues, and what is in them."""
    file = str(tmp_path / "brokers")
    with started("--persist", file) as program:
        sqs = sqs_at(program)
        url = sqs.create_queue(QueueName="kept")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="of yesterday")
        with pika.BlockingConnection(pika.URLParameters(program.amqp)) as connection:
            channel = connection.channel()
            channel.queue_declare("kept")
            channel.basic_publish("", "kept", b"of yesterday")
        assert program.stop() == 0

    with started("--persist", file) as program:
        sqs = sqs_at(program)
        [message] = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="kept")["QueueUrl"])[
            "Messages"
        ]
        assert message["Body"] == "of yesterday"
        with pika.BlockingConnection(pika.URLParameters(program.amqp)) as connection:
            assert connection.channel().basic_get("kept")[2] == b"of yesterday"


@pytest.mark.parametrize(
    ("name", "message"),
    [("service.py", "this is no snapshot"), ("nowhere/brokers", "there is no folder")],
)
def test_a_file_that_cannot_be_gone_on_from_is_named(
    name: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "service.py").write_text("import tomodachi\n")
    ports = ("--aws-port", "0", "--amqp-port", "0", "--no-management")

    ended = run("start", *ports, "--persist", str(tmp_path / name))

    assert ended.returncode == 1
    assert str(tmp_path / name) in ended.stderr
    assert message in ended.stderr
    assert (tmp_path / "service.py").read_text() == "import tomodachi\n"


def test_output_that_nobody_reads_on_is_no_failure() -> None:
    """`svc-fake-broker --demo | head -1`."""
    process = subprocess.Popen(
        [*COMMAND, "--demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert "SNS + SQS at" in process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert "Traceback" not in errors
    assert "BrokenPipeError" not in errors
    assert process.wait(20) == 0
