"""Deliveries to queues, functions, streams, phones, mailboxes and devices that are tried again.

SNS has one retry policy for endpoints that AWS manages and one for those that customers do; neither
can be changed. A message that waits for its next attempt holds up the later ones of its group on a
FIFO topic, so that their order is kept. HTTP has its own, `http_delivery.py`; what is attempted, and
what follows when no retry is left, is `fan_out.py`'s matter.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html (its jitter is left
out).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tomodachi_fakes.sns.delivery_policy import BACKOFF

if TYPE_CHECKING:
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.message import Message
    from tomodachi_fakes.sns.state import Subscription, Topic

LineKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a delivery is tried again, in the four phases of the developer guide.

    Attributes:
        low: Seconds between the retries before the backoff; `high` between those after it.
    """

    at_once: int
    at_low: int
    growing: int
    at_high: int
    low: float
    high: float

    def delay(self, retry: int) -> float | None:
        """Seconds before a retry, counted from 1; None when there are no more."""
        left = retry - self.at_once
        if left <= 0:
            return 0.0
        if left <= self.at_low:
            return self.low
        left -= self.at_low
        if left <= self.growing:
            part = (left - 1) / max(self.growing - 1, 1)
            return self.low + (self.high - self.low) * BACKOFF["exponential"](part)
        return self.high if left - self.growing <= self.at_high else None


AWS_MANAGED = RetryPolicy(at_once=3, at_low=2, growing=10, at_high=100_000, low=1, high=20)
CUSTOMER_MANAGED = RetryPolicy(at_once=0, at_low=2, growing=10, at_high=38, low=10, high=600)
_AWS_MANAGED_PROTOCOLS = ("sqs", "lambda", "firehose")


@dataclass(slots=True)
class Attempts:
    """One message on its way to one subscription, after `made` attempts.

    Attributes:
        cause: `seq` of the last event on the way.
    """

    message: Message
    cause: int | None
    made: int = 0


@dataclass(slots=True)
class Line:
    """Messages that wait for one subscription; the first is tried again at `due_at`."""

    subscription_arn: str
    due_at: float
    waiting: deque[Attempts] = field(default_factory=deque)


def policy_for(protocol: str) -> RetryPolicy:
    """The retry policy of a protocol other than HTTP."""
    return AWS_MANAGED if protocol in _AWS_MANAGED_PROTOCOLS else CUSTOMER_MANAGED


def wait(
    core: Core, topic: Topic, subscription: Subscription, attempts: Attempts, *, due_at: float
) -> None:
    """Put a message on for its next attempt."""
    line = Line(subscription.arn, due_at, deque((attempts,)))
    core.state.retrying[_key(topic, subscription, attempts.message)] = line


def waits_behind(core: Core, topic: Topic, subscription: Subscription, attempts: Attempts) -> bool:
    """Whether earlier messages of its group wait, so that this one was put behind them."""
    line = core.state.retrying.get(_key(topic, subscription, attempts.message))
    if line is None:
        return False
    line.waiting.append(attempts)
    return True


def next_due(core: Core) -> float | None:
    """Unix time of the next attempt, or None."""
    return min((line.due_at for line in core.state.retrying.values()), default=None)


def _key(topic: Topic, subscription: Subscription, message: Message) -> LineKey:
    return subscription.arn, (message.message_group_id or "") if topic.fifo else message.message_id
