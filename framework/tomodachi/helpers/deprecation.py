"""Warns of deprecated forms at the line that uses them, however deep inside the runtime it is noticed."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

_PACKAGE = __name__.partition(".")[0]


def warn_deprecated(text: str) -> None:
    """Issue a DeprecationWarning for the nearest caller that is no part of the runtime."""
    frame: FrameType | None = sys._getframe(1)
    stacklevel = 2
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
        stacklevel += 1
    warnings.warn(text, DeprecationWarning, stacklevel=stacklevel)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == _PACKAGE
