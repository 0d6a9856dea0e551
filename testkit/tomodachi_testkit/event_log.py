"""One log of everything that happened in a test: brokers, handlers, the test's own acts.

Broker events are taken over as they are recorded, so causes chain across the wire; handler calls are
added from the services' observer. The log holds no port, path or real time, so the same seed gives
the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, overload


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        seq: Position in the log, from 1.
        t: When, by the test's clock (UTC).
        kind: What: a broker's verb ("published", "received", "deleted", ...), a transport's name for
            a handler call ("http", "aws_sns_sqs", "amqp", "schedule"), "finished" or "failed" for
            its end, or the test's own act ("start", "stop", "crash").
        service: "sns", "sqs", "amqp", or the name of the tomodachi service.
        queue: The queue, topic or exchange concerned; "" where there is none.
        handler: The handler's name; "" for broker events.
        message_id: The broker's message id; None where there is none.
        cause: `seq` of the event that led to this one.
        detail: Further facts.
    """

    seq: int
    t: datetime
    kind: str
    service: str
    queue: str = ""
    handler: str = ""
    message_id: str | None = None
    cause: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


class EventLog(Sequence[Event]):
    """The events of one test, oldest first."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._events: list[Event] = []

    def add(self, kind: str, service: str, *, at: float | None = None, **fields: Any) -> int:
        """Record an event at `at` (Unix seconds), by default now; returns its `seq`."""
        moment = datetime.fromtimestamp(self._now() if at is None else at, UTC)
        event = Event(len(self._events) + 1, moment, kind, service, **fields)
        self._events.append(event)
        return event.seq

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(tuple(self._events))

    def where(self, **match: Any) -> list[Event]:
        """Events whose fields, or else facts in `detail`, equal every given value."""
        return [
            event
            for event in self._events
            if all(_value(event, name) == value for name, value in match.items())
        ]

    def tree(self, message: Any) -> str:
        """What became of a message (a `Message`, an event, or an id), as an indented tree."""
        wanted = getattr(message, "message_id", message)
        children: dict[int, list[Event]] = {}
        for event in self._events:
            if event.cause is not None:
                children.setdefault(event.cause, []).append(event)
        roots = [e for e in self._events if e.message_id == wanted and e.cause is None]
        # A copy that the message was made into has its own id: its story begins where it was made.
        roots = roots or [e for e in self._events if e.message_id == wanted][:1]
        lines = [line for root in roots for line in _branch(root, children)]
        return "\n".join(lines) or f"nothing is known of message {wanted!r}"

    def render(self, *, width: int = 100) -> str:
        """One line an event, cut to `width` characters."""
        return "\n".join(_clip(_line(event), width) for event in self._events)

    def save(self, path: str | Path) -> None:
        """Write the log as JSON lines, one event a line."""
        Path(path).write_text("".join(f"{line}\n" for line in self.lines()), encoding="utf-8")

    def lines(self) -> list[str]:
        """One JSON text an event: the same for the same seed, to the byte."""
        return [json.dumps(_plain(event), sort_keys=True) for event in self._events]


def _branch(event: Event, children: dict[int, list[Event]], depth: int = 0) -> Iterator[str]:
    yield "  " * depth + _line(event)
    for child in children.get(event.seq, ()):
        yield from _branch(child, children, depth + 1)


def _value(event: Event, name: str) -> Any:
    if name in Event.__dataclass_fields__:
        return getattr(event, name)
    return event.detail.get(name)


def _line(event: Event) -> str:
    clock = event.t.strftime("%H:%M:%S.%f")[:-3]
    where = " ".join(part for part in (event.queue, event.handler) if part)
    facts = " ".join(f"{name}={value}" for name, value in event.detail.items() if value != "")
    return f"{event.seq:>4} {clock} {event.service:<10} {event.kind:<12} {where} {facts}".rstrip()


def _clip(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"


def _plain(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "t": event.t.isoformat(),
        "kind": event.kind,
        "service": event.service,
        "queue": event.queue,
        "handler": event.handler,
        "message_id": event.message_id,
        "cause": event.cause,
        "detail": {name: str(value) for name, value in event.detail.items()},
    }
