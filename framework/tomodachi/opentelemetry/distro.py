"""The distribution: what `--opentelemetry-instrument` and `opentelemetry-instrument` start with.

`OpenTelemetryDistro` gives the environment its defaults, `OpenTelemetryConfigurator` makes the
providers. Both are found by their entry points.

Source: https://opentelemetry.io/docs/zero-code/python/#distributions
"""

from __future__ import annotations

import os
from typing import Any, ClassVar, Self

from opentelemetry.instrumentation.distro import (  # type: ignore[attr-defined]  # untyped
    BaseDistro,
)

from tomodachi.opentelemetry import providers

DEFAULTS = {
    "OTEL_TRACES_EXPORTER": "none",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
    "OTEL_PYTHON_CONFIGURATOR": "tomodachi",
}
"""Nothing is exported unless it is asked for, and no other configurator is taken."""

_SHORT = {
    "OTEL_TRACER_PROVIDER": "OTEL_PYTHON_TRACER_PROVIDER",
    "OTEL_METER_PROVIDER": "OTEL_PYTHON_METER_PROVIDER",
    "OTEL_LOGGER_PROVIDER": "OTEL_PYTHON_LOGGER_PROVIDER",
    "OTEL_METRIC_READER": "OTEL_PYTHON_METRIC_READER",
}
"""Shorter names of variables that OpenTelemetry for Python reads."""

_PROVIDER, _READER = "OTEL_PYTHON_METER_PROVIDER", "OTEL_PYTHON_METRIC_READER"
_PROMETHEUS = "tomodachi_prometheus"


class OpenTelemetryDistro(BaseDistro):  # type: ignore[misc]  # the base class is untyped
    """Sets defaults for exporters that the environment does not name.

    A Prometheus meter provider becomes a Prometheus reader of the provider that the configurator makes:
    the API would make the former at once, when no service has said its name yet.
    """

    _before: ClassVar[dict[str, str | None]] = {}

    def _configure(self, **kwargs: Any) -> None:
        given = {name: os.environ[short] for short, name in _SHORT.items() if short in os.environ}
        for name, value in (DEFAULTS | given).items():
            if name not in os.environ:
                self._put(name, value)
        if os.environ.get(_PROVIDER) == _PROMETHEUS:
            others = os.environ.get(_READER, "")
            readers = [name for name in others.split(",") if name.strip() not in ("", _PROMETHEUS)]
            self._put(_READER, ",".join([*readers, _PROMETHEUS]))
            self._put(_PROVIDER, None)

    def _put(self, name: str, value: str | None) -> None:
        self._before.setdefault(name, os.environ.pop(name, None))
        if value is not None:
            os.environ[name] = value

    def reset(self) -> None:
        """Give the environment back as it was."""
        while self._before:
            name, value = self._before.popitem()
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


class OpenTelemetryConfigurator:
    """Makes the global providers, once."""

    _instance: ClassVar[OpenTelemetryConfigurator | None] = None
    _configured: ClassVar[bool] = False

    def __new__(cls) -> Self:
        """There is one configurator a process."""
        if not isinstance(cls._instance, cls):
            cls._instance = super().__new__(cls)
        return cls._instance

    def configure(self, **kwargs: Any) -> None:
        """Make the providers that the environment describes; a second call does nothing."""
        if not OpenTelemetryConfigurator._configured:
            OpenTelemetryConfigurator._configured = True
            providers.configure()

    def reset(self) -> None:
        """Forget that this was done, and providers that were to be made when a service starts.

        Providers in force stay so: OpenTelemetry sets them once a process.
        """
        OpenTelemetryConfigurator._configured = False
        providers.forget_waiting()
