"""The message archive of a FIFO topic, and replays from it.

An `ArchivePolicy` keeps published messages for 1 to 365 days. A subscription's `ReplayPolicy` sends
those of a period again, in order, with `Replayed` in the envelope. A replay starts a second after it
was asked for and redelivers up to `MESSAGES_PER_SECOND`; meanwhile new messages wait in the archive
for their turn. Without an end the replay catches up with the topic and is then complete; with one
the subscription gets no new messages until the policy is removed.

Source: https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html; pace and
start-up time are the fake's own.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sns.errors import ReplayLimitExceeded
from tomodachi_fakes.sns.fan_out import FanOut

if TYPE_CHECKING:
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.message import Message
    from tomodachi_fakes.sns.state import Subscription, Topic

START_DELAY_S = 1.0
MESSAGES_PER_SECOND = 100
_DAY_S = 86_400
_MAXIMUM_DAYS = 365


class InvalidArchivePolicy(ValueError):
    """An archive or replay policy that SNS refuses; the message says why."""


class ReplayStatus(StrEnum):
    """The `ReplayStatus` attribute."""

    PENDING = "Pending"
    IN_PROGRESS = "In progress"
    COMPLETED = "Completed"
    FAILED = "Failed"


@dataclass(slots=True)
class Replay:
    """A replay of one subscription.

    Attributes:
        start: Unix time of the first message wanted.
        end: Unix time of the last one; None means up to the present and on.
        due_at: Unix time of the next portion; None once complete.
        after: Sequence number of the last message replayed; "" before the first.
    """

    start: float
    end: float | None
    due_at: float | None
    status: ReplayStatus = ReplayStatus.PENDING
    after: str = ""

    @property
    def active(self) -> bool:
        """True until it is complete."""
        return self.due_at is not None

    @property
    def takes_new_messages(self) -> bool:
        """True when newly published messages go straight to the subscription."""
        return not self.active and self.end is None


def retention_days(policy: str) -> int | None:
    """Days in an `ArchivePolicy`; None for `{}`, which ends archiving.

    Raises:
        InvalidArchivePolicy: no JSON object, another member, or a period outside 1..365.
    """
    given = _object(policy, "ArchivePolicy")
    if not given:
        return None
    if unknown := given.keys() - {"MessageRetentionPeriod"}:
        msg = f"ArchivePolicy: unknown member {min(unknown)}"
        raise InvalidArchivePolicy(msg)
    value = given["MessageRetentionPeriod"]
    try:
        days = int(value)
    except (TypeError, ValueError):
        days = 0
    if not 1 <= days <= _MAXIMUM_DAYS:
        msg = f"ArchivePolicy: MessageRetentionPeriod must be between 1 and {_MAXIMUM_DAYS}"
        raise InvalidArchivePolicy(msg)
    return days


def replay_of(policy: str, *, now: float) -> Replay | None:
    """The replay that a `ReplayPolicy` asks for; None for `{}`, which ends one.

    Raises:
        InvalidArchivePolicy: no JSON object, no starting point, or a point that is no timestamp.
    """
    wanted = _object(policy, "ReplayPolicy")
    if not wanted:
        return None
    if wanted.get("PointType") != "Timestamp":
        raise InvalidArchivePolicy("ReplayPolicy: PointType must be Timestamp")
    if "StartingPoint" not in wanted:
        raise InvalidArchivePolicy("ReplayPolicy: StartingPoint must be specified")
    start = _moment(wanted["StartingPoint"], "StartingPoint")
    end = _moment(wanted["EndingPoint"], "EndingPoint") if "EndingPoint" in wanted else None
    if end is not None and end < start:
        raise InvalidArchivePolicy("ReplayPolicy: EndingPoint must be after StartingPoint")
    return Replay(start, end, due_at=now + START_DELAY_S)


def keep(topic: Topic, message: Message, *, now: float) -> None:
    """Put a published message into the topic's archive, if it has one, and drop what is too old."""
    days = _days(topic)
    if days is None:
        return
    topic.archive.append(message)
    prune(topic, now=now)


