"""Says why service files can't be imported."""

from __future__ import annotations

import sys

from tomodachi import logging
from tomodachi.helpers.colors import RED, RESET, enabled
from tomodachi.importer.importer import ServicePackageError
from tomodachi.logging.exceptions import location
from tomodachi.transport.failures import log_uncaught


def log_import_error(error: BaseException, logger: str = "exception") -> None:
    """Log what the import of a service file raised.

    Args:
        error: The exception.
        logger: Who tells of syntax errors.
    """
    if isinstance(error, SyntaxError):
        kind = "indentation" if isinstance(error, IndentationError) else "syntax"
        logging.get_logger(logger).error(
            f"{kind} error in file",
            error_location=syntax_error_location(error),
            # The exception shows the place itself; the frames are those of the import.
            exc_info=(type(error), error, None),
        )
    elif not isinstance(error, ServicePackageError):
        log_uncaught(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        text = f"[fatal error] The '{error.name}' package is missing or cannot be imported."
        sys.stdout.write(f"\n{RED}{text}{RESET}\n\n" if enabled(sys.stdout) else f"\n{text}\n\n")
        sys.stdout.flush()


def syntax_error_location(error: BaseException) -> str:
    """`./path:line` of a syntax error, "" of any other."""
    if not isinstance(error, SyntaxError) or not error.filename:
        return ""
    return location(error.filename, error.lineno or 0)
