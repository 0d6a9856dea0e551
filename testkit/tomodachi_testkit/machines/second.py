"""What a machine may put beside the fake: a second implementation that must answer the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tomodachi_testkit.machines.core_calls import Core


class Second(Protocol):
    """Another SQS and SNS, which takes the same steps under the same clock."""

    def compare(self, core: Core, service: str, operation: str, params: dict[str, Any]) -> Any:
        """Run an operation on both; returns the fake's output.

        Raises:
            AssertionError: they differ, and no entry of the ledger says that they may.
            AwsError: the fake refuses, and so does the other.
        """
        ...

    def advance_to(self, at: float) -> None:
        """It is `at` now (Unix seconds)."""
        ...
