"""What `SNSMachine` believes: which messages pass a filter policy, and what a queue gets of them.

The filters say in Python what their policies say in JSON, so that no parser is shared with the fake.
What HTTP endpoints get is in `sns_posts.py`.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html,
/sns-large-payload-raw-message-delivery.html, /fifo-message-dedup.html, /sns-dead-letter-queues.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

_WINDOW_S = 300.0
DEAD = "dead"

Passes = Callable[["Published"], bool]
DedupKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Published:
    """What a publisher says.

    Attributes:
        number: Its place among all that were published; the body carries it.
        event: The attribute of this name, a String; None leaves it out.
        level: The attribute of this name, a Number; None leaves it out.
        kind: A field of the body.
        inner: The field `event` of the body; None leaves it out.
        subject: None for none.
        by_protocol: Whether each protocol gets a body of its own.
    """

    number: int
    event: str | None
    level: int | None
    kind: str
    inner: str | None = None
    subject: str | None = None
    by_protocol: bool = False

    def body_for(self, protocol: str) -> str:
        """What subscribers of a protocol get."""
        content: dict[str, Any] = {"number": self.number, "kind": self.kind}
        if self.inner is not None:
            content["event"] = self.inner
        return json.dumps(content | {"for": protocol} if self.by_protocol else content)

    @property
    def attributes(self) -> dict[str, dict[str, str]]:
        """Message attributes as on the wire."""
        given = (("event", "String", self.event), ("level", "Number", self.level))
        return {
            name: {"DataType": kind, "StringValue": str(value)}
            for name, kind, value in given
            if value is not None
        }


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter policy, and what it means.

    Attributes:
        elsewhere: What it means in the other scope; None keeps a subscription that has it in its scope.
    """

    policy: dict[str, Any]
    passes: Passes
    elsewhere: Passes | None = None

    @property
    def operators(self) -> set[str]:
        """The names in its conditions: "prefix", "numeric", ..."""
        conditions = [c for values in self.policy.values() for c in values if isinstance(c, dict)]
        return {name for condition in conditions for name in condition}

    def in_other_scope(self) -> Filter:
        """The same policy, for the other scope."""
        assert self.elsewhere is not None
        return replace(self, passes=self.elsewhere, elsewhere=self.passes)


BY_ATTRIBUTES = (
    Filter({}, lambda message: True, lambda message: True),
    Filter(
        {"event": ["a"]}, lambda message: message.event == "a", lambda message: message.inner == "a"
    ),
    Filter({"event": ["a", "b"]}, lambda message: message.event in ("a", "b")),
    Filter(
        {"event": [{"prefix": "a"}]},
        lambda message: (message.event or "").startswith("a"),
        lambda message: (message.inner or "").startswith("a"),
    ),
    Filter({"event": [{"suffix": "b"}]}, lambda message: (message.event or "").endswith("b")),
    Filter({"event": [{"equals-ignore-case": "A"}]}, lambda message: message.event == "a"),
    Filter(
        {"event": [{"anything-but": ["a"]}]},
        lambda message: message.event is not None and message.event != "a",
    ),
    Filter(
        {"event": [{"anything-but": {"prefix": "a"}}]}, lambda message: message.event in ("b", "ba")
    ),
    Filter(
        {"event": [{"exists": True}]},
        lambda message: message.event is not None,
        lambda message: message.inner is not None,
    ),
    Filter({"event": [{"exists": False}]}, lambda message: message.event is None),
    Filter(
        {"level": [{"numeric": [">=", 2]}]},
        lambda message: message.level is not None and message.level >= 2,
    ),
    Filter({"level": [{"numeric": [">", 0, "<", 2]}]}, lambda message: message.level == 1),
    Filter(
        {"event": ["a"], "level": [1]}, lambda message: (message.event, message.level) == ("a", 1)
    ),
    Filter(
        {"$or": [{"event": ["a"]}, {"level": [1]}]},
        lambda message: message.event == "a" or message.level == 1,
    ),
)
BY_BODY = (
    Filter({}, lambda message: True, lambda message: True),
    Filter({"kind": ["x"]}, lambda message: message.kind == "x", lambda message: False),
    Filter({"kind": [{"anything-but": "x"}]}, lambda message: message.kind != "x"),
    Filter({"number": [{"numeric": ["<", 4]}]}, lambda message: message.number < 4),
    Filter(
        {"event": [{"exists": False}]},
        lambda message: message.inner is None,
        lambda message: message.event is None,
    ),
)


