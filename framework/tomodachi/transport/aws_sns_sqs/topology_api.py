"""Class methods of the transport that find, make and use topics and queues by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tomodachi import logging
from tomodachi.transport.aws_sns_sqs import defaults, names, policies, sender
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException, QueueDoesNotExistError
from tomodachi.transport.aws_sns_sqs.messaging import Messaging
from tomodachi.transport.aws_sns_sqs.naming_api import NamingApi
from tomodachi.transport.aws_sns_sqs.retries import given_up
from tomodachi.transport.aws_sns_sqs.service_settings import topic_prefix_of
from tomodachi.transport.aws_sns_sqs.topics import WantedTopic, attribute_text

Context = dict[str, Any]


class TopologyApi(NamingApi):
    """Topics, queues and clients of a service, by its context."""

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
        messaging = Messaging.of(context, service)
        topics = messaging.topics
        prefix = topic_prefix_of(cls.options(context), topic_prefix)
        name = names.topic_name(topic, prefix, fifo=fifo)
        known = topics.known_arn(name)
        given = attributes != defaults.MESSAGE_TOPIC_ATTRIBUTES
        if known is not None and not (given and overwrite_attributes):
            return known
        own = _attribute_texts(attributes) if given else {}
        option = cls.options(context).aws_sns_sqs.sns_kms_master_key_id
        key = policies.kms_key("sns_kms_master_key_id", option)
        if key is not None and "KmsMasterKeyId" not in own:
            own["KmsMasterKeyId"] = key
        with messaging.failures_logged(topic=topic):
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
        prefix = topic_prefix_of(cls.options(context), topic_prefix)
        name = names.topic_name(topic, prefix, fifo=fifo)
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
    ) -> str | None:
        """The URL of a queue by its name (without prefix), ARN or URL; None for one that is not there.

        Raises:
            ValueError: the ARN or URL has another prefix, or the name is none that SQS allows.
            AWSSNSSQSException: SQS refused, or could not be reached.
        """
        option = cls.options(context).aws_sns_sqs.queue_name_prefix
        full_name = sender.full_queue_name(queue_name, queue_name_prefix, option)
        try:
            return await sender.url_of(Messaging.of(context).queues, queue_name, full_name)
        except QueueDoesNotExistError:
            return None

    @classmethod
    async def get_queue_url_from_arn(cls, queue_arn: str, context: Context) -> str | None:
        """The URL of a queue by its ARN; None for one that is not there, and raises as above."""
        try:
            return await Messaging.of(context).queues.url_of_arn(queue_arn)
        except QueueDoesNotExistError:
            return None

    @classmethod
    async def delete_message(cls, receipt_handle: str, queue_url: str, context: Context) -> None:
        """Delete a received message; what SQS refuses is logged.

        Raises:
            AWSSNSSQSException: SQS could not be reached.
        """
        what = "Unable to delete message"
        if not receipt_handle:
            text = f"{what} [sqs] from queue without receipt handle"
            _logger().warning(text, queue_url=queue_url)
            return
        try:
            await Messaging.of(context).clients.sqs(
                lambda sqs: sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=receipt_handle),
                what,
            )
        except ClientError as error:
            _logger().warning(str(given_up(error, what, "sqs")), queue_url=queue_url)

    @classmethod
    async def create_client(cls, name: str, context: Context) -> Any:
        """The service's client for "sns", "sqs" or "sts".

        Raises:
            AWSSNSSQSConnectionException: region or credentials are missing or cannot be.
        """
        messaging = Messaging.of(context)
        with messaging.failures_logged():
            return await messaging.clients.get(name)


def _logger() -> logging.Logger:
    return logging.get_logger("tomodachi.awssnssqs")


def _attribute_texts(attributes: str | Mapping[str, Any] | None) -> dict[str, str]:
    if isinstance(attributes, str):
        msg = (
            "Argument 'attributes' to 'AWSSNSSQSTransport.create_topic' should be specified as a "
            f"dict mapping, not {attributes!r}"
        )
        raise AWSSNSSQSException(msg)
    return {name: attribute_text(value) for name, value in (attributes or {}).items()}
