"""Commands for a running `svc-fake-broker`, each as a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.support_fake_broker import COMMAND, Program, run, started

pytestmark = pytest.mark.slow


class Site:
    """A running program, and commands for it."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return run(*arguments, "--url", self.program.management, input=stdin)

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with started() as running:
        yield running


@pytest.fixture
def site(program: Program, tmp_path: Path) -> Site:
    """The program, with one AMQP queue and nothing else in it."""
    found = Site(program)
    found.json("reset")
    queue = {"name": "q", "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}}
    definitions = tmp_path / "initial.json"
    definitions.write_text(json.dumps({"queues": [queue]}))
    assert found.run("definitions", "import", str(definitions)).stdout.startswith("imported")
    return found


def test_a_message_can_be_sent_looked_at_and_purged(site: Site) -> None:
    sent = site.json("send", "q", "hello", "--attributes", "h=x", "--properties", '{"priority": 3}')
    assert sent == {"routed": True, "queues": 1, "rejected": False}
    (message,) = site.json("peek", "q")
    assert (message["body"], message["attributes"]) == ("hello", {"h": "x"})
    assert message["properties"] == {"priority": 3}
    published = site.json("publish", "more", "--exchange", "", "--routing-key", "q")
    assert published["queues"] == 1
    assert [row["ready"] for row in site.json("queues")] == [2]
    assert site.json("purge", "q") == {"purged": 2}


def test_text_is_plain_when_it_goes_to_no_terminal(site: Site) -> None:
    """Source: https://no-color.org; a pipe is no terminal."""
    site.run("send", "q", "hello")
    printed = site.run("peek", "q").stdout.splitlines()
    assert printed[0].split() == [
        "STATE",
        "MESSAGE",
        "ID",
        "RECEIVE",
        "COUNT",
        "BODY",
        "ATTRIBUTES",
    ]
    assert printed[1].split()[0] == "ready"
    assert "\x1b" not in "".join(printed)
    assert "amq.topic" in site.run("topics").stdout
    assert site.program.amqp in site.run("status").stdout


def test_dead_letters_can_be_moved_to_another_queue(site: Site) -> None:
    site.run("send", "q", "x")
    result = site.run("redrive", "q", "--json")
    assert result.returncode == 1
    assert "say which with `to`" in json.loads(result.stdout)["error"]
    assert site.json("redrive", "q", "--to", "q") == {"moved": 1}


def test_time_can_be_frozen_advanced_and_resumed(site: Site) -> None:
    before = site.json("clock", "now")["now"]
    assert site.json("clock", "freeze")["frozen"]
    assert site.json("clock", "advance", "3600")["now"] >= before + 3600
    assert not site.json("clock", "resume")["frozen"]


def test_faults_can_be_planned_listed_and_cleared(site: Site) -> None:
    site.json("fault", "add", "sqs.*", "error", "--code", "ThrottlingException", "--times", "2")
    (fault,) = site.json("fault", "list")
    assert (fault["point"], fault["code"], fault["times"]) == ("sqs.*", "ThrottlingException", 2)
    assert site.json("fault", "clear") == {"cleared": 1}
    assert site.run("fault", "list").stdout == "no faults\n"


def test_a_snapshot_goes_into_a_file_and_back(site: Site, tmp_path: Path) -> None:
    file = str(tmp_path / "snapshot")
    site.run("send", "q", "kept")
    site.json("snapshot", "save", file)
    site.json("purge", "q")
    assert site.json("snapshot", "load", file) == {"restored": True}
    assert [message["body"] for message in site.json("peek", "q")] == ["kept"]
    Path(file).write_bytes(b"something else")
    result = site.run("snapshot", "load", file)
    assert (result.returncode, "this is no snapshot" in result.stderr) == (1, True)


def test_definitions_come_out_as_they_went_in(site: Site) -> None:
    exported = json.loads(site.run("definitions", "export").stdout)
    assert [queue["name"] for queue in exported["queues"]] == ["q"]
    again = site.run("definitions", "import", "-", stdin=json.dumps(exported))
    assert again.returncode == 0, again.stderr
    refused = site.run("definitions", "export", "--password", "wrong")
    assert (refused.returncode, "Login failed" in refused.stderr) == (1, True)


def test_replay_does_the_calls_of_a_file_and_names_the_line_that_fails(site: Site) -> None:
    calls = '# two messages\n{"send": {"queue": "q", "body": "1"}}\n\n{"purge": {"queue": "q"}}\n'
    assert site.run("replay", "-", stdin=calls).stdout == "2 calls replayed\n"
    for line, message in (
        ("nonsense", "-:1: this is no JSON"),
        ("{}", "-:1: a line is one call"),
        ('{"send": 5}', "-:1: a line is one call"),
        ('{"send": {"queue": "nope", "body": "x"}}', "-:1: no queue 'nope'"),
    ):
        result = site.run("replay", "-", stdin=line)
        assert (result.returncode, message in result.stderr) == (1, True), result.stderr


def test_a_file_of_calls_that_is_no_text_is_named(site: Site, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    calls.write_bytes(b"\xff")
    result = site.run("replay", str(calls))

    assert (result.returncode, "this is no text in UTF-8" in result.stderr) == (1, True)


def test_wrong_values_are_named(site: Site) -> None:
    result = site.run("send", "q", "x", "--attributes", "novalue")
    assert result.returncode == 1
    assert "'novalue' is neither NAME=VALUE nor a JSON object" in result.stderr
    missing = site.run("snapshot", "load", "no-such-file")
    assert "no-such-file cannot be read: No such file or directory" in missing.stderr
    assert run("fault", "add", "sqs.*", "explode").returncode == 2


def test_wait_and_stop_see_the_program_come_and_go() -> None:
    with started() as program:
        site = Site(program)
        assert site.json("wait", "--timeout", "10") == {"ready": True}
        assert site.json("stop") == {"stopped": True}
        assert program.process.wait(10) == 0
        gone = site.run("status")
        assert (gone.returncode, "no broker answers at" in gone.stderr) == (1, True)
        late = site.run("wait", "--timeout", "0")
        assert (late.returncode, "not ready within 0 s" in late.stderr) == (1, True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:port", "'http://127.0.0.1:port' is no URL of a broker"),
        ("http://127.0.0.1:99999", "'http://127.0.0.1:99999' is no URL of a broker"),
        ("http://[::1", "'http://[::1' is no URL of a broker"),
        ("ftp://127.0.0.1", "'ftp://127.0.0.1' is no URL of a broker"),
    ],
)
def test_a_url_that_is_none_is_named(url: str, message: str) -> None:
    result = run("status", "--url", url)

    assert (result.returncode, message in result.stderr) == (1, True), result.stderr


def test_empty_variables_are_none() -> None:
    """Compose files set variables to nothing."""
    empty = {
        "SVC_FAKE_BROKER_URL": "",
        "SVC_FAKE_BROKER_HOST": "",
        "SVC_FAKE_BROKER_MANAGEMENT_PORT": "",
    }
    result = run("status", "--help", env={**os.environ, **empty})

    assert "(http://127.0.0.1:15672)" in result.stdout


class _Foreign(BaseHTTPRequestHandler):
    """A RabbitMQ's management port answers so: recorded from RabbitMQ 3.10.8."""

    status, content = 404, b'{"error":"Object Not Found","reason":"Not Found"}'

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is written to stderr."""


class _WebPages(_Foreign):
    status, content = 200, b"<!doctype html>"


@pytest.mark.parametrize("handler", [_Foreign, _WebPages])
@pytest.mark.parametrize(
    "command", [("status",), ("stop",), ("clock", "freeze"), ("snapshot", "load", "-")]
)
def test_what_is_no_broker_of_ours_is_said_to_be_none(
    handler: type[_Foreign], command: tuple[str, ...]
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        url = f"http://127.0.0.1:{server.server_port}"
        result = run(*command, "--url", url, input="")
        server.shutdown()

    assert result.returncode == 1
    assert result.stderr.startswith(
        f"svc-fake-broker: what answers at {url} is no svc-fake-broker."
    )


def test_definitions_are_rabbitmqs_and_nobodys_without_it() -> None:
    with started("--no-amqp") as program:
        result = run("definitions", "export", "--url", program.management)

    assert result.returncode == 1
    assert "the brokers were started without AMQP" in result.stderr


def test_wait_does_not_wait_longer_for_one_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        result = run("wait", "--timeout", "0", "--url", url)

    assert (result.returncode, "not ready within 0 s" in result.stderr) == (1, True)


@pytest.mark.parametrize("given", ["soon", "-1", "nan", "inf"])
def test_a_wait_needs_a_number_of_seconds(given: str) -> None:
    result = run("wait", f"--timeout={given}")

    assert (result.returncode, f"{given!r} is no number of seconds" in result.stderr) == (2, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command_and_flag(shell: str) -> None:
    script = run("completion", shell).stdout
    for word in ("redrive", "definitions", "--routing-key", "--rabbitmq-version"):
        assert word in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_doctor_tells_what_it_looked_at() -> None:
    found = json.loads(run("doctor", "--json").stdout)
    assert {one["level"] for one in found} <= {"ok", "note", "problem"}
    assert any("the service models of SQS" in one["what"] for one in found)


@pytest.mark.parametrize(
    "command", ["status", "send", "clock", "fault", "snapshot", "definitions", "replay", "doctor"]
)
def test_every_command_has_its_own_help(command: str) -> None:
    result = subprocess.run(
        [*COMMAND, command, "--help"], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith(f"usage: svc-fake-broker {command}")
