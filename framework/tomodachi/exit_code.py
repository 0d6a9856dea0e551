"""The code that the process will end with: `tomodachi.SERVICE_EXIT_CODE`.

It lives on the package itself, because that is where programs and tests read and reset it.
"""

from __future__ import annotations

import sys
from typing import Any

from tomodachi.helpers.context_variables import get_contextvar

DEFAULT = 0


def get_exit_code() -> int:
    """The exit code as it stands."""
    return int(_package().SERVICE_EXIT_CODE)


def set_exit_code(code: int) -> None:
    """Decide the exit code; the last word counts."""
    _package().SERVICE_EXIT_CODE = code
    get_contextvar("exit_code").set(code)


def _package() -> Any:
    return sys.modules[__name__.partition(".")[0]]
