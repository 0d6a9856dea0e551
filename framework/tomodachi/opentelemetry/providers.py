"""Providers as the environment describes them: which exporters, readers and resource.

`OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER` and `OTEL_LOGS_EXPORTER` name exporters, which are found
by their entry points; `OTEL_PYTHON_METRIC_READER` names metric readers. Samplers, limits and batches
are read from the environment by the SDK itself. When nothing names the service, the providers are made
once the first service is about to start, which then does.

Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from tomodachi.opentelemetry.environment_variables import OTEL_PYTHON_METRIC_READER
from tomodachi.opentelemetry.errors import ComponentNotFoundError

UNTOLD_NAMES = ("", "service", "app")
"""Names of services that say nothing, and are not made the name of a resource."""

_OTLP = {"grpc": "otlp_proto_grpc", "http/protobuf": "otlp_proto_http"}

_waiting: list[Callable[[Mapping[str, str]], None]] = []


def configure(environ: Mapping[str, str] | None = None) -> None:
    """Make the global providers, or have them made by the first service if nothing names it."""
    env = dict(os.environ if environ is None else environ)

    def make(service: Mapping[str, str]) -> None:
        set_providers(Resource.create(dict(service)), env)

    if service_is_named(env):
        make({})
    else:
        _waiting.append(make)


def configure_for_service(name: str, uuid: str) -> None:
    """Make the providers that wait for a service, as one of this name and id."""
    while _waiting:
        told = {} if name in UNTOLD_NAMES else {"service.name": name}
        _waiting.pop()({**told, **({"service.instance.id": uuid} if uuid else {})})


def forget_waiting() -> None:
    """Make no providers when a service starts."""
    _waiting.clear()


def service_is_named(environ: Mapping[str, str]) -> bool:
    """Whether the environment says what the service is called."""
    keys = [
        part.partition("=")[0] for part in environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    ]
    return bool(environ.get("OTEL_SERVICE_NAME")) or "service.name" in map(str.strip, keys)


def set_providers(resource: Resource, environ: Mapping[str, str]) -> None:
    """Make tracer, meter and logger provider and put them in force for the process.

    Raises:
        ComponentNotFoundError: an exporter or reader is not installed.
    """
    tracers = TracerProvider(resource=resource)
    for exporter in exporters("OTEL_TRACES_EXPORTER", "opentelemetry_traces_exporter", environ):
        tracers.add_span_processor(BatchSpanProcessor(exporter()))
    trace.set_tracer_provider(tracers)

    if not environ.get("OTEL_PYTHON_METER_PROVIDER"):
        readers = metric_readers(environ)
        metrics.set_meter_provider(MeterProvider(metric_readers=readers, resource=resource))

    loggers = LoggerProvider(resource=resource)
    for exporter in exporters("OTEL_LOGS_EXPORTER", "opentelemetry_logs_exporter", environ):
        loggers.add_log_record_processor(BatchLogRecordProcessor(exporter()))
    set_logger_provider(loggers)


def metric_readers(environ: Mapping[str, str]) -> list[MetricReader]:
    """Readers that export periodically, and those that are asked."""
    group = "opentelemetry_metrics_exporter"
    readers: list[MetricReader] = []
    for made in exporters("OTEL_METRICS_EXPORTER", group, environ):
        # An entry point of this group may be a reader itself.
        one = made()
        readers.append(one if isinstance(one, MetricReader) else PeriodicExportingMetricReader(one))
    variable, group = OTEL_PYTHON_METRIC_READER, "opentelemetry_metric_reader"
    return [*readers, *(reader() for reader in exporters(variable, group, environ))]


def exporters(variable: str, group: str, environ: Mapping[str, str]) -> list[Callable[[], Any]]:
    """The classes that an environment variable names, by their entry points in `group`.

    Raises:
        ComponentNotFoundError: one is not installed.
    """
    names = [name.strip() for name in environ.get(variable, "").split(",")]
    return [
        _load(variable, _with_protocol(name, variable, environ), group)
        for name in names
        if name and name.lower() != "none"
    ]


def _with_protocol(name: str, variable: str, environ: Mapping[str, str]) -> str:
    if name != "otlp":
        return name
    signal = variable.removeprefix("OTEL_").removesuffix("_EXPORTER")
    protocol = (
        environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL")
        or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        or "grpc"
    )
    return _OTLP.get(protocol.strip(), name)


def _load(variable: str, name: str, group: str) -> Callable[[], Any]:
    for entry_point in entry_points(group=group, name=name):
        found: Callable[[], Any] = entry_point.load()
        return found
    raise ComponentNotFoundError(variable, name, group)
