"""Deliveries to HTTP(S) endpoints: headers, attempts, retries, and giving up.

A delivery is one `ToHttp` effect an attempt. The shell reports each outcome; here is decided
whether it was a success, a reason to try again when the delivery policy says, or final. What was
undeliverable goes to the subscription's dead-letter queue (`fan_out.py`).

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html;
https://docs.aws.amazon.com/sns/latest/dg/http-header.html; recorded requests of AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tomodachi_fakes.sns.effects import ToHttp

if TYPE_CHECKING:
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.message import Message

ATTEMPT_TIMEOUT_S = 15.0
USER_AGENT = "Amazon Simple Notification Service Agent"
_TOO_MANY_REQUESTS = 429


@dataclass(slots=True)
class HttpDelivery:
    """One message on its way to one endpoint.

    Attributes:
        delays: Seconds before each retry still allowed.
        attempts: How many attempts were made.
        due_at: Unix time of the next attempt; None while one is under way.
        message_id: SNS's id of the message.
        message: The published message; None for a confirmation, which no dead-letter queue gets.
        cause: `seq` of the event that led here.
        receives_per_second: How many attempts a second its subscription may get; None: any number.
        slot_at: Unix time that the throttle policy put the next attempt off to; None before that.
    """

    delivery_id: int
    subscription_arn: str
    url: str
    headers: dict[str, str]
    body: str
    delays: list[float]
    message_id: str
    due_at: float | None
    attempts: int = 0
    cause: int | None = None
    message: Message | None = None
    receives_per_second: int | None = None
    slot_at: float | None = None


@dataclass(frozen=True, slots=True)
class HttpOutcome:
    """What came of one attempt.

    Attributes:
        status: HTTP status; None when there was no answer.
        error: Why there was none; "" otherwise.
        retry: False for a failure that no retry can mend (a forbidden address).
    """

    status: int | None = None
    error: str = ""
    retry: bool = True

    @property
    def delivered(self) -> bool:
        """True for a 2xx answer."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def may_retry(self) -> bool:
        """True for answers and failures that SNS tries again: no answer, 429 and 5xx."""
        if self.status is None:
            return self.retry
        return self.status == _TOO_MANY_REQUESTS or self.status >= 500

    def __str__(self) -> str:
        return self.error or f"HTTP status {self.status}"


def request_headers(
    *, kind: str, message_id: str, topic_arn: str, content_type: str, subscription_arn: str | None
) -> dict[str, str]:
    """The headers of a delivery; a raw one adds `x-amz-sns-rawdelivery`."""
    headers = {
        "x-amz-sns-message-type": kind,
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": topic_arn,
    }
    if subscription_arn is not None:
        headers["x-amz-sns-subscription-arn"] = subscription_arn
    headers["Content-Type"] = content_type
    headers["User-Agent"] = USER_AGENT
    headers["Accept-Encoding"] = "gzip,deflate"
    return headers


def start(core: Core, delivery: HttpDelivery, *, now: float) -> None:
    """Make the first attempt, now or when the throttle policy lets it through."""
    core.state.http[delivery.delivery_id] = delivery
    _attempt_in_turn(core, delivery, now=now)


def due(core: Core, *, now: float) -> None:
    """Make every attempt whose time has come."""
    for delivery in list(core.state.http.values()):
        if delivery.due_at is not None and delivery.due_at <= now:
            _attempt_in_turn(core, delivery, now=now)


def next_due(core: Core) -> float | None:
    """Unix time of the next attempt, or None."""
    times = [item.due_at for item in core.state.http.values() if item.due_at is not None]
    return min(times, default=None)


def retried(delivery: HttpDelivery, outcome: HttpOutcome, *, now: float) -> bool:
    """Put a failed delivery on for its next retry; False when there is none left."""
    if not outcome.may_retry or not delivery.delays:
        return False
    delivery.due_at = now + delivery.delays.pop(0)
    return True


def _attempt_in_turn(core: Core, delivery: HttpDelivery, *, now: float) -> None:
    """Attempt now, or take the next free place among the posts to the subscription."""
    if delivery.slot_at is None and delivery.receives_per_second is not None:
        delivery.slot_at = _next_slot(core, delivery, now=now)
        if delivery.slot_at > now:
            delivery.due_at = delivery.slot_at
            return
    delivery.slot_at = None
    _attempt(core, delivery)


def _next_slot(core: Core, delivery: HttpDelivery, *, now: float) -> float:
    """The time of the next post to the subscription, which later ones keep their distance from."""
    subscription = core.find_subscription(delivery.subscription_arn)
    if subscription is None or delivery.receives_per_second is None:
        return now
    slot = max(now, subscription.next_post_at)
    subscription.next_post_at = slot + 1.0 / delivery.receives_per_second
    return slot


def _attempt(core: Core, delivery: HttpDelivery) -> None:
    delivery.attempts += 1
    delivery.due_at = None
    core.effects.append(
        ToHttp(
            delivery_id=delivery.delivery_id,
            attempt=delivery.attempts,
            url=delivery.url,
            headers=dict(delivery.headers),
            body=delivery.body.encode(),
            timeout_s=ATTEMPT_TIMEOUT_S,
            subscription_arn=delivery.subscription_arn,
            cause=delivery.cause,
        )
    )
