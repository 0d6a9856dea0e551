from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.trace import SpanKind, StatusCode

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.opentelemetry import TomodachiInstrumentor

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def service_class():
    class Orders(tomodachi.Service):
        name = "orders"
        options = tomodachi.Options(http={"port": 0, "host": "127.0.0.1", "access_log": False})

        @tomodachi.http("GET", r"/orders/(?P<number>\d+)")
        async def order(self, request: web.Request, number: str) -> str:
            return number

        @tomodachi.http("GET", r"/broken")
        async def broken(self, request: web.Request) -> str:
            raise ValueError("no such thing")

        @tomodachi.http("GET", r"/missing")
        async def missing(self, request: web.Request) -> str:
            raise web.HTTPNotFound

        @tomodachi.http("GET", r"/health")
        async def health(self, request: web.Request) -> str:
            return "ok"

    return Orders


@asynccontextmanager
async def running(service):
    """Start a service, and get paths of it."""
    runner = ServiceRunner(service)
    await runner.start()
    async with aiohttp.ClientSession() as session:

        async def fetch(path: str, **headers: str) -> int:
            url = f"http://127.0.0.1:{runner.context['_http_port']}{path}"
            async with session.get(url, headers=headers) as response:
                await response.read()
                return response.status

        yield fetch
    await runner.stop()


@pytest.fixture
async def get(service_class, instrument):
    """Instrument, start the service, and get paths of it."""
    instrument(excluded_urls="/health")
    async with running(service_class) as fetch:
        yield fetch


async def test_a_request_is_a_server_span_named_after_its_route(get, telemetry):
    """Source: semantic conventions for HTTP spans, server."""
    assert await get("/orders/17?sort=up&sig=secret", **{"User-Agent": "test/1"}) == 200

    (span,) = telemetry.spans()
    assert (span.name, span.kind) == (r"GET /orders/(?P<number>\d+)", SpanKind.SERVER)
    assert span.status.status_code is StatusCode.UNSET
    attributes = dict(span.attributes)
    assert attributes.pop("server.port") == attributes.pop("server.socket.port")
    assert attributes.pop("client.socket.port") > 0
    assert attributes == {
        "http.request.method": "GET",
        "http.route": r"/orders/(?P<number>\d+)",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.socket.address": "127.0.0.1",
        "url.scheme": "http",
        "url.path": "/orders/17",
        "url.query": "sort=up&sig=REDACTED",
        "user_agent.original": "test/1",
        "client.address": "127.0.0.1",
        "client.socket.address": "127.0.0.1",
        "network.protocol.name": "http",
        "network.protocol.version": "1.1",
    }


async def test_a_request_continues_the_trace_of_its_headers(get, telemetry):
    """Source: https://www.w3.org/TR/trace-context/ (traceparent)."""
    await get("/orders/17", traceparent=TRACEPARENT)

    (span,) = telemetry.spans()
    assert f"{span.context.trace_id:032x}" == TRACEPARENT.split("-")[1]
    assert f"{span.parent.span_id:016x}" == TRACEPARENT.split("-")[2]


async def test_an_unhandled_exception_is_recorded_and_fails_the_span(get, telemetry):
    assert await get("/broken") == 500

    (span,) = telemetry.spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "ValueError: no such thing"
    assert [event.attributes["exception.type"] for event in span.events] == ["ValueError"]
    assert span.attributes["http.response.status_code"] == 500


@pytest.mark.parametrize(("path", "name"), [("/missing", "GET /missing"), ("/none", "GET")])
async def test_an_answer_that_is_the_clients_fault_does_not_fail_the_span(
    get, telemetry, path, name
):
    assert await get(path) == 404

    (span,) = telemetry.spans()
    assert (span.name, span.status.status_code) == (name, StatusCode.UNSET)
    assert span.events == ()


async def test_excluded_urls_are_not_traced(get, telemetry):
    assert await get("/health") == 200

    assert telemetry.spans() == ()
    assert telemetry.points("http.server.duration") == []


async def test_requests_are_measured_by_route_and_status(get, telemetry):
    await get("/orders/17")
    await get("/orders/18")
    await get("/broken")

    points = telemetry.points("http.server.duration")
    assert {
        (p.attributes["http.route"], p.attributes["http.response.status_code"]): p.count
        for p in points
    } == {(r"/orders/(?P<number>\d+)", 200): 2, ("/broken", 500): 1}
    assert points[0].explicit_bounds[:3] == (0.0, 0.005, 0.01)
    spans = {f"{span.context.span_id:x}" for span in telemetry.spans()}
    assert {f"{exemplar.span_id:x}" for p in points for exemplar in p.exemplars} <= spans
    assert all(p.exemplars for p in points)
    measured = {"http.request.method", "url.scheme", "server.address", "server.port"}
    assert set(points[0].attributes) == measured | {
        "http.response.status_code",
        "http.route",
        "network.protocol.name",
        "network.protocol.version",
    }
    (active,) = telemetry.points("http.server.active_requests")
    assert (active.value, set(active.attributes)) == (0, measured)


