"""`service.log(...)` and `tomodachi._log(...)`: the older way to log, with freely ordered arguments.

Accepted: `(message)`, `(level, message)`, `(name, message)`, `(name, level, message)`, and the
keywords `level`/`lvl`, `name`, `message`/`msg`; further keywords become values of the line.
"""

from __future__ import annotations

from typing import Any

_INFO = 20
_LEVELS = {
    "NOTSET": 0,
    "DEBUG": 10,
    "INFO": _INFO,
    "WARN": 30,
    "WARNING": 30,
    "ERROR": 40,
    "CRITICAL": 50,
    "FATAL": 50,
}


def log(service: object, *args: Any, **kwargs: Any) -> None:
    """Log one line; see the module for the forms.

    Args:
        service: The service instance; not looked at.
        args: Level, name and message, as above; what is left over fills the message's `%` places.
        kwargs: The same by keyword, and values.
    """
    # Loggers are a layer above the helpers: reached by their public name, once somebody logs.
    import tomodachi

    rest = list(args)
    level = kwargs.pop("level", kwargs.pop("lvl", None))
    name = kwargs.pop("name", None)
    message = kwargs.pop("message", kwargs.pop("msg", None))

    wanted = 0 if message is not None else 1
    if level is None and len(rest) > wanted and _level(rest[0]) is not None:
        level = rest.pop(0)
    if name is None and len(rest) > wanted and isinstance(rest[0], str):
        name = rest.pop(0)
        if level is None and len(rest) > wanted and _level(rest[0]) is not None:
            level = rest.pop(0)
    if message is None:
        message = rest.pop(0) if rest else ""
    if rest:
        message = str(message) % tuple(rest)

    number = _level(level)
    tomodachi.get_logger(name).log(_INFO if number is None else number, str(message), **kwargs)


def _level(value: object) -> int | None:
    """The level a value names; None when it names none."""
    if isinstance(value, str):
        return _LEVELS.get(value.upper())
    return value if isinstance(value, int) and not isinstance(value, bool) else None
