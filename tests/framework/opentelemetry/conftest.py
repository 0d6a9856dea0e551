"""Providers that keep everything in memory, and an instrumentor that is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tomodachi.opentelemetry import TomodachiInstrumentor, providers


@pytest.fixture
def telemetry() -> Iterator[SimpleNamespace]:
    """Providers, and `spans()`, `points(name)`, `logs()`: what they were told."""
    spans, logs, reader = (
        InMemorySpanExporter(),
        InMemoryLogRecordExporter(),
        InMemoryMetricReader(),
    )
    tracer_provider, logger_provider = TracerProvider(), LoggerProvider()
    tracer_provider.add_span_processor(SimpleSpanProcessor(spans))
    logger_provider.add_log_record_processor(SimpleLogRecordProcessor(logs))
    meter_provider = MeterProvider(metric_readers=[reader])

    def points(name: str) -> list[Any]:
        data = reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    yield SimpleNamespace(
        tracer_provider=tracer_provider,
        meter_provider=meter_provider,
        logger_provider=logger_provider,
        tracer=tracer_provider.get_tracer("test"),
        meter=meter_provider.get_meter("test"),
        spans=spans.get_finished_spans,
        points=points,
        logs=logs.get_finished_logs,
    )
    tracer_provider.shutdown()
    meter_provider.shutdown()
    logger_provider.shutdown()


@pytest.fixture
def instrument(telemetry: SimpleNamespace) -> Iterator[Callable[..., TomodachiInstrumentor]]:
    """Instrument all services with the providers of `telemetry`."""
    instrumentor = TomodachiInstrumentor()

    def start(**options: Any) -> TomodachiInstrumentor:
        instrumentor.instrument(
            tracer_provider=telemetry.tracer_provider,
            meter_provider=telemetry.meter_provider,
            logger_provider=telemetry.logger_provider,
            **options,
        )
        return instrumentor

    yield start
    if instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.uninstrument()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Resources that providers would have been made for; the global ones are left alone."""
    resources: list[dict[str, Any]] = []
    monkeypatch.setattr(
        providers, "set_providers", lambda resource, env: resources.append(resource.attributes)
    )
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
    monkeypatch.delenv("OTEL_RESOURCE_ATTRIBUTES", raising=False)
    yield resources
    providers.forget_waiting()
