from __future__ import annotations

import socket
import urllib.request

import pytest
from opentelemetry.sdk.resources import Resource

from tomodachi.opentelemetry.prometheus import (
    PrometheusSettings,
    TomodachiPrometheusMeterProvider,
    TomodachiPrometheusMetricReader,
)
from tomodachi.opentelemetry.prometheus_server import MetricsAddressError

RESOURCE = Resource({"service.name": "orders"})


def test_the_server_answers_prometheus_and_stops():
    reader = TomodachiPrometheusMetricReader(PrometheusSettings(address="127.0.0.1", port=0))
    provider = TomodachiPrometheusMeterProvider(resource=RESOURCE, reader=reader)
    try:
        provider.get_meter("scope").create_counter("visits").add(2)
        with urllib.request.urlopen(f"http://127.0.0.1:{reader.port}/metrics") as response:
            assert "visits_total{" in response.read().decode()
    finally:
        provider.shutdown()
    assert reader.port is None


def test_the_log_says_where_metrics_are(caplog):
    """0.29.0's line."""
    with caplog.at_level("INFO"):
        reader = TomodachiPrometheusMetricReader(PrometheusSettings(address="127.0.0.1", port=0))
    port = reader.port
    reader.shutdown()
    (record,) = (one for one in caplog.records if one.name == "tomodachi.opentelemetry")
    assert record.getMessage() == "prometheus client started"
    assert record.__dict__["logger.context"] == {
        "listen_url": f"http://localhost:{port}/",
        "listen_host": "127.0.0.1",
        "listen_port": port,
    }


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MetricsAddressError, match=f"cannot serve metrics on 127.0.0.1:{port}"):
            TomodachiPrometheusMetricReader(PrometheusSettings("127.0.0.1", port))


@pytest.mark.parametrize(
    ("variable", "value", "settings"),
    [
        ("OTEL_TOMODACHI_PROMETHEUS_METER_PROVIDER_ADDRESS", "a", {"address": "a"}),
        ("OTEL_TOMODACHI_PROMETHEUS_ADDRESS", "a", {"address": "a"}),
        ("OTEL_PYTHON_EXPORTER_PROMETHEUS_HOST", "a", {"address": "a"}),
        ("OTEL_TOMODACHI_PROMETHEUS_METER_PROVIDER_PORT", "1", {"port": 1}),
        ("OTEL_TOMODACHI_PROMETHEUS_PORT", "1", {"port": 1}),
        ("OTEL_PYTHON_EXPORTER_PROMETHEUS_PORT", "1", {"port": 1}),
        ("OTEL_EXPORTER_PROMETHEUS_NAMESPACE_PREFIX", "p", {"namespace_prefix": "p"}),
        ("OTEL_EXPORTER_PROMETHEUS_INCLUDE_OTEL_SCOPE_INFO", "0", {"scope_info": False}),
        ("OTEL_EXPORTER_PROMETHEUS_INCLUDE_SCOPE_INFO", "0", {"scope_info": False}),
        ("OTEL_EXPORTER_PROMETHEUS_INCLUDE_TARGET_INFO", "0", {"target_info": False}),
        ("OTEL_PYTHON_EXPORTER_PROMETHEUS_EXEMPLARS_ENABLED", "true", {"exemplars": True}),
    ],
)
def test_settings_have_the_further_names_of_the_original(variable, value, settings):
    """Those that 0.29.0 falls back to."""
    assert PrometheusSettings.of({variable: value}) == PrometheusSettings(**settings)


def test_settings_come_from_the_environment_with_general_names_last():
    assert PrometheusSettings.of({}) == PrometheusSettings()
    assert PrometheusSettings.of(
        {
            "OTEL_PYTHON_TOMODACHI_PROMETHEUS_ADDRESS": "0.0.0.0",
            "OTEL_EXPORTER_PROMETHEUS_HOST": "elsewhere",
            "OTEL_EXPORTER_PROMETHEUS_PORT": "9000",
            "OTEL_PYTHON_TOMODACHI_PROMETHEUS_INCLUDE_SCOPE_INFO": "false",
            "OTEL_PYTHON_TOMODACHI_PROMETHEUS_EXEMPLARS_ENABLED": "1",
            "OTEL_PYTHON_TOMODACHI_PROMETHEUS_NAMESPACE_PREFIX": "shop",
        }
    ) == PrometheusSettings("0.0.0.0", 9000, "shop", scope_info=False, exemplars=True)
    with pytest.raises(ValueError, match="PORT must be a port: got 'many'"):
        PrometheusSettings.of({"OTEL_PYTHON_TOMODACHI_PROMETHEUS_PORT": "many"})
