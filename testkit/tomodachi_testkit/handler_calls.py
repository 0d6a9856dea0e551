"""Calls one handler of a running service as its transport would, and tells what came of it.

Messages are handed to the transport's own dispatcher, so envelope, middlewares, de-duplication and
keyword arguments are those of a received message; only the broker is left out. A request to an HTTP
handler goes over its connection. What each kind of message looks like is in `made_messages.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.clock import Clock
from tomodachi_testkit.errors import DrainIncomplete, TestkitError
from tomodachi_testkit.made_messages import MADE, request_path
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from tomodachi.helpers.handler_entries import HandlerEntry
    from tomodachi.helpers.observer import HandlerCall, PublishedMessage
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.observer import HandlerWatch
    from tomodachi_testkit.running import Running

__tracebackhide__ = hides


class NotHandled(TestkitError):
    """The message that a test made did not reach the handler."""

    def __init__(self, handler: str) -> None:
        super().__init__(
            f"the message did not reach {handler}(): the transport disposed of it before. It is no "
            "message of the handler's envelope, or a duplicate of one that was handled; the "
            "captured log says which."
        )


class CallCapture:
    """An observer that passes on what it is told, and keeps the first call of one handler."""

    def __init__(self, watch: HandlerWatch, service: object, handler: str) -> None:
        self._watch = watch
        self._service = service
        self._handler = handler
        self._call: HandlerCall | None = None

    def handler_started(self, call: HandlerCall) -> None:
        """A handler is about to run."""
        self._watch.handler_started(call)

    def handler_finished(self, call: HandlerCall) -> None:
        """A handler ended."""
        self._watch.handler_finished(call)
        self.keep(call)

    def message_published(self, message: PublishedMessage) -> None:
        """A handler published something."""
        self._watch.message_published(message)

    def keep(self, call: HandlerCall) -> None:
        """Keep a call that ended, if it is the first of the handler."""
        is_wanted = call.handler == self._handler and call.service is self._service
        if self._call is None and is_wanted:
            self._call = call

    def result(self) -> Any:
        """What the handler returned.

        Raises:
            NotHandled: it was not called.
            BaseException: what it raised; the test is its reader, so it is no leak any more.
        """
        call = self._call
        if call is None:
            raise NotHandled(self._handler)
        self._watch.forget(call)
        if call.error is not None:
            raise call.error
        return call.result


def entry_of(running: Running[Any], handler: str | Callable[..., Any]) -> HandlerEntry:
    """The entry of a handler, by its name or the method itself.

    Raises:
        TestkitError: the service has no such handler.
    """
    from tomodachi.helpers.handler_entries import entries_of

    name = handler if isinstance(handler, str) else getattr(handler, "__name__", repr(handler))
    entries = entries_of(running.context)
    for entry in entries:
        if entry.name == name:
            return entry
    known = ", ".join(sorted({entry.name for entry in entries})) or "none"
    msg = f"service {running.name!r} has no handler {name!r}; its handlers are: {known}."
    raise TestkitError(msg)


async def call(
    harness: Harness,
    running: Running[Any],
    handler: str | Callable[..., Any],
    message: Mapping[str, Any],
) -> Any:
    """Run one handler; time moves as far as the handler needs.

    Raises:
        TestkitError: there is no such handler, or the message lacks something.
        NotHandled: the transport disposed of the message before.
        BaseException: whatever the handler raised.
    """
    entry = entry_of(running, handler)
    capture = CallCapture(harness.watch, running.service, entry.name)
    if entry.deliver is None:
        with harness.watch.listening(capture.keep):
            await _request(running, entry, message)
        return capture.result()
    made = await MADE.get(entry.transport, _as_given)(harness, running, entry, message)
    await _finish(harness, _delivery(entry.deliver, made, capture), running)
    return capture.result()


async def _request(running: Running[Any], entry: HandlerEntry, message: Mapping[str, Any]) -> None:
    path, options = request_path(entry.detail["pattern"], message)
    await running.http.request(options.pop("method", entry.detail["method"]), path, **options)


async def _delivery(
    deliver: Callable[..., Awaitable[object]], made: tuple[Any, ...], capture: CallCapture
) -> None:
    from tomodachi.helpers.observer import set_observer

    set_observer(capture)
    await deliver(*made)


async def _finish(harness: Harness, work: Coroutine[Any, Any, None], running: Running[Any]) -> None:
    loop = asyncio.get_running_loop()
    task = loop.create_task(work, context=running.context_copy())
    clock = harness.clock
    if not isinstance(clock, Clock):
        await task
        return
    await clock.settle()
    for _ in range(harness.settle_limit):
        if task.done() or not await clock.step():
            break
    if not task.done():
        task.cancel()
        msg = "the handler waits for something that will not happen: no timer is left to pass."
        raise DrainIncomplete(msg)
    await task


async def _as_given(
    harness: Harness, running: Running[Any], entry: HandlerEntry, message: Mapping[str, Any]
) -> tuple[Any, ...]:
    # A transport of the user's own takes what its tests hand over.
    return (dict(message),)
