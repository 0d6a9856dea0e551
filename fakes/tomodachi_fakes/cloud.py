"""SQS, SNS, STS and KMS as one: requests in, answers out, and messages from topics into queues.

Fan-out happens in the step that publishes: when Publish returns, every queue has its message. SQS is
there from the start; the other services are loaded when somebody first asks for them. Pure; the shell
moves bytes and time, and posts what SNS sends to HTTP endpoints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.aws.call import CallContext, LongPoll, ServiceCore, Wake
from tomodachi_fakes.aws.dispatch import Dispatcher
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.http import Held, HttpRequest, HttpResponse
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.kms.registry import KmsRegistry
from tomodachi_fakes.sns.effects import ToHttp, ToSqs
from tomodachi_fakes.sqs.limits import SqsOptions
from tomodachi_fakes.sqs.service import SqsService

if TYPE_CHECKING:
    from tomodachi_fakes.kms.service import KmsService
    from tomodachi_fakes.sns.http_delivery import HttpOutcome
    from tomodachi_fakes.sns.service import SnsService
    from tomodachi_fakes.sts.service import StsService

DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"
SERVICES = ("sqs", "sns", "sts", "kms")
_SNS_SENDER = "AIDAISMY7JYY5F7RTT6AO"


@dataclass(frozen=True, slots=True)
class CloudSnapshot:
    """Everything stored in a cloud; picklable. None for a service that nobody had asked for."""

    sqs: bytes
    sns: bytes | None
    kms: bytes | None


class Cloud:
    """All services, for every account and region.

    Attributes:
        sqs: The fake SQS.
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
        base_url: str = "",
    ) -> None:
        self.events = events
        self.faults = faults
        self._ids = ids
        self._enforce_policies = enforce_policies
        self._keys = KmsRegistry()
        options = replace(sqs_options or SqsOptions(), enforce_policies=enforce_policies)
        self.sqs = SqsService(
            ids=ids, events=events, faults=faults, keys=self._keys, options=options
        )
        self._cores: dict[str, ServiceCore] = {"sqs": self.sqs}
        self._to_http: list[ToHttp] = []
        self.dispatcher = Dispatcher(
            SERVICES,
            self.call,
            ids=ids,
            faults=faults,
            default_account=default_account,
            default_region=default_region,
            base_url=base_url,
        )

    # --- services --------------------------------------------------------------------------------

    @cached_property
    def sns(self) -> SnsService:
        """The fake SNS."""
        from tomodachi_fakes.sns.service import SnsService

        service = SnsService(
            ids=self._ids,
            events=self.events,
            faults=self.faults,
            kms=self._keys,
            enforce_policies=self._enforce_policies,
        )
        self._cores["sns"] = service
        return service

    @cached_property
    def sts(self) -> StsService:
        """The fake STS."""
        from tomodachi_fakes.sts.service import StsService

        service = StsService(ids=self._ids)
        self._cores["sts"] = service
        return service

    @cached_property
    def kms(self) -> KmsService:
        """The fake KMS."""
        from tomodachi_fakes.kms.service import KmsService

        service = KmsService(ids=self._ids, registry=self._keys)
        self._cores["kms"] = service
        return service

    def _core(self, service: str) -> ServiceCore:
        loaded = self._cores.get(service)
        if loaded is not None:
            return loaded
        core: ServiceCore = getattr(self, service)
        return core

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
        output = self._core(service).call(operation, params, context)
        if service == "sns":
            self._fan_out(now=context.now)
        return output

    def serves(self, service: str) -> bool:
        """Whether requests signed for `service` are answered here."""
        return service in SERVICES

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
        first = None
        for core in self._cores.values():
            at = core.next_deadline()
            if at is not None and (first is None or at < first):
                first = at
        return first

    def advance(self, *, now: float) -> None:
        """Let everything that is due by `now` happen, in the order of its time."""
        while (at := self.next_deadline()) is not None and at <= now:
            for core in self._cores.values():
                core.advance(now=at)
            if "sns" in self._cores:
                self._fan_out(now=at)

    # --- for tests -------------------------------------------------------------------------------

    def snapshot(self) -> CloudSnapshot:
        """Everything stored; calls that wait are not part of it."""
        return CloudSnapshot(
            self.sqs.snapshot(),
            self.sns.snapshot() if "sns" in self._cores else None,
            self.kms.snapshot() if "kms" in self._cores else None,
        )

    def restore(self, snapshot: CloudSnapshot) -> None:
        """Go back to what `snapshot` gave; calls that wait are answered empty."""
        self.sqs.restore(snapshot.sqs)
        if snapshot.sns is not None:
            self.sns.restore(snapshot.sns)
        elif "sns" in self._cores:
            self.sns.reset()
        if snapshot.kms is not None:
            self.kms.restore(snapshot.kms)
        elif "kms" in self._cores:
            self.kms.reset()

    def reset(self, account: str | None = None) -> None:
        """Forget everything, or everything of one account; calls that wait are answered empty."""
        self.sqs.reset(account)
        if "sns" in self._cores:
            self.sns.reset(account)
        if "kms" in self._cores:
            self.kms.reset(account)
