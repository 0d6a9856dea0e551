"""Type checkers accept a typical service, and refuse its mistakes."""

from __future__ import annotations

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
