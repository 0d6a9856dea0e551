"""From one published message to every subscription that is to get it, and what follows a failure.

Fan-out is complete when `fan_out` returns: each confirmed subscription whose filter policy accepts
the message has its effect, its captured delivery or its HTTP delivery. A delivery that failed for
good goes to the dead-letter queue of its subscription, or is discarded.

Source: https://docs.aws.amazon.com/sns/latest/dg/welcome.html;
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.sns import http_delivery, platform, retries, sms
from tomodachi_fakes.sns.delivery_policy import (
    content_type,
    effective_subscription_policy,
    receives_per_second,
    retry_delays,
)
from tomodachi_fakes.sns.effects import ToSqs
from tomodachi_fakes.sns.http_delivery import HttpDelivery, HttpOutcome
from tomodachi_fakes.sns.inbox import Captured
from tomodachi_fakes.sns.notification import Envelope, envelope, sqs_attributes
from tomodachi_fakes.sns.protocols import without_password
from tomodachi_fakes.sns.retries import Attempts

if TYPE_CHECKING:
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.message import Message
    from tomodachi_fakes.sns.state import Subscription, Topic

_MAXIMUM_RAW_ATTRIBUTES = 10
_RAW_PROTOCOLS = ("sqs", "http", "https", "firehose")


class FanOut:
    """One message on its way to the subscriptions of its topic; envelopes are rendered once."""

    __slots__ = ("_core", "_envelopes", "_message", "_now", "_topic")

    def __init__(self, core: Core, topic: Topic, message: Message, *, now: float) -> None:
        self._core = core
        self._topic = topic
        self._message = message
        self._now = now
        self._envelopes: dict[str, Envelope] = {}

    def to_all(self) -> None:
        """Deliver to every subscription that is to get the message now."""
        for subscription in self._topic.subscriptions.values():
            replay = subscription.replay
            if not subscription.pending and (replay is None or replay.takes_new_messages):
                self.to(subscription)

    def to(self, subscription: Subscription) -> None:
        """Deliver to one subscription, unless its filter policy refuses the message."""
        policy = subscription.filter_policy
        if policy is not None and not policy.accepts(self._message, _structure_key(subscription)):
            self._record("filtered", subscription, self._message.cause)
            return
        cause = self._record("routed", subscription, self._message.cause)
        protection = self._topic.data_protection
        if protection is not None and protection.prohibits_delivery(self._message, subscription):
            reason = (
                "The topic's data protection policy prohibits this message from being delivered to "
                f"{subscription.arn}"
            )
            self.undeliverable(subscription, reason, cause)
            return
        if subscription.protocol in ("http", "https"):
            self._to_http(subscription, cause)
            return
        attempts = Attempts(self._message, cause)
        if self._core.state.retrying and retries.waits_behind(
            self._core, self._topic, subscription, attempts
        ):
            return
        delay = self.attempt(subscription, attempts)
        if delay is not None:
            due_at = self._now + delay
            retries.wait(self._core, self._topic, subscription, attempts, due_at=due_at)

    def attempt(self, subscription: Subscription, attempts: Attempts) -> float | None:
        """Try to hand the message over, again at once where the protocol's retry policy says so.

        Returns:
            Seconds until the next attempt; None when it was delivered or given up.
        """
        delay: float | None = 0.0
        while delay == 0.0:
            attempts.made += 1
            fault = self._fault(subscription.protocol)
            if fault is None:
                self._hand_over(subscription, attempts.cause)
                return None
            reason = fault.message or str(fault.code or "injected failure")
            facts = {"reason": reason, "attempt": str(attempts.made)}
            attempts.cause = self._record("failed", subscription, attempts.cause, **facts)
            policy = retries.policy_for(subscription.protocol)
            delay = None if _is_client_side(fault) else policy.delay(attempts.made)
        if delay is None:
            self.undeliverable(subscription, reason, attempts.cause)
        return delay

    def undeliverable(self, subscription: Subscription, reason: str, cause: int | None) -> None:
        """Send the message to the dead-letter queue of the subscription, or give it up."""
        target = dead_letter_queue(subscription)
        if target is None:
            self._record("discarded", subscription, cause, reason=reason)
            return
        seq = self._record("dead-lettered", subscription, cause, reason=reason, queue=target)
        self._core.effects.append(self._sqs_effect(subscription, target, seq, dead_letter=True))

    def _fault(self, protocol: str) -> Fault | None:
        faults = self._core.faults
        return faults.take(f"sns.deliver.{protocol}", FaultKind.ERROR) if faults else None

    def _hand_over(self, subscription: Subscription, cause: int | None) -> None:
        if subscription.protocol == "sqs":
            self._to_sqs(subscription, cause)
            return
        reason = self._refusal(subscription)
        if reason is None:
            self._capture(subscription)
        else:
            self.undeliverable(subscription, reason, cause)

    def _refusal(self, subscription: Subscription) -> str | None:
        """Why a device or a phone takes no message, which SNS does not try again; None otherwise."""
        if subscription.protocol == "application":
            error = platform.refusal(self._core, subscription.endpoint)
            return None if error is None else error.message
        if subscription.protocol == "sms":
            account = self._core.state.sms_account(self._topic.account, self._topic.region)
            return sms.refusal(account, subscription.endpoint)
        return None

    def _to_sqs(self, subscription: Subscription, cause: int | None) -> None:
        if subscription.raw and len(self._message.attributes) > _MAXIMUM_RAW_ATTRIBUTES:
            reason = f"raw delivery takes no more than {_MAXIMUM_RAW_ATTRIBUTES} attributes"
            self.undeliverable(subscription, reason, cause)
        else:
            effect = self._sqs_effect(subscription, subscription.endpoint, cause)
            self._core.effects.append(effect)

    def _sqs_effect(
        self,
        subscription: Subscription,
        queue_arn: str,
        cause: int | None,
        *,
        dead_letter: bool = False,
    ) -> ToSqs:
        message = self._message
        raw = subscription.raw
        fifo = queue_arn.endswith(".fifo")
        return ToSqs(
            delivery_id=self._core.new_delivery_id(),
            queue_arn=queue_arn,
            topic_arn=self._topic.arn,
            subscription_arn=subscription.arn,
            message_id=message.message_id,
            body=self._body(subscription),
            message_attributes=sqs_attributes(message) if raw else {},
            message_group_id=message.message_group_id,
            message_deduplication_id=message.message_deduplication_id if fifo else None,
            trace_header=message.trace_header,
            dead_letter=dead_letter,
            cause=cause,
        )

    def _to_http(self, subscription: Subscription, cause: int) -> None:
        stored = subscription.attributes.get("DeliveryPolicy")
        policy = effective_subscription_policy(stored, self._topic.attributes.get("DeliveryPolicy"))
        headers = http_delivery.request_headers(
            kind="Notification",
            message_id=self._message.message_id,
            topic_arn=self._topic.arn,
            content_type=content_type(policy),
            subscription_arn=subscription.arn,
        )
        if subscription.raw:
            headers["x-amz-sns-rawdelivery"] = "true"
        delivery = HttpDelivery(
            delivery_id=self._core.new_delivery_id(),
            subscription_arn=subscription.arn,
            url=subscription.endpoint,
            headers=headers,
            body=self._body(subscription),
            delays=retry_delays(policy["healthyRetryPolicy"]),
            message_id=self._message.message_id,
            due_at=None,
            cause=cause,
            message=self._message,
            receives_per_second=receives_per_second(policy),
        )
        http_delivery.start(self._core, delivery, now=self._now)

    def _capture(self, subscription: Subscription) -> None:
        message = self._message
        self._core.state.inbox.append(
            Captured(
                at=self._now,
                protocol=subscription.protocol,
                endpoint=subscription.endpoint,
                topic_arn=self._topic.arn,
                subscription_arn=subscription.arn,
                message_id=message.message_id,
                body=self._captured_body(subscription),
                subject=message.subject,
                attributes=message.attributes,
            )
        )

    def _captured_body(self, subscription: Subscription) -> str:
        protocol = subscription.protocol
        if protocol == "lambda":
            return self._envelope(protocol).lambda_event(subscription.arn)
        if protocol in ("firehose", "email-json"):
            return self._body(subscription)
        return self._message.body_for(_structure_key(subscription))

    def _body(self, subscription: Subscription) -> str:
        if subscription.raw and subscription.protocol in _RAW_PROTOCOLS:
            return self._message.body_for(subscription.protocol)
        return self._envelope(subscription.protocol).text(subscription.arn)

    def _envelope(self, protocol: str) -> Envelope:
        body = self._message.body_for(protocol)
        if body not in self._envelopes:
            version = self._topic.attributes.get("SignatureVersion", "1")
            self._envelopes[body] = envelope(
                self._message, body, signature_version=version, signer=self._core.signer
            )
        return self._envelopes[body]

    def _record(
        self, kind: str, subscription: Subscription, cause: int | None, **detail: str
    ) -> int:
        return self._core.record(
            kind,
            subscription.arn,
            self._now,
            message_id=self._message.message_id,
            cause=cause,
            protocol=subscription.protocol,
            endpoint=without_password(subscription.endpoint),
            **detail,
        )


def _structure_key(subscription: Subscription) -> str:
    """The key under which a `MessageStructure: json` message holds the subscription's body."""
    if subscription.protocol == "application":
        return platform.platform_of(subscription.endpoint)
    return subscription.protocol


