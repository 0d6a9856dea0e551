"""JSON read with the positions that SNS's own parser reports in filter-policy errors.

SNS reads policies with a parser that looks ahead: by the time it sees a field's name it has read
the whole of a number or a literal after it, but only the first character of a string, an array or
an object. A `Node` therefore carries `seen_at`, the offset such a parser stands at.

Source: recorded answers of AWS; the messages are those of the JSON library (Jackson) behind them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # public, missing in typeshed
from typing import Any, NoReturn

_BLANK = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[A-Za-z0-9_$]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LONGEST_INTEGER = 100  # Python refuses to read integers of thousands of digits
_MAXIMUM_DEPTH = 100
_LITERALS = {"true": True, "false": False, "null": None}
_REDACTED = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
_EXPECTED = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value.

    Attributes:
        value: str, int, float, bool, None; a list of `Node` for an array; a list of
            (name, `Node`) pairs for an object, repeated names kept.
        is_object: Tells an object from an array.
        seen_at: Offset the look-ahead parser stands at when it meets the value.
        end: Offset after the value.
    """

    value: Any
    seen_at: int
    end: int
    is_object: bool = False

    @property
    def is_array(self) -> bool:
        """True for an array."""
        return isinstance(self.value, list) and not self.is_object


class JsonSyntaxError(ValueError):
    """The text is not JSON; the message ends with the position, in the parser's words."""


def location(text: str, offset: int) -> str:
    """`offset` as "line: 1, column: 10", counted from 1."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"line: {line}, column: {column}"


def parse(text: str) -> Node:
    """Read one JSON value.

    Raises:
        JsonSyntaxError: `text` is not JSON.
    """
    node = _Reader(text).value(_skip(text, 0))
    rest = _skip(text, node.end)
    if rest < len(text):
        _Reader(text).fail_at_word(rest)
    return node


def _skip(text: str, offset: int) -> int:
    match = _BLANK.match(text, offset)
    return match.end() if match else offset


class _Reader:
    __slots__ = ("_depth", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0

    def value(self, at: int) -> Node:
        character = self._text[at : at + 1]
        if character and character in "{[":
            self._depth += 1
            if self._depth > _MAXIMUM_DEPTH:
                msg = (
                    f"Document nesting depth ({self._depth}) exceeds the maximum allowed "
                    f"({_MAXIMUM_DEPTH})"
                )
                raise JsonSyntaxError(msg)
            node = self._object(at) if character == "{" else self._array(at)
            self._depth -= 1
            return node
        return self._scalar(at, character)

    def _scalar(self, at: int, character: str) -> Node:
        if character == '"':
            string, end = self._string(at)
            return Node(string, at + 1, end)
        if character and character in "-0123456789":
            return self._number(at)
        return self._literal(at)

    def _object(self, at: int) -> Node:
        fields: list[tuple[str, Node]] = []
        here = _skip(self._text, at + 1)
        if self._text[here : here + 1] == "}":
            return Node(fields, at + 1, here + 1, is_object=True)
        while True:
            if self._text[here : here + 1] != '"':
                self._unexpected(
                    here, "was expecting double-quote to start field name", at, "Object"
                )
            name, here = self._string(here)
            here = _skip(self._text, here)
            if self._text[here : here + 1] != ":":
                expected = "was expecting a colon to separate field name and value"
                self._unexpected(here, expected, at, "Object")
            node = self.value(_skip(self._text, here + 1))
            fields.append((name, node))
            here = self._separator(node.end, "}", at, "Object")
            if self._text[here - 1] == "}":
                return Node(fields, at + 1, here, is_object=True)
            here = _skip(self._text, here)

    def _array(self, at: int) -> Node:
        items: list[Node] = []
        here = _skip(self._text, at + 1)
        if self._text[here : here + 1] == "]":
            return Node(items, at + 1, here + 1)
        while True:
            node = self.value(here)
            items.append(node)
            here = self._separator(node.end, "]", at, "Array")
            if self._text[here - 1] == "]":
                return Node(items, at + 1, here)
            here = _skip(self._text, here)

    def _separator(self, at: int, close: str, start: int, kind: str) -> int:
        """Offset after the comma or the closing character that follows an entry."""
        here = _skip(self._text, at)
        character = self._text[here : here + 1]
        if character not in {",", close}:
            expected = f"was expecting comma to separate {kind} entries"
            self._unexpected(here, expected, start, kind)
        return here + 1

    def _string(self, at: int) -> tuple[str, int]:
        try:
            string, end = scanstring(self._text, at + 1, True)
        except JSONDecodeError as error:
            where = self._where(error.pos)
            msg = f"Unexpected end-of-input or illegal character in VALUE_STRING\n at {where}"
            raise JsonSyntaxError(msg) from error
        return string, end

    def _number(self, at: int) -> Node:
        match = _NUMBER.match(self._text, at)
        if match is None:
            self.fail_at_word(at)
        text = match[0]
        whole = not (match[2] or match[3]) and len(text) <= _LONGEST_INTEGER
        number = int(text) if whole else float(text)
        return Node(number, match.end(), match.end())

    def _literal(self, at: int) -> Node:
        match = _WORD.match(self._text, at)
        word = match[0] if match else ""
        if word not in _LITERALS:
            self.fail_at_word(at)
        end = at + len(word)
        return Node(_LITERALS[word], end, end)

    def fail_at_word(self, at: int) -> NoReturn:
        """Raise for something that is no JSON value at `at`."""
        match = _WORD.match(self._text, at)
        word = match[0] if match else ""
        if word:
            where = self._where(at + len(word))
            msg = f"Unrecognized token '{word}': {_EXPECTED}\n at {where}"
            raise JsonSyntaxError(msg)
        if at >= len(self._text):
            where = self._where(len(self._text))
            msg = f"No content to map due to end-of-input\n at {where}"
            raise JsonSyntaxError(msg)
        self._unexpected(at, "expected a valid value", 0, "root")

    def _unexpected(self, at: int, expected: str, start: int, kind: str) -> NoReturn:
        if at >= len(self._text):
            marker = self._where(start)
            msg = (
                f"Unexpected end-of-input: expected close marker for {kind} "
                f"(start marker at {marker})\n at {self._where(len(self._text))}"
            )
            raise JsonSyntaxError(msg)
        character = self._text[at]
        msg = (
            f"Unexpected character ('{character}' (code {ord(character)})): {expected}\n"
            f" at {self._where(at + 1)}"
        )
        raise JsonSyntaxError(msg)

    def _where(self, offset: int) -> str:
        return f"[Source: {_REDACTED}; {location(self._text, offset)}]"
