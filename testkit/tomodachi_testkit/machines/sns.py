"""`SNSMachine`: one topic and its queues, used at random, against a model of SNS.

It talks to the fakes' core, in virtual time. Invariant 10 of the property tests is checked: a message
reaches exactly the subscriptions whose filter it passed when it was published, once, in the form they
asked for then. What the filters mean is in `sns_model.py`. Subclasses choose filters and queues.

Source: SNS API reference; https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tomodachi_testkit.machines.core_calls import ACCOUNT, REGION, Core
from tomodachi_testkit.machines.sns_model import (
    BY_ATTRIBUTES,
    BY_BODY,
    Expected,
    Filter,
    Published,
    Subscribed,
    TopicModel,
)
from tomodachi_testkit.machines.steps import ReproducibleMachine, invariant, rule

_picks = st.integers(0, 9)
_events = st.sampled_from((None, "a", "b", "ab"))
_levels = st.sampled_from((None, 1, 2))
_kinds = st.sampled_from(("x", "y"))
_groups = st.sampled_from(("a", "b"))
_dedups = st.integers(0, 3)


class SNSMachine(ReproducibleMachine):
    """A standard topic; `FifoSNSMachine` is the same for a FIFO topic.

    Class attributes:
        fifo: The topic's type, and that of its queues.
        by_group: FifoThroughputScope is MessageGroup, so ids are compared within a group (FIFO).
        queues: Names of queues that may subscribe, without ".fifo".
        by_attributes: Filter policies for message attributes, and what they mean.
        by_body: Filter policies for message bodies, and what they mean.
    """

    fifo: ClassVar[bool] = False
    by_group: ClassVar[bool] = False
    queues: ClassVar[tuple[str, ...]] = ("first", "second", "third")
    by_attributes: ClassVar[tuple[Filter, ...]] = BY_ATTRIBUTES
    by_body: ClassVar[tuple[Filter, ...]] = BY_BODY

    def __init__(self) -> None:
        super().__init__()
        self.core = Core()
        self.model = TopicModel(self.by_group)
        self.made = 0
        self.suffix = ".fifo" if self.fifo else ""
        scope = "MessageGroup" if self.by_group else "Topic"
        of_topic = {"FifoTopic": "true", "FifoThroughputScope": scope} if self.fifo else {}
        created = self._sns("CreateTopic", Name=f"topic{self.suffix}", Attributes=of_topic)
        self.topic: str = created["TopicArn"]
        of_queue = {"FifoQueue": "true"} if self.fifo else {}
        if self.by_group:
            of_queue["DeduplicationScope"] = "messageGroup"
            of_queue["FifoThroughputLimit"] = "perMessageGroupId"
        for name in self.queues:
            queue = f"{name}{self.suffix}"
            self.core.call("sqs", "CreateQueue", QueueName=queue, Attributes=of_queue)

    def _sns(self, operation: str, **params: Any) -> Any:
        return self.core.call("sns", operation, **params)

    # --- subscriptions ----------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.subscribed) < len(self.queues))
    @rule(which=_picks, policy=_picks, by_body=st.booleans(), raw=st.booleans())
    def subscribe(self, which: int, policy: int, by_body: bool, raw: bool) -> None:  # noqa: FBT001
        """Subscribe a queue that is not subscribed."""
        free = [name for name in self.queues if name not in self.model.subscribed]
        queue, chosen = _pick(free, which), _pick(self._filters(by_body=by_body), policy)
        attributes = {
            "FilterPolicy": json.dumps(chosen.policy),
            "FilterPolicyScope": "MessageBody" if by_body else "MessageAttributes",
            "RawMessageDelivery": "true" if raw else "false",
        }
        output = self._sns(
            "Subscribe",
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}{self.suffix}",
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        arn = output["SubscriptionArn"]
        self.model.subscribed[queue] = Subscribed(arn, by_body, chosen, raw)

    @precondition(lambda self: self.model.subscribed)
    @rule(which=_picks)
    def unsubscribe(self, which: int) -> None:
        """Unsubscribe: what was delivered stays delivered."""
        queue = _pick(self.model.subscribed, which)
        self._sns("Unsubscribe", SubscriptionArn=self.model.subscribed.pop(queue).arn)

    @precondition(lambda self: self.model.subscribed)
    @rule(which=_picks, policy=_picks)
    def set_filter(self, which: int, policy: int) -> None:
        """SetSubscriptionAttributes: another policy, for what is published from now on."""
        subscription = _pick(self.model.subscribed.values(), which)
        subscription.filter = _pick(self._filters(by_body=subscription.by_body), policy)
        self._set(subscription, "FilterPolicy", json.dumps(subscription.filter.policy))

    @precondition(lambda self: self.model.subscribed)
    @rule(which=_picks, raw=st.booleans())
    def set_raw(self, which: int, raw: bool) -> None:  # noqa: FBT001 - a rule's drawn value
        """SetSubscriptionAttributes: the other form, for what is published from now on."""
        subscription = _pick(self.model.subscribed.values(), which)
        subscription.raw = raw
        self._set(subscription, "RawMessageDelivery", "true" if raw else "false")

    def _set(self, subscription: Subscribed, name: str, value: str) -> None:
        self._sns(
            "SetSubscriptionAttributes",
            SubscriptionArn=subscription.arn,
            AttributeName=name,
            AttributeValue=value,
        )

    def _filters(self, *, by_body: bool) -> tuple[Filter, ...]:
        return self.by_body if by_body else self.by_attributes

    # --- publishing -------------------------------------------------------------------------------

    @rule(event=_events, level=_levels, kind=_kinds, group=_groups, dedup=_dedups)
    def publish(
        self, event: str | None, level: int | None, kind: str, group: str, dedup: int
    ) -> None:
        """Publish."""
        message = self._message(event, level, kind)
        entry = self._entry(message, group, dedup)
        output = self._sns("Publish", TopicArn=self.topic, **entry)
        self._published(message, entry, output["MessageId"])

    @rule(
        entries=st.lists(
            st.tuples(_events, _levels, _kinds, _groups, _dedups), min_size=1, max_size=4
        )
    )
    def publish_batch(self, entries: list[tuple[str | None, int | None, str, str, int]]) -> None:
        """PublishBatch: the same, entry by entry."""
        messages = [self._message(event, level, kind) for event, level, kind, _, _ in entries]
        made = [
            {"Id": str(number), **self._entry(message, group, dedup)}
            for number, (message, (*_, group, dedup)) in enumerate(
                zip(messages, entries, strict=True)
            )
        ]
        output = self._sns("PublishBatch", TopicArn=self.topic, PublishBatchRequestEntries=made)
        assert [done["Id"] for done in output["Successful"]] == [entry["Id"] for entry in made]
        for message, entry, done in zip(messages, made, output["Successful"], strict=True):
            self._published(message, entry, done["MessageId"])

    def _message(self, event: str | None, level: int | None, kind: str) -> Published:
        self.made += 1
        return Published(self.made, event, level, kind)

    def _entry(self, message: Published, group: str, dedup: int) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "Message": message.body,
            "MessageAttributes": message.attributes,
        }
        if self.fifo:
            entry |= {"MessageGroupId": group, "MessageDeduplicationId": f"d{dedup}"}
        return entry

    def _published(self, message: Published, entry: dict[str, Any], message_id: str) -> None:
        self.model.published(
            message,
            message_id,
            group=entry.get("MessageGroupId", ""),
            dedup=entry.get("MessageDeduplicationId", ""),
            now=self.core.now,
        )

    # --- time -------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((1, 299, 300)))
    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.core.advance_to(self.core.now + seconds)

    # --- what must be true ------------------------------------------------------------------------

    @invariant()
    def queues_have_what_passed_their_filters(self) -> None:
        """10: no more, no less, in order, and in the form that was asked for at the time."""
        for queue in self.queues:
            expected = self.model.delivered.get(queue, [])
            found = list(self.core.queue(f"{queue}{self.suffix}").store.messages.values())
            numbers = [_number(message.body) for message in found]
            assert numbers == [item.message.number for item in expected], f"{queue}: {numbers}"
            for stored, item in zip(found, expected, strict=True):
                self._check_form(stored, item)

    def _check_form(self, stored: Any, expected: Expected) -> None:
        assert (stored.group_id or "") == expected.group, f"{expected}: {stored}"
        message = expected.message
        if expected.raw:
            assert stored.body == message.body, f"{expected}: {stored.body}"
            assert (stored.attributes or {}) == message.attributes, f"{expected}: {stored}"
            return
        envelope = json.loads(stored.body)
        assert not stored.attributes, f"{expected}: {stored.attributes}"
        assert envelope["Message"] == message.body, envelope
        assert (envelope["Type"], envelope["TopicArn"]) == ("Notification", self.topic), envelope
        assert envelope["MessageId"] == expected.message_id, envelope
        assert envelope["UnsubscribeURL"].endswith(expected.arn), envelope
        attributes = {
            name: {"Type": value["DataType"], "Value": value["StringValue"]}
            for name, value in message.attributes.items()
        }
        assert envelope.get("MessageAttributes", {}) == attributes, envelope

    def history(self) -> str:
        """The cloud's events."""
        return self.core.history()


class FifoSNSMachine(SNSMachine):
    """A FIFO topic with FIFO queues: what is published again within five minutes goes nowhere."""

    fifo = True


def _number(body: str) -> int:
    content = json.loads(body)
    number = json.loads(content.get("Message", body))["number"]
    assert isinstance(number, int)
    return number


def _pick(items: Any, which: int) -> Any:
    found = list(items)
    return found[which % len(found)]
