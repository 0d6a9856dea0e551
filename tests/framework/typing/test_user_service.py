"""Type checkers accept a typical service, and refuse its mistakes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).with_name("user_service.py")
FRAMEWORK = Path(__file__).parents[3] / "framework"


@pytest.mark.slow
def test_mypy_strict_accepts_a_typed_service(tmp_path):
    """Unused `type: ignore` comments are errors too, so what must be refused is refused."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--warn-unused-ignores",
            # The runtime as an installed package: only the user's file is reported on.
            "--follow-imports=silent",
            "--config-file=",
            f"--cache-dir={tmp_path}",
            str(FILE),
        ],
        cwd=tmp_path,
        env={"MYPYPATH": str(FRAMEWORK), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.stdout.startswith("Success"), done.stdout + done.stderr


@pytest.mark.slow
def test_pyright_accepts_a_typed_service(tmp_path):
    """With basedpyright, which brings its Node.js along, or pyright: they read the same configuration."""
    folder = Path(sys.executable).parent
    command = shutil.which("basedpyright", path=folder) or shutil.which("pyright", path=folder)
    if command is None:
        pytest.skip("neither basedpyright nor pyright is installed")
    configuration = {
        "include": [str(FILE)],
        "extraPaths": [str(FRAMEWORK)],
        "pythonVersion": f"{sys.version_info.major}.{sys.version_info.minor}",
        "typeCheckingMode": "strict",
        # The file's comments that say what must be refused are mypy's, and mypy checks them.
        "reportUnnecessaryTypeIgnoreComment": False,
    }
    project = tmp_path / "pyrightconfig.json"
    project.write_text(json.dumps(configuration))
    done = subprocess.run(
        [command, "--project", project, "--pythonpath", sys.executable, "--outputjson"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    errors = [found for found in report["generalDiagnostics"] if found["severity"] == "error"]
    assert errors == [], done.stdout
