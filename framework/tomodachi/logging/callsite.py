"""Lets structlog's `CallsiteParameterAdder` tell the place of the user's call, not ours.

Lines reach a structlog that is the custom logger through this package, which the adder takes for the
caller unless it is told to ignore it. It has an argument for that, but the user makes the adder.

Source: https://www.structlog.org/en/stable/api.html#structlog.processors.CallsiteParameterAdder
"""

from __future__ import annotations

import functools
import sys
from typing import Any

_OURS = "tomodachi.logging"


def ignore_own_frames() -> None:
    """Have the adders there are, and those made later, skip our frames; nothing without structlog."""
    structlog: Any = sys.modules.get("structlog")
    if structlog is None:
        return
    adder = structlog.processors.CallsiteParameterAdder
    for processor in structlog.get_config()["processors"]:
        if isinstance(processor, adder):
            _ignore(processor)
    make = adder.__init__
    if hasattr(make, "__wrapped__"):
        return

    @functools.wraps(make)
    def make_ignoring(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        _ignore(self)

    adder.__init__ = make_ignoring


def _ignore(adder: Any) -> None:
    if _OURS not in adder._additional_ignores:
        adder._additional_ignores.append(_OURS)
