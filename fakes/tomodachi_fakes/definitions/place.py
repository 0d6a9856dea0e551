"""Where in a file something stands, and the errors that name it.

Every error of a definitions file says the file, the key in it, the value and what to do instead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from tomodachi_fakes.errors import FakesError


class DefinitionsError(FakesError):
    """A file of definitions cannot be read, or asks for something that cannot be."""


@dataclass(frozen=True, slots=True)
class Place:
    """A key in a file: `resources.toml: sqs.queues[0].name`."""

    file: str
    key: str = ""

    def at(self, name: str | int) -> Place:
        """A key, or a numbered item, inside."""
        if isinstance(name, int):
            return Place(self.file, f"{self.key}[{name}]")
        return Place(self.file, f"{self.key}.{name}" if self.key else name)

    def refuse(self, text: str, cause: Exception | None = None) -> NoReturn:
        """Raise an error that stands here."""
        msg = f"{self}: {text}"
        raise DefinitionsError(msg) from cause

    def __str__(self) -> str:
        return f"{self.file}: {self.key}" if self.key else self.file


_KINDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}


class Table:
    """A table of a file whose keys are taken one by one; what nobody takes is a mistake."""

    def __init__(self, place: Place, content: Any) -> None:
        if not isinstance(content, dict):
            place.refuse(f"{content!r} is no table of keys and values")
        self.place = place
        self._left: dict[str, Any] = dict(content)
        self._known: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return str(self._take(name, str, default))

    def name(self, name: str) -> str:
        """A text that has to be there."""
        if name not in self._left:
            self.place.refuse(f"{name} is missing; add it")
        found = self.text(name)
        if not found:
            self.place.at(name).refuse("an empty text is no name; give one")
        return found

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number."""
        return int(self._take(name, int, default))

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        return bool(self._take(name, bool, default))

    def mapping(self, name: str) -> dict[str, Any]:
        """A table as it is; empty where there is none."""
        return dict(self._take(name, dict, {}))

    def texts(self, name: str) -> dict[str, str]:
        """A table of texts, such as tags."""
        found = self.mapping(name)
        for key, value in found.items():
            if not isinstance(value, str):
                self.place.at(name).at(key).refuse(f"{value!r} is no text; put it in quotes")
        return found

    def table(self, name: str) -> Table:
        """A table to take from; empty where there is none."""
        return Table(self.place.at(name), self.mapping(name))

    def tables(self, name: str) -> list[Table]:
        """A list of tables; none where there is no such list."""
        place = self.place.at(name)
        rows: list[Any] = self._take(name, list, [])
        return [Table(place.at(number), row) for number, row in enumerate(rows)]

    def anything(self, name: str, default: Any = None) -> Any:
        """A value of any kind."""
        self._known.append(name)
        return self._left.pop(name, default)

    def chosen(self, names: dict[str, str]) -> dict[str, Any]:
        """Those of `names` (ours to somebody else's) that are there, by the other names."""
        self._known.extend(names)
        return {other: self._left.pop(ours) for ours, other in names.items() if ours in self._left}

    def names(self) -> list[str]:
        """The keys that nobody has taken yet."""
        return list(self._left)

    def end(self) -> None:
        """Nothing is left.

        Raises:
            DefinitionsError: a key that nobody knows.
        """
        for name in self._left:
            near = get_close_matches(name, self._known, n=1)
            if near:
                advice = f"did you mean {near[0]}?"
            else:
                advice = f"known here: {', '.join(sorted(self._known))}"
            self.place.at(name).refuse(f"unknown key; {advice}")

    def _take(self, name: str, kind: type, default: Any) -> Any:
        value = self.anything(name, default)
        wrong_boolean = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or wrong_boolean:
            shown = "the value" if "password" in name else repr(value)
            self.place.at(name).refuse(f"{shown} is not {_KINDS[kind]}")
        return value


def wire_text(value: Any, place: Place) -> str:
    """A value of a file as the text that AWS takes for an attribute.

    Raises:
        DefinitionsError: it is of a kind that no attribute has.
    """
    if not isinstance(value, str | int | dict | list):
        place.refuse(f"{value!r} is no text, whole number, flag or table")
    return value if isinstance(value, str) else json.dumps(value)
