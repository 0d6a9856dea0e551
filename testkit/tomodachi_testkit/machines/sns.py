"""`SNSMachine`: one topic, its queues and HTTP endpoints, used at random, against a model of SNS.

It talks to the fakes' core, in virtual time. Invariant 10 of the property tests is checked: a message
reaches exactly the subscriptions whose filter it passed when it was published, once, in the form they
asked for then; what can't be delivered reaches the dead-letter queue. What the filters mean is in
`sns_model.py`, when posts come in `sns_posts.py`, what messages look like in `sns_forms.py`. Subclasses
choose filters and queues.

Source: SNS API reference; https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.sns.http_delivery import HttpOutcome
from tomodachi_testkit.machines.core_calls import ACCOUNT, REGION, START, Core
from tomodachi_testkit.machines.sns_forms import check_post, check_stored, number_of
from tomodachi_testkit.machines.sns_model import (
    BY_ATTRIBUTES,
    BY_BODY,
    DEAD,
    Answer,
    Filter,
    Published,
    Subscribed,
    TopicModel,
)
from tomodachi_testkit.machines.sns_posts import PostsModel
from tomodachi_testkit.machines.steps import ReproducibleMachine, invariant, rule

_picks = st.integers(0, 99)
_words = st.sampled_from((None, "a", "b", "ab"))
_levels = st.sampled_from((None, 1, 2))
_kinds = st.sampled_from(("x", "y"))
_groups = st.sampled_from(("a", "b"))
_dedups = st.integers(0, 3)
_subjects = st.sampled_from((None, "about"))
_LAPSE_S = 2 * 86_400
_LONGEST_RETENTION_S = 14 * 86_400


class SNSMachine(ReproducibleMachine):
    """A standard topic; `FifoSNSMachine` is the same for a FIFO topic.

    Class attributes:
        fifo: The topic's type, and that of its queues.
        by_group: FifoThroughputScope is MessageGroup, so ids are compared within a group (FIFO).
        content_based: ContentBasedDeduplication is on, and messages come without ids (FIFO).
        queues: Names of queues that may subscribe, without ".fifo".
        hooks: Names of HTTP endpoints that may subscribe (not FIFO).
        by_attributes: Filter policies for message attributes, and what they mean.
        by_body: Filter policies for message bodies, and what they mean.
    """

    fifo: ClassVar[bool] = False
    by_group: ClassVar[bool] = False
    content_based: ClassVar[bool] = False
    queues: ClassVar[tuple[str, ...]] = ("first", "second", "third")
    hooks: ClassVar[tuple[str, ...]] = ("hook",)
    by_attributes: ClassVar[tuple[Filter, ...]] = BY_ATTRIBUTES
    by_body: ClassVar[tuple[Filter, ...]] = BY_BODY

    def __init__(self) -> None:
        super().__init__()
        self.core = Core()
        self.model = TopicModel(self.by_group)
        self.posts = PostsModel(self.model)
        self.made = 0
        self.suffix = ".fifo" if self.fifo else ""
        self.topic = self._create_topic()
        for name in (*self.queues, DEAD):
            self._create_queue(name)

    def _sns(self, operation: str, **params: Any) -> Any:
        output = self.core.call("sns", operation, **params)
        self._answer_confirmations()
        return output

    def _create_topic(self) -> str:
        attributes = {}
        if self.fifo:
            attributes = {
                "FifoTopic": "true",
                "FifoThroughputScope": "MessageGroup" if self.by_group else "Topic",
                "ContentBasedDeduplication": "true" if self.content_based else "false",
            }
        created = self._sns("CreateTopic", Name=f"topic{self.suffix}", Attributes=attributes)
        return str(created["TopicArn"])

    def _create_queue(self, name: str) -> None:
        attributes = {"MessageRetentionPeriod": str(_LONGEST_RETENTION_S)}
        if self.fifo:
            attributes["FifoQueue"] = "true"
        if self.by_group:
            attributes["DeduplicationScope"] = "messageGroup"
            attributes["FifoThroughputLimit"] = "perMessageGroupId"
        self.core.call("sqs", "CreateQueue", QueueName=name + self.suffix, Attributes=attributes)

    def _arn(self, queue: str) -> str:
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}{self.suffix}"

    # --- subscriptions ----------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.subscribed) < len(self.queues))
    @rule(
        which=_picks,
        policy=_picks,
        by_body=st.booleans(),
        raw=st.booleans(),
        dead_letters=st.booleans(),
    )
    def subscribe(
        self,
        which: int,
        policy: int,
        by_body: bool,  # noqa: FBT001 - a rule's drawn value, as the next two
        raw: bool,  # noqa: FBT001
        dead_letters: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Subscribe a queue that is not subscribed."""
        queue = _pick([name for name in self.queues if name not in self.model.subscribed], which)
        chosen = _pick(self._filters(by_body=by_body), policy)
        wanted = Subscribed("", by_body, chosen, raw, dead_letters)
        wanted.arn = self._subscribe("sqs", self._arn(queue), wanted)
        self.model.subscribed[queue] = wanted

    @precondition(lambda self: not self.fifo and len(self.model.hooks) < len(self.hooks))
    @rule(
        which=_picks,
        policy=_picks,
        by_body=st.booleans(),
        raw=st.booleans(),
        dead_letters=st.booleans(),
    )
    def subscribe_hook(
        self,
        which: int,
        policy: int,
        by_body: bool,  # noqa: FBT001 - a rule's drawn value, as the next two
        raw: bool,  # noqa: FBT001
        dead_letters: bool,  # noqa: FBT001
    ) -> None:
        """Subscribe an HTTP endpoint, which has to confirm."""
        hook = _pick([name for name in self.hooks if name not in self.model.hooks], which)
        chosen = _pick(self._filters(by_body=by_body), policy)
        wanted = Subscribed("", by_body, chosen, raw, dead_letters)
        wanted.arn = self._subscribe("http", _url(hook), wanted)
        wanted.token = self.token
        self.model.hooks[hook] = wanted

    def _subscribe(self, protocol: str, endpoint: str, wanted: Subscribed) -> str:
        attributes = {
            "FilterPolicy": json.dumps(wanted.filter.policy),
            "FilterPolicyScope": _scope(wanted),
            "RawMessageDelivery": "true" if wanted.raw else "false",
        }
        if wanted.dead_letters:
            attributes["RedrivePolicy"] = self._redrive_policy()
        output = self._sns(
            "Subscribe",
            TopicArn=self.topic,
            Protocol=protocol,
            Endpoint=endpoint,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        return str(output["SubscriptionArn"])

    def _redrive_policy(self) -> str:
        return json.dumps({"deadLetterTargetArn": self._arn(DEAD)})

    @precondition(lambda self: self._pending())
    @rule(which=_picks)
    def confirm(self, which: int) -> None:
        """Bring an endpoint's token back."""
        subscription = _pick(self._pending(), which)
        output = self._sns("ConfirmSubscription", TopicArn=self.topic, Token=subscription.token)
        assert output["SubscriptionArn"] == subscription.arn
        subscription.token = ""

    @precondition(lambda self: self._subscriptions())
    @rule(which=_picks)
    def subscribe_again(self, which: int) -> None:
        """Subscribe, with what it has, an endpoint that is subscribed: nothing changes."""
        name, subscription = _pick(self._subscriptions().items(), which)
        queue = name in self.model.subscribed
        protocol, endpoint = ("sqs", self._arn(name)) if queue else ("http", _url(name))
        assert self._subscribe(protocol, endpoint, subscription) == subscription.arn
        assert not subscription.token or self.token == subscription.token

    @precondition(lambda self: self._subscriptions())
    @rule(which=_picks)
    def unsubscribe(self, which: int) -> None:
        """Unsubscribe: what was delivered stays delivered. Who has to confirm yet can't be."""
        name, subscription = _pick(self._subscriptions().items(), which)
        try:
            self._sns("Unsubscribe", SubscriptionArn=subscription.arn)
        except AwsError as error:
            assert subscription.token, f"{name} could not be unsubscribed: {error.message}"
        else:
            assert not subscription.token, f"{name} was unsubscribed without a confirmation"
            self.model.subscribed.pop(name, None)
            self.model.hooks.pop(name, None)

    @precondition(lambda self: self._subscriptions())
    @rule(which=_picks, policy=_picks)
    def set_filter(self, which: int, policy: int) -> None:
        """SetSubscriptionAttributes: another policy, for what is published from now on."""
        subscription = _pick(self._subscriptions().values(), which)
        subscription.filter = _pick(self._filters(by_body=subscription.by_body), policy)
        self._set(subscription, "FilterPolicy", json.dumps(subscription.filter.policy))

    @precondition(lambda self: self._movable())
    @rule(which=_picks)
    def set_scope(self, which: int) -> None:
        """SetSubscriptionAttributes: the same policy looks at the other part of messages."""
        subscription = _pick(self._movable(), which)
        subscription.filter = subscription.filter.in_other_scope()
        subscription.by_body = not subscription.by_body
        self._set(subscription, "FilterPolicyScope", _scope(subscription))

    @precondition(lambda self: self._subscriptions())
    @rule(which=_picks, raw=st.booleans())
    def set_raw(self, which: int, raw: bool) -> None:  # noqa: FBT001 - a rule's drawn value
        """SetSubscriptionAttributes: the other form, for what is published from now on."""
        subscription = _pick(self._subscriptions().values(), which)
        subscription.raw = raw
        self._set(subscription, "RawMessageDelivery", "true" if raw else "false")

    @precondition(lambda self: self._subscriptions())
    @rule(which=_picks, dead_letters=st.booleans())
    def set_redrive(self, which: int, dead_letters: bool) -> None:  # noqa: FBT001 - drawn
        """SetSubscriptionAttributes: a dead-letter queue, or none."""
        subscription = _pick(self._subscriptions().values(), which)
        subscription.dead_letters = dead_letters
        self._set(subscription, "RedrivePolicy", self._redrive_policy() if dead_letters else None)

    def _set(self, subscription: Subscribed, name: str, value: str | None) -> None:
        given = {} if value is None else {"AttributeValue": value}
        self._sns(
            "SetSubscriptionAttributes",
            SubscriptionArn=subscription.arn,
            AttributeName=name,
            **given,
        )

    def _subscriptions(self) -> dict[str, Subscribed]:
        return self.model.subscribed | self.model.hooks

    def _pending(self) -> list[Subscribed]:
        return [item for item in self.model.hooks.values() if item.token]

    def _movable(self) -> list[Subscribed]:
        return [item for item in self._subscriptions().values() if item.filter.elsewhere]

    def _filters(self, *, by_body: bool) -> tuple[Filter, ...]:
        return self.by_body if by_body else self.by_attributes

    # --- queues and the topic ---------------------------------------------------------------------

    @precondition(lambda self: len(self.model.missing) < len(self.queues))
    @rule(which=_picks)
    def delete_queue(self, which: int) -> None:
        """A queue goes; its subscription stays."""
        queue = _pick([name for name in self.queues if name not in self.model.missing], which)
        url = f"http://aws.test/{ACCOUNT}/{queue}{self.suffix}"
        self.core.call("sqs", "DeleteQueue", QueueUrl=url)
        self.model.queue_deleted(queue)

    @precondition(lambda self: self.model.missing)
    @rule(which=_picks)
    def create_queue(self, which: int) -> None:
        """A queue comes back, empty."""
        queue = _pick(sorted(self.model.missing), which)
        self._create_queue(queue)
        self.model.missing.remove(queue)

    @rule(really=st.integers(0, 9))
    def renew_topic(self, really: int) -> None:
        """Delete the topic and make it again, once in a while: nobody is subscribed any more."""
        if really:
            return
        self._sns("DeleteTopic", TopicArn=self.topic)
        assert self._create_topic() == self.topic
        self.model.topic_renewed()
        self.posts.posts.clear()

    # --- publishing -------------------------------------------------------------------------------

    @rule(
        event=_words,
        level=_levels,
        kind=_kinds,
        group=_groups,
        dedup=_dedups,
        inner=_words,
        subject=_subjects,
        by_protocol=st.booleans(),
    )
    def publish(
        self,
        event: str | None,
        level: int | None,
        kind: str,
        group: str,
        dedup: int,
        inner: str | None = None,
        subject: str | None = None,
        by_protocol: bool = False,  # noqa: FBT001, FBT002 - a rule's drawn value
    ) -> None:
        """Publish, the body as it is or by protocol."""
        message = self._message(event, level, kind, inner, subject, dedup)
        entry = self._entry(message, group, dedup, by_protocol=by_protocol)
        output = self._sns("Publish", TopicArn=self.topic, **entry)
        self._published(message, entry, output)
        self._compare_posts()

    @rule(
        entries=st.lists(
            st.tuples(_words, _levels, _kinds, _groups, _dedups, _words), min_size=1, max_size=4
        )
    )
    def publish_batch(
        self, entries: list[tuple[str | None, int | None, str, str, int, str | None]]
    ) -> None:
        """PublishBatch: the same, entry by entry."""
        messages = [
            self._message(event, level, kind, inner, None, dedup)
            for event, level, kind, _, dedup, inner in entries
        ]
        made = [
            {"Id": str(number), **self._entry(message, group, dedup, by_protocol=False)}
            for number, (message, (*_, group, dedup, _)) in enumerate(
                zip(messages, entries, strict=True)
            )
        ]
        output = self._sns("PublishBatch", TopicArn=self.topic, PublishBatchRequestEntries=made)
        assert [done["Id"] for done in output["Successful"]] == [entry["Id"] for entry in made]
        for message, entry, done in zip(messages, made, output["Successful"], strict=True):
            self._published(message, entry, done)
        self._compare_posts()

    def _message(
        self,
        event: str | None,
        level: int | None,
        kind: str,
        inner: str | None,
        subject: str | None,
        dedup: int,
    ) -> Published:
        self.made += 1
        if self.content_based:
            return Published(dedup, event, level, "x", None, subject)
        return Published(self.made, event, level, kind, inner, subject)

    def _entry(
        self, message: Published, group: str, dedup: int, *, by_protocol: bool
    ) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "Message": message.body,
            "MessageAttributes": message.attributes,
        }
        if message.subject is not None:
            entry["Subject"] = message.subject
        if by_protocol:
            bodies = {"default": "{}", "sqs": message.body, "http": message.body}
            entry |= {"Message": json.dumps(bodies), "MessageStructure": "json"}
        if self.fifo:
            entry["MessageGroupId"] = group
        if self.fifo and not self.content_based:
            entry["MessageDeduplicationId"] = f"d{dedup}"
        return entry

    def _published(self, message: Published, entry: dict[str, Any], output: Any) -> None:
        dedup = entry["Message"] if self.content_based else entry.get("MessageDeduplicationId", "")
        answer = Answer(output["MessageId"], output.get("SequenceNumber", ""))
        group, now = entry.get("MessageGroupId", ""), self.core.now
        passed = self.model.published(message, answer, group=group, dedup=dedup, now=now)
        self.posts.start(passed, now=now)

    # --- posts ------------------------------------------------------------------------------------

    @precondition(lambda self: self.posts.under_way())
    @rule(which=_picks, status=st.sampled_from((200, 503, 404)))
    def answer(self, which: int, status: int) -> None:
        """An HTTP endpoint answers one post."""
        post = _pick(self.posts.under_way(), which)
        outcome = HttpOutcome(status=status)
        self.core.cloud.http_answered(post.delivery_id, outcome, now=self.core.now)
        self.posts.answered(post, status, now=self.core.now)
        self._compare_posts()

    def _answer_confirmations(self) -> None:
        """Endpoints take the messages that ask them to confirm, and keep the token."""
        self.found = getattr(self, "found", [])
        for post in self.core.cloud.take_http():
            if post.headers["x-amz-sns-message-type"] == "Notification":
                self.found.append(post)
                continue
            self.token = json.loads(post.body)["Token"]
            ok = HttpOutcome(status=200)
            self.core.cloud.http_answered(post.delivery_id, ok, now=self.core.now)

    def _compare_posts(self) -> None:
        self._answer_confirmations()
        found, self.found = self.found, []
        due = self.posts.take_due(now=self.core.now)
        posted = [(post.url, post.attempt) for post in found]
        assert posted == [(_url(post.hook), post.attempt) for post in due], posted
        for post, expected in zip(found, due, strict=True):
            expected.delivery_id = post.delivery_id
            check_post(post, expected.expected, self.topic)

    # --- time -------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((1, 20, 299, 300)))
    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.core.advance_to(self.core.now + seconds)
        self._drop_unconfirmed()
        self._compare_posts()

    @precondition(lambda self: self._pending() and self._days_are_left())
    @rule()
    def lapse(self) -> None:
        """Let two days pass: who has not confirmed is not subscribed any more."""
        self.advance(_LAPSE_S)

    def _drop_unconfirmed(self) -> None:
        """Forget those whose two days are over, as they have to be in SNS too."""
        for name, item in list(self.model.hooks.items()):
            since = self.core.cloud.sns.subscription(item.arn)
            if item.token and self.core.now - self.asked_at[item.arn] >= _LAPSE_S:
                assert since is None, f"{name} is still subscribed"
                del self.model.hooks[name]

    def _days_are_left(self) -> bool:
        """Whether no message has to expire by two days more."""
        return self.core.now + _LAPSE_S < START + _LONGEST_RETENTION_S

    # --- what must be true ------------------------------------------------------------------------

    @invariant()
    def queues_have_what_passed_their_filters(self) -> None:
        """10: no more, no less, in order, and in the form that was asked for at the time."""
        for queue in (*self.queues, DEAD):
            if queue in self.model.missing:
                continue
            expected = self.model.delivered.get(queue, [])
            found = list(self.core.queue(f"{queue}{self.suffix}").store.messages.values())
            numbers = [number_of(message.body) for message in found]
            assert numbers == [item.message.number for item in expected], f"{queue}: {numbers}"
            for stored, item in zip(found, expected, strict=True):
                check_stored(stored, item, self.topic)

    def history(self) -> str:
        """The cloud's events."""
        return self.core.history()


class FifoSNSMachine(SNSMachine):
    """A FIFO topic with FIFO queues: what is published again within five minutes goes nowhere."""

    fifo = True


def _url(hook: str) -> str:
    return f"http://localhost/{hook}"


def _scope(subscription: Subscribed) -> str:
    return "MessageBody" if subscription.by_body else "MessageAttributes"


def _pick(items: Any, which: int) -> Any:
    found = list(items)
    return found[which % len(found)]
