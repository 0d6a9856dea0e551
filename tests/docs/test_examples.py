"""Every Python example of the README and the guides runs; those that are tests pass.

The services that the examples name are defined here, as a reader would have them.
"""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

SERVICES = """
import asyncio
import json
from datetime import timedelta

import aiohttp
import pytest
import tomodachi
import tomodachi_testkit
from hypothesis import given, settings
from tomodachi.envelope import JsonBase
from tomodachi_testkit import Harness, strategies


class BillingService(tomodachi.Service):
    name = "billing"
    message_envelope = JsonBase

    def __init__(self):
        self.billed = set()

    @tomodachi.aws_sns_sqs(
        "order-created",
        queue_name="billing-orders",
        dead_letter_queue_name="billing-orders-dlq",
        max_receive_count=3,
        visibility_timeout=30,
        on_exception="retry",
    )
    async def bill(self, data):
        if data["id"] in self.billed:
            return
        invoice = {"order_id": data["id"], "amount": data.get("total")}
        await tomodachi.aws_sns_sqs_publish(self, invoice, topic="invoice-sent")
        self.billed.add(data["id"])


class OrderService(tomodachi.Service):
    name = "orders"

    @tomodachi.http("GET", r"/health")
    async def health(self, request):
        return "ok"


class RatesService(tomodachi.Service):
    name = "rates"

    @tomodachi.http("GET", r"/rate")
    async def rate(self, request):
        url = "https://rates.example.com/eur"
        async with aiohttp.ClientSession() as session:
            for wait in (1, 2, 4):
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return json.dumps(await answer.json())
                await asyncio.sleep(wait)
        return 503, ""
"""


def blocks(page: Path) -> list[str]:
    found = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    return [textwrap.dedent(block) for block in found]


def test_there_are_examples() -> None:
    assert sum(len(blocks(page)) for page in PAGES) >= 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem
)
def test_examples_of_a_page_run(pytester: pytest.Pytester, page: Path) -> None:
    """A process of its own: examples import what a reader's project would.

    Tests are run; definitions are executed; lines that await stand for the inside of a test, and
    have to compile.
    """
    examples = blocks(page)
    for number, example in enumerate(examples, 1):
        if re.search(r"^(async )?def test_", example, re.M):
            (pytester.path / f"test_{number}.py").write_text(SERVICES + "\n\n" + example, "utf-8")
            continue
        if _awaits(example):
            example = "async def example():\n" + textwrap.indent(example, "    ")
        (pytester.path / f"example_{number}.py").write_text(SERVICES + "\n\n" + example, "utf-8")
        importing = f"def test_it_runs():\n    import example_{number}\n"
        (pytester.path / f"test_{number}.py").write_text(importing, "utf-8")
    settings = ("asyncio_mode=auto", "asyncio_default_fixture_loop_scope=function", "pythonpath=.")
    options = [part for setting in settings for part in ("-o", setting)]
    result = pytester.runpytest_subprocess("-q", "-W", "error", "-p", "no:xdist", *options)
    assert result.parseoutcomes() == {"passed": len(examples)}


def _awaits(example: str) -> bool:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(example, "example", "exec", flags=flags, dont_inherit=True)
    return bool(code.co_flags & inspect.CO_COROUTINE)