def prune(topic: Topic, *, now: float) -> None:
    """Forget archived messages older than the retention period."""
    days = _days(topic) or 0
    oldest = now - days * _DAY_S
    while topic.archive and topic.archive[0].published_at <= oldest:
        topic.archive.popleft()


def beginning(topic: Topic, *, now: float) -> float | None:
    """The earliest moment that can be replayed from; None without an archive."""
    days = _days(topic)
    if days is None or topic.archived_since is None:
        return None
    return max(topic.archived_since, now - days * _DAY_S)


def next_due(core: Core) -> float | None:
    """Unix time of the next portion of any replay, or None."""
    times = [item.replay.due_at for item in _replaying(core) if item.replay is not None]
    return min((at for at in times if at is not None), default=None)


def begin(core: Core, subscription: Subscription, replay: Replay | None) -> None:
    """Let a subscription replay, in place of what it may be replaying; None ends that.

    Raises:
        ReplayLimitExceeded: the topic has as many replays under way as it may.
    """
    if replay is not None:
        _check_limit(core, subscription)
        core.state.replaying[subscription.arn] = None
    else:
        core.state.replaying.pop(subscription.arn, None)
    subscription.replay = replay


def _check_limit(core: Core, subscription: Subscription) -> None:
    running = sum(
        item.topic_arn == subscription.topic_arn and item is not subscription
        for item in _replaying(core)
    )
    if running >= core.limits.replays_per_topic:
        raise ReplayLimitExceeded("The replay limit of the topic is exceeded")


def advance(core: Core, *, now: float) -> None:
    """Send every portion that is due."""
    for subscription in _replaying(core):
        replay = subscription.replay
        while replay is not None and replay.due_at is not None and replay.due_at <= now:
            _send_portion(core, subscription, replay, at=replay.due_at)
        if replay is not None and not replay.active:
            core.state.replaying.pop(subscription.arn, None)


def _send_portion(core: Core, subscription: Subscription, replay: Replay, *, at: float) -> None:
    topic = core.state.topics[subscription.topic_arn]
    prune(topic, now=at)
    wanted = [message for message in topic.archive if _wanted(message, replay)]
    replay.status = ReplayStatus.IN_PROGRESS
    for message in wanted[:MESSAGES_PER_SECOND]:
        again = replace(message, replayed=True)
        again.cause = core.record(
            "replayed", subscription.arn, at, message_id=message.message_id, cause=message.cause
        )
        FanOut(core, topic, again, now=at).to(subscription)
        replay.after = message.sequence_number or ""
    if len(wanted) > MESSAGES_PER_SECOND:
        replay.due_at = at + 1.0
    elif replay.end is not None and replay.end > at:
        replay.due_at = replay.end
    else:
        replay.due_at = None
        replay.status = ReplayStatus.COMPLETED


def _wanted(message: Message, replay: Replay) -> bool:
    if message.published_at < replay.start or (message.sequence_number or "") <= replay.after:
        return False
    return replay.end is None or message.published_at <= replay.end


def _replaying(core: Core) -> list[Subscription]:
    found = (core.find_subscription(arn) for arn in core.state.replaying)
    return [item for item in found if item is not None and item.replay is not None]


def _days(topic: Topic) -> int | None:
    policy = topic.attributes.get("ArchivePolicy")
    return retention_days(policy) if policy else None


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{name}: failed to parse JSON."
        raise InvalidArchivePolicy(msg) from error
    if not isinstance(value, dict):
        msg = f"{name}: must be a JSON object"
        raise InvalidArchivePolicy(msg)
    return value


def _moment(text: Any, name: str) -> float:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        msg = f"ReplayPolicy: {name} must be an ISO 8601 timestamp"
        raise InvalidArchivePolicy(msg) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.timestamp()
