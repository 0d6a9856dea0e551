"""Service files as a program: signals, exit codes, restarts. Each test is a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from textwrap import dedent

import pytest

pytestmark = pytest.mark.slow

SERVICE = """
    import asyncio, os, signal, sys
    import tomodachi

    def say(text):
        print(text, flush=True)

    class Service(tomodachi.Service):
        name = "launched"
        async def _started_service(self):
            say("started")
            {on_started}
        async def _stopping_service(self):
            say("stopping")
        async def _stop_service(self):
            say("stopped")
"""


class Program:
    """A launcher in a child process."""

    def __init__(self, directory, *files: str, watched: bool = False):
        watcher = (
            f"__import__('tomodachi.watcher').watcher.Watcher([{str(directory)!r}])"
            if watched
            else "None"
        )
        code = f"""
        import sys, tomodachi
        from tomodachi.launcher import ServiceLauncher
        tomodachi.logging.configure()
        ServiceLauncher.run_until_complete({list(files)!r}, None, {watcher})
        sys.exit(tomodachi.SERVICE_EXIT_CODE)
        """
        self.process = subprocess.Popen(
            [sys.executable, "-c", dedent(code)],
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.seen: list[str] = []

    def wait_for(self, text: str) -> None:
        for line in self.process.stdout:
            self.seen.append(line.rstrip())
            if text in line:
                return
        pytest.fail(f"never said {text!r}: {self.output}")

    def end(self) -> int:
        out, _ = self.process.communicate(timeout=15)
        self.seen += out.splitlines()
        return self.process.returncode

    @property
    def output(self) -> str:
        return "\n".join(self.seen)

    def said(self) -> list[str]:
        return [line for line in self.seen if " " not in line]


@pytest.fixture
def write(tmp_path):
    def write(name: str = "service.py", on_started: str = "pass", text: str = SERVICE) -> str:
        body = dedent(text).replace("{on_started}", on_started)
        (tmp_path / name).write_text(body)
        return name

    return write


@pytest.fixture
def launch(tmp_path):
    programs: list[Program] = []

    def launch(*files: str, watched: bool = False) -> Program:
        programs.append(Program(tmp_path, *files, watched=watched))
        return programs[-1]

    yield launch
    for program in programs:
        program.process.kill()
        program.process.communicate()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (signal.SIGINT, "interrupt signal <ctrl+c>"),
        (signal.SIGTERM, "received termination signal"),
    ],
)
def test_signal_stops_gracefully_with_exit_code_0(write, launch, number, text):
    program = launch(write())
    program.wait_for("started service successfully")
    program.process.send_signal(number)
    assert program.end() == 0
    assert text in program.output
    assert program.said() == ["started", "stopping", "stopped"]


def test_a_second_signal_is_told_and_does_nothing_more(write, launch):
    twice = "[os.kill(os.getpid(), signal.SIGTERM) for _ in range(2)]"
    program = launch(write(on_started=twice))
    assert program.end() == 0
    assert program.output.count("received termination signal") == 2
    assert f"process_id={program.process.pid}" in program.output
    assert program.said() == ["started", "stopping", "stopped"]


def test_exit_ends_with_its_code(write, launch):
    program = launch(write(on_started="tomodachi.exit(4)"))
    assert program.end() == 4
    assert program.said() == ["started", "stopping", "stopped"]


def test_a_code_that_no_process_can_end_with_is_refused_where_it_is_given(write, launch):
    program = launch(write(on_started="tomodachi.exit('three')"))
    assert program.end() == 1
    assert program.said() == ["started", "stopping", "stopped"]
    assert "takes an integer or None as the process's exit code, not 'three'" in program.output


def test_execution_context_describes_the_process(write, launch):
    facts = "say(sorted(tomodachi.get_execution_context())); tomodachi.exit()"
    program = launch(write(on_started=facts))
    assert program.end() == 0
    keys = [
        "tomodachi_version",
        "python_version",
        "system_platform",
        "process_id",
        "init_timestamp",
        "event_loop",
        "cwd",
        "watcher_enabled",
    ]
    assert str(sorted(keys)) in program.output


def test_several_files_run_in_one_process_and_stop_together(write, launch):
    pids = "say(f'pid-{os.getpid()}')"
    program = launch(write("one.py", pids), write("two.py", pids + "; tomodachi.exit(2)"))
    assert program.end() == 2
    said = program.said()
    assert len({line for line in said if line.startswith("pid-")}) == 1
    assert said.count("stopped") == 2


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("def (", 1, "unable to load service file"),
        ("import nothing_of_the_kind", 1, "unable to load service file"),
        ("x = 1", 1, "no transport handlers defined"),
    ],
)
def test_files_that_cannot_run_end_with_their_code(write, launch, text, code, says):
    program = launch(write(text=text))
    assert program.end() == code
    assert says in program.output


def test_row_16_a_missing_file_ends_with_code_2(launch):
    """Row 16."""
    program = launch("nowhere.py")
    assert program.end() == 2
    assert "no such service file" in program.output


def test_a_service_that_fails_ends_its_file_and_not_the_others(write, launch):
    """0.29.0: each file's services run for themselves; the exit code tells of the failure."""
    broken = SERVICE.replace('say("started")', "raise ValueError('broken')")
    program = launch(write("good.py"), write("broken.py", text=broken))
    program.wait_for("terminated service")
    assert program.said() == ["started", "stopping", "stopped"]
    program.process.send_signal(signal.SIGTERM)
    assert program.end() == 1
    assert "uncaught exception: broken" in program.output
    assert program.said().count("stopped") == 2


