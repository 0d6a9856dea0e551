"""The differences that are known, each with its reason.

Each stands in `docs/compatibility/framework.md`, too. A reason is as narrow as can be said of a case
and its two answers, so that it hides nothing else.
"""

from __future__ import annotations

from tools.compare_original.ledgers import (
    calls,
    commands,
    cron,
    logs,
    names,
    options,
    requests,
    schedules,
    setups,
)
from tools.compare_original.ledgers.known import Known

KNOWN: tuple[Known, ...] = (
    *calls.KNOWN,
    *setups.KNOWN,
    *names.KNOWN,
    *options.KNOWN,
    *cron.KNOWN,
    *schedules.KNOWN,
    *commands.KNOWN,
    *logs.KNOWN,
    *requests.KNOWN,
)


def reason(kind: str, case: object, theirs: object, ours: object) -> str | None:
    """Why the two answers differ; None when that is not known."""
    for known in KNOWN:
        if known.kind == kind and known.is_met(case, theirs, ours):
            return known.reason
    return None
