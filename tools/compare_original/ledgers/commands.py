"""Known differences in how command lines are taken."""

from __future__ import annotations

from typing import Any

from tools.compare_original.ledgers.known import Known, only, raised


def _refused(_case: Any, theirs: Any, ours: Any) -> bool:
    """The original takes what it does not know for a service file, or fails."""
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return False
    files = [file for run in theirs.get("run", ()) for file in run[0]]
    refused = ours.get("run") == [] and (raised(theirs, "IndexError") or bool(files))
    return refused or any(file.startswith("-") for file in files)


def _help_wins(case: Any, theirs: Any, ours: Any) -> bool:
    """The original looks at its other options first, and imports a logger."""
    words = {word for part in case.get("parts", ()) for word in part}
    if not words & {"-h", "--help"}:
        return False
    if only(theirs, ours, "exit"):
        return bool((theirs["exit"], ours["exit"]) == (2, 0))
    return raised(theirs, "ImportError") and bool(ours == {"exit": 0, "run": []})


def _before_its_logger(case: Any, theirs: Any, ours: Any) -> bool:
    """Ours looks at flags and files before it imports a logger; theirs takes a flag for its name, too."""
    named = any(part[:1] == ["--custom-logger"] for part in case.get("parts", ()))
    return named and raised(theirs, "ImportError") and ours == {"exit": 2, "run": []}


KNOWN = (
    Known("commands", "row 16: unknown flags and missing files are refused", _refused),
    Known("commands", "help is given before other options are looked at", _help_wins),
    Known("commands", "row 16: they are before a custom logger is imported", _before_its_logger),
)
