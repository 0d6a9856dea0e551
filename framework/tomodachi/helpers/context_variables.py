"""Context variables that parts of the runtime share by name (`run.args`, `exit_code`, ...).

They carry settings from the command line to whatever runs below it, without either importing the
other. A variable comes into being the first time somebody asks for it.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

_variables: dict[str, ContextVar[Any]] = {}


def get_contextvar(key: str) -> ContextVar[Any]:
    """The context variable called `tomodachi.<key>`; the same object every time."""
    variable = _variables.get(key)
    if variable is None:
        variable = _variables[key] = ContextVar(f"tomodachi.{key}", default=None)
    return variable


def context(key: str) -> Any:
    """The value of a context variable here, or None where it was never set."""
    variable = _variables.get(key)
    return None if variable is None else variable.get()
