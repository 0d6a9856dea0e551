from __future__ import annotations

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from tomodachi.opentelemetry import ComponentNotFoundError, providers


def test_exporters_are_found_by_the_names_in_the_environment():
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter

    group = "opentelemetry_traces_exporter"
    variable = "OTEL_TRACES_EXPORTER"
    assert providers.exporters(variable, group, {variable: "console, none"}) == [
        ConsoleSpanExporter
    ]
    assert providers.exporters(variable, group, {}) == []


@pytest.mark.parametrize(
    "variable", ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"]
)
def test_the_protocol_in_the_environment_chooses_the_otlp_exporter(variable):
    """Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/."""
    environ = {"OTEL_TRACES_EXPORTER": "otlp", variable: "http/protobuf"}

    assert providers.exporters(
        "OTEL_TRACES_EXPORTER", "opentelemetry_traces_exporter", environ
    ) == [OTLPSpanExporter]


def test_an_exporter_that_is_not_installed_is_named():
    """The default protocol of the SDK for Python is gRPC."""
    named = "OTEL_TRACES_EXPORTER names 'otlp_proto_grpc'"
    with pytest.raises(ComponentNotFoundError, match=named):
        providers.exporters(
            "OTEL_TRACES_EXPORTER",
            "opentelemetry_traces_exporter",
            {"OTEL_TRACES_EXPORTER": "otlp"},
        )


def test_metric_exporters_export_periodically():
    (reader,) = providers.metric_readers({"OTEL_METRICS_EXPORTER": "console"})
    try:
        assert isinstance(reader, PeriodicExportingMetricReader)
    finally:
        reader.shutdown()


def test_without_a_name_in_the_environment_the_first_service_names_the_resource(made):
    providers.configure({})
    assert made == []
    providers.configure_for_service("orders", "uuid-1")
    providers.configure_for_service("second", "uuid-2")

    (attributes,) = made
    assert attributes["service.name"] == "orders"
    assert attributes["service.instance.id"] == "uuid-1"


@pytest.mark.parametrize("name", ["service", "app", ""])
def test_a_service_whose_name_says_nothing_does_not_name_it(made, name):
    providers.configure({})
    providers.configure_for_service(name, "uuid-1")

    assert made[0]["service.name"].startswith("unknown_service")


@pytest.mark.parametrize(
    "environ",
    [{"OTEL_SERVICE_NAME": "given"}, {"OTEL_RESOURCE_ATTRIBUTES": "a=b, service.name=given"}],
)
def test_a_name_in_the_environment_is_taken_at_once(made, monkeypatch, environ):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    providers.configure()

    assert made[0]["service.name"] == "given"


def test_providers_share_one_resource_and_have_the_exporters_asked_for(monkeypatch):
    found: dict[str, object] = {}
    for kind, module in (
        ("tracer", providers.trace),
        ("meter", providers.metrics),
        ("logger", providers),
    ):
        name = f"set_{kind}_provider"
        monkeypatch.setattr(module, name, lambda made, kind=kind: found.update({kind: made}))
    resource = Resource({"service.name": "orders"})
    providers.set_providers(
        resource, {"OTEL_TRACES_EXPORTER": "console", "OTEL_LOGS_EXPORTER": "console"}
    )
    for made in found.values():
        made.shutdown()

    assert list(found) == ["tracer", "meter", "logger"]
    assert found["tracer"].resource is resource
    assert found["logger"].resource is resource


def test_a_meter_provider_of_the_environments_is_left_to_the_api(monkeypatch):
    found: list[object] = []
    monkeypatch.setattr(providers.trace, "set_tracer_provider", found.append)
    monkeypatch.setattr(providers, "set_logger_provider", found.append)
    monkeypatch.setattr(providers.metrics, "set_meter_provider", pytest.fail)
    providers.set_providers(Resource({}), {"OTEL_PYTHON_METER_PROVIDER": "sdk_meter_provider"})
    for made in found:
        made.shutdown()

    assert len(found) == 2
