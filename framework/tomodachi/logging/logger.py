"""The logger services use: a message and keyword values, through the standard library's logging.

A call merges the values bound to the task, those bound to the logger and its own once, and the
formatter in force prints them (`formatters.py`). Levels, handlers, filters and propagation are those of
the standard logger of the same name, whose API is available here too.

Logger is structlog's `BoundLogger` for type checkers and for `isinstance`, but has no base at runtime:
importing structlog, which brings `rich` along where that is installed, would take a quarter of a
service's start.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from tomodachi.helpers import clock
from tomodachi.logging import context
from tomodachi.logging.enrichment import enrichers
from tomodachi.logging.event import BOUND_ATTRIBUTE, CONTEXT_ATTRIBUTE, merged, printable
from tomodachi.logging.exceptions import exc_info_of, exception_among
from tomodachi.logging.handlers import only_reader
from tomodachi.logging.levels import level_number

if TYPE_CHECKING:
    from types import FrameType

    from structlog.stdlib import BoundLogger as _Base
else:
    _Base = object

_STANDARD_NAMES = {"is_enabled_for": "isEnabledFor", "get_effective_level": "getEffectiveLevel"}
_ASYNCHRONOUS = frozenset(
    ("adebug", "ainfo", "awarning", "aerror", "aexception", "acritical", "afatal", "alog")
)


class Logger(_Base):
    """A named logger with bound values.

    `logger.info("message", key=value)`: both parts are optional; a value that is `...` is left out, and
    leaves what is bound to its name; `event_` and `class_` are printed as `event` and `class`; an exception
    given as `exception`, `exc` or `error` is told with its traceback. `exc_info`, `stack_info` and
    `stacklevel` mean what they mean to the standard library. `await logger.ainfo(...)` and the like do
    the same.
    """

    __slots__ = ("_context", "_logger", "_processors")

    def __init__(
        self,
        logger: logging.Logger,
        processors: Iterable[Any] = (),
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self._logger = logger
        self._processors = processors
        self._context: Any = context or {}

    @property  # type: ignore[misc] # never set
    def __class__(self) -> Any:
        """What `isinstance` believes besides the type itself: structlog's, if anybody imported it."""
        structlog = sys.modules.get("structlog.stdlib")
        return type(self) if structlog is None else structlog.BoundLogger

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._logger, self._processors, self._context)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._logger.name!r} context={self._context!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Logger):
            return NotImplemented
        return self._logger is other._logger and self._context == other._context

    def __hash__(self) -> int:
        return hash(self._logger.name)

    def bind(self, **new_values: Any) -> Self:
        """A logger with more values; they, and its own, are bound to the name in this task as well.

        What else was bound to the name is not any more. `logger=` gives a logger of another name.
        """
        bound = self._with({**self._context, **new_values})
        context.set_bound_values(bound.name, bound._context)
        return bound

    def new(self, **new_values: Any) -> Self:
        """A logger with these values and no others; bound if they say which `logger` it is.

        What was bound to the name in this task is not any more, unless it is the task's own logger,
        whose values (the handler's, for example) stay.
        """
        logger = self._with(new_values)
        if "logger" in new_values:
            context.set_bound_values(logger.name, logger._context)
        elif logger.name != context.current_name() and context.bound_values(logger.name):
            context.set_bound_values(logger.name, {})
        return logger

    def unbind(self, *keys: str) -> Self:
        """A logger without `keys`, which are unbound from the name in this task as well.

        Raises:
            KeyError: a key is bound to neither.
        """
        bound = {**context.bound_values(self.name), **self._context}
        for key in keys:
            del bound[key]
        return self.try_unbind(*keys)

    def try_unbind(self, *keys: str) -> Self:
        """Like `unbind`; keys that are not bound are ignored."""
        left = {k: v for k, v in context.bound_values(self.name).items() if k not in keys}
        context.set_bound_values(self.name, left)
        return self._with({k: v for k, v in self._context.items() if k not in keys})

    def _with(self, values: dict[str, Any]) -> Self:
        name = values.get("logger")
        if name is None:
            return type(self)(self._logger, self._processors, values)
        own = {key: value for key, value in values.items() if key != "logger"}
        return type(self)(logging.getLogger(name), self._processors, own)

    def __getattr__(self, name: str) -> Any:
        """Whatever else the loggers of the standard library and of structlog have."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name in _ASYNCHRONOUS:
            return partial(_asynchronously, getattr(self, name[1:]))
        return getattr(self._logger, _STANDARD_NAMES.get(name, name))

    # --- one line -------------------------------------------------------------------------------
    # Each level has its own body: the level check decides most calls and has to be cheap, and
    # the caller's frame is then always one up from here.

    def debug(self, event: str | None = None, *args: Any, **kw: Any) -> None:
        """Log at level DEBUG."""
        if self._logger.isEnabledFor(logging.DEBUG):
            self._emit(logging.DEBUG, event, args, kw, sys._getframe(1))

    def info(self, event: str | None = None, *args: Any, **kw: Any) -> None:
        """Log at level INFO."""
        if self._logger.isEnabledFor(logging.INFO):
            self._emit(logging.INFO, event, args, kw, sys._getframe(1))

    def warning(self, event: str | None = None, *args: Any, **kw: Any) -> None:
        """Log at level WARNING."""
        if self._logger.isEnabledFor(logging.WARNING):
            self._emit(logging.WARNING, event, args, kw, sys._getframe(1))

    warn = warning

    def error(self, event: str | None = None, *args: Any, **kw: Any) -> None:
        """Log at level ERROR."""
        if self._logger.isEnabledFor(logging.ERROR):
            self._emit(logging.ERROR, event, args, kw, sys._getframe(1))

    def exception(self, event: str | None = None, *args: Any, **kw: Any) -> None:
        """Log at level ERROR, with the exception being handled."""
        if self._logger.isEnabledFor(logging.ERROR):
            kw.setdefault("exc_info", True)
            self._emit(logging.ERROR, event, args, kw, sys._getframe(1))

    def critical(self, event: str | None = None, *args: Any, **kw: Any) -> None:
        """Log at level CRITICAL."""
        if self._logger.isEnabledFor(logging.CRITICAL):
            self._emit(logging.CRITICAL, event, args, kw, sys._getframe(1))

    fatal = critical

    def log(self, level: int | str, event: str | None = None, *args: Any, **kw: Any) -> None:
        """Log at `level`, a number or a name in any case.

        Raises:
            ValueError: the name is none of debug, info, warning, error, critical.
        """
        number = level if isinstance(level, int) else level_number(level)
        if self._logger.isEnabledFor(number):
            self._emit(number, event, args, kw, sys._getframe(1))

    def log_values(self, level: int, event: str, values: dict[str, Any], created: float) -> None:
        """Log values that are made for this line and are plain: no `exc_info`, nothing to rename.

        Args:
            level: A number.
            event: The message.
            values: May be kept and changed.
            created: When it happened, in Unix seconds.
        """
        if not self._logger.isEnabledFor(level):
            return
        for enrich in enrichers:
            values.update(enrich())
        bound = self._bound_values()
        if bound:
            values = {**bound, **values}
        if not self._print(created, level, event, values):
            self._hand_over(created, level, event, values, bound, sys._getframe(1), None)

    def _emit(
        self,
        level: int,
        event: str | None,
        args: tuple[Any, ...],
        values: dict[str, Any],
        frame: FrameType | None,
    ) -> None:
        exc_info = exc_info_of(values.pop("exc_info", None))
        if exc_info is None:
            named = event if isinstance(event, BaseException) else exception_among(values)
            exc_info = exc_info_of(named)
        stack_info = values.pop("stack_info", False)
        for _ in range(values.pop("stacklevel", 1) - 1):
            frame = frame.f_back if frame is not None else None
        if args:
            values["positional_args"] = args
        for enrich in enrichers:
            values.update(enrich())

        bound = self._bound_values()
        values = merged(bound, values)
        message = "" if event is None else event
        # Log lines tell the same time as the service they are about.
        created = clock.now()
        if (
            exc_info is None
            and not stack_info
            and isinstance(message, str)
            and self._print(created, level, message, values)
        ):
            return
        self._hand_over(
            created, level, message, values, bound, frame, exc_info, stack_info=stack_info
        )

    def _bound_values(self) -> Mapping[str, Any]:
        bound, own = context.bound_values(self._logger.name), self._context
        return bound if own is bound or not own else {**bound, **own}

    def _print(self, created: float, level: int, message: str, values: Mapping[str, Any]) -> bool:
        logger = self._logger
        reader = only_reader(logger, level)
        if reader is None:
            return False
        handler, formatter = reader
        try:
            shown = printable(values)
            handler.print_line(formatter.line(created, logger.name, level, message, shown))
        except Exception:  # noqa: BLE001 - logging's contract: report, never break the caller
            handler.handleError(logging.LogRecord(logger.name, level, "", 0, message, (), None))
        return True

    def _hand_over(
        self,
        created: float,
        level: int,
        message: str,
        values: Mapping[str, Any],
        bound: Mapping[str, Any],
        frame: FrameType | None,
        exc_info: Any,
        *,
        stack_info: bool = False,
    ) -> None:
        logger = self._logger
        path, line, function = _place(frame)
        record = logging.LogRecord(logger.name, level, path, line, message, (), exc_info, function)
        record.created = created
        record.msecs = created % 1 * 1000
        record.stack_info = _stack_text(frame) if stack_info else None
        record.__dict__[BOUND_ATTRIBUTE] = bound
        record.__dict__[CONTEXT_ATTRIBUTE] = values
        logger.handle(record)


async def _asynchronously(method: Callable[..., None], *args: Any, **kw: Any) -> None:
    # The line belongs to the place that awaits it.
    kw["stacklevel"] = kw.get("stacklevel", 1) + 1
    method(*args, **kw)


def get_logger(name: str | None = None) -> Logger:
    """The logger of that name; without one, the logger of the current task ("default").

    It has what is bound to the name, and keeps it.
    """
    name = name or context.current_name()
    return Logger(logging.getLogger(name), (), context.bound_values(name))


def _place(frame: FrameType | None) -> tuple[str, int, str]:
    if frame is None:
        return "(unknown file)", 0, "(unknown function)"
    return frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name


def _stack_text(frame: FrameType | None) -> str:
    import traceback

    return "Stack (most recent call last):\n" + "".join(traceback.format_stack(frame)).rstrip("\n")
