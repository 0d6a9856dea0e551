"""Publishing to a topic as services do it: by the topic's name, in the service's envelope."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

from tomodachi.helpers.observer import PublishedMessage, tell_published
from tomodachi.transport.aws_sns_sqs import attributes, defaults, publisher
from tomodachi.transport.aws_sns_sqs.messaging import Messaging
from tomodachi.transport.aws_sns_sqs.publisher import Outgoing
from tomodachi.transport.aws_sns_sqs.service_settings import (
    built_message,
    context_of,
    envelope_of,
)
from tomodachi.transport.aws_sns_sqs.topology_api import TopologyApi

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PublishBatchEntry:
    """A message of a batch that differs from the others in more than its data.

    Attributes:
        data: What is published.
        message_attributes: Beside, or in place of, those of the whole batch.
        group_id: In place of the batch's.
        deduplication_id: Of a FIFO topic; made up when it is None.
    """

    data: Any
    message_attributes: Mapping[str, Any] | None = None
    group_id: str | None = None
    deduplication_id: str | None = None


class PublishApi(TopologyApi):
    """One message, or many in few calls."""

    @overload
    @classmethod
    async def publish(
        cls, service: Any, data: Any, topic: str, wait: Literal[True] = True, **kwargs: Any
    ) -> str: ...
    @overload
    @classmethod
    async def publish(
        cls, service: Any, data: Any, topic: str, wait: Literal[False], **kwargs: Any
    ) -> asyncio.Task[str]: ...
    @overload
    @classmethod
    async def publish(
        cls,
        service: Any,
        data: Any,
        topic: str,
        wait: bool,  # noqa: FBT001 - as below
        **kwargs: Any,
    ) -> str | asyncio.Task[str]: ...
    @classmethod
    async def publish(
        cls,
        service: Any,
        data: Any,
        topic: str,
        wait: bool = True,  # noqa: FBT001 - upstream's signature
        *,
        message_envelope: Any = defaults.MESSAGE_ENVELOPE_DEFAULT,
        message_protocol: Any = defaults.MESSAGE_PROTOCOL_DEFAULT,
        topic_prefix: str | None = defaults.MESSAGE_TOPIC_PREFIX,
        message_attributes: Mapping[str, Any] | None = None,
        topic_attributes: str | Mapping[str, Any] | None = defaults.MESSAGE_TOPIC_ATTRIBUTES,
        overwrite_topic_attributes: bool = False,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        **kwargs: Any,
    ) -> str | asyncio.Task[str]:
        """Publish a message to a topic, which is created if it is not there.

        Args:
            service: The service that publishes.
            data: For the envelope; a str without one.
            topic: Without prefix.
            wait: Whether to return once SNS has the message; else a task does the publishing.
            message_envelope: In place of the service's; None for plain text.
            message_protocol: The same, under an older name.
            topic_prefix: In place of the option's.
            message_attributes: str, int, float, bool, None, bytes, or a list of them.
            topic_attributes: To create the topic with.
            overwrite_topic_attributes: Whether to change those of a topic that is there.
            group_id: Message group; makes the topic a FIFO topic.
            deduplication_id: Of a FIFO topic's message; made up when it is None.
            **kwargs: For the envelope's `build_message`.

        Returns:
            The SNS message id, or with `wait=False` a task that ends with it.

        Raises:
            AWSSNSSQSConnectionException: SNS could not be reached.
            AWSSNSSQSException: SNS refused, or went on failing.
        """
        context = context_of(service)
        own_attributes = dict(message_attributes or {})
        envelope = envelope_of(service, context, message_envelope, message_protocol)
        message = await built_message(envelope, service, topic, data, own_attributes, kwargs)
        topic_arn = await cls.create_topic(
            topic,
            context,
            topic_prefix,
            topic_attributes,
            overwrite_topic_attributes,
            fifo=group_id is not None,
            service=service,
        )
        publishing = cls.publish_message(
            topic_arn, message, own_attributes, context, group_id, deduplication_id, service
        )
        if wait:
            return await publishing
        return Messaging.of(context, service).in_background(publishing)

    @classmethod
    async def publish_message(
        cls,
        topic_arn: str,
        message: Any,
        message_attributes: Mapping[str, Any] | None,
        context: Context,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        service: Any = None,
    ) -> str:
        """Publish a text to a topic by its ARN; returns the SNS message id, raises as `publish`."""
        return await cls._publish_message(
            topic_arn,
            message,
            dict(message_attributes or {}),
            context,
            group_id=group_id,
            deduplication_id=deduplication_id,
            service=service,
        )

    @classmethod
    async def _publish_message(
        cls,
        topic_arn: str,
        message: Any,
        message_attributes: dict[str, Any],
        context: Context,
        *,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        service: Any = None,
    ) -> str:
        # Tracing is put round this method; what it adds to the attributes goes out.
        wire = attributes.to_botocore(message_attributes)
        outgoing = Outgoing(message, wire, group_id, deduplication_id)
        messaging = Messaging.of(context, service)
        with messaging.failures_logged(topic=messaging.topic_of(topic_arn)):
            message_id = await publisher.publish(messaging.clients, topic_arn, outgoing)
        _tell(topic_arn, outgoing, message_id)
        return message_id

    @classmethod
    async def publish_batch(
        cls,
        service: Any,
        data: Sequence[Any],
        topic: str,
        *,
        message_envelope: Any = defaults.MESSAGE_ENVELOPE_DEFAULT,
        topic_prefix: str | None = defaults.MESSAGE_TOPIC_PREFIX,
        message_attributes: Mapping[str, Any] | None = None,
        group_id: str | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Publish many messages to one topic, ten to a call.

        Args:
            service: The service that publishes.
            data: Data of each message, or `PublishBatchEntry` objects.
            topic: Without prefix.
            message_envelope: In place of the service's; None for plain text.
            topic_prefix: In place of the option's.
            message_attributes: Of every message.
            group_id: Message group of every message; makes the topic a FIFO topic.
            **kwargs: For the envelope's `build_message`.

        Returns:
            The SNS message ids, in order.

        Raises:
            PublishBatchFailed: some messages were not published; it has the ids of the others.
            AWSSNSSQSException: the topic could not be found or created.
        """
        context = context_of(service)
        envelope = envelope_of(
            service, context, message_envelope, defaults.MESSAGE_PROTOCOL_DEFAULT
        )
        entries = [
            one if isinstance(one, PublishBatchEntry) else PublishBatchEntry(one) for one in data
        ]
        fifo = group_id is not None or any(one.group_id is not None for one in entries)
        topic_arn = await cls.create_topic(topic, context, topic_prefix, fifo=fifo, service=service)
        outgoing: list[Outgoing] = []
        for one in entries:
            own = {**(message_attributes or {}), **(one.message_attributes or {})}
            message = await built_message(envelope, service, topic, one.data, own, kwargs)
            wire = attributes.to_botocore(own)
            group = group_id if one.group_id is None else one.group_id
            outgoing.append(Outgoing(message, wire, group, one.deduplication_id))
        return await cls._publish_messages(topic_arn, outgoing, context, service=service)

    @classmethod
    async def _publish_messages(
        cls, topic_arn: str, outgoing: Sequence[Outgoing], context: Context, *, service: Any
    ) -> list[str]:
        # Tracing is put round this method, too.
        messaging = Messaging.of(context, service)
        with messaging.failures_logged(topic=messaging.topic_of(topic_arn)):
            ids = await publisher.publish_batch(messaging.clients, topic_arn, outgoing)
        for sent, message_id in zip(outgoing, ids, strict=True):
            _tell(topic_arn, sent, message_id)
        return ids


def _tell(topic_arn: str, outgoing: Outgoing, message_id: str) -> None:
    tell_published(
        lambda: PublishedMessage(
            "aws_sns_sqs",
            topic_arn,
            outgoing.message,
            message_id=message_id,
            attributes=outgoing.message_attributes,
            group=outgoing.group_id,
        )
    )
