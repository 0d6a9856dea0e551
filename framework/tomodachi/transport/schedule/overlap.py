"""Decides whether one more call of a scheduled function may start beside those that still run."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 20
# Once calls are skipped, they go on being skipped until fewer than so many run.
RESUME_BELOW = 15


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to call, to warn that too many calls are running, to tell that they no longer are."""

    calls: bool
    warns: bool = False
    resumes: bool = False


class OverlapLimit:
    """The limit of one function; it warns at the first skipped call in a row, the 20th, the 40th, ..."""

    def __init__(self) -> None:
        self._skipping = False
        self._skipped = 0
        self._warn_at = 1

    def decide(self, running: int) -> Decision:
        """Decide for a call that is due while `running` others are not over."""
        if running >= LIMIT:
            self._skipping = True
        elif running < RESUME_BELOW:
            self._skipping = False
        if not self._skipping:
            resumes = self._skipped > 0
            self._skipped, self._warn_at = 0, 1
            return Decision(calls=True, resumes=resumes)
        self._skipped += 1
        if self._skipped < self._warn_at:
            return Decision(calls=False)
        self._warn_at = max(self._warn_at * 2, LIMIT)
        return Decision(calls=False, warns=True)
