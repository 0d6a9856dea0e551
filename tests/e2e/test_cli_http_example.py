"""The HTTP example as its reader would try it: run it, ask it, change it, ask again, stop it."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from pathlib import Path

import pytest
from tests.e2e.support_cli import tomodachi_command

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "examples" / "http_service" / "service.py"


async def health(port: int) -> dict[str, str]:
    def fetch() -> dict[str, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            return json.loads(answer.read())

    return await asyncio.to_thread(fetch)


async def test_the_example_answers_is_changed_while_it_runs_and_stops(tmp_path):
    source = EXAMPLE.read_text().replace("port=8080", "port=0")
    service = tmp_path / "service.py"
    service.write_text(source)
    async with tomodachi_command(tmp_path, "run", "service.py", "--logger", "json") as process:
        port = (await process.logged("accepting http requests"))["listen_port"]
        await process.logged("started service successfully")
        assert await health(port) == {"status": "healthy"}

        service.write_text(source.replace('"healthy"', '"changed"'))
        port = (await process.logged("accepting http requests"))["listen_port"]
        await process.logged("started service successfully")
        assert await health(port) == {"status": "changed"}

        code, output = await process.ended()
    assert code == 0
    assert "file watcher enabled" in output
