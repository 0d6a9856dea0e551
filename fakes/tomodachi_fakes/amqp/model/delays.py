"""What `x-delayed-message` exchanges hold until it is due, wherever on its way a message meets one.

The delay is the header `x-delay`, in milliseconds. A message that was held carries it with a minus sign, so that
no delayed exchange holds it again. What is due when its exchange is gone is lost.

Source: https://github.com/rabbitmq/rabbitmq-delayed-message-exchange
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tomodachi_fakes.amqp.fields import INTEGERS, Field
from tomodachi_fakes.amqp.model.message import Message

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.exchanges import Exchange
    from tomodachi_fakes.amqp.model.timers import Timer
    from tomodachi_fakes.amqp.model.vhost import Vhost

_HEADER = "x-delay"


class Delayed(NamedTuple):
    """A message, the exchange that holds it, and when it is due (Unix seconds)."""

    exchange: str
    message: Message
    due: float


class Delays:
    """The delayed messages of one virtual host."""

    __slots__ = ("_held", "_vhost")

    def __init__(self, vhost: Vhost) -> None:
        self._vhost = vhost
        # By exchange and identity: the same message may reach an exchange by several ways, and is held once.
        self._held: dict[tuple[str, int], tuple[Delayed, Timer]] = {}

    def __iter__(self) -> Iterator[Delayed]:
        """What is held, in the order it came."""
        return (delayed for delayed, _ in self._held.values())

    def hold(self, exchange: Exchange, message: Message, now: float) -> bool:
        """Hold a message that asks for it; whether this exchange holds it."""
        field = message.headers.get(_HEADER)
        if field is None or field.type not in INTEGERS or field.value <= 0:
            return False
        if (exchange.name, id(message)) not in self._held:
            self.put(Delayed(exchange.name, message, now + field.value / 1000))
        return True

    def put(self, delayed: Delayed) -> None:
        """Hold a message until it is due."""
        vhost, key = self._vhost, (delayed.exchange, id(delayed.message))
        timer = vhost.timers.at(delayed.due, partial(self._release, key), "delay")
        self._held[key] = delayed, timer
        vhost.usage.add(delayed.message.octets)

    def forget(self) -> None:
        """The virtual host is deleted, or becomes another."""
        for delayed, timer in self._held.values():
            timer.cancel()
            self._vhost.usage.add(-delayed.message.octets)
        self._held.clear()

    def _release(self, key: tuple[str, int], now: float) -> None:
        delayed, _ = self._held.pop(key)
        self._vhost.usage.add(-delayed.message.octets)
        exchange = self._vhost.exchanges.get(delayed.exchange)
        if exchange is not None:
            self._vhost.publish(exchange, _no_longer_delayed(delayed.message), now=now)


def _no_longer_delayed(message: Message) -> Message:
    headers = message.headers
    field = headers[_HEADER]
    released = Message(
        message.exchange,
        message.routing_keys,
        message.route,
        message.with_headers({**headers, _HEADER: Field(field.type, -field.value)}),
        message.body,
        message.number,
    )
    released.cause, released.hidden_keys = message.cause, message.hidden_keys
    released.failures, released.is_letter = message.failures, message.is_letter
    return released