def _is_client_side(fault: Fault) -> bool:
    """Whether a planned failure is of the kind that SNS does not try again: HTTP status 4xx."""
    return fault.status is not None and 400 <= fault.status < 500


def retry_due(core: Core, *, now: float) -> None:
    """Make every attempt that is due, and those of messages that waited behind."""
    for key, line in list(core.state.retrying.items()):
        if line.due_at <= now:
            _work_off(core, key, line, now=now)


def _work_off(core: Core, key: retries.LineKey, line: retries.Line, *, now: float) -> None:
    subscription = core.find_subscription(line.subscription_arn)
    while subscription is not None and line.waiting:
        topic = core.state.topics[subscription.topic_arn]
        attempts = line.waiting[0]
        delay = FanOut(core, topic, attempts.message, now=now).attempt(subscription, attempts)
        if delay is not None:
            line.due_at = now + delay
            return
        line.waiting.popleft()
    del core.state.retrying[key]


def dead_letter_queue(subscription: Subscription) -> str | None:
    """ARN of the dead-letter queue in the subscription's redrive policy."""
    policy = subscription.attributes.get("RedrivePolicy")
    return json.loads(policy)["deadLetterTargetArn"] if policy else None


def sqs_failed(core: Core, effect: ToSqs, reason: str, *, now: float) -> None:
    """Act on a queue that did not take its message: the dead-letter queue gets it, once."""
    subscription = core.find_subscription(effect.subscription_arn)
    target = dead_letter_queue(subscription) if subscription else None
    facts = {"message_id": effect.message_id, "cause": effect.cause, "reason": reason}
    if effect.dead_letter or target is None:
        core.record("discarded", effect.subscription_arn, now, queue=effect.queue_arn, **facts)
        return
    seq = core.record("dead-lettered", effect.subscription_arn, now, queue=target, **facts)
    core.effects.append(
        ToSqs(
            delivery_id=core.new_delivery_id(),
            queue_arn=target,
            topic_arn=effect.topic_arn,
            subscription_arn=effect.subscription_arn,
            message_id=effect.message_id,
            body=effect.body,
            message_attributes=effect.message_attributes,
            message_group_id=effect.message_group_id,
            message_deduplication_id=effect.message_deduplication_id,
            trace_header=effect.trace_header,
            dead_letter=True,
            cause=seq,
        )
    )


