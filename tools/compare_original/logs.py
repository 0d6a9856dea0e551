"""Log lines: what calls of a logger write with each formatter, but for the time."""

from __future__ import annotations

import io
import logging as standard_logging
import random
import re
import sys
from typing import Any

from tomodachi import logging

_FORMATTERS = ("json", "no_color_console", "console", "python")
_LEVELS = ("debug", "info", "warning", "error", "critical", "exception")
_MESSAGES: tuple[Any, ...] = ("hello", "hello " * 10, "", "å\n2", "100 %", 5, None, {"a": 1})
_VALUES: dict[str, Any] = {
    "text": "x",
    "spaces": "two words",
    "quote": 'a "b"',
    "line": "a\nb",
    "number": 5,
    "fraction": 1.5,
    "true": True,
    "none": None,
    "list": [1, "a"],
    "tuple": (1, 2),
    "dict": {"k": "v"},
    "octets": b"\xff",
    "left out": ...,
    "error": ValueError("bad"),
    "empty": "",
}
_KEYS = ("a", "b_c", "event_", "class_", "topic", "handler", "type", "status_code")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def generate(dice: random.Random) -> dict[str, Any]:
    """A formatter, one or two calls, what is bound before, and who calls: ours or another library."""
    calls = [
        {
            "level": dice.choice(_LEVELS),
            "message": dice.choice(_MESSAGES if dice.random() < 0.3 else _MESSAGES[:1]),
            "values": _some(dice),
        }
        for _ in range(dice.choice((1, 1, 2)))
    ]
    bound = _some(dice) if dice.random() < 0.3 else {}
    formatter = dice.choice(_FORMATTERS)
    return {"formatter": formatter, "foreign": dice.random() < 0.2, "bound": bound, "calls": calls}


def _some(dice: random.Random) -> dict[str, str]:
    return {key: dice.choice(list(_VALUES)) for key in _KEYS if dice.random() < 0.25}


async def answer(case: dict[str, Any]) -> Any:
    """The lines, with a placeholder for the time."""
    kept, written = sys.stderr, io.StringIO()
    standard_logging.disable(standard_logging.NOTSET)
    sys.stderr = written
    try:
        logging.reset_context()
        logging.set_default_formatter(case["formatter"])
        logging.configure(log_level="debug", force=True)
        _log(case)
    finally:
        sys.stderr = kept
        standard_logging.disable(standard_logging.CRITICAL)
    return _TIME.sub("(time)", written.getvalue()).splitlines()


def _log(case: dict[str, Any]) -> None:
    if case.get("foreign"):
        for call in case["calls"]:
            log = getattr(standard_logging.getLogger("library"), call["level"])
            log(call["message"], extra=_made(call["values"]))
        return
    logger = logging.get_logger("app").bind(**_made(case["bound"]))
    for call in case["calls"]:
        getattr(logger, call["level"])(call["message"], **_made(call["values"]))


def _made(values: dict[str, str]) -> dict[str, Any]:
    return {key: _VALUES[name] for key, name in values.items()}
