from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tomodachi


@pytest.mark.slow
def test_row_18_nothing_needs_pkg_resources_or_an_old_sdk():
    """Row 18: current OpenTelemetry SDK, no `pkg_resources`."""
    source = (
        "import sys\n"
        "sys.modules['pkg_resources'] = None\n"
        "from tomodachi.opentelemetry import distro, prometheus, TomodachiInstrumentor\n"
        "TomodachiInstrumentor().instrument()\n"
        "TomodachiInstrumentor().uninstrument()\n"
        "from importlib.metadata import version\n"
        "print(version('opentelemetry-sdk'), version('structlog'))\n"
    )
    root = str(Path(tomodachi.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        check=True,
        env={"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
    )
    sdk, structlog = ran.stdout.split()
    assert tuple(map(int, sdk.split(".")[:2])) >= (1, 40)
    assert int(structlog.split(".")[0]) >= 25
