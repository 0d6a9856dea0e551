"""Consumes for all handlers of one service: declares, subscribes, hands deliveries over, and stops.

All consumers share one channel, because the global prefetch count is a channel's. When the broker
closes the channel or ends a consumer, consuming is taken up again with the waits of `backoff.py`; a
lost connection is mended by `link.py`, which then calls `resume`. How many handlers run at once is
`concurrency.py`'s decision; what is done with a message is the handler's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.amqp import frames
from tomodachi.transport.amqp.backoff import Backoff
from tomodachi.transport.amqp.concurrency import ConcurrencyLimit
from tomodachi.transport.amqp.connection import Channel, Connection, Delivery
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpConnectionException,
    AmqpException,
)
from tomodachi.transport.amqp.link import Link
from tomodachi.transport.amqp.topology import Topology, declare
from tomodachi.transport.failures import log_uncaught

CANCEL_TIMEOUT_S = 5.0
SAY_AWAITING_AFTER_S = 2.0
SAY_AWAITING_AGAIN_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Consumer:
    """One handler's subscription.

    Attributes:
        topology: Where its messages come from.
        handle: Handles one message to the end, acknowledging it; raises nothing.
        tag: Its name on the channel, which the broker's management shows.
        about: What log lines bear of it.
    """

    topology: Topology
    handle: Callable[[Delivery], Awaitable[None]]
    tag: str
    about: Mapping[str, str]


class Consumers:
    """The consumers of one service.

    Args:
        link: The service's connection.
        per_consumer: Messages of one consumer handled at once; 0 means any number.
        in_all: Messages handled at once; 0 means any number.
    """

    def __init__(self, link: Link, *, per_consumer: int, in_all: int) -> None:
        self._link = link
        link.on_reconnected = self.resume
        self._per_consumer = per_consumer
        self._in_all = in_all
        self._consumers: list[Consumer] = []
        self._limit: ConcurrencyLimit[Consumer, Delivery] = ConcurrencyLimit(
            per_consumer=per_consumer, in_all=in_all
        )
        self._unwanted: list[Delivery] = []
        self._handling: set[asyncio.Task[None]] = set()
        self._mending: set[asyncio.Task[None]] = set()
        self._channel: Channel | None = None
        self._consuming = False
        self.stopping = asyncio.Event()
        self._logger = logging.get_logger("tomodachi.amqp")

    def add(self, consumer: Consumer) -> None:
        """Add one before `start`."""
        self._consumers.append(consumer)

    # --- beginning --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect and declare everything; nothing is consumed yet.

        Raises:
            AmqpException: no connection, or the broker refuses; see `topology.declare`.
        """
        await self._open(await self._link.connection(), first_time=True)

    async def consume(self) -> None:
        """Begin to handle messages."""
        self._consuming = True
        channel = self._channel
        if channel is None or self.stopping.is_set():
            return  # lost since `start`: whoever mends it consumes
        try:
            await self._consume_on(channel)
        except (AmqpChannelClosed, AmqpConnectionException) as error:
            # `channel_closed` was told as well, and mends it.
            self._logger.warning("Unable to consume [amqp]", reason=str(error))

    def resume(self, connection: Connection) -> None:
        """Declare and consume on a new connection, in the background."""
        if self._consumers and not self.stopping.is_set():
            self._in_background(self._until_open(connection, wait_first=False))

    async def _open(self, connection: Connection, *, first_time: bool) -> None:
        channel = await connection.open_channel(self)
        await channel.limit_prefetch(per_consumer=self._per_consumer, in_all=self._in_all)
        for consumer in self._consumers:
            await self._declare(channel, consumer, first_time=first_time)
        if self._consuming:
            await self._consume_on(channel)
        # Last, so that a channel closed before this is the caller's to try again.
        self._channel = channel

    async def _declare(self, channel: Channel, consumer: Consumer, *, first_time: bool) -> None:
        try:
            await declare(channel, consumer.topology, first_time=first_time)
        except AmqpException as error:
            error.about = consumer.about
            raise

    async def _consume_on(self, channel: Channel) -> None:
        for consumer in self._consumers:
            await self._consume_one(channel, consumer)

    async def _consume_one(self, channel: Channel, consumer: Consumer) -> None:
        def on_delivery(delivery: Delivery) -> None:
            self._delivered(consumer, delivery)

        await channel.consume(consumer.topology.queue_name, consumer.tag, on_delivery)

    # --- mending ----------------------------------------------------------------------------------

    def channel_closed(self, channel: Channel, reason: AmqpException) -> None:
        """The broker closed our channel; messages on it come again on the next."""
        if channel is not self._channel:
            return
        self._channel = None
        connection = self._link.current
        lost = connection is None or isinstance(reason, AmqpConnectionException)
        if connection is not None and not lost and not self.stopping.is_set():
            self._logger.warning(
                "Channel [amqp] closed by the broker - reopening", reason=str(reason)
            )
            self._in_background(self._until_open(connection, wait_first=True))

    def consumer_cancelled(self, channel: Channel, consumer_tag: str) -> None:
        """A queue is gone: declare it again and consume it."""
        for consumer in self._consumers:
            if consumer.tag == consumer_tag and not self.stopping.is_set():
                self._logger.warning(
                    "Consumer [amqp] cancelled by the broker - declaring its queue again",
                    queue_name=consumer.topology.queue_name,
                )
                self._in_background(self._until_consuming(channel, consumer))

    def confirmed(self, confirm: frames.Confirm) -> None:
        """Nothing is published here."""

    def returned(self, message: frames.Return, body: bytes) -> None:
        """Nothing is published here."""

    async def _until_open(self, connection: Connection, *, wait_first: bool) -> None:
        backoff = Backoff()
        if wait_first:
            await clock.sleep(backoff.next_wait())
        while connection.reason is None:
            try:
                await self._open(connection, first_time=False)
            except AmqpConnectionException:
                return  # the link mends it and calls `resume`
            except AmqpException as error:
                self._logger.warning(
                    "Unable to resume consuming [amqp]", reason=str(error), **error.about
                )
                await clock.sleep(backoff.next_wait())
            else:
                self._logger.info("Resumed consuming [amqp]", consumers=len(self._consumers))
                return

    async def _until_consuming(self, channel: Channel, consumer: Consumer) -> None:
        backoff = Backoff()
        while channel.reason is None:
            await clock.sleep(backoff.next_wait())
            try:
                await self._declare(channel, consumer, first_time=False)
                await self._consume_one(channel, consumer)
            except AmqpException as error:
                self._logger.warning(
                    "Unable to resume consuming [amqp]", reason=str(error), **error.about
                )
            else:
                self._logger.info("Resumed consuming [amqp]", consumers=1)
                return

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._mending.add(task)
        task.add_done_callback(self._mended)

    def _mended(self, task: asyncio.Task[None]) -> None:
        self._mending.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._logger.error("Unable to resume consuming [amqp]", exc_info=task.exception())

    # --- messages ---------------------------------------------------------------------------------

    def _delivered(self, consumer: Consumer, delivery: Delivery) -> None:
        if self.stopping.is_set():
            self._unwanted.append(delivery)
        elif self._limit.admit(consumer, delivery):
            self._begin(consumer, delivery)

    def _begin(self, consumer: Consumer, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._handle(consumer, delivery))
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)

    async def _handle(self, consumer: Consumer, delivery: Delivery) -> None:
        try:
            await consumer.handle(delivery)
        except Exception as error:  # noqa: BLE001 - a defect of ours must not take a place for ever
            log_uncaught(error)
        for waiting in self._limit.release(consumer):
            self._begin(*waiting)

    # --- ending -----------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Take no more messages, and return when every handler has ended and its ack is written.

        Messages that were handed to us but not to a handler go back to their queues.
        """
        self.stopping.set()
        self._unwanted.extend(delivery for _, delivery in self._limit.take_waiting())
        for task in list(self._mending):
            task.cancel()
        await self._cancel_consumers()
        # Only now, or the broker would hand them to us again.
        for delivery in self._unwanted:
            delivery.channel.nack(delivery.delivery_tag, requeue=True)
        await self._await_handlers()

    async def close(self) -> None:
        """Close the channel, behind the last ack.

        Raises:
            AmqpConnectionException: the connection was lost first.
        """
        if self._channel is not None:
            await self._channel.close()

    async def _cancel_consumers(self) -> None:
        channel = self._channel
        if channel is None or not self._consuming:
            return
        try:
            async with asyncio.timeout(CANCEL_TIMEOUT_S):
                for consumer in self._consumers:
                    await channel.cancel(consumer.tag)
        except (AmqpException, TimeoutError) as error:
            reason = str(error) or f"no answer within {CANCEL_TIMEOUT_S:g} s"
            self._logger.warning("Unable to cancel consumers [amqp]", reason=reason)

    async def _await_handlers(self) -> None:
        say_after, text = SAY_AWAITING_AFTER_S, "awaiting running tasks"
        while self._handling:
            await asyncio.wait(self._handling, timeout=say_after)
            if self._handling:
                self._logger.info(text, running=len(self._handling))
                say_after, text = SAY_AWAITING_AGAIN_S, "still awaiting running tasks"
