"""A channel: methods that wait for a reply, methods that don't, and what the broker sends by itself.

Methods with a reply are aioamqp's; one at a time, because it keeps one waiter a method. Messages,
acknowledgements and publishes go past it, as bytes (`frames.py`).

Source: AMQP 0-9-1 spec 1.4 to 1.8; https://www.rabbitmq.com/amqp-0-9-1-reference
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tomodachi.transport.amqp import frames
from tomodachi.transport.amqp.connection.writer import GatheringWriter
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpConnectionException,
    AmqpException,
)

CLOSE_TIMEOUT_S = 5.0
T = TypeVar("T")


@dataclass(slots=True)
class Delivery:
    """A message handed to a consumer.

    Attributes:
        channel: Where it has to be acknowledged.
        delivery_tag: Its number on that channel.
        redelivered: Whether it was handed out before.
        exchange: Exchange it was published to.
        routing_key: The message's own, as on the wire.
        header: Content header; `properties.py` reads it.
        body: The message.
    """

    channel: Channel
    delivery_tag: int
    redelivered: bool
    exchange: str
    routing_key: str
    header: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class DeclaredQueue:
    """What the broker says of a queue: its name, ready messages, consumers."""

    name: str
    messages: int
    consumers: int


class ChannelListener(Protocol):
    """Is told what the broker does on a channel of its own accord."""

    def channel_closed(self, channel: Channel, reason: AmqpException) -> None:
        """The channel is gone and nothing it was waiting for will come; called once."""
        ...

    def consumer_cancelled(self, channel: Channel, consumer_tag: str) -> None:
        """The broker ended a consumer: its queue is gone."""
        ...

    def confirmed(self, confirm: frames.Confirm) -> None:
        """The broker answered publishes of a channel in confirm mode."""
        ...

    def returned(self, message: frames.Return, body: bytes) -> None:
        """A mandatory message came back; its confirm follows."""
        ...


class Replies(Protocol):
    """What a channel needs of its connection."""

    async def reply(self, waiting: Awaitable[T]) -> T:
        """Wait for a method's reply, in our own exceptions."""
        ...

    def why_ended(self) -> AmqpException:
        """Why nothing comes any more."""
        ...


