"""Known differences in log lines."""

from __future__ import annotations

import json
import re
from typing import Any

from tools.compare_original.ledgers.known import Known

_COLOUR = re.compile(r"\x1b\[\d+m")
_NO_EXCEPTION = "NoneType: None"


def _colours(case: Any, theirs: Any, ours: Any) -> bool:
    """The lines are those of a file."""
    is_coloured = case.get("formatter") == "console" and isinstance(theirs, list)
    return is_coloured and [_COLOUR.sub("", line) for line in theirs] == ours


def _no_exception(case: Any, theirs: Any, ours: Any) -> bool:
    """The original tells of an exception where there is none."""
    asked = any(call.get("level") == "exception" for call in case.get("calls", ()))
    if not asked or not isinstance(theirs, list) or not isinstance(ours, list):
        return False
    plain = [_COLOUR.sub("", line) for line in theirs]
    told = [_without_null(line) for line in plain if line != _NO_EXCEPTION]
    return told != plain and told == ours


def _without_null(line: str) -> str:
    """A line of JSON without an exception that is null."""
    if not line.startswith("{"):
        return line
    fields = json.loads(line)
    told = {key: value for key, value in fields.items() if (key, value) != ("exception", None)}
    return line if told == fields else json.dumps(told)


KNOWN = (
    Known("logs", "row 16: colour only on a terminal", _colours),
    Known("logs", "exception() tells of none where none is handled", _no_exception),
)
