"""Known differences in how command lines are taken."""

from __future__ import annotations

from typing import Any

from tools.compare_original.ledgers.known import Known, raised


def _refused(_case: Any, theirs: Any, ours: Any) -> bool:
    """The original takes what it does not know for a service file, or fails."""
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return False
    files = [file for run in theirs.get("run", ()) for file in run[0]]
    refused = ours.get("run") == [] and (raised(theirs, "IndexError") or bool(files))
    return refused or any(file.startswith("-") for file in files)


KNOWN = (Known("commands", "row 16: unknown flags and missing files are refused", _refused),)
