"""When to send a heartbeat, and when a silent broker counts as gone.

A heartbeat is sent once half the agreed interval has passed without a write; a peer that was silent
for two intervals is gone, whatever TCP says.

Source: AMQP 0-9-1 spec 4.2.7; https://www.rabbitmq.com/docs/heartbeats
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MISSED_INTERVALS = 2


class Heartbeat:
    """Watches one connection with a single loop timer.

    Args:
        interval: Agreed heartbeat in seconds, above 0.
        send: Writes a heartbeat frame.
        lost: Called once, when the peer has been silent for too long.
    """

    def __init__(
        self, interval: float, *, send: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._send = send
        self._lost = lost
        self._send_after = interval / 2
        self._silence = interval * MISSED_INTERVALS
        self._last_sent = self._last_received = self._loop.time()
        self._timer = self._loop.call_later(self._send_after, self._check)

    def received(self) -> None:
        """Bytes came in."""
        self._last_received = self._loop.time()

    def sent(self) -> None:
        """Bytes went out."""
        self._last_sent = self._loop.time()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _check(self) -> None:
        now = self._loop.time()
        if now >= self._last_received + self._silence:
            self._lost()
            return
        if now >= self._last_sent + self._send_after:
            self._send()
            self._last_sent = now
        due = min(self._last_sent + self._send_after, self._last_received + self._silence)
        self._timer = self._loop.call_at(due, self._check)
