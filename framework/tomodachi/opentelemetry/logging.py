"""Log lines that know their span, and log records handed to OpenTelemetry.

The handler gives every record of the loggers it is put on to the logger provider, through the public
logs API. The fields `span_id`, `trace_id` and `parent_span_id` are added to the lines of our own
loggers, and of structlog's, while a span is being recorded.
"""

from __future__ import annotations

import logging as stdlib
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry._logs import LoggerProvider, SeverityNumber, get_logger_provider
from opentelemetry.context import Context
from opentelemetry.trace import Span

from tomodachi.logging.event import message_of, values_of
from tomodachi.logging.exceptions import exc_info_of

if TYPE_CHECKING:
    import structlog

DEFAULT_LOGGER_NAMES = ("tomodachi", "exception")
"""Standard loggers that are given the handler when everything is instrumented."""

_SEVERITIES = (
    (stdlib.CRITICAL, SeverityNumber.FATAL),
    (stdlib.ERROR, SeverityNumber.ERROR),
    (stdlib.WARNING, SeverityNumber.WARN),
    (stdlib.INFO, SeverityNumber.INFO),
    (stdlib.DEBUG, SeverityNumber.DEBUG),
)


class OpenTelemetryLoggingHandler(stdlib.Handler):
    """Emits records through a logger provider; their values become attributes."""

    def __init__(
        self, level: int = stdlib.NOTSET, logger_provider: LoggerProvider | None = None
    ) -> None:
        super().__init__(level)
        self._provider = logger_provider

    def emit(self, record: stdlib.LogRecord) -> None:
        """Hand one record over."""
        try:
            provider = self._provider or get_logger_provider()
            exc_info = exc_info_of(record.exc_info)
            provider.get_logger(record.name).emit(
                context=_context(),
                timestamp=int(record.created * 1_000_000_000),
                severity_number=severity(record.levelno),
                severity_text=record.levelname,
                body=message_of(record),
                attributes=_attributes(record),
                exception=None if exc_info is None else exc_info[1],
            )
        except Exception:  # noqa: BLE001 - logging's contract: report, never break the caller
            self.handleError(record)


def severity(level: int) -> SeverityNumber:
    """The severity of a standard level.

    Source: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
    """
    for least, number in _SEVERITIES:
        if level >= least:
            return number
    return SeverityNumber.TRACE if level > stdlib.NOTSET else SeverityNumber.UNSPECIFIED


def _attributes(record: stdlib.LogRecord) -> dict[str, Any]:
    values = values_of(record)
    plain = {
        key: value if isinstance(value, str | bool | int | float) else repr(value)
        for key, value in values.items()
        if key not in _SPAN_FIELDS
    }
    return plain | {
        "code.file.path": record.pathname,
        "code.function.name": record.funcName or "",
        "code.line.number": record.lineno,
    }


_SPAN_FIELDS = frozenset(("span_id", "trace_id", "parent_span_id"))


def remember_answered(span: Span | None) -> None:
    """Let lines that follow a span in this task, such as an access log's, belong to it too."""
    _answered.set(span)


_answered: ContextVar[Span | None] = ContextVar("tomodachi.opentelemetry.answered", default=None)


def _span() -> Span | None:
    """The span that a line belongs to: the current one, or the one just answered.

    Also one that is not sampled, or has ended before a task that was begun in it: the line is of that
    trace all the same.
    """
    span = trace.get_current_span()
    return span if span.get_span_context().is_valid else _answered.get()


def _context() -> Context | None:
    span = _span()
    return None if span is None else trace.set_span_in_context(span)


def span_fields() -> dict[str, str]:
    """The ids of a line's span as hexadecimal texts with 0x; empty outside of one."""
    span = _span()
    if span is None:
        return {}
    context = span.get_span_context()
    fields = {
        "span_id": f"0x{trace.format_span_id(context.span_id)}",
        "trace_id": f"0x{trace.format_trace_id(context.trace_id)}",
    }
    parent = getattr(span, "parent", None)
    if parent is not None:
        fields["parent_span_id"] = f"0x{trace.format_span_id(parent.span_id)}"
    return fields


def add_span_fields(
    logger: Any, method_name: str, event_dict: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Processor for structlog: add the ids of the current span to the event."""
    event_dict.update(span_fields())
    return event_dict


def instrument_structlog_logger(logger: structlog.BoundLoggerBase) -> None:
    """Make a logger of structlog's say which span its lines belong to.

    Raises:
        TypeError: its processors cannot be changed.
    """
    processors = _processors(logger)
    if add_span_fields not in processors:
        processors.insert(0, add_span_fields)


def uninstrument_structlog_logger(logger: structlog.BoundLoggerBase) -> None:
    """Undo `instrument_structlog_logger`."""
    processors = _processors(logger)
    if add_span_fields in processors:
        processors.remove(add_span_fields)


def _processors(logger: Any) -> list[Any]:
    processors = getattr(logger, "_processors", None)
    if not isinstance(processors, list):
        msg = (
            f"the processors of {logger!r} cannot be changed: make it of a list of processors, "
            "or add tomodachi.opentelemetry.logging.add_span_fields to them yourself."
        )
        raise TypeError(msg)
    return processors
