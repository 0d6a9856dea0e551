"""`tomodachi run --opentelemetry-instrument`: from the command line to an exported span."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
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


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[str, dict[str, list[bytes]]]]:
    """An OpenTelemetry collector: takes what is posted, by path, and has room for all of it."""
    posted: dict[str, list[bytes]] = defaultdict(list)

    async def take(request: web.Request) -> web.Response:
        posted[request.path].append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/{signal}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", posted
    finally:
        await runner.cleanup()


async def test_traces_metrics_and_logs_reach_a_collector(tmp_path: Path, entry_points: str):
    """OTLP over HTTP with protobuf, by the SDK's own variables.

    https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    """
    (tmp_path / "service.py").write_text(SERVICE)
    argv = ("run", "service.py", "--production", "--logger", "json", "--opentelemetry-instrument")
    async with collector() as (endpoint, posted):
        environ = {
            "PYTHONPATH": entry_points,
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        }
        async with tomodachi_command(tmp_path, *argv, **environ) as process:
            port = (await process.logged("accepting http requests"))["listen_port"]
            await process.logged("started service successfully")
            url = f"http://127.0.0.1:{port}/orders/17"
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                assert await response.text() == "17"
            line = await process.logged("ordered")
            code, _ = await process.ended()

    assert code == 0
    [span] = [
        span
        for body in posted["/v1/traces"]
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert span.name == "GET /orders/(?P<number>[0-9]+)"
    assert f"0x{span.trace_id.hex()}" == line["trace_id"]
    metrics = {
        metric.name
        for body in posted["/v1/metrics"]
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    assert {"http.server.duration", "http.server.active_requests"} <= metrics
    [record] = [
        record
        for body in posted["/v1/logs"]
        for resource in ExportLogsServiceRequest.FromString(body).resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
        if record.body.string_value == "ordered"
    ]
    assert record.trace_id == span.trace_id
