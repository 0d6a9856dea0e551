from __future__ import annotations

import pytest
from opentelemetry.sdk.metrics import AlwaysOnExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics import Exemplar as OtelExemplar
from opentelemetry.sdk.metrics.export import NumberDataPoint
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from tomodachi.opentelemetry.prometheus import (
    PrometheusSettings,
    TomodachiPrometheusMetricReader,
)
from tomodachi.opentelemetry.prometheus_families import latest_exemplar

RESOURCE = Resource({"service.name": "orders"})


@pytest.fixture
def collect():
    """Make a meter for settings, and what Prometheus sees of it."""
    providers: list[MeterProvider] = []

    def start(**settings):
        reader = TomodachiPrometheusMetricReader(PrometheusSettings(**settings), serve=False)
        provider = MeterProvider(
            [reader], resource=RESOURCE, exemplar_filter=AlwaysOnExemplarFilter()
        )
        providers.append(provider)
        return provider.get_meter("scope", "1.0"), reader.registry

    yield start
    for provider in providers:
        provider.shutdown()


def test_counters_gauges_and_histograms_have_prometheus_names(collect):
    """Source: OpenTelemetry's compatibility with Prometheus and OpenMetrics."""
    meter, registry = collect(namespace_prefix="shop", scope_info=False)
    meter.create_counter("http.requests", unit="{request}").add(3, {"code.ok": True})
    meter.create_up_down_counter("active").add(2)
    meter.create_histogram(
        "http.duration", unit="s", explicit_bucket_boundaries_advisory=[0.1, 1.0]
    ).record(0.5, {"route": "/a"})

    lines = [line for line in generate_latest(registry).decode().splitlines() if line[0] != "#"]
    assert lines == [
        'target_info{job="orders",service_name="orders"} 1.0',
        'shop_http_requests_total{code_ok="true",job="orders"} 3.0',
        'shop_active{job="orders"} 2.0',
        'shop_http_duration_seconds_bucket{job="orders",le="0.1",route="/a"} 0.0',
        'shop_http_duration_seconds_bucket{job="orders",le="1.0",route="/a"} 1.0',
        'shop_http_duration_seconds_bucket{job="orders",le="+Inf",route="/a"} 1.0',
        'shop_http_duration_seconds_count{job="orders",route="/a"} 1.0',
        'shop_http_duration_seconds_sum{job="orders",route="/a"} 0.5',
    ]


def test_the_scope_and_the_resource_can_be_told_or_left_out(collect):
    meter, registry = collect(target_info=False)
    meter.create_counter("n").add(1)

    lines = [line for line in generate_latest(registry).decode().splitlines() if line[0] != "#"]
    assert lines == [
        'otel_scope_info{otel_scope_name="scope",otel_scope_version="1.0"} 1.0',
        'n_total{job="orders",otel_scope_name="scope",otel_scope_version="1.0"} 1.0',
    ]


def test_openmetrics_are_told_units_and_that_scopes_are_information(collect):
    """OpenTelemetry's compatibility with OpenMetrics, and what 0.29.0 says."""
    meter, registry = collect(target_info=False)
    meter.create_histogram("http.duration", unit="s").record(0.5)
    meter.create_counter("sent.bytes", unit="By").add(1)
    meter.create_up_down_counter("active", unit="{request}").add(2)

    lines = generate_openmetrics(registry).decode().splitlines()
    assert [line for line in lines if line.startswith("# UNIT")] == [
        "# UNIT http_duration_seconds seconds",
        "# UNIT sent_bytes bytes",
    ]
    assert "# TYPE otel_scope info" in lines
    assert 'otel_scope_info{otel_scope_name="scope",otel_scope_version="1.0"} 1.0' in lines


def test_exemplars_lead_from_a_bucket_to_the_trace(collect):
    meter, registry = collect(exemplars=True, scope_info=False, target_info=False)
    histogram = meter.create_histogram("t", explicit_bucket_boundaries_advisory=[0.1, 1.0])
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("span") as span:
        histogram.record(0.5)

    line = next(
        line
        for line in generate_openmetrics(registry).decode().splitlines()
        if 't_bucket{job="orders",le="1.0"}' in line
    )
    context = span.get_span_context()
    assert f'trace_id="{context.trace_id:032x}"' in line
    assert f'span_id="{context.span_id:016x}"' in line
    assert "} 0.5 " in line


def test_without_the_setting_there_are_no_exemplars(collect):
    meter, registry = collect()
    with TracerProvider().get_tracer("test").start_as_current_span("span"):
        meter.create_histogram("t").record(0.5)

    assert "trace_id" not in generate_openmetrics(registry).decode()


def test_gauges_and_a_counters_exemplar(collect):
    meter, registry = collect(exemplars=True, scope_info=False, target_info=False)
    meter.create_gauge("temperature", unit="Cel").set(21.5)
    counter = meter.create_counter("visits")
    with TracerProvider().get_tracer("test").start_as_current_span("span") as span:
        counter.add(2, {"page": "x" * 120})

    lines = generate_openmetrics(registry).decode().splitlines()
    assert 'temperature_celsius{job="orders"} 21.5' in lines
    (visits,) = [line for line in lines if line.startswith("visits_total")]
    assert f'trace_id="{span.get_span_context().trace_id:032x}"' in visits


def test_an_exemplars_labels_fit_into_what_openmetrics_allows():
    """OpenMetrics 1.0: 128 characters in all."""
    point = NumberDataPoint(
        attributes={},
        start_time_unix_nano=0,
        time_unix_nano=0,
        value=1,
        exemplars=[OtelExemplar({"long": "x" * 130, "short": "y"}, 1, 2_000_000_000)],
    )
    exemplar = latest_exemplar(point.exemplars)

    assert exemplar.labels == {"short": "y"}
    assert exemplar.timestamp == 2.0
    assert latest_exemplar([]) is None


def test_two_scopes_of_one_metric_become_one_family(collect):
    reader = TomodachiPrometheusMetricReader(
        PrometheusSettings(target_info=False, scope_info=True), serve=False
    )
    provider = MeterProvider([reader], resource=RESOURCE)
    for scope in ("a", "b"):
        provider.get_meter(scope).create_counter("n").add(1)
    text = generate_latest(reader.registry).decode()
    provider.shutdown()

    assert text.count("# TYPE n_total counter") == 1
    assert text.count('n_total{job="orders",otel_scope_name=') == 2


@pytest.mark.parametrize("name", ["waits", "waits_total", "waits.total"])
def test_a_counters_name_ends_in_total_once_after_its_unit(collect, name):
    """Source: OpenTelemetry's compatibility with Prometheus and OpenMetrics, "Metric Metadata"."""
    meter, registry = collect(target_info=False, scope_info=False)
    meter.create_counter(name, unit="s").add(1)

    assert 'waits_seconds_total{job="orders"} 1.0' in generate_latest(registry).decode()
