"""The instrumentor: makes services traced, measured and logged to OpenTelemetry, and undoes it.

Transports look for attributes of the service and call what they find around each request, message and
scheduled call. The instrumentor sets them on the class of all services, or on one instance.

Source: https://opentelemetry-python-contrib.readthedocs.io/en/latest/instrumentation/base/instrumentor.html
"""

from __future__ import annotations

import logging as stdlib
import os
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from opentelemetry import metrics, trace
from opentelemetry._logs import LoggerProvider, get_logger_provider
from opentelemetry.instrumentation.instrumentor import (  # type: ignore[attr-defined]  # untyped
    BaseInstrumentor,
)
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider
from opentelemetry.util.http import ExcludeList, parse_excluded_urls

import tomodachi
from tomodachi.logging.enrichment import add_enricher, remove_enricher
from tomodachi.opentelemetry import environment_variables as variables
from tomodachi.opentelemetry import logging as otel_logging
from tomodachi.opentelemetry.http import HTTPTracing
from tomodachi.opentelemetry.messaging import AMQPTracing, SQSTracing
from tomodachi.opentelemetry.providers import configure_for_service
from tomodachi.opentelemetry.publishing import TRACER_ATTRIBUTE, PublishTracing
from tomodachi.opentelemetry.schedule import ScheduleTracing

if TYPE_CHECKING:
    import structlog

SCOPE = "tomodachi"
_EXCLUDED_URLS = (
    variables.OTEL_PYTHON_TOMODACHI_EXCLUDED_URLS,
    variables.OTEL_PYTHON_AIOHTTP_EXCLUDED_URLS,
    "OTEL_PYTHON_EXCLUDED_URLS",
)
_HOOK = "_opentelemetry__post_init_hook"
_NAMES = (
    "_aiohttp_pre_middleware",
    "_awssnssqs_message_pre_middleware",
    "_amqp_message_pre_middleware",
    "_schedule_pre_middleware",
    TRACER_ATTRIBUTE,
)


class TomodachiInstrumentor(BaseInstrumentor):  # type: ignore[misc]  # the base class is untyped
    """Instruments every service of the process by `instrument()`, or one by `instrument_service()`."""

    _publishing: ClassVar[PublishTracing] = PublishTracing()
    _handlers: ClassVar[dict[str | None, otel_logging.OpenTelemetryLoggingHandler]] = {}

    def instrumentation_dependencies(self) -> Collection[str]:
        """Nothing has to be installed beside the runtime itself."""
        return ()

    def _instrument(self, **options: Any) -> None:
        """Instrument all services, those that exist and those to come.

        Args:
            options: `tracer_provider`, `meter_provider`, `logger_provider` (the global ones if left
                out) and `excluded_urls` (comma-separated regular expressions).
        """
        attributes = _attributes(
            options.get("tracer_provider"),
            options.get("meter_provider"),
            options.get("excluded_urls"),
        )
        for name, value in attributes.items():
            setattr(tomodachi.Service, name, value)
        setattr(tomodachi.Service, _HOOK, _before_start)
        self._publishing.install()
        self.instrument_logging(
            list(otel_logging.DEFAULT_LOGGER_NAMES), options.get("logger_provider")
        )
        add_enricher(otel_logging.span_fields)

    def _uninstrument(self, **options: Any) -> None:
        for name in (*_NAMES, _HOOK):
            if name in tomodachi.Service.__dict__:
                delattr(tomodachi.Service, name)
        self._publishing.uninstall()
        self.uninstrument_logging(list(self._handlers))
        remove_enricher(otel_logging.span_fields)

    # --- one service ----------------------------------------------------------------------------

    @classmethod
    def instrument_service(
        cls,
        service: tomodachi.Service,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        excluded_urls: str | None = None,
    ) -> None:
        """Instrument one service instance; has to be called before it starts."""
        for name, value in _attributes(tracer_provider, meter_provider, excluded_urls).items():
            setattr(service, name, value)
        cls._publishing.install()

    @staticmethod
    def uninstrument_service(service: tomodachi.Service) -> None:
        """Leave one service instance uninstrumented, whatever its class is."""
        for name in _NAMES:
            setattr(service, name, None)

    # --- logs -----------------------------------------------------------------------------------

    @classmethod
    def instrument_logging(
        cls,
        names: str | Iterable[str | None] | None,
        logger_provider: LoggerProvider | None = None,
        log_level: int = stdlib.NOTSET,
    ) -> None:
        """Hand the records of these standard loggers (None is the root) to a logger provider."""
        for name in _listed(names):
            if name not in cls._handlers:
                handler = otel_logging.OpenTelemetryLoggingHandler(log_level, logger_provider)
                stdlib.getLogger(name).addHandler(handler)
                cls._handlers[name] = handler

    @classmethod
    def uninstrument_logging(cls, names: str | Iterable[str | None] | None) -> None:
        """Undo `instrument_logging` for these loggers."""
        for name in _listed(names):
            handler = cls._handlers.pop(name, None)
            if handler is not None:
                stdlib.getLogger(name).removeHandler(handler)

    @staticmethod
    def instrument_structlog_logger(logger: structlog.BoundLoggerBase) -> None:
        """Make a logger's lines say which span they belong to."""
        if isinstance(logger, tomodachi.Logger):
            add_enricher(otel_logging.span_fields)
        else:
            otel_logging.instrument_structlog_logger(logger)

    @staticmethod
    def uninstrument_structlog_logger(logger: structlog.BoundLoggerBase) -> None:
        """Undo `instrument_structlog_logger`."""
        if isinstance(logger, tomodachi.Logger):
            remove_enricher(otel_logging.span_fields)
        else:
            otel_logging.uninstrument_structlog_logger(logger)

    # --- providers ------------------------------------------------------------------------------

    @staticmethod
    def _logger_provider() -> LoggerProvider:
        return get_logger_provider()


def _attributes(
    tracer_provider: TracerProvider | None,
    meter_provider: MeterProvider | None,
    excluded_urls: str | None,
) -> dict[str, Any]:
    version = tomodachi.__version__
    tracer = trace.get_tracer(SCOPE, version, tracer_provider)
    meter = metrics.get_meter(SCOPE, version, meter_provider)
    return {
        "_aiohttp_pre_middleware": HTTPTracing(tracer, meter, _excluded(excluded_urls)),
        "_awssnssqs_message_pre_middleware": [SQSTracing(tracer, meter)],
        "_amqp_message_pre_middleware": [AMQPTracing(tracer, meter)],
        "_schedule_pre_middleware": ScheduleTracing(tracer, meter),
        TRACER_ATTRIBUTE: tracer,
    }


def _excluded(given: str | None) -> ExcludeList:
    found = given
    for name in _EXCLUDED_URLS:
        found = found if found is not None else os.environ.get(name)
    return parse_excluded_urls(found or "")


def _listed(names: str | Iterable[str | None] | None) -> list[str | None]:
    return [names] if names is None or isinstance(names, str) else list(names)


def _before_start(service: tomodachi.Service) -> None:
    configure_for_service(service.name, service.uuid)
