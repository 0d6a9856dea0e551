"""What exists from the start, and what ends the program. Source: docs/svc-fake-broker.md."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pika
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support_fake_broker import COMMAND, Program, run, started

pytestmark = pytest.mark.slow
FREE = ("--aws-port", "0", "--amqp-port", "0", "--management-port", "0", "--metrics-port", "0")
TOML = """
[[sqs.queues]]
name = "orders"

[[amqp.queues]]
name = "orders"
"""


_CLIENTS: list[Any] = []


@pytest.fixture(autouse=True)
def closed_clients() -> Iterator[None]:
    """Clients hold connections that somebody has to close."""
    yield
    while _CLIENTS:
        _CLIENTS.pop().close()


def client(program: Program, service: str, account: str = "test", region: str = "us-east-1") -> Any:
    made = boto3.client(
        service,
        endpoint_url=program.aws,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )
    _CLIENTS.append(made)
    return made


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def written(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text)
    return str(file)


# --- files ---------------------------------------------------------------------------------------


def test_queues_of_a_file_are_there_and_are_made_anew_by_a_reset(tmp_path: Path) -> None:
    with started("--config", written(tmp_path, "r.toml", TOML)) as program:
        sqs = client(program, "sqs")
        url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
        sqs.delete_queue(QueueUrl=url)
        sqs.create_queue(QueueName="other")
        reset = run("reset", "--url", program.management)
        assert reset.returncode == 0, reset.stderr
        urls = sqs.list_queues()["QueueUrls"]
        assert [url.rpartition("/")[2] for url in urls] == ["orders"]
        again = run("reset", "--account", "000000000000", "--url", program.management)
        assert again.returncode == 0, again.stderr
        assert len(sqs.list_queues()["QueueUrls"]) == 1
        with pika.BlockingConnection(pika.URLParameters(program.amqp)) as connection:
            connection.channel().queue_declare("orders", passive=True)


def test_what_was_kept_comes_before_what_a_file_says(tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    with started("--config", written(tmp_path, "r.toml", TOML), "--persist", kept) as program:
        sqs = client(program, "sqs")
        url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
        assert program.stop() == 0
    more = TOML + '[[sqs.queues]]\nname = "new"\n'
    with started("--config", written(tmp_path, "r.toml", more), "--persist", kept) as program:
        sqs = client(program, "sqs")
        url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        assert found["Attributes"] == {"VisibilityTimeout": "7"}
        assert sqs.get_queue_url(QueueName="new")


def test_account_and_region_of_a_file_are_those_of_clients_that_do_not_say(tmp_path: Path) -> None:
    """As goaws and ElasticMQ have one account: their files' queues are for everybody."""
    text = 'account = "111122223333"\nregion = "eu-west-1"\n' + TOML
    with started("--config", written(tmp_path, "r.toml", text)) as program:
        url = client(program, "sqs", region="eu-west-1").get_queue_url(QueueName="orders")
        assert url["QueueUrl"].endswith("/111122223333/orders")
    config = ("--config", str(tmp_path / "r.toml"))
    exported = json.loads(run("env", "--json", *config).stdout)
    assert (exported["AWS_REGION"], exported["AWS_ACCESS_KEY_ID"]) == ("eu-west-1", "test")
    options = ("--account", "444455556666", "--config", written(tmp_path, "r.toml", text))
    with started(*options) as program:
        sqs = client(program, "sqs", "111122223333", region="eu-west-1")
        assert sqs.get_queue_url(QueueName="orders")


def test_a_file_with_a_mistake_keeps_the_program_from_starting(tmp_path: Path) -> None:
    file = written(tmp_path, "r.toml", '[[sqs.queues]]\nnam = "q"\n')
    ended = run("start", *FREE, "--config", file, "--json")
    assert ended.returncode == 1
    message = f"{file}: sqs.queues[0]: name is missing; add it"
    assert ended.stderr == f"svc-fake-broker: {message}\n"
    assert json.loads(ended.stdout) == {"error": message}


