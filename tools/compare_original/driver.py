"""Asks both sides every case, and keeps what they differ in.

Which differences are known is the ledger's; a case that shows another is made as small as still shows it.
"""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tools.compare_original import ledger
from tools.compare_original.answers import differing
from tools.compare_original.children import Side
from tools.compare_original.kinds import Case

_MOST_TOLD = 10
_MOST_TRIES = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """A case, and in what the two answers to it differ."""

    case: Case
    theirs: Any
    ours: Any


@dataclass(slots=True)
class Outcome:
    """What came of the cases of one kind.

    Attributes:
        cases: How many were asked.
        unknown: How many were answered differently, for no reason in the ledger.
        known: How often each reason of the ledger was met.
        told: The first of the unknown that are not alike, made small.
    """

    cases: int = 0
    unknown: int = 0
    known: Counter[str] = field(default_factory=Counter)
    told: list[Difference] = field(default_factory=list)

    def tell(self, difference: Difference) -> None:
        """Keep it, if none of what was kept is the same difference."""
        if all(
            (kept.theirs, kept.ours) != (difference.theirs, difference.ours) for kept in self.told
        ):
            self.told.append(difference)


class Comparison:
    """Two sides."""

    def __init__(self, theirs: Side, ours: Side) -> None:
        self._theirs, self._ours = theirs, ours

    async def run(self, kind: str, cases: Iterable[Case]) -> Outcome:
        """Ask both sides all cases of one kind."""
        outcome = Outcome()
        for case in cases:
            outcome.cases += 1
            difference = await self._difference(kind, case)
            if difference is None:
                continue
            reason = _reason(kind, difference)
            if reason is not None:
                outcome.known[reason] += 1
                continue
            outcome.unknown += 1
            if len(outcome.told) < _MOST_TOLD:
                outcome.tell(await self._smallest(kind, difference))
        return outcome

    async def _difference(self, kind: str, case: Case) -> Difference | None:
        theirs, ours = await asyncio.gather(
            self._theirs.ask(kind, case), self._ours.ask(kind, case)
        )
        parts = differing(theirs, ours)
        return None if parts is None else Difference(case, *parts)

    async def _smallest(self, kind: str, difference: Difference) -> Difference:
        """Leave out of the case what the difference does not need."""
        tries = 0
        while True:
            for case in smaller(difference.case):
                tries += 1
                found = await self._difference(kind, case) if tries <= _MOST_TRIES else None
                if found is not None and _reason(kind, found) is None:
                    difference = found
                    break
            else:
                return difference


def smaller(case: Case) -> Iterator[Case]:
    """The case without one of its entries or keys at a time, large parts first."""
    for path in _paths(case):
        fewer = copy.deepcopy(case)
        holder: Any = fewer
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        yield fewer


def _paths(part: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    keys: Iterable[Any] = ()
    if isinstance(part, dict):
        keys = part
    elif isinstance(part, list):
        keys = range(len(part))
    for key in keys:
        yield (*path, key)
    for key in keys:
        yield from _paths(part[key], *path, key)


def _reason(kind: str, difference: Difference) -> str | None:
    return ledger.reason(kind, difference.case, difference.theirs, difference.ours)
