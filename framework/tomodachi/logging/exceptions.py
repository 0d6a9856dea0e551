"""An exception as fields of a log line: its type, text, place and stack.

The names of the fields are those that log searches are written against. Locations are relative to the
working directory when the file is below it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

MAX_STACKTRACE_DEPTH = 50
"""Innermost frames that are kept in the field `stacktrace`."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def exc_info_of(value: Any) -> ExcInfo | None:
    """The triple for True, an exception or a triple; None when no exception is meant."""
    if isinstance(value, BaseException):
        return type(value), value, value.__traceback__
    found = value if isinstance(value, tuple) else sys.exc_info() if value else (None, None, None)
    return found if found[0] is not None and found[1] is not None else None


def summary(exc_info: ExcInfo) -> dict[str, Any]:
    """What was raised and where: the fields of a console line."""
    kind, error, _ = exc_info
    fields = {"exc_type": kind.__qualname__, "exc_message": _text(error)}
    frames = list(_frames(exc_info[2]))
    if frames:
        code, module, line = frames[-1]
        fields |= {
            "tb_module_name": module,
            "tb_function_name": code.co_qualname,
            "tb_location": location(code.co_filename, line),
        }
    return fields


def details(exc_info: ExcInfo) -> dict[str, Any]:
    """The summary, preceded by the exception's repr and followed by its stack: a JSON line's fields."""
    frames = list(_frames(exc_info[2]))[-MAX_STACKTRACE_DEPTH:]
    stack = [
        {
            "module_name": module,
            "function_name": code.co_qualname,
            "location": location(code.co_filename, line),
        }
        for code, module, line in frames
    ]
    return {"exception": _repr(exc_info[1]), **summary(exc_info), "stacktrace": stack}


def add_exception_info(
    logger: Any, method_name: str, event_dict: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Structlog processor: put the summary of `exc_info` into the event."""
    found = exc_info_of(event_dict.get("exc_info"))
    if found is not None:
        event_dict.update(summary(found))
    return event_dict


def add_stacktrace_info(
    logger: Any, method_name: str, event_dict: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Structlog processor: replace `exc_info` by all of the exception's fields."""
    found = exc_info_of(event_dict.pop("exc_info", None))
    if found is not None:
        event_dict.update(details(found))
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
