"""SNS as a test sees it: what was published, by whomever, and a way to publish."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sns.message import Message as CoreMessage
from tomodachi_testkit.messages import Message, MessageList
from tomodachi_testkit.views import envelope as envelopes
from tomodachi_testkit.views.aws_api import call, topic_prefixes
from tomodachi_testkit.views.decode import attribute_values, payload_of, wire_attributes
from tomodachi_testkit.views.names import find, without_prefix

if TYPE_CHECKING:
    from tomodachi_fakes.events import Event as BrokerEvent
    from tomodachi_fakes.sns.state import Topic
    from tomodachi_testkit.harness import Harness


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
        return sorted(name for name, _ in self._named())

    def topic_attributes(self, topic: str) -> dict[str, str]:
        """Every attribute of a topic, as GetTopicAttributes shows them.

        Raises:
            NoSuchName: there is no such topic.
        """
        found = find("topic", topic, topic_prefixes(self._harness), self._named())
        params = {"TopicArn": found.arn}
        output = call(self._harness, "sns", "GetTopicAttributes", params, region=found.region)
        return dict(output["Attributes"])

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
        """Publish to a topic; its fan-out has happened when this returns.

        Args:
            topic: The topic, with or without a service's prefix.
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
        found = find("topic", topic, topic_prefixes(self._harness), self._named())
        body = await envelopes.build(self._harness, topic, data, envelope)
        params: dict[str, Any] = {
            "TopicArn": found.arn,
            "Message": body,
            "Subject": subject,
            "MessageAttributes": wire_attributes(attributes),
            "MessageGroupId": group,
            "MessageDeduplicationId": dedup or (self._harness.ids.uuid() if group else None),
        }
        given = {name: value for name, value in params.items() if value not in (None, {})}
        output = call(self._harness, "sns", "Publish", given, region=found.region)
        if not found.subscriptions:
            name = found.arn.rsplit(":", 1)[-1]
            self._by_test[output["MessageId"]] = f"topic {name} has no subscription"
        return self.published.where(message_id=output["MessageId"])[-1]

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
        name = core.topic_arn.rsplit(":", 1)[-1]
        system = {"subject": core.subject, "sequence_number": core.sequence_number}
        return Message(
            data=found.data,
            topic=without_prefix(name, topic_prefixes(self._harness)),
            body=core.body,
            attributes=attribute_values(core.attributes),
            properties={key: value for key, value in system.items() if value is not None},
            message_id=core.message_id,
            correlation_id=found.message_uuid,
            group=core.message_group_id,
            at=datetime.fromtimestamp(core.published_at, UTC),
        )

    def _named(self) -> list[tuple[str, Topic]]:
        broker = self._harness.started_broker
        if broker is None or broker.cloud is None:
            return []
        return [(topic.arn.rsplit(":", 1)[-1], topic) for topic in broker.cloud.sns.topics()]
