"""Frames of one connection that have to wait: publishers are blocked, or a fault delays a method.

Nothing that follows a frame that waits is handled before it; the shell stops reading meanwhile.

Source: https://www.rabbitmq.com/docs/connection-blocked
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.states import End

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.connection import Connection

Frame = tuple[int, int, bytes]


class Backlog:
    """What waits on one connection.

    Attributes:
        held: (type, channel, payload), in order; None when everything is handled as it comes.
        blocked: Publishers wait for memory, and the client was told.
    """

    __slots__ = ("_connection", "blocked", "held")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.held: deque[Frame] | None = None
        self.blocked = False

    def block(self, reason: str, first: Frame) -> None:
        """Publishers wait, beginning with a frame at hand: tell a client that wants to know."""
        self.held = deque([first]) if self.held is None else self.held
        if self.blocked:
            return
        connection = self._connection
        self.blocked = True
        connection.broker.blocked[connection.id] = connection
        connection.broker.record("blocked", connection.id, reason=reason)
        if "connection.blocked" in connection.capabilities:
            connection.send(0, "connection.blocked", reason)

    def unblock(self) -> None:
        """Publishers go on."""
        if not self.blocked:
            return
        connection = self._connection
        self.blocked = False
        connection.broker.blocked.pop(connection.id, None)
        if "connection.blocked" in connection.capabilities:
            connection.send(0, "connection.unblocked")
        self._release()

    def delay(self, frame: Frame, *, until: float) -> None:
        """Handle a frame, and all that follow it, at `until` (Unix seconds)."""
        self.held = deque([frame])
        self._connection.broker.timers.at(until, lambda now: self._after_delay(), "latency")

    def _after_delay(self) -> None:
        """Handle the delayed frame itself without asking the faults again, then what followed it."""
        if self.held:
            self._connection.handle(*self.held.popleft(), unharmed=True)
            self._release()

    def _release(self) -> None:
        """Handle what was held, in order, until one of them has to wait again."""
        frames, self.held = self.held or deque(), None
        connection = self._connection
        while frames and connection.end is End.NO:
            connection.handle(*frames.popleft())
            if self._put_back(frames):
                return
        connection.flush_confirms()

    def _put_back(self, frames: deque[Frame]) -> bool:
        """Whether the frame just handled holds back those that follow it."""
        if self.held is None:
            return False
        self.held.extend(frames)
        return True

    def forget(self) -> None:
        """The connection ends."""
        self.held = None
        self._connection.broker.blocked.pop(self._connection.id, None)
