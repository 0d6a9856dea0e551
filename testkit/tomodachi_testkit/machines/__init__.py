"""Property tests with state machines: the shipped ones, and what users build theirs with.

Source: https://hypothesis.readthedocs.io/en/latest/stateful.html
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.stateful import Bundle as Bundle
    from hypothesis.stateful import consumes as consumes
    from hypothesis.stateful import multiple as multiple
    from hypothesis.stateful import precondition as precondition

    from tomodachi_testkit.machines.amqp import AMQPMachine as AMQPMachine
    from tomodachi_testkit.machines.amqp_model import QueueSpec as QueueSpec
    from tomodachi_testkit.machines.async_machine import (
        AsyncRuleBasedStateMachine as AsyncRuleBasedStateMachine,
    )
    from tomodachi_testkit.machines.examination import Finding as Finding
    from tomodachi_testkit.machines.examination import examine as examine
    from tomodachi_testkit.machines.service import ServiceMachine as ServiceMachine
    from tomodachi_testkit.machines.service_run import Sample as Sample
    from tomodachi_testkit.machines.sns import FifoSNSMachine as FifoSNSMachine
    from tomodachi_testkit.machines.sns import SNSMachine as SNSMachine
    from tomodachi_testkit.machines.sns_model import Filter as Filter
    from tomodachi_testkit.machines.sqs import FifoSQSMachine as FifoSQSMachine
    from tomodachi_testkit.machines.sqs import SQSMachine as SQSMachine
    from tomodachi_testkit.machines.steps import ReproducibleMachine as ReproducibleMachine
    from tomodachi_testkit.machines.steps import initialize as initialize
    from tomodachi_testkit.machines.steps import invariant as invariant
    from tomodachi_testkit.machines.steps import rule as rule

_HERE = "tomodachi_testkit.machines."
_HOMES = {
    "AMQPMachine": _HERE + "amqp",
    "AsyncRuleBasedStateMachine": _HERE + "async_machine",
    "Bundle": "hypothesis.stateful",
    "FifoSNSMachine": _HERE + "sns",
    "FifoSQSMachine": _HERE + "sqs",
    "Filter": _HERE + "sns_model",
    "Finding": _HERE + "examination",
    "QueueSpec": _HERE + "amqp_model",
    "ReproducibleMachine": _HERE + "steps",
    "SNSMachine": _HERE + "sns",
    "Sample": _HERE + "service_run",
    "SQSMachine": _HERE + "sqs",
    "ServiceMachine": _HERE + "service",
    "consumes": "hypothesis.stateful",
    "examine": _HERE + "examination",
    "initialize": _HERE + "steps",
    "invariant": _HERE + "steps",
    "multiple": "hypothesis.stateful",
    "precondition": "hypothesis.stateful",
    "rule": _HERE + "steps",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Load a public name on first use: the brokers' machines need no harness."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
