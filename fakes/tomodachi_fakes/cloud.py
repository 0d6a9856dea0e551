"""SQS, SNS, STS and KMS as one: requests in, answers out, and messages from topics into queues.

Fan-out happens in the step that publishes: when Publish returns, every queue has its message. Pure;
the shell moves bytes and time, and posts what SNS sends to HTTP endpoints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tomodachi_fakes.aws.call import CallContext, LongPoll, ServiceCore, Wake
from tomodachi_fakes.aws.dispatch import Dispatcher
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.http import Held, HttpRequest, HttpResponse
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.kms.service import KmsService
from tomodachi_fakes.sns.effects import ToHttp, ToSqs
from tomodachi_fakes.sns.http_delivery import HttpOutcome
from tomodachi_fakes.sns.service import SnsService
from tomodachi_fakes.sqs.limits import SqsOptions
from tomodachi_fakes.sqs.service import SqsService
from tomodachi_fakes.sts.service import StsService

DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"
_SNS_SENDER = "AIDAISMY7JYY5F7RTT6AO"


@dataclass(frozen=True, slots=True)
class CloudSnapshot:
    """Everything stored in a cloud; picklable."""

    sqs: bytes
    sns: bytes
    kms: bytes


class Cloud:
    """All services, for every account and region.

    Attributes:
        sqs: The fake SQS.
        sns: The fake SNS.
        sts: The fake STS.
        kms: The fake KMS.
        events: What happened, in order.
        faults: What shall go wrong.
    """

    def __init__(
        self,
        *,
        ids: IdSource,
        events: EventLog,
        faults: FaultPlan,
        default_account: str = DEFAULT_ACCOUNT,
        default_region: str = DEFAULT_REGION,
        sqs_options: SqsOptions | None = None,
        enforce_policies: bool = False,
    ) -> None:
        self.events = events
        self.faults = faults
        self.kms = KmsService(ids=ids)
        self.sts = StsService()
        keys = self.kms.registry
        options = replace(sqs_options or SqsOptions(), enforce_policies=enforce_policies)
        self.sqs = SqsService(ids=ids, events=events, faults=faults, keys=keys, options=options)
        self.sns = SnsService(
            ids=ids, events=events, faults=faults, kms=keys, enforce_policies=enforce_policies
        )
        self._cores: dict[str, ServiceCore] = {
            "sqs": self.sqs,
            "sns": self.sns,
            "sts": self.sts,
            "kms": self.kms,
        }
        self._to_http: list[ToHttp] = []
        self.dispatcher = Dispatcher(
            tuple(self._cores),
            self.call,
            ids=ids,
            faults=faults,
            default_account=default_account,
            default_region=default_region,
        )

    # --- requests --------------------------------------------------------------------------------

    def handle(self, request: HttpRequest, *, now: float) -> HttpResponse | Held:
        """Answer one HTTP request, or hold it until its `Wake` comes."""
        return self.dispatcher.handle(request, now=now)

    def call(
        self, service: str, operation: str, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any] | LongPoll:
        """Run one operation and everything that follows from it at once.

        Raises:
            AwsError: the answer is an error.
        """
        output = self._cores[service].call(operation, params, context)
        if service == "sns":
            self._fan_out(now=context.now)
        return output

    def serves(self, service: str) -> bool:
        """Whether requests signed for `service` are answered here."""
        return service in self._cores

    def cancel(self, waiter_id: int) -> None:
        """The client of a waiting call left."""
        self.sqs.cancel(waiter_id)

    def finish_waits(self) -> None:
        """Answer every waiting call empty, as a server does that stops."""
        self.sqs.finish_waits()

    def take_wakes(self) -> list[Wake]:
        """Answers of waiting calls, since the last time."""
        return self.sqs.take_wakes()

    def take_http(self) -> list[ToHttp]:
        """What SNS wants to be posted, since the last time."""
        posts, self._to_http = self._to_http, []
        return posts

    # --- from topics into queues -----------------------------------------------------------------

    def _fan_out(self, *, now: float) -> None:
        # A failed delivery may lead to one more, to the subscription's dead-letter queue.
        while effects := self.sns.take_effects():
            for effect in effects:
                if isinstance(effect, ToSqs):
                    self._deliver(effect, now=now)
                else:
                    self._to_http.append(effect)

    def _deliver(self, effect: ToSqs, *, now: float) -> None:
        try:
            self.sqs.deliver(
                effect.queue_arn,
                body=effect.body,
                now=now,
                sender_id=_SNS_SENDER,
                source_arn=effect.topic_arn,
                message_attributes=effect.message_attributes or None,
                message_group_id=effect.message_group_id,
                message_deduplication_id=effect.message_deduplication_id,
                trace_header=effect.trace_header,
                cause=effect.cause,
            )
        except AwsError as error:
            self.sns.delivery_failed(effect.delivery_id, error.message, now=now)
        else:
            self.sns.delivered(effect.delivery_id, now=now)

    def http_answered(self, delivery_id: int, outcome: HttpOutcome, *, now: float) -> None:
        """What came of one attempt of a `ToHttp`."""
        self.sns.http_answered(delivery_id, outcome, now=now)
        self._fan_out(now=now)

    # --- time ------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When `advance` has something to do; None when nothing waits for time."""
        deadlines = [core.next_deadline() for core in self._cores.values()]
        return min((at for at in deadlines if at is not None), default=None)

    def advance(self, *, now: float) -> None:
        """Let everything that is due by `now` happen, in the order of its time."""
        while (at := self.next_deadline()) is not None and at <= now:
            for core in self._cores.values():
                core.advance(now=at)
            self._fan_out(now=at)

    # --- for tests -------------------------------------------------------------------------------

    def snapshot(self) -> CloudSnapshot:
        """Everything stored; calls that wait are not part of it."""
        return CloudSnapshot(self.sqs.snapshot(), self.sns.snapshot(), self.kms.snapshot())

    def restore(self, snapshot: CloudSnapshot) -> None:
        """Go back to what `snapshot` gave; calls that wait are answered empty."""
        self.sqs.restore(snapshot.sqs)
        self.sns.restore(snapshot.sns)
        self.kms.restore(snapshot.kms)

    def reset(self, account: str | None = None) -> None:
        """Forget everything, or everything of one account; calls that wait are answered empty."""
        self.sqs.reset(account)
        self.sns.reset(account)
        self.kms.reset(account)
