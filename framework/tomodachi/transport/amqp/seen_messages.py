"""Lets each message be handled once, though the broker may deliver it again and twice at a time.

What counts as the same message is decided in `deduplication.py`; here a second delivery waits for the
end of the first. One of these serves all handlers of a service.
"""

from __future__ import annotations

import asyncio

from tomodachi.helpers import clock
from tomodachi.transport.amqp.deduplication import Claim, Deduplication


class SeenMessages:
    """The messages that a service has handled lately, and those it is handling."""

    __slots__ = ("_decided", "_seen")

    def __init__(self) -> None:
        self._seen = Deduplication()
        self._decided: dict[str, asyncio.Future[None]] = {}

    async def is_first(self, key: str) -> bool:
        """Whether this delivery is to be handled, once that is decided; if so, `finish` has to follow.

        Args:
            key: Message uuid and handler.
        """
        while (claim := self._seen.claim(key, now=clock.now())) is Claim.RUNNING:
            await asyncio.shield(self._decided[key])
        if claim is Claim.DUPLICATE:
            return False
        self._decided[key] = asyncio.get_running_loop().create_future()
        return True

    def finish(self, key: str, *, handled: bool) -> None:
        """The delivery that was first has ended; unless it was handled, the next one counts."""
        self._seen.finish(key, handled=handled, now=clock.now())
        self._decided.pop(key).set_result(None)
