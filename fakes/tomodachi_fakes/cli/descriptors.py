"""Open files of the process: as many as the caps on connections need, and one line in the log when none is left.

Many systems let a process have 1,024 at first and far more if it asks. Without asking, a test suite that opens
the connections that the brokers allow would meet the system's limit before theirs.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from typing import Any

LOGGER = logging.getLogger("svc-fake-broker")
# The caps of all ports together are below 3,000; the rest is for scripts, files and deliveries.
WANTED = 4096
_USED_UP = (errno.EMFILE, errno.ENFILE)
_SAY_AGAIN_S = 10.0


def ask_for_enough() -> None:
    """Raise the process's own limit as far as the system lets it."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class WhenUsedUp:
    """A loop's exception handler that tells what to do once none is left, and leaves the rest to the loop.

    asyncio tries again by itself, and would log each attempt with a stack trace, thousands a second.
    """

    def __init__(self) -> None:
        self._said_at: float | None = None

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Called by the loop."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _USED_UP:
            loop.default_exception_handler(context)
        elif self._said_at is None or loop.time() - self._said_at >= _SAY_AGAIN_S:
            self._said_at = loop.time()
            LOGGER.error(
                "clients wait: this process may have no more open files (%s); close connections, or start it "
                "with a higher `ulimit -n`",
                error.strerror,
            )
