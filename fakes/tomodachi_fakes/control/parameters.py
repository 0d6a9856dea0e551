"""What a control call may be given: names, types and defaults, checked before anything happens."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
}
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


class ControlError(Exception):
    """A control call that cannot be done; `message` says why and what to do.

    Attributes:
        status: HTTP status of the answer.
        facts: Further facts for the answer.
    """

    def __init__(self, status: int, message: str, **facts: Any) -> None:
        self.status = status
        self.message = message
        self.facts = facts
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Attributes:
        kind: "string", "integer", "number", "boolean" or "object", as in JSON Schema.
        default: What it is when not given; None has no schema default.
        choices: The only values; () allows any.
        minimum: The least number.
    """

    name: str
    kind: str
    what: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        schema: dict[str, Any] = {"type": self.kind, "description": self.what}
        if self.default is not None:
            schema["default"] = self.default
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        return schema

    def read(self, given: Any) -> Any:
        """A value of the right type; texts of a query string are read as that type.

        Raises:
            ControlError: 400.
        """
        value: Any = _from_text(given, self.kind) if isinstance(given, str) else given
        wrong_boolean = isinstance(value, bool) and self.kind != "boolean"
        # Python reads NaN and Infinity as numbers, and time that moved so far would stay there.
        endless = isinstance(value, float) and not isfinite(value)
        if not isinstance(value, _TYPES[self.kind]) or wrong_boolean or endless:
            raise ControlError(400, f"{self.name}: {given!r} is no {self.kind}")
        if self.choices and value not in self.choices:
            raise ControlError(400, f"{self.name}: {given!r} is none of {', '.join(self.choices)}")
        return self._not_too_small(value)

    def _not_too_small(self, value: Any) -> Any:
        if self.minimum is not None and value < self.minimum:
            raise ControlError(400, f"{self.name}: {value!r} is less than {self.minimum}")
        return value


def _from_text(text: str, kind: str) -> Any:
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return None
    if kind == "boolean":
        return True if text in _TRUE else False if text in _FALSE else None
    return text


def read_all(parameters: tuple[Parameter, ...], given: dict[str, Any]) -> dict[str, Any]:
    """Every parameter by name, with defaults.

    Raises:
        ControlError: 400, an unknown name, a missing value, or one of a wrong type.
    """
    known = {parameter.name: parameter for parameter in parameters}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        names = ", ".join(known) or "none"
        raise ControlError(400, f"unknown parameter {unknown[0]!r}; this call takes: {names}")
    found: dict[str, Any] = {}
    for name, parameter in known.items():
        if given.get(name) is not None:
            found[name] = parameter.read(given[name])
        elif parameter.required:
            raise ControlError(400, f"{name} is missing: {parameter.what}")
        else:
            found[name] = parameter.default
    return found