# --- scripts -------------------------------------------------------------------------------------


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "ready.d"
    (folder / "later").mkdir(parents=True)
    return folder


def test_scripts_run_in_order_with_clients_pointed_at_the_brokers(
    scripts: Path, tmp_path: Path
) -> None:
    """https://docs.localstack.cloud/references/init-hooks: by name, folders after what is beside them."""
    log = tmp_path / "log"
    shell = written(scripts, "20.sh", f"#!/bin/sh\necho 20 $AWS_ENDPOINT_URL >> {log}\n")
    Path(shell).chmod(0o755)
    written(scripts, "30.sh", f"echo 30 >> {log}\necho for the log\n")
    written(scripts, "readme.md", "not run")
    written(scripts / "later", "00.sh", f"echo later >> {log}\n")
    written(
        scripts,
        "10.py",
        "import boto3\n"
        'url = boto3.client("sqs").create_queue(QueueName="made")["QueueUrl"]\n'
        f'open("{log}", "a").write("10\\n")\n',
    )
    with started("--init", str(scripts)) as program:
        assert log.read_text() == f"10\n20 {program.aws}\n30\nlater\n"
        sqs = client(program, "sqs")
        assert sqs.get_queue_url(QueueName="made")
        sqs.create_queue(QueueName="other")
        run("reset", "--url", program.management)
        assert len(sqs.list_queues()["QueueUrls"]) == 1


