"""Class methods of the transport that know names, policies and attributes, and call nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tomodachi.invoker import Invoker
from tomodachi.transport.aws_sns_sqs import attributes, defaults, names, policies
from tomodachi.transport.aws_sns_sqs.service_settings import topic_prefix_of

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.user_types import MessageAttributesType

    Context = dict[str, Any]


class NamingApi(Invoker):
    """Names of topics and queues, queue policies, message attributes."""

    @classmethod
    def get_topic_name(
        cls,
        topic: str,
        context: Context,
        fifo: bool = False,  # noqa: FBT001 - upstream's signature
        topic_prefix: str | None = defaults.MESSAGE_TOPIC_PREFIX,
    ) -> str:
        """A topic with its prefix, and `.fifo` if it is FIFO; SNS knows it by its `encode_topic`."""
        prefix = topic_prefix_of(cls.options(context), topic_prefix)
        return names.with_fifo(prefix + topic, fifo=fifo)

    @classmethod
    def get_topic_name_without_prefix(
        cls,
        topic: str,
        context: Context,
        topic_prefix: str | None = defaults.MESSAGE_TOPIC_PREFIX,
    ) -> str:
        """A full topic name without its prefix."""
        return topic.removeprefix(topic_prefix_of(cls.options(context), topic_prefix))

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
        context: Context | None = None,
        queue_name_prefix: str | None = defaults.QUEUE_NAME_PREFIX,
        default_queue_name_prefix: str | None = None,
    ) -> str:
        """A queue's full name; `default_queue_name_prefix` stands in for the option."""
        return cls._queue_prefix(context, queue_name_prefix, default_queue_name_prefix) + queue_name

    @classmethod
    def get_queue_name_without_prefix(
        cls,
        queue_name: str,
        context: Context | None = None,
        queue_name_prefix: str | None = defaults.QUEUE_NAME_PREFIX,
        default_queue_name_prefix: str | None = None,
    ) -> str:
        """A full queue name without its prefix; the arguments are those of `prefix_queue_name`."""
        return queue_name.removeprefix(
            cls._queue_prefix(context, queue_name_prefix, default_queue_name_prefix)
        )

    @classmethod
    def _queue_prefix(cls, context: Context | None, given: str | None, default: str | None) -> str:
        if given != defaults.QUEUE_NAME_PREFIX:
            return given or ""
        if default is None and context:
            default = cls.options(context).aws_sns_sqs.queue_name_prefix
        return default or ""

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
