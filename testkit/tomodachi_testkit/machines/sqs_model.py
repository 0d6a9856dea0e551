"""What a queue of SQS must look like after what was done to it: the model behind `SQSMachine`.

Standard and FIFO queues, with a dead-letter queue. The model knows which messages there are and in
which state; it accepts any answer of a receive that SQS may give, and refuses every other one.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/, invariants 1 to 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

DEDUPLICATION_S = 300


class State(Enum):
    """Where a message is: the first three in its queue, the others gone from it."""

    DELAYED = auto()
    READY = auto()
    IN_FLIGHT = auto()
    DEAD = auto()
    DELETED = auto()
    EXPIRED = auto()
    PURGED = auto()


HERE = (State.DELAYED, State.READY, State.IN_FLIGHT)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the queue was created with; times in seconds."""

    fifo: bool
    visibility_s: int
    retention_s: int
    delay_s: int
    max_receives: int
    dead_retention_s: int
    by_group: bool


@dataclass(slots=True)
class Modelled:
    """What the model knows of one accepted message.

    Attributes:
        order: Place in the order of arrival.
        expires_at: End of retention, in the queue where it is.
        visible_at: End of its delay or visibility timeout.
        receives: Deliveries since it was sent, or moved back.
        handles: Receipt handles that were given out for it, oldest first.
    """

    body: str
    message_id: str
    group: str
    order: int
    sent_at: float
    expires_at: float
    visible_at: float
    state: State
    receives: int = 0
    handles: list[str] = field(default_factory=list)


