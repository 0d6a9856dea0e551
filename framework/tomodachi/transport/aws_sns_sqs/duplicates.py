"""Which messages a handler has seen within the last minute.

Pure: `now` is handed in. SQS and SNS deliver at least once; envelopes give a message an id of its own
by which the second delivery is known.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum, auto

WINDOW_S = 60.0
MOST_REMEMBERED = 100_000
"""At most; beyond about 1,600 messages a second the minute gets shorter instead of the memory larger."""


class Seen(Enum):
    """What is known of a message."""

    NEW = auto()
    RUNNING = auto()
    HANDLED = auto()


class RecentMessages:
    """Ids of the messages of one handler, with what became of each."""

    __slots__ = ("_entries", "_window_s")

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        # id -> (when it came, whether it is handled); oldest first.
        self._entries: OrderedDict[str, tuple[float, bool]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def begin(self, message_id: str, *, now: float) -> Seen:
        """Ask whether a message is new, and remember it if it is."""
        self._forget_old(now)
        entry = self._entries.get(message_id)
        if entry is not None:
            return Seen.HANDLED if entry[1] else Seen.RUNNING
        self._entries[message_id] = (now, False)
        return Seen.NEW

    def handled(self, message_id: str) -> None:
        """The message is handled: another delivery of it may be deleted."""
        entry = self._entries.get(message_id)
        if entry is not None:
            self._entries[message_id] = (entry[0], True)

    def forget(self, message_id: str) -> None:
        """The message is to be handled again."""
        self._entries.pop(message_id, None)

    def _forget_old(self, now: float) -> None:
        # Once round at most, should every message be running.
        for _ in range(len(self._entries)):
            message_id, (began, handled) = next(iter(self._entries.items()))
            if now - began < self._window_s and len(self._entries) < MOST_REMEMBERED:
                return
            if handled:
                del self._entries[message_id]
            else:
                # A long handler's message stays known until it ends; look again in a minute.
                self._entries[message_id] = (now, False)
                self._entries.move_to_end(message_id)
