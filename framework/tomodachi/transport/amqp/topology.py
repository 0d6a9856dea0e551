"""What a consumer needs on the broker, and making it: exchange, queue and binding.

Declaring is repeated after every reconnect; what exists already as declared is left as it is. Two
refusals get exceptions of their own: a queue locked by another connection, and a queue for one
consumer that has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tomodachi.transport.amqp.connection import Channel
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpException,
    AmqpExclusiveQueueLockedException,
    AmqpTooManyConsumersException,
)
from tomodachi.transport.amqp.settings import DEFAULT_EXCHANGE

ACCESS_REFUSED = 403
RESOURCE_LOCKED = 405
TYPE_DIFFERS = (406, 507)


@dataclass(frozen=True, slots=True)
class Topology:
    """One consumer's exchange, queue and binding, under the names they have on the broker.

    Attributes:
        exchange_name: A topic exchange; `amq.topic` is there already.
        queue_name: A durable queue.
        binding_key: Encoded pattern, with prefix.
        competing: Whether the queue may have other consumers.
        queue_ttl_ms: Milliseconds after which an unused queue is deleted; 0 keeps it.
    """

    exchange_name: str
    queue_name: str
    binding_key: str
    competing: bool
    queue_ttl_ms: int

    @property
    def queue_arguments(self) -> dict[str, Any]:
        """Arguments of `queue.declare`.

        Source: https://www.rabbitmq.com/docs/ttl#queue-ttl
        """
        return {"x-expires": self.queue_ttl_ms} if self.queue_ttl_ms else {}


async def declare(channel: Channel, topology: Topology, *, first_time: bool) -> None:
    """Make sure that exchange, queue and binding exist.

    Args:
        channel: Closed by the broker if it refuses.
        topology: What to declare.
        first_time: Whether a consumer on a non-competing queue can't be our own. After a reconnect
            the broker may still hold the consumer of the lost connection.

    Raises:
        AmqpException: the broker refuses; the text says what and why.
        AmqpExclusiveQueueLockedException: the queue is another connection's alone.
        AmqpTooManyConsumersException: the queue is not for competing consumers and has one.
        AmqpConnectionException: the connection was lost meanwhile.
    """
    await _declare_exchange(channel, topology.exchange_name)
    consumers = await _declare_queue(channel, topology)
    if first_time and consumers and not topology.competing:
        # Upstream's words, and what to do.
        msg = (
            f'Max consumers (1) for queue [amqp] "{topology.queue_name}" has been reached: it is not '
            "for competing ones. Pass competing=True if several processes shall share its messages."
        )
        raise AmqpTooManyConsumersException(msg)
    try:
        await channel.bind_queue(topology.queue_name, topology.exchange_name, topology.binding_key)
    except AmqpChannelClosed as error:
        msg = f"Unable to bind queue [amqp] '{topology.queue_name}' ({error})"
        raise AmqpException(msg) from error


async def _declare_exchange(channel: Channel, name: str) -> None:
    if name == DEFAULT_EXCHANGE:
        return
    try:
        await channel.declare_exchange(name, "topic")
    except AmqpChannelClosed as error:
        msg = f"{_exchange_trouble(name, error.reply_code)} ({error})"
        raise AmqpException(msg) from error


def _exchange_trouble(name: str, reply_code: int) -> str:
    """In upstream's words, which operators look for."""
    if reply_code in TYPE_DIFFERS:
        return f'Unable to change type of existing exchange [amqp] "{name}"'
    reserved = reply_code == ACCESS_REFUSED and name.startswith("amq.")
    why = ', starts with reserved "amq."' if reserved else ""
    return f'Unable to declare exchange [amqp] "{name}"{why}'


async def _declare_queue(channel: Channel, topology: Topology) -> int:
    name = topology.queue_name
    try:
        declared = await channel.declare_queue(name, topology.queue_arguments)
    except AmqpChannelClosed as error:
        if error.reply_code == RESOURCE_LOCKED:
            msg = f"Unable to declare exclusive queue [amqp] '{name}' ({error})"
            raise AmqpExclusiveQueueLockedException(msg) from error
        msg = f"Unable to declare queue [amqp] '{name}' ({error})"
        raise AmqpException(msg) from error
    return declared.consumers
