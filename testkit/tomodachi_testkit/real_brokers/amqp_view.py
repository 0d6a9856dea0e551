"""The view of a real RabbitMQ: publish and declare, and see what services of this process published.

A broker cannot be looked into without changing what is there, so everything else is refused, and the
plugin makes a skip of that.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from tomodachi_fakes.amqp.properties import decode_properties
from tomodachi_testkit.errors import NotOnRealBrokers
from tomodachi_testkit.messages import Message
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.views.amqp import FakeAMQP
from tomodachi_testkit.views.amqp_connection import ConnectionView
from tomodachi_testkit.views.decode import payload_of
from tomodachi_testkit.views.names import find, without_prefix

if TYPE_CHECKING:
    from tomodachi.helpers.observer import PublishedMessage
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.real_brokers.rabbitmq import RabbitMQ
    from tomodachi_testkit.running import Running

__tracebackhide__ = hides


class RealAMQP(FakeAMQP):
    """RabbitMQ as far as it can be seen from outside."""

    def __init__(self, harness: Harness, rabbitmq: RabbitMQ) -> None:
        super().__init__(harness)
        self._rabbitmq = rabbitmq

    @property
    def connections(self) -> NoReturn:
        """Refused: the connections of a real broker are everybody's."""
        raise NotOnRealBrokers("amqp.connections")

    def queue(self, name: str, vhost: str = "/") -> NoReturn:
        """Refused: the messages of a real queue cannot be looked at."""
        what = f"amqp.queue({name!r})"
        raise NotOnRealBrokers(what)

    async def declare_exchange(
        self,
        name: str,
        kind: str = "topic",
        *,
        durable: bool = True,
        arguments: dict[str, Any] | None = None,
        vhost: str = "/",
    ) -> str:
        """Declare an exchange; see `FakeAMQP.declare_exchange`."""
        del vhost  # the test has one
        return await self._rabbitmq.declare_exchange(
            name, kind, durable=durable, arguments=arguments or {}
        )

    async def declare_queue(
        self,
        name: str,
        *,
        durable: bool = True,
        arguments: dict[str, Any] | None = None,
        vhost: str = "/",
    ) -> str:
        """Declare a queue; see `FakeAMQP.declare_queue`."""
        del vhost
        return await self._rabbitmq.declare_queue(name, durable=durable, arguments=arguments or {})

    async def bind(
        self,
        queue: str,
        exchange: str,
        routing_key: str = "",
        *,
        arguments: dict[str, Any] | None = None,
        vhost: str = "/",
    ) -> None:
        """Bind a queue; see `FakeAMQP.bind`."""
        del vhost
        known = [(name, name) for name in self._own_queues()]
        full = find("AMQP queue", queue, self._prefixes("queue_name_prefix"), known)
        await self._rabbitmq.bind(full, exchange, routing_key, arguments or {})

    def _own_queues(self) -> set[str]:
        """The queues that the test declared, and those that its services consume."""
        from tomodachi.helpers.handler_entries import entries_of

        entries = [e for context in self._harness.starter.contexts for e in entries_of(context)]
        return self._rabbitmq.queues | {e.detail["queue"] for e in entries if "queue" in e.detail}

    def _prefixes(self, option: str) -> list[str]:
        return [self._rabbitmq.prefix, *super()._prefixes(option)]

    async def _publish(
        self, exchange: str, key: str, body: bytes, properties: dict[str, Any], vhost: str
    ) -> Message:
        del vhost
        await self._rabbitmq.publish(exchange, key, body, properties)
        return self._keep(exchange, key, body, properties)

    def note(self, message: PublishedMessage) -> None:
        """A service published."""
        properties = dict(decode_properties(_HEADER + message.header)) if message.header else {}
        self._keep(message.destination, message.routing_key, _octets(message.body), properties)

    def _keep(self, exchange: str, key: str, body: bytes, properties: dict[str, Any]) -> Message:
        found = payload_of(body)
        rest = {name: value for name, value in properties.items() if name != "headers"}
        message = Message(
            data=found.data,
            topic=without_prefix(key, self._prefixes("routing_key_prefix")),
            exchange=exchange,
            body=body,
            attributes=dict(properties.get("headers") or {}),
            properties=rest,
            correlation_id=rest.get("correlation_id") or found.message_uuid,
            at=datetime.now(UTC),
        )
        self._published.append(message)
        return message

    def __contains__(self, name: str) -> NoReturn:
        """Refused: a broker has to be asked."""
        what = f"{name!r} in amqp"
        raise NotOnRealBrokers(what)

    def __iter__(self) -> NoReturn:
        """Refused, as one of them is."""
        what = "iter(amqp)"
        raise NotOnRealBrokers(what)

    async def drop_connections(self, service: Running[Any] | None = None) -> NoReturn:
        """Refused: a real broker's connections are not ours to cut."""
        raise NotOnRealBrokers("amqp.drop_connections")

    def block(self, seconds: float) -> NoReturn:
        """Refused: a real broker has no memory alarm to sound."""
        raise NotOnRealBrokers("faults.block_connection")

    def open_connections(self) -> list[ConnectionView]:
        """None that could be told apart from other people's."""
        return []

    def work(self, names: tuple[str, ...] = ()) -> list[str]:
        """Nothing that could be told without asking the broker; `drain` asks."""
        return []


# Class, weight and body size, which the runtime's own form of properties leaves out.
_HEADER = b"\x00\x3c\x00\x00" + bytes(8)


def _octets(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body
