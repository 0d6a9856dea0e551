"""How a log line looks: console, JSON, the standard library's way, or not at all.

A formatter takes any record, of our loggers or foreign, and gives text; "" means that nothing is to be
written. Which one is in force is decided in `handlers.py`; custom loggers are in `custom.py`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from tomodachi.helpers.colors import BLUE, BOLD, CYAN, DIM, GREEN, MAGENTA, RED, RESET, YELLOW
from tomodachi.logging.event import message_of, timestamp, values_of
from tomodachi.logging.exceptions import details, exc_info_of, summary

DEFAULT_FORMAT = "%(asctime)s [%(levelname)-9s] %(message)-30s [%(name)s]"
"""The `%`-format of `PythonLoggingFormatter`."""

CONSOLE_QUOTE_KEYS = frozenset(
    ("tb_location", "error_location", "tb_filename", "co_filename", "co_location", "error_filename")
)
"""Keys whose value is printed as `<value>`, so that terminals do not make it part of a longer link."""

_LEVEL_COLORS = {
    "critical": RED,
    "error": RED,
    "warning": YELLOW,
    "info": GREEN,
    "debug": GREEN,
    "notset": RED,
}
_LEVEL_NAMES = {
    number: logging.getLevelName(number).lower()
    for number in (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)
}


def level_name(record: logging.LogRecord) -> str:
    """The level in small letters."""
    return _LEVEL_NAMES.get(record.levelno) or record.levelname.lower()


class _ConsoleFormatter(logging.Formatter):
    """`<timestamp> [level    ] message [logger] key=value ...`, a traceback below."""

    def __init__(self, *, colors: bool) -> None:
        super().__init__()
        self._head = _colored_head if colors else _plain_head
        self._pair = (
            f" {CYAN}{{}}{RESET}={MAGENTA}{{}}{RESET}".format if colors else " {}={}".format
        )

    def format(self, record: logging.LogRecord) -> str:
        values = values_of(record)
        exc_info = exc_info_of(record.exc_info)
        if exc_info is not None:
            values = {**values, **summary(exc_info)}
        head = self._head(
            timestamp(record.created), level_name(record), message_of(record), record.name
        )
        line = head + "".join(map(self._pair, values, _shown_values(values)))
        return "\n".join([line, *_tail(self, record)])


def _plain_head(time: str, level: str, message: str, name: str) -> str:
    return f"{time} [{level:<9}] {message:<30} [{name}]"


def _colored_head(time: str, level: str, message: str, name: str) -> str:
    color = _LEVEL_COLORS.get(level, "")
    return (
        f"{DIM}{time}{RESET} [{color}{BOLD}{level:<9}{RESET}] {BOLD}{message:<30}{RESET} "
        f"[{BOLD}{BLUE}{name}{RESET}]"
    )


def _shown_values(values: Mapping[str, Any]) -> list[Any]:
    return [
        f"<{value}>"
        if key in CONSOLE_QUOTE_KEYS
        else value
        if type(value) in _PLAIN
        else _safe(value)
        for key, value in values.items()
    ]


_PLAIN = frozenset((str, int, float, bool))


def _safe(value: Any) -> str:
    try:
        return value if isinstance(value, str) else repr(value)
    except Exception as error:  # noqa: BLE001 - a log line must come out whatever __repr__ does
        return f"<unprintable {type(value).__name__}: {type(error).__name__} in __repr__>"


def _tail(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    tail = []
    exc_info = exc_info_of(record.exc_info)
    if exc_info is not None:
        tail.append(formatter.formatException(exc_info))
    elif record.exc_text:
        tail.append(record.exc_text)
    if record.stack_info:
        tail.append(formatter.formatStack(record.stack_info))
    return tail


class _JSONFormatter(logging.Formatter):
    """One JSON object a line: timestamp, logger, level, message, then the values."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": timestamp(record.created),
            "logger": record.name,
            "level": level_name(record),
            "message": message_of(record),
            **values_of(record),
        }
        exc_info = exc_info_of(record.exc_info)
        if exc_info is not None:
            line |= details(exc_info)
        if record.stack_info:
            line["stack_info"] = record.stack_info
        try:
            return _encode(line)
        except (TypeError, ValueError, RecursionError):
            return _encode({str(key): _json_safe(value) for key, value in line.items()})


_encode: Callable[[Any], str] = json.JSONEncoder(default=_safe).encode


def _json_safe(value: Any) -> Any:
    try:
        _encode(value)
    except (TypeError, ValueError, RecursionError):
        return _safe(value)
    return value


class _PythonLoggingFormatter(logging.Formatter):
    """`DEFAULT_FORMAT` with ISO timestamps and small letters; values are not printed."""

    def __init__(self, fmt: str | None = DEFAULT_FORMAT, **options: Any) -> None:
        super().__init__(fmt, **options)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - the standard library's name
        return super().formatTime(record, datefmt) if datefmt else timestamp(record.created)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        return self._style._fmt % {**record.__dict__, "levelname": level_name(record)}


class _DisabledFormatter(logging.Formatter):
    """Nothing is written."""

    def format(self, record: logging.LogRecord) -> str:
        return ""


ConsoleFormatter: logging.Formatter = _ConsoleFormatter(colors=True)
NoColorConsoleFormatter: logging.Formatter = _ConsoleFormatter(colors=False)
JSONFormatter: logging.Formatter = _JSONFormatter()
PythonLoggingFormatter: logging.Formatter = _PythonLoggingFormatter()
DisabledFormatter: logging.Formatter = _DisabledFormatter()