def test_a_file_that_is_named_twice_runs_once(write, launch):
    """As in 0.29.0."""
    name = write(on_started="tomodachi.exit()")
    program = launch(name, name)
    assert program.end() == 0
    assert program.said() == ["started", "stopping", "stopped"]


def test_debugging_names_tasks_that_nobody_awaited(write, launch, monkeypatch):
    leak = "asyncio.get_running_loop().create_task(asyncio.Event().wait(), name='left'); tomodachi.exit()"
    monkeypatch.setenv("TOMODACHI_DEBUG", "1")
    program = launch(write(on_started=leak))
    assert program.end() == 0
    assert "task has not been awaited" in program.output
    assert "task_name=left task_function_name=wait" in program.output


def test_stop_hooks_of_the_launcher_are_awaited(write, launch, tmp_path):
    hooks = """
    from tomodachi.launcher import ServiceLauncher

    async def pre():
        say("pre")

    async def post():
        say("post")

    ServiceLauncher.stop_services_pre_hook = pre
    ServiceLauncher.stop_services_post_hook = post
    """
    program = launch(write(on_started="tomodachi.exit()", text=SERVICE + hooks))
    assert program.end() == 0
    assert program.said()[:3] == ["started", "pre", "post"]


def test_a_change_restarts_the_services_with_the_new_code(write, launch, tmp_path):
    program = launch(write(on_started="say('version-1')"), watched=True)
    program.wait_for("started service successfully")
    _change_until(program, write, "version-2")
    program.process.send_signal(signal.SIGTERM)
    assert program.end() == 0
    assert program.said()[:3] == ["started", "version-1", "stopping"]
    assert program.said()[-2:] == ["stopping", "stopped"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def (", "syntax error in file"),
        ("import nothing_of_the_kind", "No module named 'nothing_of_the_kind'"),
        ("raise SystemExit('no')", "uncaught exception: no"),
    ],
)
def test_code_that_cannot_be_imported_keeps_the_old_services_running(
    write, launch, tmp_path, text, says
):
    """0.29.0 imports what has changed before it stops anything."""
    program = launch(write(on_started="say('version-1')"), watched=True)
    program.wait_for("started service successfully")
    (tmp_path / "service.py").write_text(text)
    program.wait_for(says)
    program.wait_for("restart failed due to error")
    assert "stopping" not in program.said()
    _change_until(program, write, "version-2")
    program.process.send_signal(signal.SIGTERM)
    assert program.end() == 0


def test_a_failing_restart_is_tried_again(write, launch, tmp_path):
    program = launch(write(on_started="say('version-1')"), watched=True)
    program.wait_for("started service successfully")
    write(on_started="raise ValueError('broken')")
    program.wait_for("service exited due to errors")
    program.wait_for("trying again in 1.5 seconds")
    _change_until(program, write, "version-2")
    program.process.send_signal(signal.SIGTERM)
    assert program.end() == 0


def _change_until(program: Program, write, version: str) -> None:
    write(on_started=f"say('{version}')")
    program.wait_for(version)
    program.wait_for("started service successfully")
