"""What happened to a message, in order, and why: the log behind timelines and assertions.

Every core appends here through the `EventLog` it is handed. `cause` is the `seq` of the event that
led to this one (publish -> filter -> send -> receive -> delete), so a chain can be walked as a tree.
A log that nobody reads is bounded: the oldest events fall off after `capacity`. Nearly every event of
a busy broker is never looked at, so an event is kept as its bare fields and becomes an `Event` when
somebody reads or hears it.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened inside a broker.

    Attributes:
        seq: Position in the log, counted from 1.
        at: Unix time in seconds.
        service: "sqs", "sns" or "amqp".
        kind: A past-tense verb: "published", "filtered", "sent", "received", "deleted", "expired",
            "dead-lettered", "routed", "delivered", "acked", "returned", ...
        subject: The queue, topic or exchange it happened to (ARN or name).
        message_id: The broker's id of the message, where there is one.
        cause: `seq` of the event that led to this one.
        detail: Small JSON-able facts (receive count, routing key, reason); never a secret.
    """

    seq: int
    at: float
    service: str
    kind: str
    subject: str
    message_id: str | None = None
    cause: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


class Log(Protocol):
    """Where cores write what happened."""

    def append(self, service: str, kind: str, subject: str, *, now: float, **fields: Any) -> int:
        """Record an event and return its `seq`; see `EventLog.append`."""
        ...


class PlacedLog:
    """A log that adds the same facts to every event, such as where it happened."""

    __slots__ = ("_log", "_place")

    def __init__(self, log: Log, **place: Any) -> None:
        self._log = log
        self._place = place

    def append(self, service: str, kind: str, subject: str, *, now: float, **fields: Any) -> int:
        """Record an event with these facts; see `EventLog.append`."""
        return self._log.append(service, kind, subject, now=now, **{**self._place, **fields})


_BATCH = 10_000
# The fields of an `Event`, in its order.
_Record = tuple[int, float, str, str, str, str | None, int | None, dict[str, Any]]


class LogReader(Protocol):
    """Somebody who is shown every event, though late.

    Attributes:
        seq: The last event it was shown, 0 at first; the log keeps it.
    """

    seq: int

    def see(self, at: float, service: str, kind: str, subject: str, detail: dict[str, Any]) -> None:
        """The next event."""
        ...


class EventLog:
    """An append-only, bounded log with listeners that are called at once, in order."""

    __slots__ = ("_capacity", "_due", "_listeners", "_readers", "_records", "_seq", "_watchers")

    def __init__(self, capacity: int | None = 100_000) -> None:
        self._capacity = capacity
        self._records: deque[_Record] = deque(maxlen=capacity)
        self._listeners: list[Callable[[Event], None]] = []
        self._watchers: list[Callable[[Event, object], None]] = []
        self._seq = 0
        self._readers: list[LogReader] = []
        self._due = math.inf  # the `seq` after which events would fall off unread

    def append(
        self,
        service: str,
        kind: str,
        subject: str,
        *,
        now: float,
        message_id: str | None = None,
        cause: int | None = None,
        payload: object = None,
        **detail: Any,
    ) -> int:
        """Record an event and return its `seq`, to be the `cause` of what follows.

        Args:
            service: "sqs", "sns" or "amqp".
            kind: A past-tense verb.
            subject: The queue, topic or exchange it happened to.
            now: Unix time in seconds.
            message_id: The broker's id of the message.
            cause: `seq` of the event that led to this one.
            payload: The core's own message, handed to watchers and not kept.
            **detail: Small JSON-able facts.
        """
        self._seq = seq = self._seq + 1
        record = (seq, now, service, kind, subject, message_id, cause, detail)
        self._records.append(record)
        if seq >= self._due:
            self.read()
        if self._listeners or self._watchers:
            self._tell(Event(*record), payload)
        return seq

    def _tell(self, event: Event, payload: object) -> None:
        for listener in self._listeners:
            listener(event)
        for watcher in self._watchers:
            watcher(event, payload)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every later event; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def watch(self, watcher: Callable[[Event, object], None]) -> Callable[[], None]:
        """Call `watcher` with every later event and its message; the returned function ends that.

        The message is the core's own object, as it is at that moment: read it, keep nothing of it.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def read_with(self, reader: LogReader) -> None:
        """Show `reader` every later event, in batches: at `read()`, and before any is forgotten.

        For those who count: it costs a comparison an event, where a listener costs a call. What the log
        holds already is shown too.
        """
        self._readers.append(reader)
        self.read()

    def read(self) -> None:
        """Show the readers what they have not seen yet."""
        if not self._readers:
            return
        for reader in self._readers:
            see = reader.see
            for _, at, service, kind, subject, _, _, detail in self._later(reader.seq):
                see(at, service, kind, subject, detail)
            reader.seq = self._seq
        # Small batches, so that reading never keeps anybody waiting.
        self._due = self._seq + min(self._capacity or _BATCH, _BATCH)

    @property
    def seq(self) -> int:
        """The `seq` of the latest event; 0 before the first."""
        return self._seq

    def after(self, seq: int) -> Iterator[Event]:
        """Events later than `seq`, oldest first, as far as the log still holds them."""
        return iter([Event(*record) for record in self._later(seq)])

    def tally(self, after: int = 0) -> Counter[tuple[str, str, str]]:
        """How many events later than `after` the log holds, by service, kind and subject."""
        return Counter((record[2], record[3], record[4]) for record in self._later(after))

    def _later(self, seq: int) -> Iterator[_Record]:
        wanted = max(0, self._seq - seq)
        return islice(self._records, max(0, len(self._records) - wanted), None)

    def clear(self) -> None:
        """Forget the events; `seq` goes on counting."""
        self.read()
        self._records.clear()

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Event]:
        return iter([Event(*record) for record in self._records])
