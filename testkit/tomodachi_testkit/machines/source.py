"""Writes values as Python source, with the imports that the source needs."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Source:
    """Source texts of one reproduction, and the names they use."""

    def __init__(self) -> None:
        self._imported: dict[str, set[str]] = {}

    def arguments(self, arguments: dict[str, Any]) -> str:
        """Keyword arguments of a call."""
        return ", ".join(f"{name}={self.of(value)}" for name, value in arguments.items())

    def of(self, value: Any) -> str:
        """The source of a value: containers, enums and dataclasses by their parts, else `repr`."""
        if isinstance(value, Enum):
            return f"{self.name(type(value))}.{value.name}"
        if is_dataclass(value) and not isinstance(value, type):
            given = ((field, getattr(value, field.name)) for field in fields(value) if field.init)
            parts = [f"{f.name}={self.of(part)}" for f, part in given if not _is_default(f, part)]
            return f"{self.name(type(value))}({', '.join(parts)})"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.of(k)}: {self.of(v)}" for k, v in value.items()) + "}"
        if type(value) is list:
            return "[" + ", ".join(map(self.of, value)) + "]"
        if type(value) is tuple:
            parts = [self.of(item) for item in value]
            return "(" + ", ".join(parts) + (",)" if len(parts) == 1 else ")")
        return repr(value)

    def name(self, cls: type) -> str:
        """The name of a class, imported."""
        self._imported.setdefault(cls.__module__, set()).add(cls.__qualname__.split(".")[0])
        return cls.__qualname__

    def imports(self) -> str:
        """One import statement for each module."""
        return "\n".join(
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(self._imported.items())
        )


def snake_case(name: str) -> str:
    """`SQSMachine` as `sqs_machine`."""
    return _CAPITAL.sub("_", name).lower()


def _is_default(field: Field[Any], value: Any) -> bool:
    return field.default is not MISSING and bool(field.default == value)
