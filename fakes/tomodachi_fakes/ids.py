"""Where the brokers' ids and random choices come from: one seeded source, handed in.

The same seed and the same commands give the same ids, so a run can be replayed byte for byte.
Message ids, receipt handles and server-named queues are not secrets in a fake; nothing here is
meant to be unguessable.
"""

from __future__ import annotations

import random
from typing import Protocol


class IdSource(Protocol):
    """What a core needs instead of `uuid`, `random` and `secrets`."""

    def uuid(self) -> str:
        """A version 4 UUID in its usual form of 36 characters."""
        ...

    def token(self, length: int, alphabet: str) -> str:
        """`length` characters drawn from `alphabet`."""
        ...

    def raw(self, length: int) -> bytes:
        """`length` random octets."""
        ...

    def below(self, limit: int) -> int:
        """An integer in 0..limit-1."""
        ...

    def fraction(self) -> float:
        """A float in [0, 1)."""
        ...


class SeededIds:
    """Ids from a pseudo-random generator; `seed=None` takes the system's entropy."""

    __slots__ = ("_random",)

    def __init__(self, seed: int | str | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - ids of a fake need replay, not secrecy

    def uuid(self) -> str:
        """A version 4 UUID in its usual form of 36 characters."""
        bits = self._random.getrandbits(128)
        bits = (bits & ~(0xF << 76)) | (0x4 << 76)
        bits = (bits & ~(0x3 << 62)) | (0x2 << 62)
        digits = f"{bits:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def token(self, length: int, alphabet: str) -> str:
        """`length` characters drawn from `alphabet`."""
        return "".join(self._random.choices(alphabet, k=length))

    def raw(self, length: int) -> bytes:
        """`length` random octets."""
        return self._random.randbytes(length)

    def below(self, limit: int) -> int:
        """An integer in 0..limit-1."""
        return self._random.randrange(limit)

    def fraction(self) -> float:
        """A float in [0, 1)."""
        return self._random.random()

    def getstate(self) -> object:
        """The generator's state, for a snapshot."""
        return self._random.getstate()

    def setstate(self, state: object) -> None:
        """Continue from a state that `getstate` gave."""
        self._random.setstate(state)  # type: ignore[arg-type]  # opaque to callers by design
