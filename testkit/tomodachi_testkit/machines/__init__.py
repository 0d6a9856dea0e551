"""Property tests with state machines: the shipped ones, and what users build theirs with.

Source: https://hypothesis.readthedocs.io/en/latest/stateful.html
"""

from __future__ import annotations

from hypothesis.stateful import Bundle, consumes, multiple, precondition

from tomodachi_testkit.machines.amqp import AMQPMachine
from tomodachi_testkit.machines.amqp_model import QueueSpec
from tomodachi_testkit.machines.async_machine import AsyncRuleBasedStateMachine
from tomodachi_testkit.machines.sqs import FifoSQSMachine, SQSMachine
from tomodachi_testkit.machines.steps import ReproducibleMachine, initialize, invariant, rule

__all__ = [
    "AMQPMachine",
    "AsyncRuleBasedStateMachine",
    "Bundle",
    "FifoSQSMachine",
    "QueueSpec",
    "ReproducibleMachine",
    "SQSMachine",
    "consumes",
    "initialize",
    "invariant",
    "multiple",
    "precondition",
    "rule",
]
