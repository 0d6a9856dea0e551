"""The kinds of cases there are, and what a kind is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Protocol

from tools.compare_original import (
    commands,
    cron,
    handlers,
    logs,
    middlewares,
    names,
    options,
    requests,
    schedules,
    setups,
)

# Plain JSON: a case goes to two processes, and its parts may be left out to make it smaller.
Case = dict[str, Any]


class Kind(Protocol):
    """One kind of case; a module is one.

    A case from which an entry of a list or a key was taken has to be a case, or an error on both sides.
    """

    def generate(self, dice: random.Random) -> Case:
        """Make a case; the same dice make the same."""

    async def answer(self, case: Case) -> Any:
        """Run it with the framework that this interpreter has."""


KINDS: dict[str, Kind] = {
    "handlers": handlers,
    "middlewares": middlewares,
    "setups": setups,
    "names": names,
    "options": options,
    "cron": cron,
    "schedules": schedules,
    "commands": commands,
    "logs": logs,
    "requests": requests,
}


def cases(kind: str, seed: int, count: int) -> Iterator[Case]:
    """`count` cases; the first of them are the same for any count."""
    dice = random.Random(f"{kind} {seed}")  # noqa: S311 - replay, not secrecy
    for _ in range(count):
        yield KINDS[kind].generate(dice)