class QueueModel:
    """The messages of one queue, and those that it dead-lettered.

    Attributes:
        messages: Every message that was accepted, oldest first.
        doomed: Messages that the last receive must have dead-lettered.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.messages: list[Modelled] = []
        self.doomed: list[Modelled] = []
        self._accepted: dict[tuple[str | None, str], tuple[float, str]] = {}
        self._order = 0

    # --- what is done ----------------------------------------------------------------------------

    def sent(
        self, body: str, message_id: str, *, group: str, dedup: str, delay: int | None, now: float
    ) -> None:
        """A send was accepted (6: a repeated one is answered as the first, and changes nothing)."""
        if self.settings.fifo:
            key = self._scope(group, dedup)
            until, first = self._accepted.get(key, (now, ""))
            if until > now:
                assert message_id == first, "a repeated send must be answered with the first's id"
                return
            self._accepted[key] = (now + DEDUPLICATION_S, message_id)
        assert all(m.message_id != message_id for m in self.messages), "one id for two messages"
        delay = self.settings.delay_s if delay is None else delay
        state = State.DELAYED if delay else State.READY
        expires_at = now + self.settings.retention_s
        self._add(Modelled(body, message_id, group, 0, now, expires_at, now + delay, state))

    def repeats(self, group: str, dedup: str, now: float) -> bool:
        """Whether a send with this id would be answered as that of a message which is still here."""
        until, first = self._accepted.get(self._scope(group, dedup), (now, ""))
        here = any(m.message_id == first and m.state in HERE for m in self.messages)
        return until > now and here

    def _scope(self, group: str, dedup: str) -> tuple[str | None, str]:
        return (group if self.settings.by_group else None, dedup)

    def _add(self, message: Modelled) -> None:
        self._order += 1
        message.order = self._order
        self.messages.append(message)

    def received(
        self, deliveries: list[dict[str, Any]], count: int, timeout_s: int, *, now: float
    ) -> None:
        """A receive was answered: check that it may be (2, 3, 4, 5), and take what it gave."""
        assert len(deliveries) <= count, f"{count} were asked for, not {len(deliveries)}"
        offered, locked = self.receivable(), self._locked()
        latest: dict[str, int] = {}
        taken = [self._delivered(d, locked, latest, timeout_s, now) for d in deliveries]
        left = [m for m in offered if m not in taken]
        assert len(deliveries) == count or not [m for m in left if not self.exhausted(m)], (
            f"{count} were asked for and these were not received: {left}"
        )
        whole = len(deliveries) < count
        self.doomed = [m for m in left if self.exhausted(m) and (whole or self._passed(m, latest))]
        skipped = [m for m in left if not self.exhausted(m) and self._passed(m, latest)]
        assert not skipped, f"later messages of the group were received before {skipped}"

    def _passed(self, message: Modelled, latest: dict[str, int]) -> bool:
        """Whether a later message of its group was received (5)."""
        return self.settings.fifo and message.order < latest.get(message.group, 0)

    def _delivered(
        self,
        delivery: dict[str, Any],
        locked: set[str],
        latest: dict[str, int],
        timeout_s: int,
        now: float,
    ) -> Modelled:
        message = next(m for m in reversed(self.messages) if m.body == delivery["Body"])
        assert message.state is State.READY, f"received although {message.state.name}: {message}"
        assert not self.exhausted(message), f"received too often: {message}"
        assert delivery["MessageId"] == message.message_id
        assert delivery["ReceiptHandle"] not in message.handles, "an old receipt handle again"
        attributes = delivery["Attributes"]
        message.receives += 1
        assert attributes["ApproximateReceiveCount"] == str(message.receives)
        assert attributes["SentTimestamp"] == str(int(message.sent_at * 1000))
        if self.settings.fifo:
            assert attributes["MessageGroupId"] == message.group
            assert message.group not in locked, f"received from a locked group: {message}"
            assert message.order > latest.get(message.group, 0), f"out of order: {message}"
            latest[message.group] = message.order
        message.handles.append(delivery["ReceiptHandle"])
        message.state, message.visible_at = State.IN_FLIGHT, now + timeout_s
        return message

    def deletes(self, message: Modelled, handle: str) -> bool | None:
        """Whether a delete with this handle takes the message away; None when it is refused (4).

        A queue that does not have the message accepts any handle of it. A standard queue deletes by
        any handle that it gave; a FIFO queue refuses one that is not the latest, or whose time is
        over.
        """
        if message.state not in HERE:
            return False
        if not self.settings.fifo:
            return True
        in_time = message.state is State.IN_FLIGHT and handle == message.handles[-1]
        return True if in_time else None

    def purge(self) -> None:
        """PurgeQueue: nothing is left, and no deduplication id is remembered."""
        self._accepted.clear()
        for message in self.messages:
            if message.state in HERE:
                message.state = State.PURGED

    def moved_back(self, message: Modelled, message_id: str, *, now: float) -> None:
        """A redrive put a dead letter back: it is a new message."""
        self.messages.remove(message)
        message.message_id, message.receives, message.handles = message_id, 0, []
        message.sent_at, message.visible_at = now, now
        message.expires_at, message.state = now + self.settings.retention_s, State.READY
        self._add(message)

    # --- what time does, and what may be known -----------------------------------------------------

    def pass_time(self, now: float) -> None:
        """Bring every message to `now` (8, and the end of delays and visibility timeouts)."""
        for message in self.messages:
            if message.state in (*HERE, State.DEAD) and message.expires_at <= now:
                message.state = State.EXPIRED
            elif message.state in (State.DELAYED, State.IN_FLIGHT) and message.visible_at <= now:
                message.state = State.READY

    def find_dead(self, bodies: set[str], *, now: float) -> None:
        """7: what came to the dead-letter queue had been received too often, and all that must have."""
        for message in self.messages:
            if message.state is State.READY and message.body in bodies:
                assert self.exhausted(message), f"dead-lettered too early: {message}"
                message.state = State.DEAD
                # A standard queue keeps the enqueue time, a FIFO queue starts retention anew.
                message.sent_at = now if self.settings.fifo else message.sent_at
                message.expires_at = message.sent_at + self.settings.dead_retention_s
                if message.expires_at <= now:
                    message.state = State.EXPIRED
        alive = [m for m in self.doomed if m.state is State.READY]
        self.doomed = []
        assert not alive, f"received too often and not dead-lettered: {alive}"

    def exhausted(self, message: Modelled) -> bool:
        """Whether another receive would exceed maxReceiveCount."""
        return message.receives >= self.settings.max_receives

    def receivable(self) -> list[Modelled]:
        """Messages that a receive could take now, be it to bury them."""
        locked = self._locked()
        return [m for m in self.messages if m.state is State.READY and m.group not in locked]

    def _locked(self) -> set[str]:
        if not self.settings.fifo:
            return set()
        return {m.group for m in self.messages if m.state is State.IN_FLIGHT}

    def bodies(self, *states: State) -> list[str]:
        """Bodies of the messages in one of these states, sorted."""
        return sorted(m.body for m in self.messages if m.state in states)
