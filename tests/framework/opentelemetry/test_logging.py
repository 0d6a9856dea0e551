from __future__ import annotations

import asyncio
import logging as stdlib

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

import tomodachi
from tomodachi.opentelemetry import TomodachiInstrumentor
from tomodachi.opentelemetry import logging as otel_logging


@pytest.mark.parametrize(
    ("level", "name"),
    [(60, "FATAL"), (50, "FATAL"), (40, "ERROR"), (30, "WARN"), (25, "INFO"), (10, "DEBUG"),
     (5, "TRACE"), (0, "UNSPECIFIED")],
)  # fmt: skip
def test_levels_become_severities(level, name):
    """Source: OpenTelemetry logs data model, severity number."""
    assert otel_logging.severity(level).name == name


def test_a_logger_of_structlogs_says_its_span(telemetry):
    lines: list[dict[str, object]] = []

    def keep(logger, method, event):
        lines.append(event)
        raise structlog.DropEvent

    logger = structlog.wrap_logger(
        None, [keep], wrapper_class=structlog.BoundLogger, cache_logger_on_first_use=True
    ).bind()
    TomodachiInstrumentor.instrument_structlog_logger(logger)
    start = telemetry.tracer.start_as_current_span
    with start("parent"), start("child"):
        logger.info("inside")
    TomodachiInstrumentor.uninstrument_structlog_logger(logger)
    with telemetry.tracer.start_as_current_span("later"):
        logger.info("after")

    inside, after = lines
    child, parent, _ = telemetry.spans()
    assert inside["span_id"] == f"0x{child.context.span_id:016x}"
    assert inside["parent_span_id"] == f"0x{parent.context.span_id:016x}"
    assert "span_id" not in after


def test_a_line_says_the_trace_that_it_is_of_whether_or_not_that_is_sampled():
    """0.29.0; the OpenTelemetry logs data model has the trace's flags beside the ids for that."""
    tracer = TracerProvider(sampler=ALWAYS_OFF).get_tracer("tests")
    with tracer.start_as_current_span("not sampled") as span:
        fields = otel_logging.span_fields()
    context = span.get_span_context()
    assert fields == {
        "span_id": f"0x{context.span_id:016x}",
        "trace_id": f"0x{context.trace_id:032x}",
    }


async def test_a_task_that_outlives_its_span_stays_in_the_trace(telemetry):
    """0.29.0: what a handler leaves running can be found by the trace of its message."""

    async def says():
        return otel_logging.span_fields()

    with telemetry.tracer.start_as_current_span("handler") as span:
        task = asyncio.create_task(says())
    assert (await task)["trace_id"] == f"0x{span.get_span_context().trace_id:032x}"


def test_a_logger_whose_processors_are_fixed_is_refused():
    logger = structlog.BoundLogger(None, (), {})
    with pytest.raises(TypeError, match="cannot be changed"):
        TomodachiInstrumentor.instrument_structlog_logger(logger)


def test_loggers_can_be_instrumented_one_by_one(telemetry):
    TomodachiInstrumentor.instrument_logging("tomodachi.test.one", telemetry.logger_provider, 30)
    try:
        TomodachiInstrumentor.instrument_logging(["tomodachi.test.one"], telemetry.logger_provider)
        logger = stdlib.getLogger("tomodachi.test.one")
        logger.warning("%s", "told", extra={"n": 1})
        tomodachi.get_logger("tomodachi.test.one").error("told too", thing=[1])
        tomodachi.get_logger("tomodachi.test.one").info("below the handler's level")
    finally:
        TomodachiInstrumentor.uninstrument_logging("tomodachi.test.one")
    logger.warning("not told")

    first, second = (log.log_record for log in telemetry.logs())
    assert (first.body, first.severity_text) == ("told", "WARNING")
    assert first.severity_number.name == "WARN"
    assert first.attributes["extra"] == "{'n': 1}"
    assert (second.body, second.attributes["thing"]) == ("told too", "[1]")
    assert second.attributes["code.function.name"] == "test_loggers_can_be_instrumented_one_by_one"
