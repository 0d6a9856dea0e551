"""`tomodachi run --opentelemetry-instrument`: from the command line to an exported span."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest
from tests.e2e.support_cli import tomodachi_command

pytestmark = pytest.mark.slow

SERVICE = """
import tomodachi


class Service(tomodachi.Service):
    name = "orders"
    options = tomodachi.Options(http={"port": 0, "host": "127.0.0.1"})

    @tomodachi.http("GET", r"/orders/(?P<number>[0-9]+)")
    async def order(self, request, number):
        self.logger.info("ordered")
        return number
"""
ENTRY_POINTS = """
[opentelemetry_configurator]
tomodachi = tomodachi.opentelemetry.distro:OpenTelemetryConfigurator
[opentelemetry_distro]
tomodachi = tomodachi.opentelemetry.distro:OpenTelemetryDistro
[opentelemetry_instrumentor]
tomodachi = tomodachi.opentelemetry:TomodachiInstrumentor
[opentelemetry_meter_provider]
tomodachi_prometheus = tomodachi.opentelemetry.prometheus:TomodachiPrometheusMeterProvider
[opentelemetry_metric_reader]
tomodachi_prometheus = tomodachi.opentelemetry.prometheus:TomodachiPrometheusMetricReader
"""


@pytest.fixture
def entry_points(tmp_path: Path) -> str:
    """A place on the path whose distribution has the runtime's entry points, however it is installed."""
    info = tmp_path / "path" / "entry_points_of_the_runtime-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: entry-points-of-the-runtime\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    return str(info.parent)


async def test_a_request_is_exported_as_a_span_of_the_service(tmp_path: Path, entry_points: str):
    (tmp_path / "service.py").write_text(SERVICE)
    argv = ("run", "service.py", "--production", "--logger", "json", "--opentelemetry-instrument")
    environ = {"PYTHONPATH": entry_points, "OTEL_TRACES_EXPORTER": "console"}
    async with tomodachi_command(tmp_path, *argv, **environ) as process:
        port = (await process.logged("accepting http requests"))["listen_port"]
        await process.logged("started service successfully")
        url = f"http://127.0.0.1:{port}/orders/17"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            assert await response.text() == "17"
        line = await process.logged("ordered")
        code, output = await process.ended()

    span = json.loads(output)
    assert code == 0
    assert span["name"] == "GET /orders/(?P<number>[0-9]+)"
    assert span["resource"]["attributes"]["service.name"] == "orders"
    assert span["context"]["trace_id"] == line["trace_id"]
