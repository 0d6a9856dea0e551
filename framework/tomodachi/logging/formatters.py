"""How a log line looks: console, JSON, the standard library's way, or not at all.

A formatter takes any record, of our loggers or foreign, and gives text; "" means that nothing is to be
written. A `LineFormatter` makes its lines of what a record holds, with or without a record. Which one
is in force is decided in `handlers.py`; custom loggers are in `custom.py`.
"""

from __future__ import annotations

import json
import logging
from abc import abstractmethod
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from tomodachi.helpers.colors import BLUE, BOLD, CYAN, DIM, GREEN, MAGENTA, RED, RESET, YELLOW
from tomodachi.logging.event import CONTEXT_ATTRIBUTE, message_of, printable, timestamp, values_of
from tomodachi.logging.exceptions import details, exc_info_of, summary
from tomodachi.logging.levels import level_name

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


class LineFormatter(logging.Formatter):
    """A formatter that needs no record: `format` prints a record without exception as `line` does."""

    @abstractmethod
    def line(
        self, created: float, name: str, level: int, message: str, values: Mapping[str, Any]
    ) -> str:
        """A line without exception and stack.

        Args:
            created: Unix seconds.
            name: The logger's.
            level: Its number.
            message: May be empty.
            values: In the order they are printed.
        """


class _TextFormatter(LineFormatter):
    """A head, and values behind it; a traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        values = printable(values_of(record))
        exc_info = exc_info_of(record.exc_info)
        if exc_info is not None:
            values = _without(exc_info[1], values) | summary(exc_info)
        line = self.line(record.created, record.name, record.levelno, message_of(record), values)
        return "\n".join([line, *_tail(self, record)])


class _ConsoleFormatter(_TextFormatter):
    """`<timestamp> [level    ] message [logger] key=value ...`, in colour."""

    def line(
        self, created: float, name: str, level: int, message: str, values: Mapping[str, Any]
    ) -> str:
        level_text = level_name(level)
        time, values = _time(created, values)
        shown = [
            f" {CYAN}{key}{RESET}={MAGENTA}{value}{RESET}"
            for key, value in zip(values, _shown_values(values), strict=True)
        ]
        return (
            f"{DIM}{time}{RESET} "
            f"[{_LEVEL_COLORS.get(level_text, '')}{BOLD}{level_text:<9}{RESET}] "
            f"{BOLD}{message:<30}{RESET} [{BOLD}{BLUE}{name}{RESET}]{''.join(shown)}"
        )


class _NoColorConsoleFormatter(_TextFormatter):
    """`<timestamp> [level    ] message [logger] key=value ...`."""

    def line(
        self, created: float, name: str, level: int, message: str, values: Mapping[str, Any]
    ) -> str:
        time, values = _time(created, values)
        shown = map(" {}={}".format, values, _shown_values(values))
        return f"{_head(time, name, level, message)}{''.join(shown)}"


class _PythonLoggingFormatter(_TextFormatter):
    """`DEFAULT_FORMAT` with ISO timestamps and small letters; values are not printed."""

    def __init__(self) -> None:
        super().__init__(DEFAULT_FORMAT)

    def line(
        self, created: float, name: str, level: int, message: str, values: Mapping[str, Any]
    ) -> str:
        return _head(timestamp(created), name, level, message)


def _time(created: float, values: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """The time of a line, which may be among its values, and the other values."""
    if "timestamp" not in values:
        return timestamp(created), values
    return values["timestamp"], {k: v for k, v in values.items() if k != "timestamp"}


def _head(time: str, name: str, level: int, message: str) -> str:
    return f"{time} [{level_name(level):<9}] {message:<30} [{name}]"


def _without(error: BaseException, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a line without its exception, which may be one of them."""
    return {key: value for key, value in values.items() if value is not error}


def _shown_values(values: Mapping[str, Any]) -> list[Any]:
    return [
        _linked(str(value))
        if key in CONSOLE_QUOTE_KEYS
        else value
        if type(value) in _PLAIN
        else _safe(value)
        for key, value in values.items()
    ]


def _linked(place: str) -> str:
    return place if place.startswith("<") or not place else f"<{place}>"


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


class _JSONFormatter(LineFormatter):
    """One JSON object a line: timestamp, logger, level, message, then the values."""

    def format(self, record: logging.LogRecord) -> str:
        values = printable(values_of(record))
        exc_info = exc_info_of(record.exc_info)
        if exc_info is not None:
            values = _without(exc_info[1], values) | details(exc_info)
        if record.stack_info:
            values = {**values, "stack": record.stack_info}
        # What a logger of ours was given as message is told as what it is.
        given = record.msg if CONTEXT_ATTRIBUTE in record.__dict__ else None
        plain = given is None or isinstance(given, str | BaseException)
        message = _quoted(message_of(record)) if plain else _encoded(given)
        return _object(record.created, record.name, record.levelno, message, values)

    def line(
        self, created: float, name: str, level: int, message: str, values: Mapping[str, Any]
    ) -> str:
        return _object(created, name, level, _quoted(message), values)


def _object(created: float, name: str, level: int, message: str, values: Mapping[str, Any]) -> str:
    """A line as a JSON object; `message` is encoded already."""
    time, values = _time(created, values)
    stamp = f'"{time}"' if type(time) is str else _encoded(time)
    return f'{{"timestamp": {stamp}{_SOURCES[name, level]}{message}{_members(values)}}}'


def _members(values: Mapping[str, Any]) -> str:
    # By hand, because the encoder takes half as long again for the same few texts and numbers.
    parts = []
    for key, value in values.items():
        parts.append(_NAMES[key])
        parts.append(_quoted(value) if type(value) is str else _ENCODERS[type(value)](value))
    return "".join(parts)


class _LineSources(dict[tuple[str, int], str]):
    """Logger and level as they stand in a line, kept while there are not too many of them."""

    def __missing__(self, key: tuple[str, int]) -> str:
        name, level = key
        encoded = f', "logger": {_quoted(name)}, "level": {_quoted(level_name(level))}, "message": '
        if len(self) < _KEPT:
            self[key] = encoded
        return encoded


class _MemberNames(dict[str, str]):
    """Names of values as they stand in a line, kept while there are not too many of them."""

    def __missing__(self, name: str) -> str:
        encoded = f", {_quoted(str(name))}: "
        if len(self) < _KEPT:
            self[name] = encoded
        return encoded


class _ValueEncoders(dict[type, Callable[[Any], str]]):
    """What encodes values of a type."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        return _encoded


def _encoded(value: Any) -> str:
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError):
        return _encode(_safe(value))


_KEPT = 1_000
_SOURCES = _LineSources()
_NAMES = _MemberNames()
_ENCODERS = _ValueEncoders({str: _quoted, int: int.__repr__})
# A value that contains itself ends in RecursionError all the same.
_encode: Callable[[Any], str] = json.JSONEncoder(default=_safe, check_circular=False).encode


class _DisabledFormatter(LineFormatter):
    """Nothing is written."""

    def format(self, record: logging.LogRecord) -> str:
        return ""

    def line(
        self, created: float, name: str, level: int, message: str, values: Mapping[str, Any]
    ) -> str:
        return ""


ConsoleFormatter: LineFormatter = _ConsoleFormatter()
NoColorConsoleFormatter: LineFormatter = _NoColorConsoleFormatter()
JSONFormatter: LineFormatter = _JSONFormatter()
PythonLoggingFormatter: LineFormatter = _PythonLoggingFormatter()
DisabledFormatter: LineFormatter = _DisabledFormatter()
