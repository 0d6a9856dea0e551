"""What `tomodachi run` says, and ends with, when a service can't be started."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.support_cli import tomodachi_command

pytestmark = pytest.mark.slow

HEAD = "import tomodachi\n\n\nclass Service(tomodachi.Service):\n    options = tomodachi.Options"
HANDLER = "    async def handler(self, *args) -> None: ...\n"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is bound, so that nobody else gets it, and refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def failure(folder: Path, source: str) -> tuple[int, str]:
    """Run a service file that can't be started: the exit code, and the log line about why."""
    (folder / "service.py").write_text(source)
    argv = ("run", "--production", "service.py", "--logger", "json")
    async with tomodachi_command(folder, *argv) as process:
        code, lines = await process.lines()
    uncaught = [line for line in lines if line["logger"] == "exception"]
    assert len(uncaught) == 1, lines
    return code, uncaught[0]["exc_message"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def broken(:\n", "invalid syntax (service.py, line 1)"),
        ("import nosuchmodule\n", "No module named 'nosuchmodule'"),
        (HEAD + "(http={'prot': 80})\n", "'HTTP' object has no attribute 'prot'"),
        (HEAD + "(http={'port': 'abc'})\n", "Bad value for option http.port: 'abc'. Allowed: "),
    ],
)
async def test_a_file_that_cannot_be_imported_exits_with_one(tmp_path, source, said):
    code, text = await failure(tmp_path, source)
    assert code == 1
    assert said in text


async def test_a_port_in_use_exits_with_one_and_names_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        options = f"(http={{'host': '127.0.0.1', 'port': {port}}})\n"
        source = HEAD + options + "    @tomodachi.http('GET', '/')\n" + HANDLER
        code, text = await failure(tmp_path, source)
    assert code == 1
    assert f"unable to bind service [http] to http://localhost:{port}/" in text
    assert "address already in use" in text


async def test_an_amqp_broker_that_is_not_there_exits_with_one_and_names_it(tmp_path, closed_port):
    options = f"(amqp={{'host': '127.0.0.1', 'port': {closed_port}}})\n"
    source = HEAD + options + "    @tomodachi.amqp('a', competing=True)\n" + HANDLER
    code, text = await failure(tmp_path, source)
    assert code == 1
    assert text == f"Unable to connect [amqp] to 127.0.0.1:{closed_port} (connection refused)"


async def test_an_aws_endpoint_that_is_not_there_exits_with_one_and_names_it(tmp_path, closed_port):
    url = f"http://127.0.0.1:{closed_port}"
    credentials = (
        "{'region_name': 'eu-west-1', 'aws_access_key_id': 'a', 'aws_secret_access_key': 's3cr3t'}"
    )
    options = f"(aws_sns_sqs={credentials}, aws_endpoint_urls={{'sns': {url!r}, 'sqs': {url!r}}})\n"
    source = HEAD + options + "    @tomodachi.aws_sns_sqs('a', competing=True)\n" + HANDLER
    code, text = await failure(tmp_path, source)
    assert code == 1
    assert text.startswith("Unable to connect [sqs] to AWS")
    assert f"{url}/" in text
    assert "s3cr3t" not in text
