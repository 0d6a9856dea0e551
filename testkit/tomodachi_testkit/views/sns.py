"""SNS as a test sees it: what was published, by whomever, and ways to publish and to make topics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sns.message import Message as CoreMessage
from tomodachi_testkit.messages import Message, MessageList
from tomodachi_testkit.promises import promised
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.views import envelope as envelopes
from tomodachi_testkit.views.aws_api import (
    call,
    name_of,
    region_of,
    region_of_services,
    topic_prefixes,
)
from tomodachi_testkit.views.aws_parameters import (
    BY_CONTENT,
    message_params,
    subscription_attributes,
    topic_attributes,
)
from tomodachi_testkit.views.decode import attribute_values, payload_of
from tomodachi_testkit.views.names import find, without_prefix

if TYPE_CHECKING:
    from tomodachi_fakes.events import Event as BrokerEvent
    from tomodachi_fakes.sns.state import Topic
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides


class FakeSNS:
    """The topics of every account and region."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._published: list[Message] = []
        self._by_test: dict[str, str] = {}

    @property
    def published(self) -> MessageList:
        """Everything that was published in this test, oldest first."""
        return MessageList(self._published, "published messages")

    @property
    def topics(self) -> list[str]:
        """The full names of every topic."""
        return sorted(name for name, _ in self._arns())

    def topic_attributes(self, topic: str) -> dict[str, str]:
        """Every attribute of a topic, as GetTopicAttributes shows them.

        Raises:
            NoSuchName: there is no such topic.
        """
        arn = find("topic", topic, self._prefixes(), self._arns())
        params = {"TopicArn": arn}
        output = call(self._harness, "sns", "GetTopicAttributes", params, region=region_of(arn))
        return dict(output["Attributes"])

    @promised
    async def create_topic(
        self,
        name: str,
        *,
        attributes: Mapping[str, Any] | None = None,
        region: str | None = None,
    ) -> str:
        """Make a topic that no service makes, or find it.

        Args:
            name: Its full name; with ".fifo" behind it, it is a FIFO topic.
            attributes: As CreateTopic takes them, as Python values or texts.
            region: Where; None means the services' own. A real endpoint has one of its own.

        Returns:
            Its name; on real brokers the test's own prefix stands before it.

        Raises:
            AwsError: SNS refuses.
        """
        full = self._own_prefix + name
        made = topic_attributes(name, attributes)
        await self._ask(
            "CreateTopic", region or region_of_services(self._harness), Name=full, Attributes=made
        )
        return full

    @promised
    async def subscribe(
        self,
        topic: str,
        queue: str,
        *,
        filter_policy: Mapping[str, Any] | None = None,
        raw: bool = False,
    ) -> str:
        """Let a queue have the messages of a topic, as no service under test does it.

        Args:
            topic: The topic, with or without a service's prefix.
            queue: The queue, with or without a service's prefix.
            filter_policy: Which messages; None means all.
            raw: Deliver the body alone, without the notification around it.

        Returns:
            The subscription's ARN.

        Raises:
            NoSuchName: there is no such topic or queue.
            AwsError: SNS refuses.
        """
        arn = find("topic", topic, self._prefixes(), await self._known())
        output = await self._ask(
            "Subscribe",
            region_of(arn),
            TopicArn=arn,
            Protocol="sqs",
            Endpoint=await self._harness.sqs.subscribable(queue),
            Attributes=subscription_attributes(filter_policy, raw=raw),
            ReturnSubscriptionArn=True,
        )
        return str(output["SubscriptionArn"])

    @promised
    async def publish(
        self,
        topic: str,
        data: Any,
        *,
        attributes: dict[str, Any] | None = None,
        group: str | None = None,
        dedup: str | None = None,
        subject: str | None = None,
        envelope: Any = envelopes.SERVICES,
    ) -> Message:
        """Publish to a topic; on the in-memory brokers its fan-out has happened when this returns.

        Args:
            topic: The topic, with or without a service's prefix and the ".fifo" of its name.
            data: The data; put into the envelope.
            attributes: Message attributes, as Python values.
            group: Message group id.
            dedup: Deduplication id (FIFO); drawn from the seed if needed and not given.
            subject: Subject of the notification.
            envelope: An envelope class, or None to publish `data` as it is: text verbatim, anything
                else as JSON.

        Raises:
            NoSuchName: there is no such topic.
            AwsError: SNS refuses the message.
        """
        arn = find("topic", topic, self._prefixes(), await self._known())
        if group and dedup is None and (await self._attributes(arn)).get(BY_CONTENT) != "true":
            dedup = self._harness.ids.uuid()
        body = await envelopes.build(self._harness, topic, data, envelope)
        params = message_params(attributes, group, dedup, Message=body, Subject=subject)
        output = await self._ask("Publish", region_of(arn), TopicArn=arn, **params)
        return self._published_by_test(arn, output["MessageId"], params)

    # --- what differs at a real endpoint --------------------------------------------------------

    _own_prefix = ""
    """What is put before the names of what a test makes itself."""

    async def _ask(self, operation: str, region: str, **params: Any) -> dict[str, Any]:
        return call(self._harness, "sns", operation, params, region=region)

    async def _attributes(self, arn: str) -> dict[str, str]:
        return self._topic(arn).attributes

    async def _known(self) -> list[tuple[str, str]]:
        """Every topic's name and ARN."""
        return self._arns()

    def _prefixes(self) -> list[str]:
        return topic_prefixes(self._harness)

    def _published_by_test(self, arn: str, message_id: str, params: dict[str, Any]) -> Message:
        del params  # it was seen at the broker, as SNS stored it
        if not self._topic(arn).subscriptions:
            self._by_test[message_id] = f"topic {name_of(arn)} has no subscription"
        return self.published.where(message_id=message_id)[-1]

    # --- for the harness ------------------------------------------------------------------------

    def watch(self, event: BrokerEvent, payload: object) -> None:
        """Keep what is published, as it was then."""
        if event.kind == "published" and isinstance(payload, CoreMessage):
            self._published.append(self._message(payload))

    def seen(self) -> dict[str, Any]:
        """What was published, for a snapshot."""
        return {"published": list(self._published), "unrouted": dict(self._by_test)}

    def see_again(self, seen: dict[str, Any]) -> None:
        """Go back to what `seen` gave."""
        self._published, self._by_test = list(seen["published"]), dict(seen["unrouted"])

    def unrouted(self) -> list[str]:
        """What the test published and nobody subscribes to, described."""
        return [f"message {message_id}: {why}" for message_id, why in self._by_test.items()]

    def _message(self, core: CoreMessage) -> Message:
        found = payload_of(core.body)
        system = {"subject": core.subject, "sequence_number": core.sequence_number}
        return Message(
            data=found.data,
            topic=without_prefix(name_of(core.topic_arn), self._prefixes()),
            body=core.body,
            attributes=attribute_values(core.attributes),
            properties={key: value for key, value in system.items() if value is not None},
            message_id=core.message_id,
            correlation_id=found.message_uuid,
            group=core.message_group_id,
            at=datetime.fromtimestamp(core.published_at, UTC),
        )

    def _topic(self, arn: str) -> Topic:
        return next(topic for topic in self._topics() if topic.arn == arn)

    def _topics(self) -> list[Topic]:
        broker = self._harness.started_broker
        return [] if broker is None or broker.cloud is None else list(broker.cloud.sns.topics())

    def _arns(self) -> list[tuple[str, str]]:
        return [(name_of(topic.arn), topic.arn) for topic in self._topics()]
