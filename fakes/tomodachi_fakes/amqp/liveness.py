"""Heartbeats of one connection: sent at half the interval, and missed ones counted.

The server beats twice an interval; a client that was silent for two
whole looks after its last octet, about three intervals, is cut without a close frame.

Source: https://www.rabbitmq.com/docs/heartbeats
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.frames import HEARTBEAT

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.connection import Connection
    from tomodachi_fakes.amqp.model.timers import Timer

_LOOKS_ALLOWED = 1


class Liveness:
    """Heartbeats both ways.

    Attributes:
        received: Octets came since the last look.
    """

    __slots__ = ("_beat", "_connection", "_interval_s", "_look", "_silent", "received")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._interval_s = 0
        self._beat: Timer | None = None
        self._look: Timer | None = None
        self._silent = 0
        self.received = False

    def start(self, interval_s: int) -> None:
        """Begin with the negotiated interval; 0 does without heartbeats."""
        if not interval_s:
            return
        self._interval_s = interval_s
        timers, now = self._connection.broker.timers, self._connection.broker.now
        self._beat = timers.at(now + interval_s / 2, self._on_beat, "heartbeat")
        self._look = timers.at(now + interval_s, self._on_look, "heartbeat")

    def stop(self) -> None:
        """No more of them."""
        for timer in (self._beat, self._look):
            if timer is not None:
                timer.cancel()
        self._beat = self._look = None

    def _on_beat(self, now: float) -> None:
        self._connection.write(HEARTBEAT)
        self._beat = self._connection.broker.timers.at(
            now + self._interval_s / 2, self._on_beat, "heartbeat"
        )

    def _on_look(self, now: float) -> None:
        if self.received or self._connection.backlog.held is not None:
            self._silent = 0
        elif self._silent >= _LOOKS_ALLOWED:
            self._connection.cut()
            return
        else:
            self._silent += 1
        self.received = False
        self._look = self._connection.broker.timers.at(
            now + self._interval_s, self._on_look, "heartbeat"
        )