async def test_a_handlers_log_lines_know_their_span(get, telemetry, caplog):
    caplog.set_level("INFO")
    tomodachi.get_logger("tomodachi.test.outside").info("outside")
    await get("/broken")

    (span,) = telemetry.spans()
    found = {log.log_record.body: log.log_record for log in telemetry.logs()}
    failure = next(record for body, record in found.items() if "no such thing" in str(body))
    assert failure.trace_id == span.context.trace_id
    assert failure.span_id == span.context.span_id
    assert failure.attributes["exception.type"] == "ValueError"
    lines = {record.getMessage(): record.__dict__["logger.context"] for record in caplog.records}
    line = next(values for text, values in lines.items() if "no such thing" in text)
    assert line["trace_id"] == f"0x{span.context.trace_id:032x}"
    assert line["span_id"] == f"0x{span.context.span_id:016x}"
    assert "trace_id" not in lines["outside"]


async def test_the_access_logs_line_belongs_to_its_request_too(
    service_class, instrument, telemetry, caplog
):
    service_class.options.http.access_log = True
    caplog.set_level("INFO")
    instrument(excluded_urls="/health")
    async with running(service_class()) as fetch:
        await fetch("/orders/17")
        await fetch("/health")

    (span,) = telemetry.spans()
    traced, excluded = [
        record.__dict__["logger.context"]
        for record in caplog.records
        if record.name == "tomodachi.http.response"
    ]
    assert traced["request_path"] == "/orders/17"
    assert traced["trace_id"] == f"0x{span.context.trace_id:032x}"
    assert "trace_id" not in excluded
    (record,) = [
        log.log_record
        for log in telemetry.logs()
        if log.log_record.attributes.get("request_path") == "/orders/17"
    ]
    assert record.span_id == span.context.span_id


async def test_the_access_log_says_the_trace_of_a_request_that_is_not_sampled(
    service_class, instrument, telemetry, caplog
):
    """0.29.0: with a ratio sampler most requests are found by nothing else."""
    service_class.options.http.access_log = True
    caplog.set_level("INFO")
    instrument()
    async with running(service_class()) as fetch:
        await fetch("/orders/17", traceparent=f"{TRACEPARENT[:-2]}00")

    assert telemetry.spans() == ()
    (line,) = [
        record.__dict__["logger.context"]
        for record in caplog.records
        if record.name == "tomodachi.http.response"
    ]
    assert line["trace_id"] == f"0x{TRACEPARENT.split('-')[1]}"


async def test_one_service_can_be_instrumented_alone(service_class, telemetry):
    alone = service_class()
    TomodachiInstrumentor.instrument_service(
        alone, telemetry.tracer_provider, telemetry.meter_provider, "/health"
    )
    try:
        async with running(alone) as fetch:
            await fetch("/orders/17")
            await fetch("/health")
        async with running(service_class()) as fetch:
            await fetch("/orders/18")
    finally:
        TomodachiInstrumentor._publishing.uninstall()

    assert [span.attributes["url.path"] for span in telemetry.spans()] == ["/orders/17"]


async def test_a_client_that_leaves_fails_the_span_with_status_499(
    service_class, instrument, telemetry
):
    entered, leave = asyncio.Event(), asyncio.Event()

    async def wait(func, service, request, context):
        entered.set()
        await leave.wait()
        return await func()

    service_class.http_middleware = [wait]
    instrument()
    runner = ServiceRunner(service_class)
    await runner.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", runner.context["_http_port"])
    writer.write(b"GET /orders/17 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await entered.wait()
    writer.transport.abort()
    while not reader.at_eof():
        await reader.read(1)
    for _ in range(10):
        await asyncio.sleep(0)  # noqa: TID251 - lets the server's loop see that the client left
    leave.set()
    await runner.stop()

    (span,) = telemetry.spans()
    assert span.attributes["http.response.status_code"] == 499
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description.startswith("Client closed the connection")


async def test_a_websocket_is_one_span(service_class, instrument, telemetry):
    async def connected(self, websocket):
        async def receive(text: str) -> None:
            await websocket.send_str(text)

        return receive

    service_class.socket = tomodachi.websocket(r"/socket")(connected)
    instrument()
    runner = ServiceRunner(service_class)
    await runner.start()
    url = f"http://127.0.0.1:{runner.context['_http_port']}/socket"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as websocket:
        await websocket.send_str("hello")
        assert await websocket.receive_str() == "hello"
    await runner.stop()

    (span,) = telemetry.spans()
    assert (span.name, span.attributes["http.response.status_code"]) == ("GET /socket", 101)
    assert span.status.status_code is StatusCode.UNSET


async def test_one_service_can_be_left_out(service_class, telemetry, instrument):
    instrument()
    left_out = service_class()
    TomodachiInstrumentor.uninstrument_service(left_out)
    async with running(left_out) as fetch:
        assert await fetch("/orders/17") == 200

    assert telemetry.spans() == ()
