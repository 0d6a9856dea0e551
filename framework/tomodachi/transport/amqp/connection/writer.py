"""Gathers what is written during one turn of the loop and sends it at once, in order.

Every write of a connection passes through here, aioamqp's frames as well as ours, so that an
acknowledgement never overtakes, nor is overtaken by, the method that follows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

FLUSH_FROM = 65_536
"""Octets that are not held back any longer than until somebody asks whether the peer keeps up."""


class GatheringWriter:
    """Stands in for the stream writer that aioamqp expects.

    Args:
        transport: Where to write.
        sent: Called after each write to it.
    """

    def __init__(self, transport: asyncio.Transport, sent: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._sent = sent
        self._gathered: list[bytes] = []
        self._size = 0
        self._flow: asyncio.Future[None] | None = None

    def write(self, data: bytes) -> None:
        """Send soon."""
        if not self._gathered:
            self._loop.call_soon(self.flush)
        self._gathered.append(data)
        self._size += len(data)

    def flush(self) -> None:
        """Send now."""
        if self._gathered and not self._transport.is_closing():
            self._transport.write(b"".join(self._gathered))
            self._sent()
        self._gathered.clear()
        self._size = 0

    async def drain(self) -> None:
        """Return when the peer takes bytes."""
        if self._size >= FLUSH_FROM:
            # A caller that writes on and on without a pause would never let the loop do it.
            self.flush()
        if self._flow is not None:
            await asyncio.shield(self._flow)

    def close(self) -> None:
        """Send what was gathered, then close."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close without sending what was gathered."""
        self._gathered.clear()
        self._size = 0
        self._transport.abort()

    def pause(self) -> None:
        """The peer is slow: `drain` waits from here on."""
        self._flow = self._loop.create_future()

    def resume(self) -> None:
        """The peer takes bytes again, or never will."""
        flow, self._flow = self._flow, None
        if flow is not None and not flow.done():
            flow.set_result(None)
