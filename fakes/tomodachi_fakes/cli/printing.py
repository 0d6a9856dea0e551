"""What commands print: JSON when asked for, else a table or plain lines; colour on a terminal only.

Source: https://no-color.org
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

_BOLD, _RED, _GREEN, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[0m"
_WIDEST = 72
_LONG = 100  # a shorter import is over before anybody has read the bar


def say(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(content: Any) -> None:
    """A value as one line of JSON."""
    say(json.dumps(content, default=str))


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> Iterable[str]:
    """Lines of a table with these columns; cells too wide are cut."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    titles = [column.replace("_", " ").upper() for column in columns]
    widths = [max(map(len, line)) for line in zip(titles, *cells, strict=True)]
    yield _styled(_line(titles, widths), _BOLD)
    for line in cells:
        yield _line(line, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = text.replace("\n", " ")
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def good(text: str) -> str:
    """A text that says that something is fine."""
    return _styled(text, _GREEN)


def bad(text: str) -> str:
    """A text that says that something is wrong."""
    return _styled(text, _RED)


def _styled(text: str, style: str) -> str:
    plain = bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    return text if plain else f"{style}{text}{_PLAIN}"


class Progress:
    """How far a long import is, on a terminal; silent elsewhere, and for a short one."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._shown = sys.stderr.isatty() and total >= _LONG

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        self.at(self._done)

    def at(self, done: int) -> None:
        """So many are done."""
        if self._shown:
            bar = "#" * (done * 30 // self._total)
            sys.stderr.write(f"\r[{bar:<30}] {done}/{self._total}")
            sys.stderr.flush()

    def end(self) -> None:
        """It is over."""
        if self._shown:
            sys.stderr.write("\n")
