"""The SNS+SQS transport as services and tools see it: registration, publishing, sending.

The class holds no state: everything is in the service's context (`messaging.py`), so two services in
one process may use different regions, credentials, endpoints and prefixes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from tomodachi.invoker import Invoker, StartFunction, service_context
from tomodachi.transport.aws_sns_sqs import (
    attributes,
    defaults,
    names,
    policies,
    publisher,
    sender,
)
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException
from tomodachi.transport.aws_sns_sqs.formatters import (
    MessageBodyFormatter,
    MessageBodyFormatterContext,
    format_body,
)
from tomodachi.transport.aws_sns_sqs.handler_settings import DecoratorArguments, resolve
from tomodachi.transport.aws_sns_sqs.messaging import Messaging
from tomodachi.transport.aws_sns_sqs.publisher import Outgoing
from tomodachi.transport.aws_sns_sqs.topics import WantedTopic, attribute_text

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.defaults import MessageAttributesType

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


class AWSSNSSQSTransport(Invoker):
    """Publishes to SNS, sends to SQS, and calls handlers for what arrives there."""

    # --- handlers -------------------------------------------------------------------------------

    @classmethod
    async def subscribe_handler(
        cls,
        obj: Any,
        context: Context,
        func: Any,
        /,
        topic: str | None = None,
        callback_kwargs: Collection[str] | None = None,
        competing: bool | None = None,  # noqa: FBT001 - upstream's signature
        queue_name: str | None = None,
        *,
        message_envelope: Any = defaults.MESSAGE_ENVELOPE_DEFAULT,
        message_protocol: Any = defaults.MESSAGE_PROTOCOL_DEFAULT,
        filter_policy: str | Mapping[str, Any] | None = defaults.FILTER_POLICY_DEFAULT,
        visibility_timeout: int | None = defaults.VISIBILITY_TIMEOUT_DEFAULT,
        dead_letter_queue_name: str | None = defaults.DEAD_LETTER_QUEUE_DEFAULT,
        max_receive_count: int | None = defaults.MAX_RECEIVE_COUNT_DEFAULT,
        fifo: bool = False,
        max_number_of_consumed_messages: int | None = defaults.MAX_NUMBER_OF_CONSUMED_MESSAGES,
        on_exception: str | None = None,
        visibility_heartbeat: bool = False,
        **kwargs: Any,
    ) -> StartFunction | None:
        """Register a handler (`@tomodachi.aws_sns_sqs`).

        Args:
            obj: The service instance.
            context: Its context.
            func: The handler.
            topic: Topic to subscribe to, with `*` (no dot) and `#` (anything) as wildcards; None for
                messages that are sent straight to the queue.
            callback_kwargs: Names of the values the handler is called with (deprecated: they are
                read from its signature).
            competing: Whether all instances of the service share one queue.
            queue_name: Name or ARN of the queue; without it the name is made up.
            message_envelope: In place of the service's; None for plain text.
            message_protocol: The same, under an older name.
            filter_policy: Which messages of the topic the queue gets.
            visibility_timeout: Seconds, 1..43200, for the queue.
            dead_letter_queue_name: Name or ARN; with `max_receive_count`. None takes the redrive
                policy of the queue away.
            max_receive_count: Receives after which a message is moved there.
            fifo: Whether topic and queue are FIFO.
            max_number_of_consumed_messages: Messages handled at a time, 1..10.
            on_exception: "delete" or "retry": what an exception means for its message; None for the
                service's option.
            visibility_heartbeat: Whether messages are kept invisible while they are handled.
            **kwargs: For the envelope's `validate` and `parse_message`.

        Raises:
            AWSSNSSQSException: an argument has a value it cannot have.
        """
        envelope = _envelope(obj, context, message_envelope, message_protocol)
        validate = getattr(envelope, "validate", None)
        if validate is not None:
            validate(**kwargs)
        given = DecoratorArguments(
            func=func,
            topic=topic,
            callback_kwargs=callback_kwargs,
            competing=competing,
            queue_name=queue_name,
            envelope=envelope,
            filter_policy=filter_policy,
            visibility_timeout=visibility_timeout,
            dead_letter_queue_name=dead_letter_queue_name,
            max_receive_count=max_receive_count,
            fifo=fifo,
            max_number_of_consumed_messages=max_number_of_consumed_messages,
            on_exception=on_exception,
            visibility_heartbeat=visibility_heartbeat,
            envelope_kwargs=kwargs,
        )
        uuid = str(context.get("uuid") or getattr(obj, "uuid", ""))
        made_up = getattr(obj, "_tomodachi_generated_uuid", None)
        messaging = Messaging.of(context, obj)
        messaging.add(
            resolve(given, cls.options(context), uuid=uuid, uuid_is_random=uuid == made_up)
        )
        return await cls.subscribe(obj, context)

    @classmethod
    async def subscribe(cls, obj: Any, context: Context) -> StartFunction | None:
        """What starts the service's handlers; None from the second time on."""
        messaging = Messaging.of(context, obj)
        if messaging.is_starting:
            return None
        from tomodachi.transport import aws_sns_sqs

        messaging.set_contextvars = aws_sns_sqs.SET_CONTEXTVAR_VALUES
        return messaging.start

    # --- publishing -----------------------------------------------------------------------------

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
        context = _context_of(service)
        own_attributes = dict(message_attributes or {})
        envelope = _envelope(service, context, message_envelope, message_protocol)
        message = await _built(envelope, service, topic, data, own_attributes, kwargs)
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
        return await publisher.publish(Messaging.of(context, service).clients, topic_arn, outgoing)

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
        context = _context_of(service)
        envelope = _envelope(service, context, message_envelope, defaults.MESSAGE_PROTOCOL_DEFAULT)
        entries = [
            one if isinstance(one, PublishBatchEntry) else PublishBatchEntry(one) for one in data
        ]
        fifo = group_id is not None or any(one.group_id is not None for one in entries)
        topic_arn = await cls.create_topic(topic, context, topic_prefix, fifo=fifo, service=service)
        outgoing: list[Outgoing] = []
        for one in entries:
            own = {**(message_attributes or {}), **(one.message_attributes or {})}
            message = await _built(envelope, service, topic, one.data, own, kwargs)
            wire = attributes.to_botocore(own)
            group = group_id if one.group_id is None else one.group_id
            outgoing.append(Outgoing(message, wire, group, one.deduplication_id))
        clients = Messaging.of(context, service).clients
        return await publisher.publish_batch(clients, topic_arn, outgoing)

    # --- sending --------------------------------------------------------------------------------

    @overload
    @classmethod
    async def send_message(
        cls, service: Any, data: Any, queue_name: str, wait: Literal[True] = True, **kwargs: Any
    ) -> str: ...
    @overload
    @classmethod
    async def send_message(
        cls, service: Any, data: Any, queue_name: str, wait: Literal[False], **kwargs: Any
    ) -> asyncio.Task[str]: ...
    @overload
    @classmethod
    async def send_message(
        cls,
        service: Any,
        data: Any,
        queue_name: str,
        wait: bool,  # noqa: FBT001 - as below
        **kwargs: Any,
    ) -> str | asyncio.Task[str]: ...
    @classmethod
    async def send_message(
        cls,
        service: Any,
        data: Any,
        queue_name: str,
        wait: bool = True,  # noqa: FBT001 - upstream's signature
        *,
        message_envelope: Any = defaults.MESSAGE_ENVELOPE_DEFAULT,
        message_protocol: Any = defaults.MESSAGE_PROTOCOL_DEFAULT,
        queue_name_prefix: str | None = defaults.QUEUE_NAME_PREFIX,
        message_attributes: Mapping[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        delay_seconds: int | None = None,
        message_body_formatter: Any = MessageBodyFormatter,
        **kwargs: Any,
    ) -> str | asyncio.Task[str]:
        """Send a message straight to a queue, which has to be there.

        Args:
            service: The service that sends.
            data: For the envelope; a str without one.
            queue_name: Name without prefix, ARN, or URL.
            wait: Whether to return once SQS has the message; else a task does the sending.
            message_envelope: In place of the service's; None for plain text.
            message_protocol: The same, under an older name.
            queue_name_prefix: In place of the option's.
            message_attributes: str, int, float, bool, None, bytes, or a list of them.
            group_id: Message group; for FIFO queues.
            deduplication_id: For FIFO queues; made up when it is None.
            delay_seconds: Seconds until the message becomes visible, 0..900.
            message_body_formatter: Makes the body; None sends the data as it is.
            **kwargs: For the envelope's `build_message` and the formatter.

        Returns:
            The SQS message id, or with `wait=False` a task that ends with it.

        Raises:
            ValueError: a group for a standard queue, none for a FIFO queue, or a prefix that the
                queue's ARN or URL does not have.
            QueueDoesNotExistError: there is no such queue.
            AWSSNSSQSConnectionException: SQS could not be reached.
            AWSSNSSQSException: SQS refused, or went on failing.
        """
        context = _context_of(service)
        messaging = Messaging.of(context, service)
        option = cls.options(context).aws_sns_sqs.queue_name_prefix
        full_name = sender.full_queue_name(queue_name, queue_name_prefix, option)
        sender.check_group(full_name, group_id)
        own_attributes = dict(message_attributes or {})
        formatting = MessageBodyFormatterContext(
            data=data,
            message_attributes=own_attributes,
            queue_name=full_name,
            queue_url=await sender.url_of(messaging.queues, queue_name, full_name),
            service=service,
            message_envelope=_envelope(service, context, message_envelope, message_protocol),
            formatter=message_body_formatter,
            kwargs=kwargs,
        )
        sending = cls._send_raw_message(
            formatting.queue_url,
            await format_body(formatting),
            own_attributes,
            context,
            group_id=group_id,
            deduplication_id=deduplication_id,
            delay_seconds=delay_seconds,
            service=service,
            formatter_context=formatting,
        )
        return await sending if wait else messaging.in_background(sending)

    @classmethod
    async def send_raw_message(
        cls,
        queue_url: str,
        message_body: Any,
        message_attributes: Mapping[str, Any] | None,
        context: Context,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        delay_seconds: int | None = None,
        service: Any = None,
    ) -> str:
        """Send a body to a queue by its URL; returns the SQS message id, raises as `send_message`."""
        return await cls._send_raw_message(
            queue_url,
            message_body,
            dict(message_attributes or {}),
            context,
            group_id=group_id,
            deduplication_id=deduplication_id,
            delay_seconds=delay_seconds,
            service=service,
        )

    @classmethod
    async def _send_raw_message(
        cls,
        queue_url: str,
        message_body: Any,
        message_attributes: dict[str, Any],
        context: Context,
        *,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        delay_seconds: int | None = None,
        service: Any = None,
        formatter_context: MessageBodyFormatterContext | None = None,
    ) -> str:
        return await sender.send(
            Messaging.of(context, service).clients,
            queue_url,
            message_body,
            attributes.to_botocore(message_attributes),
            group_id=group_id,
            deduplication_id=deduplication_id,
            delay_seconds=delay_seconds,
        )

    # --- topics and queues ----------------------------------------------------------------------

    @classmethod
    async def create_topic(
        cls,
        topic: str,
        context: Context,
        topic_prefix: str | None = defaults.MESSAGE_TOPIC_PREFIX,
        attributes: str | Mapping[str, Any] | None = defaults.MESSAGE_TOPIC_ATTRIBUTES,
        overwrite_attributes: bool = True,  # noqa: FBT001 - upstream's signature
        fifo: bool = False,  # noqa: FBT001 - upstream's signature
        *,
        service: Any = None,
    ) -> str:
        """The ARN of a topic, which is created if it is not there.

        Args:
            topic: Without prefix.
            context: The service's.
            topic_prefix: In place of the option's.
            attributes: To create it with.
            overwrite_attributes: Whether to change those of a topic that is there.
            fifo: Whether it is a FIFO topic.
            service: The instance, if it is known.

        Raises:
            AWSSNSSQSException: SNS refused, or could not be reached.
        """
        topics = Messaging.of(context, service).topics
        name = cls.get_topic_name(topic, context, fifo, topic_prefix)
        known = topics.known_arn(name)
        given = attributes != defaults.MESSAGE_TOPIC_ATTRIBUTES
        if known is not None and not (given and overwrite_attributes):
            return known
        if given and not isinstance(attributes, Mapping | None):
            msg = (
                "Argument 'attributes' to 'AWSSNSSQSTransport.create_topic' should be specified as "
                f"a dict mapping, not {attributes!r}"
            )
            raise AWSSNSSQSException(msg)
        own = (
            {key: attribute_text(value) for key, value in (attributes or {}).items()}
            if (isinstance(attributes, Mapping))
            else {}
        )
        option = cls.options(context).aws_sns_sqs.sns_kms_master_key_id
        key = policies.kms_key("sns_kms_master_key_id", option)
        if key is not None and "KmsMasterKeyId" not in own:
            own["KmsMasterKeyId"] = key
        return await topics.ensure(WantedTopic(name, own, overwrite_attributes))

    @classmethod
    async def get_topic_arn(
        cls,
        topic: str,
        context: Context,
        topic_prefix: str | None = defaults.MESSAGE_TOPIC_PREFIX,
        fifo: bool = False,  # noqa: FBT001 - upstream's signature
    ) -> str | None:
        """The ARN of a topic that is there; None for one that is not."""
        name = cls.get_topic_name(topic, context, fifo, topic_prefix)
        return await Messaging.of(context).topics.find(name)

    @classmethod
    async def create_queue(
        cls,
        queue_name: str,
        context: Context,
        fifo: bool,  # noqa: FBT001 - upstream's signature
        message_retention_period: int | str = defaults.MESSAGE_RETENTION_PERIOD_DEFAULT,
    ) -> tuple[str, str]:
        """URL and ARN of a queue by its full name, which is created if it is not there.

        Raises:
            AWSSNSSQSException: SQS refused, or could not be reached.
        """
        given = message_retention_period != defaults.MESSAGE_RETENTION_PERIOD_DEFAULT
        retention_s = int(message_retention_period) if given else None
        queues = Messaging.of(context).queues
        queue = await queues.ensure(queue_name, fifo=fifo, retention_s=retention_s)
        return queue.url, queue.arn

    @classmethod
    async def get_queue_url(
        cls,
        queue_name: str,
        context: Context,
        queue_name_prefix: str | None = defaults.QUEUE_NAME_PREFIX,
    ) -> str:
        """The URL of a queue by its name (without prefix) or ARN.

        Raises:
            QueueDoesNotExistError: there is no such queue.
        """
        option = cls.options(context).aws_sns_sqs.queue_name_prefix
        full_name = sender.full_queue_name(queue_name, queue_name_prefix, option)
        return await sender.url_of(Messaging.of(context).queues, queue_name, full_name)

    @classmethod
    async def get_queue_url_from_arn(cls, queue_arn: str, context: Context) -> str:
        """The URL of a queue by its ARN.

        Raises:
            QueueDoesNotExistError: there is no such queue.
        """
        return await Messaging.of(context).queues.url_of_arn(queue_arn)

    @classmethod
    async def delete_message(cls, receipt_handle: str, queue_url: str, context: Context) -> None:
        """Delete a received message.

        Raises:
            ClientError: SQS refused.
            AWSSNSSQSException: SQS could not be reached.
        """
        clients = Messaging.of(context).clients
        client = await clients.sqs()
        await clients.call(
            lambda: client.delete_message(QueueUrl=queue_url, ReceiptHandle=receipt_handle),
            "Unable to delete message",
            "sqs",
        )

    @classmethod
    async def create_client(cls, name: str, context: Context) -> Any:
        """The service's client for "sns", "sqs" or "sts".

        Raises:
            AWSSNSSQSConnectionException: region or credentials are missing or cannot be.
        """
        return await Messaging.of(context).clients.get(name)

    # --- names ----------------------------------------------------------------------------------

    @classmethod
    def get_topic_name(
        cls,
        topic: str,
        context: Context,
        fifo: bool = False,  # noqa: FBT001 - upstream's signature
        topic_prefix: str | None = defaults.MESSAGE_TOPIC_PREFIX,
    ) -> str:
        """A topic's full name on SNS: prefixed and encoded."""
        return names.topic_name(topic, _prefix(cls.options(context), topic_prefix), fifo=fifo)

    @classmethod
    def get_topic_name_without_prefix(
        cls,
        topic: str,
        context: Context,
        topic_prefix: str | None = defaults.MESSAGE_TOPIC_PREFIX,
    ) -> str:
        """A full topic name without its prefix."""
        return topic.removeprefix(_prefix(cls.options(context), topic_prefix))

    @classmethod
    def get_topic_from_arn(cls, topic_arn: str) -> str:
        """The topic name in an ARN."""
        return topic_arn.rpartition(":")[2]

    @classmethod
    def encode_topic(cls, topic: str) -> str:
        """A topic in the characters that SNS allows."""
        return names.encode(topic)

    @classmethod
    def decode_topic(cls, encoded_topic: str) -> str:
        """The inverse of `encode_topic`."""
        return names.decode(encoded_topic)

    @classmethod
    def get_queue_name(
        cls,
        topic: str,
        func_name: str,
        _uuid: str,
        competing_consumer: bool | None,  # noqa: FBT001 - upstream's signature
        context: Context,
        fifo: bool = False,  # noqa: FBT001 - upstream's signature
    ) -> str:
        """The full name of a queue that has no name of its own."""
        prefix = cls.options(context).aws_sns_sqs.queue_name_prefix
        competing = bool(competing_consumer)
        return names.digest_queue(topic, func_name, _uuid, prefix, competing=competing, fifo=fifo)

    @classmethod
    def prefix_queue_name(
        cls,
        queue_name: str,
        context: Context,
        queue_name_prefix: str | None = defaults.QUEUE_NAME_PREFIX,
    ) -> str:
        """A queue's full name."""
        return _queue_prefix(cls.options(context), queue_name_prefix) + queue_name

    @classmethod
    def get_queue_name_without_prefix(
        cls,
        queue_name: str,
        context: Context,
        queue_name_prefix: str | None = defaults.QUEUE_NAME_PREFIX,
    ) -> str:
        """A full queue name without its prefix."""
        return queue_name.removeprefix(_queue_prefix(cls.options(context), queue_name_prefix))

    @classmethod
    def get_queue_name_from_queue_url(cls, queue_url: str) -> str:
        """The queue name in a URL."""
        return queue_url.rpartition("/")[2]

    @classmethod
    def validate_topic_name(cls, topic: str) -> None:
        """Raise `InvalidName` for a topic that SNS cannot have, however it is encoded."""
        names.topic_name(topic, None)

    @classmethod
    def validate_queue_name(cls, queue_name: str) -> None:
        """Raise `InvalidName` for a name that SQS cannot have."""
        names.named_queue(queue_name, None)

    @classmethod
    def generate_queue_policy(
        cls, queue_arn: str, topic_arn_list: Sequence[str], context: Context
    ) -> dict[str, Any]:
        """The policy document that lets the topics send to the queue."""
        own = cls.options(context).aws_sns_sqs
        return policies.queue_policy(
            queue_arn, topic_arn_list, single=own.queue_policy, wildcard=own.wildcard_queue_policy
        )

    # --- message attributes ---------------------------------------------------------------------

    @staticmethod
    def transform_message_attributes_from_response(
        message_attributes: Mapping[str, Mapping[str, Any]],
    ) -> MessageAttributesType:
        """Python values of received attributes."""
        return attributes.from_wire(message_attributes)

    @staticmethod
    def transform_message_attributes_to_botocore(
        message_attributes: Mapping[str, Any],
    ) -> dict[str, attributes.WireAttribute]:
        """Attributes as botocore takes them."""
        return attributes.to_botocore(message_attributes)

    @staticmethod
    def transform_message_attributes_to_message_body_metadata(
        message_attributes: Mapping[str, Any],
    ) -> dict[str, attributes.WireAttribute]:
        """Attributes as they are written into a message body."""
        return attributes.to_message_body(message_attributes)


def _context_of(service: Any) -> dict[str, Any]:
    context = getattr(service, "context", None)
    return service_context(service) if context is None else context


def _envelope(service: Any, context: Mapping[str, Any], given: Any, older: Any) -> Any:
    if given != defaults.MESSAGE_ENVELOPE_DEFAULT:
        return given
    if older != defaults.MESSAGE_PROTOCOL_DEFAULT:
        return older
    for name in ("message_envelope", "message_protocol"):
        envelope = getattr(service, name, None) or context.get(name)
        if envelope is not None:
            return envelope
    return None


async def _built(
    envelope: Any,
    service: Any,
    topic: str,
    data: Any,
    message_attributes: dict[str, Any],
    kwargs: Mapping[str, Any],
) -> Any:
    build = getattr(envelope, "build_message", None)
    if build is None:
        return data
    return await build(service, topic, data, message_attributes=message_attributes, **kwargs)


def _prefix(options: Any, given: str | None) -> str:
    own = options.aws_sns_sqs.topic_prefix
    return (own if given == defaults.MESSAGE_TOPIC_PREFIX else given) or ""


def _queue_prefix(options: Any, given: str | None) -> str:
    own = options.aws_sns_sqs.queue_name_prefix
    return (own if given == defaults.QUEUE_NAME_PREFIX else given) or ""