class Channel:
    """A channel of a connection.

    Attributes:
        listener: Is told of confirms, returns, cancelled consumers and the channel's end.
        reason: Why the channel ended; None while it is open.
    """

    def __init__(
        self,
        connection: Replies,
        raw: Any,
        writer: GatheringWriter,
        frame_max: int,
        listener: ChannelListener,
    ) -> None:
        self.listener = listener
        self.reason: AmqpException | None = None
        self._connection = connection
        self._writer = writer
        self._frame_max = frame_max
        self._raw = raw
        self._number: int = raw.channel_id
        self._consumers: dict[str, Callable[[Delivery], None]] = {}
        self._one_method_at_a_time = asyncio.Lock()
        raw.owner = self
        raw.add_cancellation_callback(self._cancelled)

    # --- methods with a reply -------------------------------------------------------------------

    async def _call(self, method: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        async with self._one_method_at_a_time:
            return await self._connection.reply(method(*args, **kwargs))

    async def declare_exchange(self, name: str, kind: str) -> None:
        """Declare a durable exchange that stays when unused."""
        await self._call(self._raw.exchange_declare, name, kind, durable=True, auto_delete=False)

    async def declare_queue(self, name: str, arguments: dict[str, Any]) -> DeclaredQueue:
        """Declare a durable queue that any connection may use."""
        found: dict[str, Any] = await self._call(
            self._raw.queue_declare, name, durable=True, arguments=arguments
        )
        return DeclaredQueue(found["queue"], found["message_count"], found["consumer_count"])

    async def bind_queue(self, queue: str, exchange: str, binding_key: str) -> None:
        """Let messages whose key matches `binding_key` go from the exchange to the queue."""
        await self._call(self._raw.queue_bind, queue, exchange, binding_key)

    async def limit_prefetch(self, *, per_consumer: int, in_all: int) -> None:
        """Bound the unacknowledged messages of each later consumer, and of the channel."""
        await self._call(self._raw.basic_qos, prefetch_count=per_consumer, connection_global=False)
        await self._call(self._raw.basic_qos, prefetch_count=in_all, connection_global=True)

    async def consume(
        self, queue: str, consumer_tag: str, on_delivery: Callable[[Delivery], None]
    ) -> None:
        """Have the messages of a queue handed to `on_delivery`, to be acknowledged one by one."""
        self._consumers[consumer_tag] = on_delivery
        try:
            await self._call(self._raw.basic_consume, None, queue, consumer_tag=consumer_tag)
        except BaseException:
            del self._consumers[consumer_tag]
            raise

    async def cancel(self, consumer_tag: str) -> None:
        """End a consumer; once this returns, none of its messages comes any more."""
        await self._call(self._raw.basic_cancel, consumer_tag)
        self._consumers.pop(consumer_tag, None)

    async def confirm_publishes(self) -> None:
        """Have the broker answer every publish from here on."""
        await self._call(self._raw.confirm_select)

    async def close(self) -> None:
        """Close the channel, if it is open; a broker that does not answer is left after 5 s.

        Raises:
            AmqpConnectionException: the connection was lost first.
        """
        if self.reason is not None:
            return
        self.reason = AmqpException("channel closed by the service")
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._call(self._raw.close)
        except TimeoutError as error:
            msg = f"no answer within {CLOSE_TIMEOUT_S:g} s"
            raise AmqpConnectionException(msg) from error

    # --- methods without one --------------------------------------------------------------------

    def ack(self, delivery_tag: int) -> bool:
        """Acknowledge a message; False if the channel is gone and the message will come again."""
        return self._write(frames.write_ack(self._number, delivery_tag))

    def nack(self, delivery_tag: int, *, requeue: bool) -> bool:
        """Put a message back or dead-letter it; False as in `ack`."""
        return self._write(frames.write_nack(self._number, delivery_tag, requeue=requeue))

    def publish(
        self, exchange: str, routing_key: str, properties: bytes, body: bytes, *, mandatory: bool
    ) -> None:
        """Write a message; `properties` as `frames.encode_properties` gives them.

        Raises:
            AmqpException: the channel is closed.
        """
        if self.reason is not None:
            raise self.reason
        self._writer.write(
            frames.write_publish(
                self._number,
                exchange,
                routing_key,
                properties,
                body,
                mandatory=mandatory,
                frame_max=self._frame_max,
            )
        )

    async def drain(self) -> None:
        """Return when the broker takes bytes, or the connection is lost."""
        await self._writer.drain()

    def _write(self, frame: bytes) -> bool:
        if self.reason is not None:
            return False
        self._writer.write(frame)
        return True

    # --- what the protocol calls ----------------------------------------------------------------

    def deliver(self, method: frames.Deliver, header: bytes, body: bytes) -> None:
        """A message came; one for a consumer that was cancelled meanwhile goes back."""
        on_delivery = self._consumers.get(method.consumer_tag)
        if on_delivery is None:
            self.nack(method.delivery_tag, requeue=True)
            return
        on_delivery(
            Delivery(
                self,
                method.delivery_tag,
                method.redelivered,
                method.exchange,
                method.routing_key,
                header,
                body,
            )
        )

    def closed_by_broker(self, reply_code: int | None, reply_text: str | None) -> None:
        """The channel is gone, alone or with its connection."""
        if self.reason is not None:
            return
        if reply_code:
            self.reason = AmqpChannelClosed(reply_code, reply_text or "")
        else:
            self.reason = self._connection.why_ended()
        self.listener.channel_closed(self, self.reason)

    async def _cancelled(self, _: object, consumer_tag: str) -> None:
        if self._consumers.pop(consumer_tag, None) is not None:
            self.listener.consumer_cancelled(self, consumer_tag)
