"""`tomodachi.run()` and `python -m tomodachi`."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

import tomodachi

pytestmark = pytest.mark.slow

SERVICE = """
import sys
import tomodachi

class Service(tomodachi.Service):
    name = "runs"
    async def _started_service(self):
        print("it-runs", flush=True)
        tomodachi.exit(5)
"""


def python(directory, *args: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *args],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_service_file_that_calls_run_is_a_program(tmp_path):
    (tmp_path / "runs.py").write_text(
        SERVICE + "\ntomodachi.run(production=None)\nprint('never')\n"
    )
    code, out = python(tmp_path, "runs.py")
    assert code == 5
    assert out.count("it-runs") == 1
    # Once where the launcher imports the file and `run` does nothing, and not where it ended.
    assert out.count("never") == 1


def test_run_takes_files_arguments_and_options(tmp_path):
    (tmp_path / "runs.py").write_text(SERVICE)
    program = """
        import tomodachi
        tomodachi.run("runs.py", "--production", log_level="warning")
    """
    code, out = python(tmp_path, "-c", dedent(program))
    assert code == 5
    assert "it-runs" in out
    assert "[info" not in out
    assert "tomodachi.exit [5] was called" in out


def test_the_file_that_calls_run_is_what_runs_and_where_there_is_none_it_says_so(tmp_path):
    """0.29.0 asks for the caller's module, not for the program that was started."""
    (tmp_path / "runs.py").write_text(SERVICE + "\ndef go(): tomodachi.run(production=None)\n")
    (tmp_path / "program.py").write_text("import runs\nruns.go()\n")
    code, out = python(tmp_path, "program.py")
    assert (code, out.count("it-runs")) == (5, 1)
    code, out = python(tmp_path, "-c", "import tomodachi; tomodachi.run(); print('on')")
    assert code == 0
    assert out.splitlines()[1:] == ["on"]
    assert "needs a service file" in out


@pytest.mark.parametrize("module", [("tomodachi", "run"), ("tomodachi.run",)])
def test_modules_are_commands(tmp_path, module):
    (tmp_path / "runs.py").write_text(SERVICE)
    code, out = python(tmp_path, "-m", *module, "--production", "runs.py")
    assert code == 5
    assert "it-runs" in out
    assert python(tmp_path, "-m", "tomodachi", "--version") == (
        0,
        f"tomodachi {tomodachi.__version__}\n",
    )


def test_nothing_happens_where_services_run_already():
    variable = tomodachi.get_contextvar("run.args")
    token = variable.set(["service.py"])
    try:
        tomodachi.run("another.py")
    finally:
        variable.reset(token)
