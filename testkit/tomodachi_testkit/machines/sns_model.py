"""What `SNSMachine` believes: which messages pass a filter policy, and what a queue gets of them.

The filters say in Python what their policies say in JSON, so that no parser is shared with the fake.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html,
/sns-large-payload-raw-message-delivery.html, /fifo-message-dedup.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_WINDOW_S = 300.0


@dataclass(frozen=True, slots=True)
class Published:
    """What a publisher says.

    Attributes:
        number: Its place among all that were published; the body carries it.
        event: The attribute of this name, a String; None leaves it out.
        level: The attribute of this name, a Number; None leaves it out.
        kind: A field of the body.
    """

    number: int
    event: str | None
    level: int | None
    kind: str

    @property
    def body(self) -> str:
        """The message."""
        return json.dumps({"number": self.number, "kind": self.kind})

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
    """A filter policy, and what it means."""

    policy: dict[str, Any]
    passes: Callable[[Published], bool]


BY_ATTRIBUTES = (
    Filter({}, lambda message: True),
    Filter({"event": ["a"]}, lambda message: message.event == "a"),
    Filter({"event": ["a", "b"]}, lambda message: message.event in ("a", "b")),
    Filter({"event": [{"prefix": "a"}]}, lambda message: (message.event or "").startswith("a")),
    Filter(
        {"event": [{"anything-but": ["a"]}]},
        lambda message: message.event is not None and message.event != "a",
    ),
    Filter({"event": [{"exists": True}]}, lambda message: message.event is not None),
    Filter({"event": [{"exists": False}]}, lambda message: message.event is None),
    Filter(
        {"level": [{"numeric": [">=", 2]}]},
        lambda message: message.level is not None and message.level >= 2,
    ),
    Filter(
        {"event": ["a"], "level": [1]}, lambda message: (message.event, message.level) == ("a", 1)
    ),
)
BY_BODY = (
    Filter({}, lambda message: True),
    Filter({"kind": ["x"]}, lambda message: message.kind == "x"),
    Filter({"kind": [{"anything-but": "x"}]}, lambda message: message.kind != "x"),
    Filter({"number": [{"numeric": ["<", 4]}]}, lambda message: message.number < 4),
)


@dataclass(slots=True)
class Subscribed:
    """A subscription of a queue."""

    arn: str
    by_body: bool
    filter: Filter
    raw: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """A message that a queue must have, in the form it must have."""

    message: Published
    message_id: str
    arn: str
    raw: bool
    group: str


@dataclass(slots=True)
class TopicModel:
    """A topic, its subscriptions by name of queue, and everything that it must have delivered."""

    by_group: bool
    subscribed: dict[str, Subscribed] = field(default_factory=dict)
    delivered: dict[str, list[Expected]] = field(default_factory=dict)
    _accepted: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)

    def published(
        self, message: Published, message_id: str, *, group: str, dedup: str, now: float
    ) -> None:
        """A publish was answered with `message_id`; "" as group and dedup for a standard topic.

        A repeat within five minutes of the first is answered like the first, and goes nowhere.
        """
        if dedup:
            key = (group if self.by_group else "", dedup)
            at, first = self._accepted.get(key, (float("-inf"), ""))
            if now - at < _WINDOW_S:
                assert message_id == first, f"{message} repeats {first}, and became {message_id}"
                return
            self._accepted[key] = (now, message_id)
        seen = {item.message_id for queue in self.delivered.values() for item in queue}
        assert message_id not in seen, f"{message} got the id of another message: {message_id}"
        for queue, subscription in self.subscribed.items():
            if subscription.filter.passes(message):
                expected = Expected(message, message_id, subscription.arn, subscription.raw, group)
                self.delivered.setdefault(queue, []).append(expected)
