"""What a machine may put beside the fake: a second implementation that must answer the same.

A machine runs on the fake alone, or on both where its class attribute `broker` or `--svc-broker=both`
asks for it: moto beside SQS and SNS (`moto_side.py`), RabbitMQ beside AMQP (`rabbitmq_side.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from tomodachi_testkit.machines.ledger import SHIPPED, Ledger
from tomodachi_testkit.machines.mode import BROKER
from tomodachi_testkit.machines.steps import ReproducibleMachine

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

    def counts_differ(self, core: Core, queue: str) -> str:
        """How a queue's numbers of messages differ; empty when they do not."""
        ...

    def bodies(self, queue: str) -> list[str]:
        """Bodies of the messages that a queue offers, oldest first."""
        ...

    def close(self) -> None:
        """The example has ended."""
        ...


class BrokerMachine(ReproducibleMachine):
    """A machine that uses a fake broker, with or without a second one beside it.

    Class attributes:
        broker: "fake" or "both"; None for what `--svc-broker` says.
        ledger: Files of differences that are known, beside the shipped ones (`ledger.py`).
    """

    broker: ClassVar[Literal["fake", "both"] | None] = None
    ledger: ClassVar[tuple[Path, ...]] = ()

    @classmethod
    def is_compared(cls) -> bool:
        """Whether a second implementation takes the same steps."""
        return (cls.broker or BROKER.get()) == "both"

    @classmethod
    def keeps_clear(cls, shipped: str, operation: str, what: str) -> bool:
        """Whether the ledger says that a second implementation is not asked this."""
        return cls.is_compared() and not cls.differences(shipped).asks(operation, what)

    @classmethod
    def differences(cls, shipped: str) -> Ledger:
        """The shipped ledger of this name, and the machine's own."""
        return Ledger.of_files(SHIPPED / f"{shipped}.toml", *cls.ledger)
