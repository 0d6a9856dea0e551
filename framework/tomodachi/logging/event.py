"""A log record as fields: what was said, by which logger, with which values.

The one place that turns a `logging.LogRecord` into what the formatters print. Records of our own
loggers carry their values in the attribute `logger.context`; records of any other logger are read the
way the standard library means them, with their `extra=` under the key `extra`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from tomodachi.logging.enrichment import structlog_values

CONTEXT_ATTRIBUTE = "logger.context"
BOUND_ATTRIBUTE = "logger.bound"

RENAME_KEYS = (("event", "message"), ("event_", "event"), ("class_", "class"))
"""Keywords that cannot be written as they are meant, and the keys they become."""

_RENAMED = {"event_": "event", "class_": "class"}
_OWN_KEYS = ("message", "logger", "level")
_ORIGINAL = {shown: given for given, shown in _RENAMED.items()}

STD_LOGGER_FIELDS = frozenset(
    (*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName")
)
"""What every record has; anything else on a foreign record came through `extra=`."""

_last_second: tuple[int, str] = (-1, "")


def timestamp(created: float) -> str:
    """Unix seconds as ISO 8601 in UTC with microseconds: `2025-01-31T10:00:00.123456Z`."""
    # One line follows the other within the same second: format that once. Second and text are
    # replaced together, because threads log too.
    global _last_second
    second, rest = divmod(round(created * 1_000_000), 1_000_000)
    known, text = _last_second
    if second != known:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        _last_second = second, text
    return f"{text}.{rest:06d}Z"


def values_of(record: logging.LogRecord) -> Mapping[str, Any]:
    """The values a record was logged with, in their order; not to be changed."""
    own: Mapping[str, Any] | None = record.__dict__.get(CONTEXT_ATTRIBUTE)
    if own is not None:
        return own
    extra = {key: value for key, value in record.__dict__.items() if key not in STD_LOGGER_FIELDS}
    return {"extra": extra, **structlog_values()} if extra else structlog_values()


def message_of(record: logging.LogRecord) -> str:
    """The text of a record; a broken `%`-format gives the format itself and its arguments."""
    if not record.args:
        return str(record.msg)
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} {record.args!r}"


def merged(bound: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What a line tells: the bound values and its own, without those that are `...`.

    `event_` and `class_` are renamed. A value of the line that is `...` leaves one that is bound to its name
    as it is. Gives `values` itself if there is nothing to do.
    """
    found = {**bound, **values} if bound else values
    # Compared by identity, and not by `in`: an equality may be the value's own idea of one.
    for value in found.values():
        if value is ...:
            found = _given({**bound, **_given(values)})
            break
    if "event_" in found or "class_" in found:
        found = {_RENAMED.get(key, key): value for key, value in found.items()}
    return found


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not ...}


def printable(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values without those that are called like a line's own; `values` itself if none is."""
    if "message" in values or "logger" in values or "level" in values:
        return {key: value for key, value in values.items() if key not in _OWN_KEYS}
    return values


def with_reserved_words_renamed_back(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they were given, for loggers whose methods take an `event` themselves."""
    return {_ORIGINAL.get(key, key): value for key, value in values.items()}
