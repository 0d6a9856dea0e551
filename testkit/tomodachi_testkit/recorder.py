"""Writes the one log of a test: broker events and handler calls, with their causes.

A broker's causes are numbers of its own log; here they become numbers of ours, so that a handler's
call and what it led to can be told in one line of causes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomodachi.helpers.observer import HandlerCall
    from tomodachi_fakes.events import Event as BrokerEvent
    from tomodachi_testkit.event_log import EventLog


class Recorder:
    """Translates what brokers and services report into events of the test's log."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._seqs: dict[int, int] = {}
        self._calls: dict[int, int] = {}

    def broker_event(self, event: BrokerEvent) -> None:
        """A broker recorded something."""
        cause = None if event.cause is None else self._seqs.get(event.cause)
        self._seqs[event.seq] = self._log.add(
            event.kind,
            event.service,
            at=event.at,
            queue=event.subject.rsplit(":", 1)[-1],
            message_id=event.message_id,
            cause=cause,
            detail=dict(event.detail),
        )

    def handler_call(self, kind: str, call: HandlerCall) -> None:
        """A handler was started, finished or failed."""
        name = str(getattr(call.service, "name", ""))
        if kind == "started":
            self._calls[id(call)] = self._log.add(
                call.transport, name, handler=call.handler, detail=dict(call.detail)
            )
            return
        detail = {"outcome": call.outcome}
        if call.error is not None:
            detail["error"] = repr(call.error)
        cause = self._calls.pop(id(call), None)
        self._log.add(kind, name, handler=call.handler, cause=cause, detail=detail)
