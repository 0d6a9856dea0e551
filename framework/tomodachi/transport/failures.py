"""Logs what a service's own code raised, with a traceback that starts in that code.

A `CancelledError` may be raised by a service's code as well, which awaits something that was cancelled.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tomodachi import logging

if TYPE_CHECKING:
    from types import TracebackType

END_OF_PROGRAM = (SystemExit, KeyboardInterrupt, GeneratorExit)
"""What ends more than the function that raises it, and is nobody's failure."""

_OUR_MODULES = ("tomodachi.", "aiohttp.", "asyncio.", "importlib.")


def log_uncaught(error: BaseException) -> None:
    """Log an exception that no code of the service caught."""
    logger = logging.get_logger("exception")
    trimmed = users_traceback(error.__traceback__)
    message = f"uncaught exception: {error}"
    logger.error(message, exc_info=(type(error), error, trimmed))


def is_being_cancelled() -> bool:
    """Whether a `CancelledError` here is for this task to end, and not a failure of what it awaits."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def users_traceback(traceback: TracebackType | None) -> TracebackType | None:
    """`traceback` without the frames, of the runtime and imports, that lead to the service's code."""
    entry = traceback
    while entry is not None:
        module = str(entry.tb_frame.f_globals.get("__name__", ""))
        if not module.startswith(_OUR_MODULES):
            return entry
        entry = entry.tb_next
    return traceback
