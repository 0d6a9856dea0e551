"""A topic of `SNSMachine` and what changes it: subscriptions, their attributes, queues that come and go.

What is published, and where it must arrive, is in `sns.py`.

Source: SNS API reference, Subscribe, ConfirmSubscription, Unsubscribe, SetSubscriptionAttributes
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.sns.http_delivery import HttpOutcome
from tomodachi_testkit.machines.core_calls import ACCOUNT, REGION, Core
from tomodachi_testkit.machines.moto_side import MotoSide
from tomodachi_testkit.machines.second import BrokerMachine, Second
from tomodachi_testkit.machines.sns_model import (
    BY_ATTRIBUTES,
    BY_BODY,
    DEAD,
    Filter,
    Subscribed,
    TopicModel,
)
from tomodachi_testkit.machines.sns_posts import PostsModel
from tomodachi_testkit.machines.steps import initialize, invariant, rule

if TYPE_CHECKING:
    from tomodachi_fakes.sns.effects import ToHttp

LONGEST_RETENTION_S = 14 * 86_400
picks = st.integers(0, 99)
# The first one, which lets everything pass, a little more often.
_policies = st.one_of(st.just(0), picks, picks)
_SCOPE = ("sns.SetSubscriptionAttributes", "FilterPolicyScope")
_subscription = {
    "policy": _policies,
    "by_body": st.booleans(),
    "raw": st.booleans(),
    "dead_letters": st.booleans(),
}


class TopicMachine(BrokerMachine):
    """A topic and the rules that change it, its subscriptions and queues; publishes nothing.

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
    hooks: ClassVar[tuple[str, ...]] = ("hook", "other")
    by_attributes: ClassVar[tuple[Filter, ...]] = BY_ATTRIBUTES
    by_body: ClassVar[tuple[Filter, ...]] = BY_BODY

    def __init__(self) -> None:
        super().__init__()
        self.core = Core()
        self.model = TopicModel(self.by_group)
        self.posts = PostsModel(self.model)
        self.found: list[ToHttp] = []
        self.token = ""
        self.suffix = ".fifo" if self.fifo else ""
        self.second = self.beside()
        try:
            self.topic = self._create_topic()
            for name in (*self.queues, DEAD):
                self._create_queue(name)
        except BaseException:
            self.teardown()
            raise

    def beside(self) -> Second | None:
        """A second implementation that must answer the same: moto where both are asked for."""
        return MotoSide(self.differences("moto"), self.core.now) if self.is_compared() else None

    def teardown(self) -> None:
        """End the example."""
        if self.second is not None:
            self.second.close()

    def _sns(self, operation: str, **params: Any) -> Any:
        output = self._call("sns", operation, **params)
        self._take_posts()
        return output

    def _call(self, service: str, operation: str, **params: Any) -> Any:
        if self.second is None:
            return self.core.call(service, operation, **params)
        return self.second.compare(self.core, service, operation, params)

    @property
    def reachable(self) -> tuple[str, ...]:
        """HTTP endpoints that may subscribe; none where they could not be played."""
        return () if self.keeps_clear("moto", "sns.Subscribe", "http") else self.hooks

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
        attributes = {"MessageRetentionPeriod": str(LONGEST_RETENTION_S)}
        if self.fifo:
            attributes["FifoQueue"] = "true"
        if self.by_group:
            attributes["DeduplicationScope"] = "messageGroup"
            attributes["FifoThroughputLimit"] = "perMessageGroupId"
        self._call("sqs", "CreateQueue", QueueName=name + self.suffix, Attributes=attributes)

    def _arn(self, queue: str) -> str:
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}{self.suffix}"

    @initialize(raw=st.booleans(), dead_letters=st.booleans())
    def begin(self, raw: bool, dead_letters: bool) -> None:  # noqa: FBT001 - drawn values
        """An HTTP endpoint that gets everything is there from the start."""
        if not self.fifo and self.reachable:
            wanted = Subscribed("", False, self.by_attributes[0], raw, dead_letters)
            self._subscribe_hook(self.reachable[0], wanted, confirmed=True)

    # --- subscriptions ----------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.subscribed) < len(self.queues))
    @rule(which=picks, **_subscription)
    def subscribe(
        self,
        which: int,
        policy: int,
        by_body: bool,  # noqa: FBT001 - a rule's drawn value, as the next two
        raw: bool,  # noqa: FBT001
        dead_letters: bool = False,  # noqa: FBT001
    ) -> None:
        """Subscribe a queue that is not subscribed."""
        queue = pick([name for name in self.queues if name not in self.model.subscribed], which)
        chosen = pick(self._filters(by_body=by_body), policy)
        wanted = Subscribed("", by_body, chosen, raw, dead_letters)
        wanted.arn = self._subscribe("sqs", self._arn(queue), wanted)
        self.model.subscribed[queue] = wanted

    @precondition(lambda self: not self.fifo and len(self.model.hooks) < len(self.reachable))
    @rule(which=picks, confirmed=st.booleans(), **_subscription)
    def subscribe_hook(
        self,
        which: int,
        policy: int,
        by_body: bool,  # noqa: FBT001 - a rule's drawn value, as the next two
        raw: bool,  # noqa: FBT001
        dead_letters: bool,  # noqa: FBT001
        confirmed: bool = False,  # noqa: FBT001
    ) -> None:
        """Subscribe an HTTP endpoint, which has to confirm, and may do so at once."""
        hook = pick([name for name in self.reachable if name not in self.model.hooks], which)
        chosen = pick(self._filters(by_body=by_body), policy)
        self._subscribe_hook(
            hook, Subscribed("", by_body, chosen, raw, dead_letters), confirmed=confirmed
        )

    def _subscribe_hook(self, hook: str, wanted: Subscribed, *, confirmed: bool) -> None:
        wanted.arn = self._subscribe("http", url(hook), wanted)
        wanted.token, wanted.asked_at = self.token, self.core.now
        self.model.hooks[hook] = wanted
        if confirmed:
            self._confirm(wanted)

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
    @rule(which=picks)
    def confirm(self, which: int) -> None:
        """Bring an endpoint's token back."""
        self._confirm(pick(self._pending(), which))

    def _confirm(self, subscription: Subscribed) -> None:
        output = self._sns("ConfirmSubscription", TopicArn=self.topic, Token=subscription.token)
        assert output["SubscriptionArn"] == subscription.arn
        subscription.token = ""

    @precondition(lambda self: self._subscriptions())
    @rule(which=picks)
    def subscribe_again(self, which: int) -> None:
        """Subscribe, with what it has, an endpoint that is subscribed: nothing changes."""
        name, subscription = pick(self._subscriptions().items(), which)
        queue = name in self.model.subscribed
        protocol, endpoint = ("sqs", self._arn(name)) if queue else ("http", url(name))
        assert self._subscribe(protocol, endpoint, subscription) == subscription.arn
        assert not subscription.token or self.token == subscription.token

    @precondition(lambda self: self._subscriptions())
    @rule(which=picks)
    def unsubscribe(self, which: int) -> None:
        """Unsubscribe: what was delivered stays delivered. Who has to confirm yet can't be."""
        name, subscription = pick(self._subscriptions().items(), which)
        try:
            self._sns("Unsubscribe", SubscriptionArn=subscription.arn)
        except AwsError:
            refused = True
        else:
            refused = False
            self.model.subscribed.pop(name, None)
            self.model.hooks.pop(name, None)
        assert refused == bool(subscription.token), f"{name}, {subscription}: refused {refused}"

    @precondition(lambda self: self._subscriptions())
    @rule(which=picks, policy=picks)
    def set_filter(self, which: int, policy: int) -> None:
        """SetSubscriptionAttributes: another policy, for what is published from now on."""
        subscription = pick(self._subscriptions().values(), which)
        subscription.filter = pick(self._filters(by_body=subscription.by_body), policy)
        self._set(subscription, "FilterPolicy", json.dumps(subscription.filter.policy))

    @precondition(lambda self: not self.keeps_clear("moto", *_SCOPE))
    @precondition(lambda self: self._movable())
    @rule(which=picks)
    def set_scope(self, which: int) -> None:
        """SetSubscriptionAttributes: the same policy looks at the other part of messages."""
        subscription = pick(self._movable(), which)
        subscription.filter = subscription.filter.in_other_scope()
        subscription.by_body = not subscription.by_body
        self._set(subscription, "FilterPolicyScope", _scope(subscription))

    @precondition(lambda self: self._subscriptions())
    @rule(which=picks, raw=st.booleans())
    def set_raw(self, which: int, raw: bool) -> None:  # noqa: FBT001 - a rule's drawn value
        """SetSubscriptionAttributes: the other form, for what is published from now on."""
        subscription = pick(self._subscriptions().values(), which)
        subscription.raw = raw
        self._set(subscription, "RawMessageDelivery", "true" if raw else "false")

    @precondition(lambda self: self._subscriptions())
    @rule(which=picks, dead_letters=st.booleans())
    def set_redrive(self, which: int, dead_letters: bool) -> None:  # noqa: FBT001 - drawn
        """SetSubscriptionAttributes: a dead-letter queue, or none."""
        subscription = pick(self._subscriptions().values(), which)
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

    def _filters(self, *, by_body: bool) -> list[Filter]:
        return [
            each
            for each in (self.by_body if by_body else self.by_attributes)
            if not any(self.keeps_clear("moto", "sns.Subscribe", name) for name in each.operators)
        ]

    # --- queues and the topic ---------------------------------------------------------------------

    @precondition(lambda self: not self.keeps_clear("moto", "sqs.DeleteQueue", "subscribed"))
    @precondition(lambda self: len(self.model.missing) < len(self.queues))
    @rule(which=picks)
    def delete_queue(self, which: int) -> None:
        """A queue goes; its subscription stays."""
        queue = pick([name for name in self.queues if name not in self.model.missing], which)
        self._call("sqs", "DeleteQueue", QueueUrl=queue + self.suffix)
        self.model.queue_deleted(queue)

    @precondition(lambda self: self.model.missing)
    @rule(which=picks)
    def create_queue(self, which: int) -> None:
        """A queue comes back, empty."""
        queue = pick(sorted(self.model.missing), which)
        self._create_queue(queue)
        self.model.missing.remove(queue)

    @precondition(lambda self: len(self._subscriptions()) > len(self.queues) // 2)
    @rule(really=st.integers(0, 4))
    def renew_topic(self, really: int) -> None:
        """Delete the topic and make it again, once in a while: nobody is subscribed any more."""
        if really:
            return
        self._sns("DeleteTopic", TopicArn=self.topic)
        assert self._create_topic() == self.topic
        self.model.topic_renewed()
        self.posts.posts.clear()

    # --- posts ------------------------------------------------------------------------------------

    def _take_posts(self) -> None:
        """Keep notifications; endpoints take the messages that ask them to confirm, and the token."""
        for post in self.core.cloud.take_http():
            if post.headers["x-amz-sns-message-type"] == "Notification":
                self.found.append(post)
                continue
            self.token = json.loads(post.body)["Token"]
            ok = HttpOutcome(status=200)
            self.core.cloud.http_answered(post.delivery_id, ok, now=self.core.now)

    # --- what must be true ------------------------------------------------------------------------

    @invariant()
    def subscriptions_are_listed(self) -> None:
        """Those that were made and not ended, with their ARN once they are confirmed."""
        listed = self._sns("ListSubscriptionsByTopic", TopicArn=self.topic)["Subscriptions"]
        found = {item["Endpoint"]: item["SubscriptionArn"] for item in listed}
        queues = {self._arn(name): item.arn for name, item in self.model.subscribed.items()}
        hooks = {
            url(name): "PendingConfirmation" if item.token else item.arn
            for name, item in self.model.hooks.items()
        }
        assert found == queues | hooks

    def history(self) -> str:
        """The cloud's events."""
        return self.core.history()


def url(hook: str) -> str:
    """The URL of an HTTP endpoint."""
    return f"http://localhost/{hook}"


def pick(items: Any, which: int) -> Any:
    """One of some items, by any number."""
    found = list(items)
    return found[which % len(found)]


def _scope(subscription: Subscribed) -> str:
    return "MessageBody" if subscription.by_body else "MessageAttributes"
