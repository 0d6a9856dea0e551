from __future__ import annotations

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from tomodachi.opentelemetry.schedule import ScheduleTracing

NOW = "2025-01-31T10:00:00.000000Z"


async def test_a_scheduled_call_is_a_span_that_begins_a_trace(telemetry):
    async def report():
        return 1

    tracing = ScheduleTracing(telemetry.tracer, telemetry.meter)
    with telemetry.tracer.start_as_current_span("around"):
        await tracing(report, function_name="report", invocation_time=NOW, interval=3)

    span = next(span for span in telemetry.spans() if span.name == "report")
    assert (span.kind, span.parent) == (SpanKind.INTERNAL, None)
    assert dict(span.attributes) == {
        "code.function": "report",
        "function.trigger": "timer",
        "function.time": NOW,
        "function.interval": "3",
    }


async def test_scheduled_calls_are_measured_by_success(telemetry):
    async def fail():
        raise ValueError("no")

    tracing = ScheduleTracing(telemetry.tracer, telemetry.meter)
    with pytest.raises(ValueError, match="no"):
        await tracing(fail, function_name="fail", invocation_time=NOW)

    (point,) = telemetry.points("function.duration")
    assert dict(point.attributes) == {
        "code.function": "fail",
        "function.success": False,
    }
    assert [p.value for p in telemetry.points("function.active_tasks")] == [0]
    assert telemetry.spans()[0].status.status_code is StatusCode.ERROR