@dataclass(slots=True)
class Subscribed:
    """A subscription.

    Attributes:
        dead_letters: Whether it has a redrive policy, to the queue `DEAD`.
        token: What confirms it; "" once it is confirmed.
        asked_at: Unix time when its endpoint was first asked to confirm.
    """

    arn: str
    by_body: bool
    filter: Filter
    raw: bool
    dead_letters: bool = False
    token: str = ""
    asked_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Expected:
    """A message that an endpoint must have, in the form it must have.

    Attributes:
        body: What it says to the protocol of its subscription.
        sequence: Its sequence number; "" on a standard topic.
        dedup: Its deduplication id; "" likewise.
        at: Unix time of its publish.
    """

    message: Published
    body: str
    message_id: str
    arn: str
    raw: bool
    group: str
    sequence: str
    dedup: str
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publish is answered; "" as sequence number on a standard topic."""

    message_id: str
    sequence: str


@dataclass(slots=True)
class TopicModel:
    """A topic, its subscriptions by queue or endpoint, and what every queue must have got.

    Attributes:
        hooks: Subscriptions of HTTP endpoints, by name of endpoint.
        missing: Queues that were deleted.
    """

    by_group: bool
    subscribed: dict[str, Subscribed] = field(default_factory=dict)
    hooks: dict[str, Subscribed] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    delivered: dict[str, list[Expected]] = field(default_factory=dict)
    _last_sequence: str = ""
    _accepted: dict[DedupKey, tuple[float, Answer]] = field(default_factory=dict)
    _seen: dict[str, dict[DedupKey, float]] = field(default_factory=dict)

    def published(
        self, message: Published, answer: Answer, *, group: str, dedup: str, now: float
    ) -> list[tuple[str, Expected]]:
        """A publish was answered so; "" as group and dedup for a standard topic.

        A repeat within five minutes of the first is answered like the first, and goes nowhere.

        Returns:
            What HTTP endpoints get of it, by name.
        """
        if dedup:
            at, first = self._accepted.get(self._key(group, dedup), (float("-inf"), answer))
            if now - at < _WINDOW_S:
                assert answer == first, f"{message} repeats {first}, and became {answer}"
                return []
            self._accepted[self._key(group, dedup)] = (now, answer)
            assert answer.sequence > self._last_sequence, f"{answer} after {self._last_sequence}"
            self._last_sequence = answer.sequence
        ids = {item.message_id for queue in self.delivered.values() for item in queue}
        assert answer.message_id not in ids, f"{message} got the id of another message: {answer}"
        expected = Expected(
            message, "", answer.message_id, "", False, group, answer.sequence, dedup, now
        )
        for queue, item in self._passed(self.subscribed, expected, "sqs"):
            self._to_queue(queue, item, now)
        return self._passed(self.hooks, expected, "http")

    def dead_letter(self, expected: Expected, *, now: float) -> None:
        """A message could not be delivered; its subscription has a redrive policy."""
        self._put(DEAD, expected, now)

    def queue_deleted(self, queue: str) -> None:
        """A queue is no more, with what it had."""
        self.missing.add(queue)
        self.delivered.pop(queue, None)
        self._seen.pop(queue, None)

    def topic_renewed(self) -> None:
        """The topic was deleted with its subscriptions, and another made with its name."""
        self.subscribed.clear()
        self.hooks.clear()
        self._accepted.clear()
        self._last_sequence = ""

    def _passed(
        self, subscriptions: dict[str, Subscribed], expected: Expected, protocol: str
    ) -> list[tuple[str, Expected]]:
        """What the subscriptions get whose filters let the message through."""
        body = expected.message.body_for(protocol)
        return [
            (name, replace(expected, body=body, arn=item.arn, raw=item.raw))
            for name, item in subscriptions.items()
            if not item.token and item.filter.passes(expected.message)
        ]

    def _to_queue(self, queue: str, expected: Expected, now: float) -> None:
        if queue not in self.missing:
            self._put(queue, expected, now)
        elif self.subscribed[queue].dead_letters:
            self.dead_letter(expected, now=now)

    def _put(self, queue: str, expected: Expected, now: float) -> None:
        """Into a queue, which takes each deduplication id once in five minutes."""
        if expected.dedup:
            seen = self._seen.setdefault(queue, {})
            key = self._key(expected.group, expected.dedup)
            if now - seen.get(key, float("-inf")) < _WINDOW_S:
                return
            seen[key] = now
        self.delivered.setdefault(queue, []).append(expected)

    def _key(self, group: str, dedup: str) -> DedupKey:
        return (group if self.by_group else "", dedup)
