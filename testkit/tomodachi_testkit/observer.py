"""Watches a harness's services: which handlers run, how many ended, and which errors they raised.

Implements `tomodachi.helpers.observer.Observer`. An error that a handler raised on purpose to be
answered (an HTTP status) is not collected; everything else reaches the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tomodachi
from tomodachi.helpers.observer import HandlerCall, PublishedMessage

# Whoever sends a request waits for its answer; nothing else has to be waited for.
_ANSWERED = ("http", "websocket")
_RUNTIME = str(Path(tomodachi.__file__).parent)


class HandlerWatch:
    """Counts running handlers and keeps their errors."""

    def __init__(self, record: Callable[[str, HandlerCall], None]) -> None:
        self._record = record
        self.running: list[HandlerCall] = []
        self.errors: list[BaseException] = []
        self._failures = 0
        self._handled = 0
        self.published_by_services: Callable[[PublishedMessage], None] | None = None
        self._listeners: list[Callable[[HandlerCall], None]] = []

    def handler_started(self, call: HandlerCall) -> None:
        """A handler is about to run."""
        self.running.append(call)
        self._record("started", call)

    def handler_finished(self, call: HandlerCall) -> None:
        """A handler ended; its message or request was disposed of."""
        # By identity: two calls of one handler with the same message compare equal.
        self.running = [other for other in self.running if other is not call]
        self._handled += call.transport not in _ANSWERED
        self._record("failed" if call.error is not None else "finished", call)
        if call.error is not None and _is_a_failure(call.error):
            self._failures += 1
            self.errors.append(call.error)
        for listener in tuple(self._listeners):
            listener(call)

    def message_published(self, message: PublishedMessage) -> None:
        """A service published something; in-memory brokers tell that themselves."""
        if self.published_by_services is not None:
            self.published_by_services(message)

    def forget(self, call: HandlerCall) -> None:
        """The test made this call itself, and was told how it ended."""
        self._handled -= call.transport not in _ANSWERED
        if any(error is call.error for error in self.errors):
            self._failures -= 1
            self.errors = [error for error in self.errors if error is not call.error]

    def take_counts(self) -> tuple[int, int]:
        """How many calls ended (but requests) and how many raised, since this was last asked."""
        counts = self._handled, self._failures
        self._handled = self._failures = 0
        return counts

    @contextmanager
    def listening(self, listener: Callable[[HandlerCall], None]) -> Iterator[None]:
        """Inside, `listener` is told of every call that ended."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def running_messages(self) -> list[HandlerCall]:
        """The calls whose end is worth waiting for (a websocket's is not)."""
        return [call for call in self.running if call.transport != "websocket"]

    def raise_errors(self, *, allowed: bool) -> None:
        """Raise the errors since they were last taken, unless that is allowed.

        Raises:
            ExceptionGroup: there are some.
        """
        errors = self.take_errors()
        if errors and not allowed:
            shown = [_from_the_handler(error) for error in errors if isinstance(error, Exception)]
            raise ExceptionGroup("errors raised in handlers", shown)

    def take_errors(self) -> list[BaseException]:
        """The errors since the last call; they are the caller's to report."""
        errors, self.errors = self.errors, []
        return errors


def _is_a_failure(error: BaseException) -> bool:
    # aiohttp's HTTP exceptions carry a status below 500 when they are an answer, not an accident.
    status = getattr(error, "status", None)
    if isinstance(status, int) and status < 500:
        return False
    return isinstance(error, Exception)


def _from_the_handler(error: Exception) -> Exception:
    """An error of a handler with a traceback that begins there, and not in the runtime that called it.

    What the runtime itself raised keeps its traceback.
    """
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(_RUNTIME):
        traceback = traceback.tb_next
    return error if traceback is None else error.with_traceback(traceback)
