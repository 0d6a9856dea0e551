"""`tomodachi run` as a process of its own: exit codes, signals, loops, logs, hot reload."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from tests.e2e.support_cli import tomodachi_command

import tomodachi

pytestmark = pytest.mark.slow

SERVICE = """
import tomodachi

VALUE = "first"


class Service(tomodachi.Service):
    name = "e2e"
    options = tomodachi.Options(watcher={"ignored_dirs": ["unwatched"]})

    async def _started_service(self) -> None:
        context = tomodachi.get_execution_context()
        self.logger.info("running", value=VALUE, event_loop=context["event_loop"])

    async def _stop_service(self) -> None:
        self.logger.info("stopping", value=VALUE)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "service.py").write_text(SERVICE)
    return tmp_path


@pytest.mark.parametrize(
    ("number", "text"),
    [(signal.SIGTERM, "received termination signal"), (signal.SIGINT, "interrupt signal <ctrl+c>")],
)
async def test_a_signal_stops_the_services_gracefully(folder, number, text):
    argv = ("run", "--production", "--logger", "json", "service")
    async with tomodachi_command(folder, *argv) as process:
        await process.logged("running")
        process.send_signal(number)
        await process.logged(text)
        assert (await process.logged("stopping"))["value"] == "first"
        assert await process.result() == (0, "")


async def test_the_exit_code_is_that_of_tomodachi_exit_and_the_banner_goes_to_stdout(folder):
    source = SERVICE.replace('logger.info("running"', 'logger.info("exit", _=tomodachi.exit(9)')
    (folder / "service.py").write_text(source)
    async with tomodachi_command(folder, "run", "service.py", TOMODACHI_LOGGER="json") as process:
        code, output = await process.result()
    assert code == 9
    assert "service file           ./service.py" in output
    assert "file watcher enabled" in output
    assert "\033[" not in output


async def test_a_service_that_fails_to_start_exits_with_one(folder):
    (folder / "service.py").write_text(SERVICE + "\n    async def _start_service(self): 1 / 0\n")
    async with tomodachi_command(folder, "run", "--production", "service.py") as process:
        assert (await process.result())[0] == 1


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("run", "servise.py"), 2, "tomodachi run service.py"),
        (("run", "service.py", "--unknown"), 2, "option --unknown not recognized."),
        (("--version",), 0, f"tomodachi {tomodachi.__version__}"),
    ],
)
async def test_messages_go_to_standard_output(folder, argv, code, said):
    async with tomodachi_command(folder, *argv) as process:
        result, output = await process.result()
    assert result == code
    assert said in output


async def test_uvloop_runs_the_services(folder):
    argv = ("run", "service.py", "--production", "--loop", "uvloop", "--logger", "json")
    async with tomodachi_command(folder, *argv) as process:
        assert (await process.logged("running"))["event_loop"] == "uvloop"
        assert (await process.ended())[0] == 0


async def test_changed_code_is_run_anew_and_a_syntax_error_is_not(folder):
    """Hot reload: files of the service restart it in the same process; broken ones keep the old."""
    service = folder / "service.py"
    async with tomodachi_command(folder, "run", "service.py", "--logger", "json") as process:
        await process.logged("running")
        service.write_text(SERVICE.replace("first", "secnd"))
        assert (await process.logged("stopping"))["value"] == "first"
        assert (await process.logged("running"))["value"] == "secnd"

        (folder / "unwatched").mkdir()
        (folder / "unwatched" / "module.py").write_text("")
        service.write_text("def broken(:\n")
        told = await process.logged("restart failed due to error")
        assert told["error_location"] == "./service.py:1"

        service.write_text(SERVICE.replace("first", "third"))
        assert (await process.logged("stopping"))["value"] == "secnd"
        assert (await process.logged("running"))["value"] == "third"
        assert (await process.ended())[0] == 0


async def test_configuration_files_are_merged_onto_the_service(folder):
    (folder / "config.json").write_text('{"name": "configured"}')
    source = SERVICE.replace("value=VALUE, event_loop", "value=self.name, event_loop")
    (folder / "service.py").write_text(source)
    argv = ("run", "service.py", "-c", "config.json", "--production", "--logger", "json")
    # Their deprecation is told on standard error, which tests turn into an error.
    async with tomodachi_command(folder, *argv, PYTHONWARNINGS="default") as process:
        assert (await process.logged("running"))["value"] == "configured"
        assert (await process.ended())[0] == 0
