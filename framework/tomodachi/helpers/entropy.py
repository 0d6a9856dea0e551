"""The one seam through which the runtime makes up ids and draws random numbers.

Message ids, consumer tags, deduplication ids and the jitter of retries come from the generator in
force, which is a context variable like the clock: a test hands in a seeded one, and the same seed
gives the same run. Nothing secret is drawn here.
"""

from __future__ import annotations

import random
from contextvars import ContextVar, Token
from uuid import UUID

_SYSTEM = random.SystemRandom()
_random: ContextVar[random.Random] = ContextVar("tomodachi.entropy", default=_SYSTEM)


def get_random() -> random.Random:
    """The generator in force here; the system's entropy unless `set_random` gave another."""
    return _random.get()


def set_random(generator: random.Random) -> Token[random.Random]:
    """Put a generator in force for this context and the tasks started from it."""
    return _random.set(generator)


def reset_random(token: Token[random.Random]) -> None:
    """Go back to the generator that was in force before the `set_random` that gave `token`."""
    _random.reset(token)


def uuid4() -> UUID:
    """A random UUID (version 4), from the generator in force."""
    return UUID(int=_random.get().getrandbits(128), version=4)


def fraction() -> float:
    """A float in [0, 1), from the generator in force."""
    return _random.get().random()
