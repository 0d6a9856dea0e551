"""The machines of the mutation check: the shipped ones, and their variants by class attributes."""

from __future__ import annotations

from tomodachi_testkit.machines import (
    AMQPMachine,
    FifoSNSMachine,
    FifoSQSMachine,
    ReproducibleMachine,
    SNSMachine,
    SQSMachine,
)


class DelayedSQSMachine(SQSMachine):
    """A queue that delays."""

    delay_s = 10


class GroupScopeSQSMachine(FifoSQSMachine):
    """A FIFO queue that deduplicates within a group, and delays."""

    by_group = True
    delay_s = 3


class GroupScopeSNSMachine(FifoSNSMachine):
    """A FIFO topic that deduplicates within a group."""

    by_group = True


class ContentBasedSNSMachine(FifoSNSMachine):
    """A FIFO topic that takes messages without ids, and deduplicates by what they say."""

    content_based = True


MACHINES: dict[str, tuple[type[ReproducibleMachine], ...]] = {
    "sqs": (SQSMachine, FifoSQSMachine, DelayedSQSMachine, GroupScopeSQSMachine),
    "sns": (SNSMachine, FifoSNSMachine, GroupScopeSNSMachine, ContentBasedSNSMachine),
    "amqp": (AMQPMachine,),
}
