"""An exception as fields of a log line: its type, text, place and stack.

The names of the fields are those that log searches are written against. Locations are relative to the
working directory when the file is below it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

MAX_STACKTRACE_DEPTH = 50
"""Innermost frames that are kept in the field `stacktrace`."""

EXCEPTION_KEYS = ("exception", "exc", "error", "message")
"""Values of these names that are exceptions become the exception of their line."""

_UNKNOWN = "<unknown>"

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def exc_info_of(value: Any) -> ExcInfo | None:
    """The triple for True, an exception or a triple; None when no exception is meant."""
    if isinstance(value, BaseException):
        return type(value), value, value.__traceback__
    found = value if isinstance(value, tuple) else sys.exc_info() if value else (None, None, None)
    return found if found[0] is not None and found[1] is not None else None


def summary(exc_info: ExcInfo) -> dict[str, Any]:
    """What was raised and where: the fields of a console line."""
    kind, error, traceback = exc_info
    module = function = place = _UNKNOWN
    frames = list(_frames(traceback))
    if frames:
        code, module, line = frames[-1]
        function, place = code.co_qualname, location(code.co_filename, line)
    return {
        "exc_type": kind.__name__,
        "exc_message": _text(error),
        "tb_module_name": module,
        "tb_function_name": function,
        "tb_location": place,
    }


def details(exc_info: ExcInfo) -> dict[str, Any]:
    """The summary, preceded by the exception's repr and followed by its stack: a JSON line's fields."""
    return {
        "exception": _repr(exc_info[1]),
        **summary(exc_info),
        "stacktrace": _stacktrace(exc_info[2]),
    }


def _stacktrace(traceback: TracebackType | None) -> list[dict[str, str]]:
    frames = list(_frames(traceback))[-MAX_STACKTRACE_DEPTH:]
    return [
        {
            "module_name": module,
            "function_name": code.co_qualname,
            "location": location(code.co_filename, line),
        }
        for code, module, line in frames
    ]


def exception_among(values: Mapping[str, Any]) -> BaseException | None:
    """The exception that is one of the values by which lines usually name theirs."""
    for key in EXCEPTION_KEYS:
        value = values.get(key)
        if isinstance(value, BaseException):
            return value
    return None


def add_exception_info(
    logger: Any, method_name: str, event_dict: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Structlog processor: put the summary of the event's exception into it.

    The exception is a value called like one of `EXCEPTION_KEYS`, or what `exc_info` says. It stands
    under `exception` and `exc_info` afterwards; fields that are there already are kept.
    """
    named = exception_among(event_dict)
    meant = event_dict.get("exc_info") or method_name == "exception" if named is None else named
    found = exc_info_of(meant)
    if found is None:
        return event_dict
    for key in EXCEPTION_KEYS:
        if event_dict.get(key) is found[1]:
            del event_dict[key]
    event_dict.update(exception=found[1], exc_info=found)
    for key, value in summary(found).items():
        event_dict.setdefault(key, value)
    return event_dict


def add_stacktrace_info(
    logger: Any, method_name: str, event_dict: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Structlog processor: add the `stacktrace` of what `add_exception_info` has found."""
    error = event_dict.get("exception")
    if isinstance(error, BaseException):
        event_dict.setdefault("stacktrace", _stacktrace(error.__traceback__))
    return event_dict


def location(filename: str, line: int) -> str:
    """`./path:line` for a file below the working directory, else `/path:line`."""
    if filename.startswith("<"):
        return f"{filename}:{line}"
    try:
        return f"./{Path(filename).relative_to(Path.cwd())}:{line}"
    except (ValueError, OSError):
        return f"{filename}:{line}"


def _frames(traceback: TracebackType | None) -> Iterator[tuple[CodeType, str, int]]:
    while traceback is not None:
        frame = traceback.tb_frame
        yield frame.f_code, frame.f_globals.get("__name__", ""), traceback.tb_lineno
        traceback = traceback.tb_next


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as inner:  # noqa: BLE001 - a log line must come out whatever __str__ does
        return f"<unprintable {type(error).__name__}: {type(inner).__name__} in __str__>"


def _repr(error: BaseException) -> str:
    try:
        return repr(error)
    except Exception as inner:  # noqa: BLE001 - a log line must come out whatever __repr__ does
        return f"<unprintable {type(error).__name__}: {type(inner).__name__} in __repr__>"
