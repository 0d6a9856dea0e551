"""Random functions: their parameters as JSON, and the functions made of them.

Parameters are of any name, place and default, so that what is handed to whom is asked in every way.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

_MOST_PARAMETERS = 5


def parameters(dice: random.Random, pool: Sequence[str]) -> dict[str, Any]:
    """Some names of the pool as parameters: `positional`, `keyword`, and whether the rest is taken."""
    names = dice.sample(pool, dice.randint(0, _MOST_PARAMETERS))
    at = dice.randint(0, len(names))
    first_default = dice.randint(0, at)
    return {
        "positional": [[name, i >= first_default] for i, name in enumerate(names[:at])],
        "keyword": [[name, dice.random() < 0.8] for name in names[at:] if dice.random() < 0.6],
        "args": dice.random() < 0.2,
        "kwargs": dice.random() < 0.3,
    }


def signature(given: dict[str, Any], *first: str) -> str:
    """The text between the parentheses, `first` before it."""
    positional = [_parameter(name, default) for name, default in given.get("positional", ())]
    keyword = [_parameter(name, default) for name, default in given.get("keyword", ())]
    star = ["*args"] if given.get("args") else ["*"] if keyword else []
    rest = ["**kwargs"] if given.get("kwargs") else []
    return ", ".join([*first, *positional, *star, *keyword, *rest])


def values(given: dict[str, Any]) -> str:
    """An expression for a dict of all that a function with this signature was called with."""
    named = [name for name, _ in (*given.get("positional", ()), *given.get("keyword", ()))]
    taken = [name for name in ("args", "kwargs") if given.get(name)]
    return f"dict({', '.join(f'{name}={name}' for name in named + taken)})"


def define(source: str, name: str, **namespace: Any) -> Any:
    """The function that `source` defines as `name`."""
    exec(source, namespace)  # noqa: S102 - our own text
    return namespace[name]


def shown(value: Any) -> Any:
    """A value as JSON: mappings by their keys, as what is in them differs from run to run."""
    if isinstance(value, dict):
        return sorted(map(str, value))
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    return type(value).__name__ if not isinstance(value, tuple) else [shown(item) for item in value]


def _parameter(name: str, has_default: bool) -> str:  # noqa: FBT001 - a pair of JSON
    return f"{name}='default of {name}'" if has_default else name
