"""The command line tool that the management port hands out, with a broker of its own.

What it prints is what RabbitMQ 3.10.8's own tool printed for the same words.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from tests.support_fake_broker import Program, started

from tomodachi_fakes.servers.rabbitmqadmin import main

pytestmark = [
    pytest.mark.slow,
    pytest.mark.source("https://www.rabbitmq.com/docs/management-cli"),
]
Tool = Callable[..., str]


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with started("--no-aws") as running:
        yield running


@pytest.fixture
def tool(program: Program, capsys: pytest.CaptureFixture[str]) -> Tool:
    """What is printed for some words."""
    port = str(urlsplit(program.management).port)

    def run(*words: str) -> str:
        main(["-P", port, *words])
        return capsys.readouterr().out

    return run


@pytest.fixture
def refused(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int | str | None, str]]:
    """How some words end, and what is said of it."""
    port = str(urlsplit(program.management).port)

    def run(*words: str) -> tuple[int | str | None, str]:
        with pytest.raises(SystemExit) as end:
            main(["-P", port, *words])
        return end.value.code, capsys.readouterr().err

    return run


def test_a_topology_is_declared_listed_and_deleted(tool: Tool) -> None:
    assert tool("declare", "exchange", "name=t-x", "type=topic") == "exchange declared\n"
    given = 'arguments={"x-max-length":5}'
    assert tool("declare", "queue", "name=t-q", "durable=false", given) == "queue declared\n"
    bound = ("source=t-x", "destination=t-q", "routing_key=a.#")
    assert tool("declare", "binding", *bound) == "binding declared\n"
    assert tool("-f", "tsv", "list", "queues", "name", "durable", "arguments.x-max-length") == (
        "name\tdurable\targuments.x-max-length\nt-q\tFalse\t5\n"
    )
    assert tool("-f", "kvp", "-V", "/", "list", "bindings", "source", "routing_key") == (
        'source="" routing_key="t-q"\nsource="t-x" routing_key="a.#"\n'
    )
    ended = ("source=t-x", "destination=t-q", "properties_key=a.%23")
    assert tool("delete", "binding", *ended) == "binding deleted\n"
    assert tool("delete", "exchange", "name=t-x") == "exchange deleted\n"
    assert tool("delete", "queue", "name=t-q") == "queue deleted\n"
    assert tool("list", "queues") == "No items\n"


def test_messages_are_published_got_and_purged(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool("declare", "queue", "name=t-q", "queue_type=quorum")
    persistent = 'properties={"delivery_mode":2}'
    said = tool("publish", "exchange=amq.default", "routing_key=t-q", "payload=one", persistent)
    assert said == "Message published\n"
    assert (
        tool("publish", "routing_key=t-none", "payload=x") == "Message published but NOT routed\n"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("two"))
    tool("publish", "routing_key=t-q")
    shown = tool("get", "queue=t-q", "count=2").splitlines()
    assert [line.split("|")[4].strip() for line in shown if "t-q" in line] == ["one", "two"]
    file = tmp_path / "payload"
    tool("get", "queue=t-q", "ackmode=ack_requeue_false", f"payload_file={file}")
    assert file.read_text() == "one"
    assert tool("purge", "queue", "name=t-q") == "queue purged\n"
    assert json.loads(tool("-f", "raw_json", "get", "queue=t-q")) == []
    tool("delete", "queue", "name=t-q")


def test_people_limits_and_policies_are_declared(tool: Tool) -> None:
    tool("declare", "vhost", "name=t-v")
    tool("declare", "user", "name=t-u", "password=x", "tags=")
    every = ("configure=.*", "write=.*", "read=.*")
    assert tool("declare", "permission", "vhost=t-v", "user=t-u", *every) == "permission declared\n"
    ruled = ("name=t-p", "pattern=^t", 'definition={"max-length":3}', "apply-to=queues")
    assert tool("-V", "t-v", "declare", "policy", *ruled) == "policy declared\n"
    assert tool("-f", "tsv", "list", "policies", "vhost", "name") == "vhost\tname\nt-v\tt-p\n"
    tool("declare", "vhost_limit", "vhost=t-v", "name=max-queues", "value=5")
    assert "| t-v   |" in tool("list", "vhost_limits", "vhost", "value.max-queues")
    assert tool("delete", "permission", "vhost=t-v", "user=t-u") == "permission deleted\n"
    assert tool("delete", "user", "name=t-u") == "user deleted\n"
    assert tool("delete", "vhost", "name=t-v") == "vhost deleted\n"


def test_definitions_go_out_and_in(tool: Tool, tmp_path: Path) -> None:
    file = str(tmp_path / "definitions.json")
    assert tool("export", file) == f'Exported definitions for localhost to "{file}"\n'
    assert tool("import", file) == f'Uploaded definitions from "localhost" to {file}.\n'
    assert json.loads(Path(file).read_text())["vhosts"]


def test_what_goes_wrong_is_told_in_a_line(
    refused: Callable[..., tuple[int | str | None, str]],
) -> None:
    needed = refused("declare", "queue")
    assert needed == (1, '*** mandatory argument "name" is required\n')
    code, text = refused("declare", "queue", "name=x", "foo=bar")
    assert (code, text[:38]) == (1, '*** Argument "foo" is not recognised; ')
    assert refused("delete", "queue", "name=no") == (1, "*** Not found: /api/queues/%2F/no\n")
    assert refused("-p", "bad", "list", "queues") == (1, "*** Access refused: /api/queues\n")
    code, text = refused("-P", "1", "list", "queues")
    assert (code, text[:24]) == (1, "*** Could not connect: [")
    assert refused("declare", "queue", "name=x", "arguments={")[1].startswith("*** Could not parse")


def test_the_downloaded_file_runs_by_itself(program: Program, tmp_path: Path) -> None:
    tool = tmp_path / "rabbitmqadmin"
    with urlopen(f"{program.management}/cli/rabbitmqadmin") as answer:
        tool.write_bytes(answer.read())
    command = [sys.executable, "-I", str(tool), "--base-uri", program.management]
    ended = subprocess.run(
        [*command, "show", "overview", "rabbitmq_version"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "4.0.5" in ended.stdout


def test_the_port_leads_to_its_pages_and_lets_them_only_be_read(program: Program) -> None:
    """As a RabbitMQ 3.10.8 answers, without a login."""
    place = urlsplit(program.management)
    connection = HTTPConnection(place.hostname or "", place.port)
    found = []
    for method, path in (
        ("GET", "/api"), ("GET", "/api/"), ("GET", "/cli/"), ("GET", "/api/index.html"),
        ("HEAD", "/cli/index.html"), ("POST", "/cli/index.html"), ("GET", "/cli/none"),
    ):  # fmt: skip
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
        found.append((answer.status, answer.headers["Location"]))
    connection.close()
    assert found == [
        (301, "/api/index.html"), (301, "/api/index.html"), (301, "/cli/index.html"), (200, None),
        (200, None), (405, None), (404, None),
    ]  # fmt: skip
