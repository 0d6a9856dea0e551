"""The machines of the mutation check: the shipped ones, and their variants by class attributes."""

from __future__ import annotations

from tomodachi_testkit.machines import AMQPMachine, FifoSQSMachine, ReproducibleMachine, SQSMachine


class DelayedSQSMachine(SQSMachine):
    """A queue that delays."""

    delay_s = 10


class GroupScopeSQSMachine(FifoSQSMachine):
    """A FIFO queue that deduplicates within a group, and delays."""

    by_group = True
    delay_s = 3


MACHINES: dict[str, tuple[type[ReproducibleMachine], ...]] = {
    "sqs": (SQSMachine, FifoSQSMachine, DelayedSQSMachine, GroupScopeSQSMachine),
    "amqp": (AMQPMachine,),
}
