"""Cron notations: when they are next due after a time without a zone.

Clock changes are left out: there the original is wrong, and we differ on purpose.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from tomodachi.helpers.crontab import get_next_datetime

_FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ("L",)),
    (1, 12, ("jan", "Feb", "JUN", "december")),
    (0, 7, ("mon", "FRI", "sun", "L5", "sunday")),
    (2020, 2032, ()),
)
_ALIASES = ("@yearly", "@monthly", "@weekly", "@daily", "@hourly", "@minutely", "@never")


def generate(dice: random.Random) -> dict[str, Any]:
    """A notation of up to six fields, rarely one out of range, and a time to ask it for."""
    moment = [dice.randint(2023, 2029), dice.randint(1, 12), dice.randint(1, 28)]
    moment += [dice.randint(0, 23), dice.randint(0, 59)]
    if dice.random() < 0.03:
        return {"fields": [[dice.choice(_ALIASES)]], "now": moment}
    fields = [_field(dice, *field) for field in _FIELDS[: dice.choice((1, 4, 5, 5, 5, 5, 6))]]
    return {"fields": fields, "now": moment}


def _field(dice: random.Random, lowest: int, highest: int, words: tuple[str, ...]) -> list[str]:
    """The parts of a field's list."""
    if dice.random() < 0.5:
        return ["*"]
    return [_part(dice, lowest, highest, words) for _ in range(dice.choice((1, 1, 1, 2, 3)))]


def _part(dice: random.Random, lowest: int, highest: int, words: tuple[str, ...]) -> str:
    one, other = sorted((dice.randint(lowest, highest), dice.randint(lowest, highest)))
    step = dice.choice((1, 2, 3, 5, 10, 15))
    forms = [str(one)] * 4 + [f"{one}-{other}", f"{one}-{other}/{step}", f"*/{step}", "*"]
    forms += [dice.choice(words)] * 2 if words else []
    if dice.random() < 0.02:
        forms = [str(highest + 1), f"{other}-{one}", "x", "", "*/0", "?", f"{one}/{step}", "-1"]
    return dice.choice(forms)


async def answer(case: dict[str, Any]) -> Any:
    """The next time, as text; None when it is never due."""
    if not all(case["fields"]) or not case["fields"]:
        msg = "a field without parts is made by leaving some out, and asks nothing"
        raise ValueError(msg)
    notation = " ".join(",".join(parts) for parts in case["fields"])
    year, month, day, hour, minute = case["now"]
    now = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - wall time is what is asked for
    due = get_next_datetime(notation, now)
    return None if due is None else due.isoformat()
