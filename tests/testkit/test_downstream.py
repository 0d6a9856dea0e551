"""A project that uses the testkit: the wheel is installed, and only public names are used."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SERVICE = """
import tomodachi
from tomodachi.envelope import JsonBase

class Billing(tomodachi.Service):
    name = "billing"
    message_envelope = JsonBase

    @tomodachi.aws_sns_sqs("order-created", queue_name="billing-orders")
    async def bill(self, data):
        await tomodachi.aws_sns_sqs_publish(
            self, {"order_id": data["id"], "amount": data["total"]}, topic="invoice-sent")

    @tomodachi.http("GET", "/health")
    async def health(self, request):
        return "ok"
"""

# The first test is the first of docs/testing.md, and no longer than a newcomer's may be.
FIRST_TEST = """
from service import Billing

async def test_order_is_billed(svc):
    await svc.start(Billing)
    await svc.sns.publish("order-created", {"id": 7, "total": 12})
    await svc.drain()
    svc.sns.published.one(topic="invoice-sent", data={"order_id": 7, "amount": 12})
"""

MORE_TESTS = """
from pathlib import Path

import tomodachi
import tomodachi_testkit
from hypothesis import given, settings
from service import Billing
from tomodachi_testkit import Harness, TestkitError, strategies

def test_the_wheel_is_what_is_tested():
    for module in (tomodachi, tomodachi_testkit):
        assert Path(module.__file__).is_relative_to({site!r}), module.__file__

async def test_health(svc):
    billing = await svc.start(Billing)
    assert (await billing.http.get("/health")).text() == "ok"
    assert await billing.call("bill", data={{"id": 1, "total": 2}}) is None

@settings(max_examples=5, deadline=None)
@given(strategies.messages())
def test_any_message_is_published(message):
    async def scenario():
        async with Harness(seed=1, allow={{"unrouted"}}) as svc:
            svc.call_aws("sns", "CreateTopic", {{"Name": "anything"}})
            await svc.sns.publish("anything", "x", envelope=None)
            svc.sns.published.one(topic="anything")
    tomodachi_testkit.run(scenario())

def test_errors_are_public():
    assert issubclass(TestkitError, Exception)
"""


def build_wheel(into: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(into)]
    if find_spec("hatchling") is not None:
        command.append("--no-build-isolation")
    subprocess.run([*command, str(ROOT)], check=True, timeout=300)
    [wheel] = into.glob("*.whl")
    return wheel


def environment_beside_this_one(folder: Path) -> tuple[Path, Path]:
    """A virtual environment that sees what is installed here, after its own; python and its site."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    paths = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    (site / "outer.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python, site


@pytest.mark.slow
def test_a_project_elsewhere_installs_the_wheel_and_its_tests_pass(tmp_path: Path) -> None:
    assert len(FIRST_TEST.strip().splitlines()) <= 10
    python, site = environment_beside_this_one(tmp_path / "venv")
    wheel = build_wheel(tmp_path / "wheel")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run(
        [*install, "--no-deps", "--ignore-installed", str(wheel)], check=True, timeout=300
    )

    project = tmp_path / "project"
    project.mkdir()
    (project / "service.py").write_text(textwrap.dedent(SERVICE))
    (project / "test_first.py").write_text(FIRST_TEST)
    (project / "test_more.py").write_text(MORE_TESTS.format(site=str(site)))
    (project / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    result = subprocess.run(
        [
            str(python),
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-W",
            "error::RuntimeWarning",
        ],
        cwd=project,
        # The project has what it installed, not what is on the path of these tests.
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "5 passed" in result.stdout, result.stdout + result.stderr
