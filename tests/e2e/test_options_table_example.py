"""The service with which the options table opens, run by the command line as it is printed there.

Only its port differs: 0 takes a free one, which the log tells.
"""

import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICE = """
import json

import tomodachi


class Service(tomodachi.Service):
    name = "http-example"

    options = tomodachi.Options(
        http=tomodachi.Options.HTTP(
            port=0,
            content_type="application/json; charset=utf-8",
            real_ip_from=[
                "127.0.0.1/32",
                "10.0.0.0/8",
                "172.16.0.0/12",
                "192.168.0.0/16",
            ],
            keepalive_timeout=5,
            max_keepalive_requests=20,
        ),
        watcher=tomodachi.Options.Watcher(
            ignored_dirs=["node_modules"],
        ),
    )

    @tomodachi.http("GET", r"/health")
    async def health_check(self, request):
        return 200, json.dumps({"status": "healthy"})

    # Specify custom 404 catch-all response
    @tomodachi.http_error(status_code=404)
    async def error_404(self, request):
        return json.dumps({"error": "not-found"})
"""


class Running:
    """The service as a process; `lines` are what it has logged so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.port = int(self.until(r'"listen_port": (\d+)'))

    def until(self, pattern: str) -> str:
        """Read on until a line matches; its first group."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            found = re.search(pattern, line)
            if found:
                return found[1]
        raise AssertionError("".join(self.lines))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("service")
    (folder / "service.py").write_text(SERVICE, encoding="utf-8")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tomodachi",
            "run",
            "service.py",
            "--production",
            "--logger",
            "json",
        ],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture
def connection(running: Running) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    yield opened
    opened.close()


def test_health_is_json_in_the_services_content_type(
    connection: http.client.HTTPConnection,
) -> None:
    """http.content_type: the default content-type header if the response names none."""
    connection.request("GET", "/health")
    answer = connection.getresponse()
    assert answer.status == 200
    assert json.load(answer) == {"status": "healthy"}
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Server"] == "tomodachi"


def test_unknown_paths_are_answered_by_the_services_own_404(
    connection: http.client.HTTPConnection,
) -> None:
    connection.request("GET", "/nowhere")
    answer = connection.getresponse()
    assert answer.status == 404
    assert json.load(answer) == {"error": "not-found"}


def test_a_connection_is_kept_for_twenty_requests_and_then_closed(
    connection: http.client.HTTPConnection,
) -> None:
    """http.max_keepalive_requests: after so many requests the connection is closed."""
    said = []
    for _ in range(20):
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        said.append((answer.headers["Connection"], answer.headers["Keep-Alive"]))
    assert said[:19] == [("keep-alive", "timeout=5, max=20")] * 19
    assert said[19] == ("close", None)


def test_a_trusted_proxys_word_is_taken_for_the_clients_address(
    running: Running, connection: http.client.HTTPConnection
) -> None:
    """http.real_ip_from: 127.0.0.1 is among the proxies, so X-Forwarded-For counts."""
    connection.request("GET", "/health", headers={"X-Forwarded-For": "203.0.113.7, 10.0.0.1"})
    connection.getresponse().read()
    assert running.until(r'"remote_ip": "(203[^"]*)"') == "203.0.113.7"


def test_sigterm_stops_it_with_exit_code_0(running: Running) -> None:
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