def test_awslocal_is_the_aws_cli_with_the_endpoint(scripts: Path, tmp_path: Path) -> None:
    """Scripts that were written for LocalStack call `awslocal`."""
    tools = tmp_path / "tools"
    tools.mkdir()
    aws = Path(written(tools, "aws", f'#!/bin/sh\necho "$@" > {tmp_path}/called\n'))
    aws.chmod(0o755)
    written(scripts, "10.sh", "awslocal sqs list-queues\n")
    environ = {**os.environ, "PATH": f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    process = subprocess.Popen(
        [*COMMAND, "start", *FREE, "--init", str(scripts)],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        process.kill()
    url = re.findall(r"aws=(\S+)", ready)[0]
    assert (tmp_path / "called").read_text() == f"--endpoint-url {url} sqs list-queues\n"


HEALTH = [
    "/health",
    "/_localstack/health",
    "/api/health/checks/alarms",
    "/api/aliveness-test/%2F",
]


def test_health_is_503_while_scripts_run(scripts: Path, tmp_path: Path) -> None:
    """Initial resources exist once `GET /health` is 200."""
    seen = tmp_path / "seen"
    text = (
        "import os, urllib.request, urllib.error\n"
        'aws, management = os.environ["AWS_ENDPOINT_URL"], os.environ["SVC_FAKE_BROKER_URL"]\n'
        f"paths = {HEALTH}\n"
        "for url in [aws + path for path in paths[:2]] + [management + path for path in paths]:\n"
        "    try:\n"
        "        urllib.request.urlopen(url)\n"
        "    except urllib.error.HTTPError as error:\n"
        f'        open("{seen}", "a").write(f"{{error.code}} ")\n'
    )
    written(scripts, "10.py", text)
    with started("--init", str(scripts)) as program:
        assert seen.read_text() == "503 " * 6
        assert (
            status_of(f"{program.aws}/health") == status_of(f"{program.management}/health") == 200
        )


def test_a_ready_file_is_there_while_the_brokers_are_ready_alone(
    scripts: Path, tmp_path: Path
) -> None:
    """One that an earlier run left behind would tell of brokers that are not ready yet."""
    ready = tmp_path / "ready"
    ready.write_text("READY of an earlier run\n")
    written(scripts, "10.sh", f"test -e {ready} || touch {tmp_path}/gone\n")
    with started("--init", str(scripts), "--ready-file", str(ready)) as program:
        assert (tmp_path / "gone").exists()
        assert json.loads(ready.read_text())["aws"] == program.aws
        assert program.stop() == 0
    assert not ready.exists()


def test_what_became_of_scripts_is_told_as_localstack_tells_it(
    scripts: Path, tmp_path: Path
) -> None:
    """Source: https://docs.localstack.cloud/references/init-hooks, "Status endpoint"."""
    seen = tmp_path / "seen"
    written(scripts, "10.sh", "true\n")
    written(
        scripts,
        "20.py",
        "import os, urllib.request\n"
        'url = os.environ["AWS_ENDPOINT_URL"] + "/_localstack/init/ready"\n'
        f'open("{seen}", "wb").write(urllib.request.urlopen(url).read())\n',
    )
    with (
        started("--init", str(scripts)) as program,
        urllib.request.urlopen(f"{program.aws}/_localstack/init/ready") as answer,
    ):
        after = json.load(answer)

    ended = {"stage": "READY", "name": "10.sh", "state": "SUCCESSFUL"}
    running = {"stage": "READY", "name": "20.py", "state": "RUNNING"}
    assert json.loads(seen.read_text()) == {"completed": False, "scripts": [ended, running]}
    assert after == {"completed": True, "scripts": [ended, {**running, "state": "SUCCESSFUL"}]}


def test_a_signal_ends_scripts_and_what_they_started(scripts: Path, tmp_path: Path) -> None:
    """A pipe that the script's own child holds tells when that child is gone."""
    os.mkfifo(tmp_path / "held")
    written(scripts, "10.sh", f"sleep 600 > {tmp_path}/held & wait\n")
    process = subprocess.Popen(
        [*COMMAND, "start", *FREE, "--init", str(scripts)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with process, (tmp_path / "held").open() as held:
        process.send_signal(signal.SIGTERM)
        assert held.read() == ""
        assert process.wait(10) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_a_script_that_fails_is_named_and_the_others_are_run(scripts: Path, tmp_path: Path) -> None:
    written(scripts, "10.sh", "exit 3\n")
    written(scripts, "20.sh", f"touch {tmp_path}/ran\n")
    ended = run("start", *FREE, "--init", str(scripts))
    assert ended.returncode == 1
    assert f"initial scripts failed: {scripts}/10.sh (exit code 3)" in ended.stderr
    assert ended.stdout == ""
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("folder", "message"),
    [("nowhere", "there is no such folder"), (".", "there is no script in it; scripts end in .sh")],
)
def test_a_folder_without_scripts_is_named(folder: str, message: str, tmp_path: Path) -> None:
    ended = run("start", *FREE, "--init", str(tmp_path / folder))
    assert (ended.returncode, message in ended.stderr) == (1, True)


# --- RabbitMQ's first user -----------------------------------------------------------------------


@contextmanager
def started_with(*arguments: str, **environ: str) -> Iterator[Program]:
    before = {name: os.environ.get(name) for name in environ}
    os.environ.update(environ)
    try:
        with started(*arguments) as program:
            yield program
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def test_rabbitmqs_variables_name_the_first_user() -> None:
    """https://www.rabbitmq.com/docs/access-control#default-state: instead of guest and of /."""
    environ = {"USER": "app", "PASS": "s/cret", "VHOST": "shop"}
    variables = {f"RABBITMQ_DEFAULT_{name}": value for name, value in environ.items()}
    with started_with("--no-aws", **variables) as program:
        assert program.amqp.startswith("amqp://app@127.0.0.1:")
        assert program.amqp.endswith("/shop")
        url = program.amqp.replace("app@", "app:s%2Fcret@")
        with pika.BlockingConnection(pika.URLParameters(url)) as connection:
            connection.channel().queue_declare("q")
        guest = url.replace("app:s%2Fcret", "guest:guest")
        with pytest.raises(pika.exceptions.ProbableAuthenticationError):
            pika.BlockingConnection(pika.URLParameters(guest))
        login = b64encode(b"app:s/cret").decode()
        request = urllib.request.Request(
            f"{program.management}/api/vhosts", headers={"Authorization": f"Basic {login}"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert [row["name"] for row in json.load(answer)] == ["shop"]
        shown = run("status", "--json", "--url", program.management)
        assert "s%2Fcret" not in shown.stdout
        exported = run("definitions", "export", "--url", program.management)
        assert [user["name"] for user in json.loads(exported.stdout)["users"]] == ["app"]


# --- what ends it --------------------------------------------------------------------------------


def test_it_ends_with_its_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with parent, started("--parent-pid", str(parent.pid)) as program:
        assert program.process.poll() is None
        parent.kill()
        parent.wait(10)
        assert program.process.wait(10) == 0


def test_a_parent_that_is_not_there_is_named() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(10)
    ended = run("start", *FREE, "--parent-pid", str(gone.pid))
    assert (ended.returncode, "there is no such process" in ended.stderr) == (1, True)


def test_it_ends_when_nobody_uses_it() -> None:
    with started("--idle-exit", "200ms") as program:
        assert program.process.wait(10) == 0


def test_a_connection_is_use() -> None:
    with started("--idle-exit", "300ms") as program:
        with pika.BlockingConnection(pika.URLParameters(program.amqp)) as connection:
            connection.process_data_events(0.9)
            assert program.process.poll() is None
        assert program.process.wait(10) == 0


# --- what cannot be used -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("--ready-file", "/proc/nowhere/ready", "name a file in a folder that can be written"),
        ("--persist", "/proc/kept", "name a file in a folder that can be written"),
        ("--tls", "/proc/nowhere", "name a folder that is empty, or that --tls has made before"),
        ("--host", "192.0.2.1", "Pass --host with an address or a name of this machine"),
        ("--host", "nowhere.invalid", "Pass --host with an address or a name of this machine"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_before_it_is_ready(
    flag: str, value: str, message: str
) -> None:
    """/proc takes no files; 192.0.2.0/24 (RFC 5737) and .invalid (RFC 6761) are nobody's."""
    ended = run("start", *FREE, flag, value)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert value in ended.stderr
    assert message in ended.stderr


# --- the log, metrics ----------------------------------------------------------------------------


def test_the_log_is_json_where_that_is_asked_for() -> None:
    process = subprocess.Popen(
        [*COMMAND, "start", *FREE, "--log-format", "json", "--host", "0.0.0.0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "aws=http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in process.stderr]
    assert [line["level"] for line in lines] == ["warning", "info"]
    assert "listening on 0.0.0.0: anybody who reaches it can use it" in lines[0]["message"]
    assert lines[0].keys() == {"timestamp", "level", "logger", "message"}


def test_metrics_have_rabbitmqs_names_and_cloudwatchs() -> None:
    """https://www.rabbitmq.com/docs/prometheus; read by Prometheus's own parser."""
    with started() as program:
        client(program, "sqs").create_queue(QueueName="q")
        client(program, "sqs").send_message(
            QueueUrl=f"{program.aws}/000000000000/q", MessageBody="x"
        )
        with pika.BlockingConnection(pika.URLParameters(program.amqp)) as connection:
            channel = connection.channel()
            channel.queue_declare("q")
            channel.basic_publish("", "q", b"x")
            channel.queue_declare("q", passive=True)
            found = scraped(program.metrics)
            by_queue = scraped(f"{program.metrics}/per-object")
    assert found["rabbitmq_queue_messages_ready", ()] == 1
    assert found["rabbitmq_connections", ()] == 1
    assert found["rabbitmq_channel_messages_published_total", ()] == 1
    of_q = (("account", "000000000000"), ("queue", "q"), ("region", "us-east-1"))
    assert found["aws_sqs_approximate_number_of_messages_visible", of_q] == 1
    assert found["aws_sqs_number_of_messages_sent_total", of_q] == 1
    assert by_queue["rabbitmq_queue_messages_ready", (("queue", "q"), ("vhost", "/"))] == 1


def scraped(url: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        text = answer.read().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_taken_metrics_port_is_no_reason_not_to_start_unless_it_was_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("start", *FREE[:-1], str(taken.getsockname()[1]))
    assert (ended.returncode, "--metrics-port 0" in ended.stderr) == (1, True)
