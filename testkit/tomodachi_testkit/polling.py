"""Drains in real time: looks again and again, until nothing is left for a few looks in a row.

Nobody can tell there that nothing will happen any more; a message may be on its way between two queues
when both are looked at. In virtual time `drain.py` knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tomodachi_testkit.errors import DrainIncomplete
from tomodachi_testkit.tracebacks import hides

__tracebackhide__ = hides

DRAIN_WITHIN_S = 30.0
_POLL_EVERY_S = 0.05
_QUIET_POLLS = 3


async def poll_until_drained(
    look: Callable[[], Awaitable[list[str]]], until_s: float | None, *, brokers: str
) -> int:
    """Look until there is nothing left; returns how often it looked.

    Args:
        look: Names what is left.
        until_s: For how long, in seconds of real time; None means 30.
        brokers: What is looked at, for the error.

    Raises:
        DrainIncomplete: something is left after that time.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + (DRAIN_WITHIN_S if until_s is None else until_s)
    polls = quiet = 0
    while quiet < _QUIET_POLLS:
        left = await look()
        polls, quiet = polls + 1, 0 if left else quiet + 1
        if left and loop.time() > end:
            msg = f"{brokers}, polled {polls} times: this is left: {', '.join(left)}."
            raise DrainIncomplete(msg)
        await asyncio.sleep(_POLL_EVERY_S)
    return polls
