"""What the operations of SNS share: its state, what is handed in, and the effects they leave.

The operations live beside this module, each group in its own; `service.py` dispatches to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.keys import KeyRegistry, NoKeys
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.sns import arns
from tomodachi_fakes.sns.effects import Effect
from tomodachi_fakes.sns.errors import NotFound, invalid_parameter
from tomodachi_fakes.sns.limits import Limits
from tomodachi_fakes.sns.signing import Signer
from tomodachi_fakes.sns.state import State, Subscription, Topic

Params = dict[str, Any]
Output = dict[str, Any]


@dataclass(slots=True)
class Core:
    """State and surroundings of the fake SNS, for all accounts and regions.

    Attributes:
        effects: What is to be done outside, in order, until it is taken.
        keys: The registry of KMS keys.
        enforce_policies: True to let topic policies decide who may do what.
    """

    ids: IdSource
    events: EventLog
    faults: FaultPlan
    signer: Signer
    keys: KeyRegistry = field(default_factory=NoKeys)
    enforce_policies: bool = False
    limits: Limits = field(default_factory=Limits)
    state: State = field(default_factory=State)
    effects: list[Effect] = field(default_factory=list)

    def topic(self, arn: str, context: CallContext, parameter: str = "TopicArn") -> Topic:
        """The topic with this ARN, of any account, in the caller's region.

        Raises:
            InvalidParameter: no ARN of a topic of this region.
            NotFound: no such topic.
        """
        topic = self.state.topics.get(arn)
        if topic is not None and topic.region == context.region:
            return topic
        parts = arns.parse_in_region(arn, parameter, context.region)
        if ":" in parts.resource or "/" in parts.resource:
            raise invalid_parameter(parameter)
        raise NotFound("Topic does not exist")

    def subscription(self, arn: str, context: CallContext) -> Subscription:
        """The subscription with this ARN.

        Raises:
            InvalidParameter: no ARN of a subscription of this region.
            NotFound: no such subscription.
        """
        found = self.find_subscription(arn)
        if found is not None and arn.split(":")[3] == context.region:
            return found
        arns.check_subscription(arn, context.region)
        raise NotFound("Subscription does not exist")

    def find_subscription(self, arn: str) -> Subscription | None:
        """The subscription with this ARN, or None."""
        topic = self.state.topics.get(arns.topic_of_subscription(arn))
        return None if topic is None else topic.subscriptions.get(arn)

    def new_delivery_id(self) -> int:
        """A number that names one delivery."""
        self.state.last_delivery_id += 1
        return self.state.last_delivery_id

    def record(self, kind: str, subject: str, now: float, **detail: Any) -> int:
        """Append to the event log and return the event's `seq`."""
        return self.events.append("sns", kind, subject, now=now, **detail)

    def forget_topic(self, topic: Topic) -> None:
        """Remove a topic with its subscriptions and what is still under way for them."""
        del self.state.topics[topic.arn]
        for arn in topic.subscriptions:
            self.state.replaying.pop(arn, None)
            self.state.pending.pop(arn, None)
        self.state.http = {
            number: delivery
            for number, delivery in self.state.http.items()
            if arns.topic_of_subscription(delivery.subscription_arn) != topic.arn
        }
        self.state.retrying = {
            key: line
            for key, line in self.state.retrying.items()
            if arns.topic_of_subscription(line.subscription_arn) != topic.arn
        }
        self.state.unsubscribed = {
            token: subscription
            for token, subscription in self.state.unsubscribed.items()
            if subscription.topic_arn != topic.arn
        }
