"""Metrics for Prometheus to collect, with exemplars: a metric reader, a meter provider and a server.

`OTEL_PYTHON_METER_PROVIDER=tomodachi_prometheus` makes the provider the global one;
`OTEL_PYTHON_METRIC_READER=tomodachi_prometheus` adds the reader to the configured provider. The server
starts with the reader. Exemplars are sent to those who ask in the OpenMetrics format.

Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.metrics import Counter, MeterProvider, ObservableCounter
from opentelemetry.sdk.metrics import Histogram as HistogramInstrument
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricReader, MetricsData
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric as Family

from tomodachi import logging
from tomodachi.helpers.colors import is_yes
from tomodachi.opentelemetry import environment_variables as variables
from tomodachi.opentelemetry.prometheus_families import families
from tomodachi.opentelemetry.prometheus_server import MetricsServer


@dataclass(frozen=True, slots=True)
class PrometheusSettings:
    """Where metrics are served, and what of them.

    Attributes:
        address: Host name or address to listen on.
        port: 0 lets the system choose one.
        namespace_prefix: Put before every metric's name, with an underscore.
        scope_info: Whether the labels `otel_scope_name` and `otel_scope_version` are there, and the
            metric `otel_scope_info`.
        target_info: Whether the resource is there, as the metric `target_info`.
        exemplars: Whether histograms and counters carry exemplars.
    """

    address: str = "localhost"
    port: int = 9464
    namespace_prefix: str = ""
    scope_info: bool = True
    target_info: bool = True
    exemplars: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> PrometheusSettings:
        """The settings that the environment gives.

        Raises:
            ValueError: the port is no number.
        """

        def first(names: Iterable[str], default: str) -> str:
            return next((environ[name] for name in names if environ.get(name)), default)

        port = first(_names(variables.OTEL_PYTHON_TOMODACHI_PROMETHEUS_PORT), "9464")
        if not port.isdecimal():
            msg = f"{variables.OTEL_PYTHON_TOMODACHI_PROMETHEUS_PORT} must be a port: got {port!r}."
            raise ValueError(msg)
        scope = variables.OTEL_PYTHON_TOMODACHI_PROMETHEUS_INCLUDE_SCOPE_INFO
        target = variables.OTEL_PYTHON_TOMODACHI_PROMETHEUS_INCLUDE_TARGET_INFO
        exemplars = variables.OTEL_PYTHON_TOMODACHI_PROMETHEUS_EXEMPLARS_ENABLED
        prefix = variables.OTEL_PYTHON_TOMODACHI_PROMETHEUS_NAMESPACE_PREFIX
        return cls(
            address=first(_names(variables.OTEL_PYTHON_TOMODACHI_PROMETHEUS_ADDRESS), "localhost"),
            port=int(port),
            namespace_prefix=first(_names(prefix), ""),
            scope_info=is_yes(first(_names(scope), "1")),
            target_info=is_yes(first(_names(target), "1")),
            exemplars=is_yes(first(_names(exemplars), "0")),
        )


def _names(variable: str) -> tuple[str, ...]:
    """The variable and the names that it falls back to, those of any Prometheus exporter last."""
    own = variable.removeprefix("OTEL_PYTHON_TOMODACHI_PROMETHEUS_")
    return (
        variable,
        f"OTEL_TOMODACHI_PROMETHEUS_METER_PROVIDER_{own}",
        f"OTEL_TOMODACHI_PROMETHEUS_{own}",
        *(
            f"{prefix}_EXPORTER_PROMETHEUS_{general}"
            for general in _GENERAL.get(own, (own,))
            for prefix in ("OTEL_PYTHON", "OTEL")
        ),
    )


_GENERAL = {
    "ADDRESS": ("HOST",),
    "INCLUDE_SCOPE_INFO": ("INCLUDE_OTEL_SCOPE_INFO", "INCLUDE_SCOPE_INFO"),
}
"""What settings are called for other exporters, where that differs."""


class TomodachiPrometheusMetricReader(MetricReader):
    """Collects metrics when Prometheus asks.

    Args:
        settings: Those of the environment if left out.
        registry: Where the reader registers itself; one of its own if left out.
        serve: Whether a server for the registry is started.
    """

    def __init__(
        self,
        settings: PrometheusSettings | None = None,
        registry: CollectorRegistry | None = None,
        *,
        serve: bool = True,
    ) -> None:
        cumulative = AggregationTemporality.CUMULATIVE
        super().__init__(
            preferred_temporality={
                Counter: cumulative,
                ObservableCounter: cumulative,
                HistogramInstrument: cumulative,
            }
        )
        self._settings = settings or PrometheusSettings.of(os.environ)
        self.registry = registry or CollectorRegistry()
        self._collected: list[Family] = []
        self._server: MetricsServer | None = None
        self.registry.register(_Collector(self))
        if serve:
            settings = self._settings
            self._server = MetricsServer(self.registry, settings.address, settings.port)
            self._announce(settings.address, self._server.port)

    def _announce(self, address: str, port: int) -> None:
        shown = "localhost" if address in ("0.0.0.0", "127.0.0.1") else address  # noqa: S104 - shown
        logging.get_logger("tomodachi.opentelemetry").info(
            "prometheus client started",
            listen_url=f"http://{shown}:{port}/",
            listen_host=address,
            listen_port=port,
        )

    @property
    def port(self) -> int | None:
        """The port that metrics are served on; None if they are not."""
        return None if self._server is None else self._server.port

    def families(self) -> list[Family]:
        """The metrics as they are now."""
        self._collected = []
        self.collect()
        return self._collected

    def _receive_metrics(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> None:
        settings = self._settings
        self._collected = families(
            metrics_data,
            prefix=settings.namespace_prefix,
            scope_info=settings.scope_info,
            target_info=settings.target_info,
            exemplars=settings.exemplars,
        )

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.stop()
            self._server = None


class _Collector:
    def __init__(self, reader: TomodachiPrometheusMetricReader) -> None:
        self._reader = reader

    def describe(self) -> list[Family]:
        # Asked for at registration, when there is no provider to collect from yet.
        return []

    def collect(self) -> list[Family]:
        return self._reader.families()


class TomodachiPrometheusMeterProvider(MeterProvider):
    """A meter provider with the Prometheus reader.

    Args:
        resource: Described by `target_info`; made of the environment if left out.
        reader: The reader; one made of the environment's settings if left out.
    """

    def __init__(
        self,
        resource: Resource | None = None,
        reader: TomodachiPrometheusMetricReader | None = None,
    ) -> None:
        self.reader = reader or TomodachiPrometheusMetricReader()
        super().__init__(metric_readers=[self.reader], resource=resource or Resource.create())