def http_answered(core: Core, delivery_id: int, outcome: HttpOutcome, *, now: float) -> None:
    """Act on the outcome of one attempt: done, tried again later, or given up.

    An answer for a delivery that no longer exists (its topic was deleted) is ignored.
    """
    delivery = core.state.http.get(delivery_id)
    if delivery is None:
        return
    facts = {"message_id": delivery.message_id, "attempt": delivery.attempts}
    if outcome.delivered:
        del core.state.http[delivery_id]
        core.record("sent", delivery.subscription_arn, now, cause=delivery.cause, **facts)
        return
    delivery.cause = core.record(
        "failed", delivery.subscription_arn, now, cause=delivery.cause, reason=str(outcome), **facts
    )
    if http_delivery.retried(delivery, outcome, now=now):
        http_delivery.due(core, now=now)
        return
    del core.state.http[delivery_id]
    _give_up(core, delivery, str(outcome), now=now)


def _give_up(core: Core, delivery: HttpDelivery, reason: str, *, now: float) -> None:
    subscription = core.find_subscription(delivery.subscription_arn)
    topic = core.state.topics.get(subscription.topic_arn) if subscription else None
    if subscription is None or topic is None or delivery.message is None:
        core.record(
            "discarded",
            delivery.subscription_arn,
            now,
            message_id=delivery.message_id,
            cause=delivery.cause,
            reason=reason,
        )
        return
    fan_out = FanOut(core, topic, delivery.message, now=now)
    fan_out.undeliverable(subscription, reason, delivery.cause)
