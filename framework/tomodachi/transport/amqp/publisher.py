"""Publishes the messages of one service, and waits until the broker has taken charge of each.

A publish whose connection or channel is lost before its confirm came is written again on the next one:
the broker may then have it twice, but never not at all. The broker's refusals end a publish with an
exception: a missing exchange, a negative confirm, a mandatory message without a queue.

Source: https://www.rabbitmq.com/docs/publishers, https://www.rabbitmq.com/docs/confirms
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tomodachi.helpers.observer import PublishedMessage, tell_published
from tomodachi.transport.amqp import frames
from tomodachi.transport.amqp.confirms import UnconfirmedPublishes
from tomodachi.transport.amqp.connection import Channel, Connection
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpConnectionException,
    AmqpException,
    AmqpPublishException,
    AmqpUnroutableException,
)
from tomodachi.transport.amqp.link import Link

WAIT_FOR_BROKER_S = 30.0
MOST_CHANNELS = 3
"""How many channels a publish may see closed before it is held responsible itself."""


@dataclass(slots=True, eq=False)
class Message:
    """What is published.

    Attributes:
        exchange: At most 255 octets.
        routing_key: Encoded, with prefix, at most 255 octets.
        properties: As `frames.encode_properties` gives them.
        body: The message.
        mandatory: Whether it is an error if no queue is bound for it.
    """

    exchange: str
    routing_key: str
    properties: bytes
    body: bytes
    mandatory: bool = False


@dataclass(slots=True, eq=False)
class _Unconfirmed:
    message: Message
    answer: asyncio.Future[None]
    returned: frames.Return | None = None

    def confirm(self) -> None:
        if self.answer.done():
            return
        if self.returned is None:
            self.answer.set_result(None)
            return
        back = self.returned
        self.answer.set_exception(
            AmqpUnroutableException(
                back.exchange, back.routing_key, back.reply_code, back.reply_text
            )
        )

    def fail(self, error: AmqpException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class _PublishingChannel:
    """A channel of one connection, with or without confirms."""

    def __init__(self, *, confirms: bool) -> None:
        self._confirms = confirms
        self._unconfirmed: UnconfirmedPublishes[_Unconfirmed] = UnconfirmedPublishes()
        self._channel: Channel | None = None

    @property
    def usable(self) -> bool:
        return self._channel is not None and self._channel.reason is None

    async def open(self, connection: Connection) -> None:
        channel = await connection.open_channel(self)
        if self._confirms:
            await channel.confirm_publishes()
        self._channel = channel

    async def publish(self, message: Message) -> None:
        """Write the message; with confirms, return once the broker has it."""
        channel = self._opened()
        channel.publish(
            message.exchange,
            message.routing_key,
            message.properties,
            message.body,
            mandatory=message.mandatory,
        )
        if not self._confirms:
            await channel.drain()
            return
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unconfirmed.add(_Unconfirmed(message, answer))
        try:
            await channel.drain()
        except BaseException:
            answer.cancel()
            raise
        await answer

    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()

    def _opened(self) -> Channel:
        if self._channel is None:
            msg = "the publishing channel is not open"
            raise AmqpConnectionException(msg)
        return self._channel

    # --- what the broker says ---------------------------------------------------------------------

    def confirmed(self, confirm: frames.Confirm) -> None:
        for publish in self._unconfirmed.answered(confirm.delivery_tag, multiple=confirm.multiple):
            if confirm.positive:
                publish.confirm()
            else:
                publish.fail(_refused(publish.message))

    def returned(self, message: frames.Return, body: bytes) -> None:
        for publish in self._unconfirmed:
            sent = publish.message
            if (
                sent.mandatory
                and publish.returned is None
                and (sent.exchange, sent.routing_key) == (message.exchange, message.routing_key)
                and sent.body == body
            ):
                publish.returned = message
                return

    def channel_closed(self, channel: Channel, reason: AmqpException) -> None:
        for publish in self._unconfirmed.take_all():
            publish.fail(reason)

    def consumer_cancelled(self, channel: Channel, consumer_tag: str) -> None:
        """Nothing is consumed here."""


class Publisher:
    """The publishes of one service."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._opening = asyncio.Lock()
        self._channels: dict[bool, _PublishingChannel] = {}

    async def publish(self, message: Message, *, confirm: bool) -> None:
        """Publish one message.

        Args:
            message: What, and where to.
            confirm: Whether to return only when the broker has confirmed it.

        Raises:
            AmqpConnectionException: there was no connection for 30 s, or none could be made, or the
                broker confirmed nothing for 30 s.
            AmqpPublishException: the broker refuses the message.
            AmqpUnroutableException: the message is mandatory and no queue is bound for it.
        """
        try:
            async with asyncio.timeout(WAIT_FOR_BROKER_S):
                await self._until_published(message, confirm=confirm)
        except TimeoutError as error:
            msg = (
                f"{self._link.address} did not take a message for exchange {message.exchange!r} "
                f"within {WAIT_FOR_BROKER_S:g} s ({self._link.trouble or 'no confirm'})"
            )
            raise AmqpConnectionException(msg) from error

    async def close(self) -> None:
        """Close the channels."""
        for channel in self._channels.values():
            await channel.close()

    async def _until_published(self, message: Message, *, confirm: bool) -> None:
        closed = 0
        while True:
            channel = await self._channel(confirms=confirm)
            try:
                await channel.publish(message)
            except AmqpConnectionException:
                continue
            except AmqpChannelClosed as error:
                closed += 1
                if _names_exchange(error, message) or closed >= MOST_CHANNELS:
                    raise _refused(message, error) from error
            else:
                _tell(message)
                return

    async def _channel(self, *, confirms: bool) -> _PublishingChannel:
        channel = self._channels.get(confirms)
        if channel is not None and channel.usable:
            return channel
        async with self._opening:
            channel = self._channels.get(confirms)
            while channel is None or not channel.usable:
                connection = await self._link.connection()
                channel = _PublishingChannel(confirms=confirms)
                try:
                    await channel.open(connection)
                except AmqpConnectionException:
                    continue
                self._channels[confirms] = channel
            return channel


def _tell(message: Message) -> None:
    tell_published(
        lambda: PublishedMessage(
            "amqp",
            message.exchange,
            message.body,
            message.routing_key,
            header=message.properties,
        )
    )


def _names_exchange(error: AmqpChannelClosed, message: Message) -> bool:
    return f"exchange '{message.exchange}'" in error.reply_text


def _refused(message: Message, why: AmqpChannelClosed | None = None) -> AmqpPublishException:
    reason = str(why) if why is not None else "negative confirm"
    return AmqpPublishException(
        f"the broker refused a message for exchange {message.exchange!r} with routing key "
        f"{message.routing_key!r} ({reason})"
    )
