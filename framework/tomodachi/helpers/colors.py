"""Whether output is coloured, and with which escape sequences.

Colour needs a terminal. The environment can turn it off: `NO_COLOR`, `NOCOLOR`, `TOMODACHI_NO_COLOR`
or `TOMODACHI_NOCOLOR` set to anything but an empty text, 0, no, none or false (the first after
https://no-color.org); `CLICOLOR`, `CLI_COLOR` or `CLICOLOR_FORCE` set to 0, no, none or false. A
`CLICOLOR_FORCE` set to 1 colours what is no terminal too (https://bixense.com/clicolors).

`COLOR`, `COLOR_STYLE` and `COLOR_RESET` are for services that colour what they print: sequences by the
names of the package colorama, empty texts where standard output is not coloured. The names that end in
`_0` are never coloured.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Protocol

RESET = "\033[0m"
BOLD = "\033[1m"
DIM = "\033[2m"
UNDERLINE = "\033[4m"
RED = "\033[31m"
GREEN = "\033[32m"
YELLOW = "\033[33m"
BLUE = "\033[34m"
MAGENTA = "\033[35m"
CYAN = "\033[36m"

NO_COLOR_VARIABLES = ("NO_COLOR", "NOCOLOR", "TOMODACHI_NO_COLOR", "TOMODACHI_NOCOLOR")
COLOR_VARIABLES = ("CLICOLOR", "CLI_COLOR", "CLICOLOR_FORCE")
_NO = ("", "0", "no", "none", "false")


class Stream(Protocol):
    """A stream that knows whether it is a terminal."""

    def isatty(self) -> bool:
        """Whether somebody looks at it."""
        ...


def enabled(stream: Stream | None, environ: Mapping[str, str] | None = None) -> bool:
    """Whether text for `stream` is to be coloured."""
    env = os.environ if environ is None else environ
    if any(is_yes(env.get(name, "")) for name in NO_COLOR_VARIABLES):
        return False
    if any(name in env and env[name] and not is_yes(env[name]) for name in COLOR_VARIABLES):
        return False
    if is_yes(env.get("CLICOLOR_FORCE", "")):
        return True
    return stream is not None and stream.isatty()


def is_yes(value: str) -> bool:
    """Whether the value of an environment variable means yes."""
    return value.strip().lower() not in _NO


class _Sequences:
    codes: Mapping[str, int]

    def __init__(self, *, colored: bool = False) -> None:
        for name, code in self.codes.items():
            setattr(self, name, f"\033[{code}m" if colored else "")

    def __getattr__(self, name: str) -> str:
        # Only for type checkers, and for the error: every name there is was set above.
        msg = f"there is no {name!r} among {', '.join(self.codes)}"
        raise AttributeError(msg, name=name, obj=self)


class ColorFore(_Sequences):
    """Colours of text."""

    _NAMES = ("BLACK", "RED", "GREEN", "YELLOW", "BLUE", "MAGENTA", "CYAN", "WHITE")
    codes = (
        {name: 30 + number for number, name in enumerate(_NAMES)}
        | {f"LIGHT{name}_EX": 90 + number for number, name in enumerate(_NAMES)}
        | {"RESET": 39}
    )


class ColorStyle(_Sequences):
    """Brightness of text."""

    codes = {"BRIGHT": 1, "DIM": 2, "NORMAL": 22, "RESET_ALL": 0}  # noqa: RUF012 - never changed


NO_COLOR = not enabled(sys.stdout)
COLOR, COLOR_0 = ColorFore(colored=not NO_COLOR), ColorFore()
COLOR_STYLE, COLOR_STYLE_0 = ColorStyle(colored=not NO_COLOR), ColorStyle()
COLOR_RESET, COLOR_RESET_0 = COLOR_STYLE.RESET_ALL, ""
