"""Where log lines go and who formats them: one handler on the root logger, to standard error.

`configure` puts it there. `set_default_formatter` chooses how its lines look. Where that handler is all
that a line would meet, `only_reader` says so, and the line is printed without a record.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Literal, TextIO

from tomodachi.helpers import colors
from tomodachi.logging import custom, formatters
from tomodachi.logging.levels import level_number

LoggerType = Literal["json", "console", "no_color_console", "custom", "python", "disabled"]

TOMODACHI_LOGGER_TYPE: str = "console"
"""The name of the format chosen last."""

_FORMATTERS: dict[str, logging.Formatter] = {
    "json": formatters.JSONFormatter,
    "console": formatters.ConsoleFormatter,
    "no_color_console": formatters.NoColorConsoleFormatter,
    "custom": custom.CustomLoggerFormatter,
    "python": formatters.PythonLoggingFormatter,
    "disabled": formatters.DisabledFormatter,
}


class InvalidLoggerType(ValueError):
    """There is no log format of that name."""

    def __init__(self, name: object) -> None:
        super().__init__(
            f"Invalid logger type: {name!r} "
            "(expected 'console', 'no_color_console', 'json', 'custom', 'python' or 'disabled')"
        )


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at the time, not to what it was when the handler was made."""

    def __init__(self, level: int = logging.NOTSET) -> None:
        logging.Handler.__init__(self, level)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # an attribute in the base class
        """The current standard error."""
        return sys.stderr

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record's line; formatters that give "" write nothing."""
        try:
            self.print_line(self.format(record))
        except RecursionError:
            raise
        except Exception:  # noqa: BLE001 - logging's contract: report, never break the caller
            self.handleError(record)

    def print_line(self, line: str) -> None:
        """Write a line that was made already, unless it is ""."""
        if line:
            with self.lock:  # type: ignore[union-attr] # made by the base class
                stream = sys.stderr
                stream.write(line + self.terminator)
                stream.flush()

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, by this handler's formatter or the default one."""
        return (self.formatter or _default_formatter()).format(record)


DefaultRootLoggerHandler = DefaultHandler = StderrHandler()
"""The handler that `configure` puts on the root logger."""


# The stream last asked about, and whether it is coloured: asking takes as long as a line.
_known: tuple[TextIO | None, bool] = (None, False)


def _default_formatter() -> logging.Formatter:
    if TOMODACHI_LOGGER_TYPE == "console" and not _is_colored(sys.stderr):
        return formatters.NoColorConsoleFormatter
    return _FORMATTERS[TOMODACHI_LOGGER_TYPE]


def _is_colored(stream: TextIO) -> bool:
    global _known
    known, colored = _known
    if stream is not known:
        colored = colors.enabled(stream)
        _known = stream, colored
    return colored


def only_reader(
    logger: logging.Logger, level: int
) -> tuple[StderrHandler, formatters.LineFormatter] | None:
    """The handler that is all that lines of `logger` meet, if it can print them without a record.

    None as soon as anybody else would see the record: a filter, another handler, a formatter or a
    logger that is not one of those known here.
    """
    if logger.filters or type(logger).handle is not logging.Logger.handle:
        return None
    found: logging.Handler | None = None
    current: logging.Logger | None = logger
    while current is not None:
        for handler in current.handlers:
            if found is not None:
                return None
            found = handler
        current = current.parent if current.propagate else None
    if type(found) is not StderrHandler or found.filters or found.level > level:
        return None
    formatter = found.formatter or _default_formatter()
    return (found, formatter) if isinstance(formatter, formatters.LineFormatter) else None


def set_default_formatter(
    _arg: logging.Formatter | LoggerType | None = None,
    /,
    *,
    logger_type: LoggerType | None = None,
    formatter: logging.Formatter | None = None,
) -> None:
    """Choose the format of the default handler, by one of the three arguments.

    Args:
        _arg: A format's name, or a formatter.
        logger_type: A format's name. "console" is in colour on a terminal only.
        formatter: A formatter. Without any argument the format stays what it was chosen to be.

    Raises:
        TypeError: more than one argument was given.
        InvalidLoggerType: there is no such format.
    """
    global TOMODACHI_LOGGER_TYPE, _known
    _known = (None, False)
    given = [value for value in (_arg, logger_type, formatter) if value is not None]
    if len(given) > 1:
        msg = "Invalid combination of arguments given to set_default_formatter(): give only one."
        raise TypeError(msg)
    chosen = given[0] if given else TOMODACHI_LOGGER_TYPE
    if isinstance(chosen, logging.Formatter):
        DefaultHandler.setFormatter(chosen)
        named = [name for name, known in _FORMATTERS.items() if known is chosen]
        TOMODACHI_LOGGER_TYPE = named[0] if named else "python"
        return
    if chosen not in _FORMATTERS:
        raise InvalidLoggerType(chosen)
    TOMODACHI_LOGGER_TYPE = chosen
    DefaultHandler.setFormatter(None)


def configure(log_level: int | str = logging.INFO, force: bool = False) -> None:  # noqa: FBT001 - the public signature
    """Put the default handler on the root logger and set the root's level.

    As `logging.basicConfig` does, it leaves a root logger alone that has handlers already, unless
    `force` is given, which takes those off.

    Args:
        log_level: A level's name or number.
        force: See above.

    Raises:
        ValueError: there is no such level.
    """
    level = log_level if isinstance(log_level, int) else level_number(log_level)
    root = logging.getLogger()
    if root.handlers and not force:
        return
    remove((root, handler) for handler in root.handlers[:])
    root.addHandler(DefaultHandler)
    root.setLevel(level)


def remove_handlers() -> None:
    """Take all handlers off the runtime's own loggers, and the default one off the root logger."""
    remove(own_handlers())
    root = logging.getLogger()
    remove((root, handler) for handler in root.handlers[:] if isinstance(handler, StderrHandler))


OwnHandler = tuple[logging.Logger, logging.Handler]


def own_handlers() -> list[OwnHandler]:
    """The handlers of the runtime's own loggers, each with its logger."""
    loggers = [
        logger
        for name, logger in logging.Logger.manager.loggerDict.items()
        if f"{name}.".startswith("tomodachi.") and isinstance(logger, logging.Logger)
    ]
    return [(logger, handler) for logger in loggers for handler in logger.handlers]


def remove(handlers: Iterable[OwnHandler]) -> None:
    """Take handlers off their loggers, and close them."""
    for logger, handler in handlers:
        logger.removeHandler(handler)
        handler.close()
