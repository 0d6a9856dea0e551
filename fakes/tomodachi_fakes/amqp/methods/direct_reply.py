"""Direct reply-to: a pseudo-queue that a channel consumes, and addresses that lead to it.

Source: https://www.rabbitmq.com/docs/direct-reply-to
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.model.message import Entry, Message
from tomodachi_fakes.amqp.model.policies import QueueRules
from tomodachi_fakes.amqp.reply_codes import ChannelReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.fields import Table
    from tomodachi_fakes.amqp.model.consumers import Consumer

REPLY_TO = "amq.rabbitmq.reply-to"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


_ADDRESS = re.compile(rf"{re.escape(REPLY_TO)}\.g1\w{{42}}\.\w{{22}}==")


def is_address(key: str) -> bool:
    """Whether a routing key has the form of a direct reply address, in use or not."""
    return _ADDRESS.fullmatch(key) is not None


class ReplyQueue:
    """What stands where a queue would, for consumers of direct replies: it holds nothing."""

    kind = "reply"
    name = REPLY_TO
    rules = QueueRules()

    def settle(self, entry: Entry) -> None:
        """Replies are not acknowledged."""

    def requeue(
        self, entries: list[Entry], *, failed: bool, now: float, by: Consumer | None = None
    ) -> None:
        """Replies do not come back."""

    def reject(self, entry: Entry, *, failed: bool, now: float) -> None:
        """Replies are not refused."""

    def remove_consumer(self, consumer: Consumer, now: float) -> None:
        """Nothing waits here."""

    def wake(self, consumers: Collection[Consumer], now: float) -> None:
        """Nothing waits here."""

    def channel_ended(self, consumers: list[Consumer], entries: list[Entry], now: float) -> None:
        """Nothing waits here."""

    def header_for(self, entry: Entry, *, got: bool = False) -> bytes:
        """The content header as it was published."""
        return entry.message.header


def consume_replies(channel: Channel, tag: str, *, no_ack: bool, arguments: Table) -> None:
    """Begin to consume direct replies on a channel; another consumer may have the same tag.

    Raises:
        AmqpChannelError: 406, with acknowledgements or a second time.
    """
    from tomodachi_fakes.amqp.model.consumers import Consumer

    if not no_ack:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED, "reply consumer cannot acknowledge"
        )
    if channel.reply_consumer is not None:
        raise AmqpChannelError(ChannelReply.PRECONDITION_FAILED, "reply consumer already set")
    consumer = Consumer(
        channel,
        ReplyQueue(),
        tag,
        no_ack=True,
        exclusive=False,
        prefetch=0,
        priority=0,
        arguments=arguments,
    )
    ids = channel.broker.ids
    channel.reply_address = f"{REPLY_TO}.g1{ids.token(42, _ALPHABET)}.{ids.token(22, _ALPHABET)}=="
    channel.reply_consumer = consumer
    channel.vhost.replies[channel.reply_address] = channel


def end_replies(channel: Channel, tag: str) -> bool:
    """No longer consume direct replies, if that is the consumer's tag; whether it is."""
    if channel.reply_consumer is None or channel.reply_consumer.tag != tag:
        return False
    channel.broker.record("cancelled", REPLY_TO, consumer_tag=tag)
    channel.vhost.replies.pop(channel.reply_address, None)
    channel.reply_consumer = None  # its address stays one of this channel
    return True


def address_of(channel: Channel) -> str:
    """The address that a publisher's reply-to becomes.

    Raises:
        AmqpChannelError: 406 when the channel consumes no direct replies.
    """
    if channel.reply_consumer is None:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED, "fast reply consumer does not exist"
        )
    return channel.reply_address


def reply(channel: Channel, message: Message, now: float) -> bool:
    """Deliver a message to the consumer its routing key addresses; False when it is gone."""
    target = channel.vhost.replies.get(message.routing_key)
    if target is None or target.reply_consumer is None:
        return False
    consumer = target.reply_consumer
    target.deliver(consumer, Entry(message, consumer.queue, 0, None), now)
    if channel.broker.profile.reply_tags_stand_still:
        target.last_tag -= 1
    return True
