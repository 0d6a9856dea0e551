"""Loggers that users bring themselves: how one is made for a name, and how a record reaches it.

`set_custom_logger_factory` says who makes them; `CustomLoggerFormatter` hands every record over and
writes nothing itself.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from tomodachi.logging.callsite import ignore_own_frames
from tomodachi.logging.context import LoggerContext
from tomodachi.logging.event import (
    BOUND_ATTRIBUTE,
    CONTEXT_ATTRIBUTE,
    message_of,
    timestamp,
    values_of,
    with_reserved_words_renamed_back,
)
from tomodachi.logging.exceptions import exception_among
from tomodachi.logging.formatters import PythonLoggingFormatter
from tomodachi.logging.levels import method_name

TOMODACHI_CUSTOM_LOGGER: Any = None
"""The factory in force."""

_forwarding: ContextVar[bool] = ContextVar("tomodachi.logging.forwarding", default=False)
_make: Callable[[LoggerContext], Any] | None = None


class InvalidLoggerFactory(TypeError):
    """What was given cannot make loggers."""

    def __init__(self, factory: object) -> None:
        super().__init__(
            f"Invalid custom logger factory: {factory!r}. Give the import path 'module' or "
            "'module.attribute', a module, a class, or an object with new(), bind() or get_logger()."
        )


def set_custom_logger_factory(logger_factory: str | ModuleType | type | object = None) -> None:
    """Choose who makes the loggers of the formatter "custom".

    Args:
        logger_factory: An import path `module` or `module.attribute`; the module `logging`, or any
            module with `get_logger`; a class, called with the context (a dict with `logger`, the
            name, and the bound values); an object with `new(**context)`, `bind(**context)` or
            `get_logger(name)`. None forgets the factory; so does `tomodachi.logging`, whose lines
            are printed as "console" then.

    Raises:
        ModuleNotFoundError: the path's module does not exist.
        InvalidLoggerFactory: the factory is nothing of this.
    """
    global TOMODACHI_CUSTOM_LOGGER, _make
    found = imported(logger_factory) if isinstance(logger_factory, str) else logger_factory
    if found is sys.modules[__package__]:
        from tomodachi.logging.handlers import set_default_formatter

        set_default_formatter("console")
        found = None
    _make = None if found is None else _maker(found)
    ignore_own_frames()
    TOMODACHI_CUSTOM_LOGGER = found


def imported(path: str) -> Any:
    """The module, or the attribute of a module, at a dotted path."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as error:
        module, _, attribute = path.rpartition(".")
        if not module or not (error.name == path or error.name == module or not error.name):
            raise
        parent = importlib.import_module(module)
        if not hasattr(parent, attribute):
            raise
        return getattr(parent, attribute)


def _maker(factory: Any) -> Callable[[LoggerContext], Any]:
    if factory is logging:
        return lambda context: logging.getLogger(context.name)
    if isinstance(factory, type):
        return lambda context: factory(context)
    for method in ("new", "bind"):
        if callable(getattr(factory, method, None)):
            return lambda context: getattr(factory, method)(**context)
    for method in ("get_logger", "getLogger"):
        if callable(getattr(factory, method, None)):
            return lambda context: _got_logger(getattr(factory, method), context)
    raise InvalidLoggerFactory(factory)


def _got_logger(get: Callable[..., Any], context: LoggerContext) -> Any:
    """The logger that `get` gives, for the name if it takes one, with the context if that does."""
    try:
        inspect.signature(get).bind(context.name)
    except TypeError:
        logger = get()
    else:
        logger = get(context.name)
    return logger.new(**context) if callable(getattr(logger, "new", None)) else logger


class _CustomLoggerFormatter(logging.Formatter):
    """Hands records to the user's logger; writes nothing itself."""

    def format(self, record: logging.LogRecord) -> str:
        if _make is None:
            raise InvalidLoggerFactory(None)
        # The standard library's own loggers, and loggers that end in them, come back to the root
        # handler: what is on its way to a custom logger already is printed the standard way.
        if TOMODACHI_CUSTOM_LOGGER is logging or _forwarding.get():
            return PythonLoggingFormatter.format(record)
        token = _forwarding.set(True)
        try:
            _forward(_make, record)
        finally:
            _forwarding.reset(token)
        return ""


def _forward(make: Callable[[LoggerContext], Any], record: logging.LogRecord) -> None:
    bound: Mapping[str, Any] = record.__dict__.get(BOUND_ATTRIBUTE) or {}
    logger = make(LoggerContext({"logger": record.name, **bound}))
    values = {"logger": record.name, **values_of(record)}
    values["logger"] = record.name
    values.setdefault("timestamp", timestamp(record.created))
    exc_info = record.exc_info
    if exc_info and exception_among(values) is not exc_info[1]:
        values["exc_info"] = exc_info
    if record.stack_info:
        values["stack_info"] = True
    if isinstance(logger, logging.Logger):
        logger.log(record.levelno, message_of(record), exc_info=exc_info, extra={"extra": values})
        return
    values = with_reserved_words_renamed_back(values)
    error = "exc_info" in values and record.levelno == logging.ERROR
    method = "exception" if error else method_name(record.levelno)
    own = CONTEXT_ATTRIBUTE in record.__dict__
    getattr(logger, method)(record.msg if own else message_of(record), **values)


CustomLoggerFormatter: logging.Formatter = _CustomLoggerFormatter()
