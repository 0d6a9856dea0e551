from __future__ import annotations

import pytest

from tomodachi.opentelemetry.instruments import CallInstruments
from tomodachi.opentelemetry.messaging import SQSTracing
from tomodachi.opentelemetry.schedule import ScheduleTracing


def test_a_call_is_counted_while_it_runs_and_timed_when_it_ends(telemetry):
    instruments = CallInstruments(
        telemetry.meter, duration="d", active="a", unit="{call}", what="calls"
    )
    with instruments.measured({"kind": "x"}) as at_end:
        assert [point.value for point in telemetry.points("a")] == [1]
        assert telemetry.points("d") == []
        at_end["outcome"] = "well"
    with pytest.raises(KeyError), instruments.measured({"kind": "x"}):
        raise KeyError

    assert [point.value for point in telemetry.points("a")] == [0]
    assert [dict(point.attributes) for point in telemetry.points("d")] == [
        {"kind": "x", "outcome": "well"},
        {"kind": "x"},
    ]


@pytest.mark.parametrize(
    ("tracing", "metric"),
    [(SQSTracing, "messaging.aws_sqs.duration"), (ScheduleTracing, "function.duration")],
)
async def test_a_calls_span_is_the_exemplar_of_its_duration(telemetry, tracing, metric):
    """Source: OpenTelemetry metrics SDK, exemplars: those of sampled spans that are current."""

    async def handler():
        return None

    around = tracing(telemetry.tracer, telemetry.meter)
    options = {"function_name": "handler"} if tracing is ScheduleTracing else {"topic": "t"}
    await around(handler, **options)

    (span,) = telemetry.spans()
    (point,) = telemetry.points(metric)
    assert [exemplar.span_id for exemplar in point.exemplars] == [span.context.span_id]
