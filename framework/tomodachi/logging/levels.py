"""The levels of log lines: their names and numbers."""

from __future__ import annotations

import logging

_NUMBERS = {
    "critical": logging.CRITICAL,
    "fatal": logging.CRITICAL,
    "exception": logging.ERROR,
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "notset": logging.NOTSET,
}
_NAMES = {
    number: logging.getLevelName(number).lower()
    for number in (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)
}


def level_number(name: str) -> int:
    """The number of a level by its name, in any case.

    Raises:
        ValueError: there is no such level.
    """
    try:
        return _NUMBERS[name.lower()]
    except (KeyError, AttributeError):
        msg = (
            f"Invalid log level: {name!r} "
            "(expected 'debug', 'info', 'warning', 'error' or 'critical')"
        )
        raise ValueError(msg) from None


def level_name(number: int) -> str:
    """A level in small letters; one that is not the standard library's by what it was called."""
    return _NAMES.get(number) or logging.getLevelName(number).lower()


def method_name(number: int) -> str:
    """The method of a logger for a level: the nearest one below where it has none of its own."""
    return next((name for least, name in _NAMES.items() if number >= least), "debug")
