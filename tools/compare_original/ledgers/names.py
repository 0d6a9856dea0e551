"""Known differences in names and message attributes."""

from __future__ import annotations

import re
from typing import Any

from tools.compare_original.ledgers.known import Known, only, raised

_NO_CHARACTER = re.compile("___ff_")
_TYPES = ("String", "Number", "Binary", "String.Array")


def _undecodable(case: Any, theirs: Any, ours: Any) -> bool:
    if _NO_CHARACTER.search("".join(case.get("pieces", ()))) is None:
        return False
    decodes = [name for name in theirs if name.startswith("decode")]
    return len(decodes) == len(theirs) and not any(raised(ours[name]) for name in decodes)


def _almost_fifo(case: Any, theirs: Any, ours: Any) -> bool:
    """The original takes ".fifo" before a line break for the end of a name, and encodes the break alone."""
    is_almost = "".join(case.get("pieces", ())).endswith(".fifo\n")
    return is_almost and only(theirs, ours, "encode_topic")


def _type_of(case: Any) -> Any:
    given = case.get("attribute", {})
    return next(
        (given[key] for key in ("DataType", "Type", "dataType", "type") if key in given), None
    )


def _custom_type(case: Any, theirs: Any, _ours: Any) -> bool:
    return "attribute" in case and _type_of(case) not in _TYPES and theirs == "{}"


def _does_not_fit(case: Any, theirs: Any, ours: Any) -> bool:
    return _type_of(case) in _TYPES and raised(theirs, "ValueError") and not raised(ours)


KNOWN = (
    Known("names", "what is no encoded character stays as it is", _undecodable),
    Known("names", "a name ends with .fifo or does not, whatever its last line does", _almost_fifo),
    Known("names", "a custom type is read as its type", _custom_type),
    Known("names", "a value that does not fit its type is text", _does_not_fit),
)
