from __future__ import annotations

import os

from tomodachi.opentelemetry import providers
from tomodachi.opentelemetry.distro import DEFAULTS, OpenTelemetryConfigurator, OpenTelemetryDistro


def test_the_distro_gives_defaults_that_reset_takes_back(monkeypatch):
    monkeypatch.delenv("OTEL_METRICS_EXPORTER", raising=False)
    monkeypatch.delenv("OTEL_LOGS_EXPORTER", raising=False)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    distro = OpenTelemetryDistro()
    assert OpenTelemetryDistro() is distro
    distro.configure()
    assert {name: os.environ[name] for name in DEFAULTS} == {
        "OTEL_TRACES_EXPORTER": "console",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_PYTHON_CONFIGURATOR": "tomodachi",
    }
    distro.reset()

    assert os.environ["OTEL_TRACES_EXPORTER"] == "console"
    assert "OTEL_METRICS_EXPORTER" not in os.environ


def test_the_distro_makes_the_prometheus_provider_a_reader(monkeypatch):
    monkeypatch.setenv("OTEL_PYTHON_METER_PROVIDER", "tomodachi_prometheus")
    monkeypatch.setenv("OTEL_PYTHON_METRIC_READER", "other,tomodachi_prometheus")
    distro = OpenTelemetryDistro()
    distro.configure()
    assert os.environ["OTEL_PYTHON_METRIC_READER"] == "other,tomodachi_prometheus"
    assert "OTEL_PYTHON_METER_PROVIDER" not in os.environ
    distro.reset()

    assert os.environ["OTEL_PYTHON_METER_PROVIDER"] == "tomodachi_prometheus"


def test_the_distro_reads_shorter_names_of_providers_and_readers_too(monkeypatch):
    """As 0.29.0, unless the longer one is there."""
    monkeypatch.setenv("OTEL_METER_PROVIDER", "tomodachi_prometheus")
    monkeypatch.setenv("OTEL_METRIC_READER", "other")
    monkeypatch.setenv("OTEL_TRACER_PROVIDER", "short")
    monkeypatch.setenv("OTEL_PYTHON_TRACER_PROVIDER", "long")
    distro = OpenTelemetryDistro()
    distro.configure()
    assert os.environ["OTEL_PYTHON_METRIC_READER"] == "other,tomodachi_prometheus"
    assert os.environ["OTEL_PYTHON_TRACER_PROVIDER"] == "long"
    distro.reset()

    assert "OTEL_PYTHON_METRIC_READER" not in os.environ
    assert "OTEL_PYTHON_METER_PROVIDER" not in os.environ


def test_the_configurator_configures_once_until_it_is_reset(made):
    configurator = OpenTelemetryConfigurator()
    assert OpenTelemetryConfigurator() is configurator
    configurator.reset()
    configurator.configure(auto_instrumentation_version="1")
    configurator.configure()
    providers.configure_for_service("orders", "")
    assert len(made) == 1
    configurator.reset()
    configurator.configure()
    configurator.reset()
    providers.configure_for_service("orders", "")

    assert len(made) == 1
