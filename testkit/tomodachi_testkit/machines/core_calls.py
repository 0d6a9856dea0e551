"""SQS and SNS without a wire: calls by name on a clock that a machine holds."""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.sqs.queue import Queue
from tomodachi_fakes.sqs.service import SqsService

ACCOUNT, REGION = "111111111111", "eu-west-1"
START = 1_767_225_600.0  # 2026-01-01T00:00:00Z


class Core:
    """A cloud of its own, and the time in it.

    Attributes:
        now: Unix seconds.
        cloud: SQS, SNS, KMS and STS.
        events: What happened.
    """

    def __init__(self) -> None:
        self.now = START
        self.events = EventLog()
        self.faults = FaultPlan()
        self.cloud = Cloud(
            ids=SeededIds(1),
            events=self.events,
            faults=self.faults,
            default_account=ACCOUNT,
            default_region=REGION,
        )

    @property
    def sqs(self) -> SqsService:
        """The fake SQS."""
        return self.cloud.sqs

    def call(self, service: str, operation: str, **params: Any) -> Any:
        """Run one operation with parameters as on the wire.

        Raises:
            AwsError: the service refuses.
        """
        context = CallContext(ACCOUNT, REGION, self.now, "request", "http://aws.test", "key")
        return self.cloud.call(service, operation, params, context)

    def advance_to(self, at: float) -> None:
        """Let everything happen that is due by `at`."""
        self.now = at
        self.cloud.advance(now=at)

    def queue(self, name: str) -> Queue:
        """A queue, to look at.

        Raises:
            AssertionError: there is none.
        """
        found = self.sqs.find(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
        assert found is not None, f"no queue {name}"
        return found

    def history(self) -> str:
        """One line an event, times counted from the start."""
        return "\n".join(
            f"{e.at - START:>8.1f} s {e.service} {e.kind} {e.subject.rsplit(':', 1)[-1]} "
            f"{e.message_id or ''}".rstrip()
            for e in self.events
        )
