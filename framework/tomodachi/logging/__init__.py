"""Structured logging for services, on top of the standard library's `logging`.

    from tomodachi import logging
    logging.get_logger("orders").info("order placed", order_id=17)

Loggers and bound values are in `logger.py` and `context.py`, how lines look in `formatters.py`, where
they go in `handlers.py`, users' own loggers in `custom.py`.
"""

from __future__ import annotations

from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, NOTSET, WARN, WARNING
from typing import Any

from tomodachi.logging import custom as _custom
from tomodachi.logging import handlers as _handlers
from tomodachi.logging.context import (
    LoggerContext,
    bind_logger,
    get_context,
    reset_context,
)
from tomodachi.logging.custom import (
    CustomLoggerFormatter,
    InvalidLoggerFactory,
    set_custom_logger_factory,
)
from tomodachi.logging.enrichment import add_enricher, remove_enricher
from tomodachi.logging.event import RENAME_KEYS, STD_LOGGER_FIELDS
from tomodachi.logging.exceptions import (
    MAX_STACKTRACE_DEPTH,
    add_exception_info,
    add_stacktrace_info,
)
from tomodachi.logging.formatters import (
    CONSOLE_QUOTE_KEYS,
    DEFAULT_FORMAT,
    ConsoleFormatter,
    DisabledFormatter,
    JSONFormatter,
    NoColorConsoleFormatter,
    PythonLoggingFormatter,
)
from tomodachi.logging.handlers import (
    DefaultHandler,
    DefaultRootLoggerHandler,
    InvalidLoggerType,
    StderrHandler,
    configure,
    remove_handlers,
    set_default_formatter,
)
from tomodachi.logging.levels import level_number
from tomodachi.logging.logger import Logger, get_logger
from tomodachi.logging.protocol import LoggerProtocol

getLogger = get_logger  # noqa: N816 - the standard library's spelling

__all__ = [
    "CONSOLE_QUOTE_KEYS",
    "CRITICAL",
    "DEBUG",
    "DEFAULT_FORMAT",
    "ERROR",
    "FATAL",
    "INFO",
    "MAX_STACKTRACE_DEPTH",
    "NOTSET",
    "RENAME_KEYS",
    "STD_LOGGER_FIELDS",
    "WARN",
    "WARNING",
    "ConsoleFormatter",
    "CustomLoggerFormatter",
    "DefaultHandler",
    "DefaultRootLoggerHandler",
    "DisabledFormatter",
    "InvalidLoggerFactory",
    "InvalidLoggerType",
    "JSONFormatter",
    "Logger",
    "LoggerContext",
    "LoggerProtocol",
    "NoColorConsoleFormatter",
    "PythonLoggingFormatter",
    "StderrHandler",
    "add_enricher",
    "add_exception_info",
    "add_stacktrace_info",
    "bind_logger",
    "configure",
    "getLogger",
    "get_context",
    "get_logger",
    "level_number",
    "remove_enricher",
    "remove_handlers",
    "reset_context",
    "set_custom_logger_factory",
    "set_default_formatter",
]


def __getattr__(name: str) -> Any:
    """`TOMODACHI_LOGGER_TYPE` and `TOMODACHI_CUSTOM_LOGGER`: what is chosen now."""
    if name == "TOMODACHI_LOGGER_TYPE":
        return _handlers.TOMODACHI_LOGGER_TYPE
    if name == "TOMODACHI_CUSTOM_LOGGER":
        return _custom.TOMODACHI_CUSTOM_LOGGER
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
