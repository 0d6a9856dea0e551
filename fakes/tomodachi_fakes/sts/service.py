"""STS: `GetCallerIdentity`, the one operation that clients make to see whether they get through.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.aws.arn import partition_of
from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.errors import NotImplementedByFake


class StsService:
    """The fake STS; it keeps no state."""

    operations = ("GetCallerIdentity",)

    def call(self, operation: str, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """Run one operation.

        Raises:
            NotImplementedByFake: it is not `GetCallerIdentity`.
        """
        if operation != "GetCallerIdentity":
            msg = "sts"
            raise NotImplementedByFake(msg, operation)
        return {
            "UserId": context.access_key_id or context.account,
            "Account": context.account,
            "Arn": f"arn:{partition_of(context.region)}:iam::{context.account}:root",
        }

    def cancel(self, waiter_id: int) -> None:
        """No call ever waits."""

    def next_deadline(self) -> float | None:
        """Nothing waits for time."""
        return None

    def advance(self, *, now: float) -> None:
        """Nothing waits for time."""
