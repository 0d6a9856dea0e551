"""RabbitMQ as a test sees it: queues to look into or declare, connections to drop, ways to publish."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import plain_table, typed_table
from tomodachi_fakes.amqp.model.exchanges import binding_of
from tomodachi_fakes.amqp.model.message import Message as CoreMessage
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.messages import Message, MessageList
from tomodachi_testkit.promises import promised
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.views import envelope as envelopes
from tomodachi_testkit.views.amqp_connection import ConnectionView
from tomodachi_testkit.views.amqp_queue import AmqpQueue
from tomodachi_testkit.views.decode import payload_of
from tomodachi_testkit.views.names import find, full_names, without_prefix

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.model.exchanges import Exchange
    from tomodachi_fakes.amqp.model.message import Entry
    from tomodachi_fakes.amqp.model.queue import Queue as CoreQueue
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.events import Event as BrokerEvent
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.running import Running

__tracebackhide__ = hides

_PERSISTENT = 2


class FakeAMQP:
    """The broker: `svc.amqp.queue("name")`, `svc.amqp.connections`, `svc.amqp.published`."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._published: list[Message] = []
        self._settled: dict[tuple[str, str], list[Message]] = {}
        self._unrouted: list[str] = []
        self._consumed: set[tuple[str, str]] = set()

    @property
    def published(self) -> MessageList:
        """Everything that was published in this test, oldest first."""
        return MessageList(self._published, "published messages")

    @property
    def connections(self) -> list[ConnectionView]:
        """The clients that are connected, oldest first."""
        return [ConnectionView.of(facts) for facts in self._broker().describe_connections()]

    def queue(self, name: str, vhost: str = "/") -> AmqpQueue:
        """The queue of that name, with or without a service's prefix.

        Raises:
            NoSuchName: there is none.
        """
        known = [(queue.name, queue) for queue in self._queues() if queue.vhost.name == vhost]
        return AmqpQueue(self, find("AMQP queue", name, self._prefixes("queue_name_prefix"), known))

    def __contains__(self, name: str) -> bool:
        """Whether there is a queue of that name, in any virtual host."""
        names = {queue.name for queue in self._queues()}
        return not names.isdisjoint(full_names(name, self._prefixes("queue_name_prefix")))

    def __iter__(self) -> Iterator[AmqpQueue]:
        """Every queue of every virtual host."""
        return (AmqpQueue(self, queue) for queue in self._queues())

    @promised
    async def publish(
        self,
        exchange: str,
        routing_key: str,
        data: Any,
        *,
        expiration: timedelta | int | str | None = None,
        envelope: Any = envelopes.SERVICES,
        vhost: str = "/",
        **properties: Any,
    ) -> Message:
        """Publish a message.

        Args:
            exchange: The exchange; "" is the default one.
            routing_key: The routing key; prefixes of services are not added.
            data: The data; put into the envelope. Octets are published as they are.
            expiration: After how long an unconsumed message expires; a number is milliseconds.
            envelope: An envelope class, or None to publish `data` as it is: text verbatim,
                anything else as JSON.
            vhost: The virtual host.
            **properties: AMQP properties by name (`headers`, `priority`, `correlation_id`, ...).

        Raises:
            NoSuchName: there is no such exchange.
        """
        body = await self._body(routing_key, data, envelope)
        properties.setdefault("delivery_mode", _PERSISTENT)
        if expiration is not None:
            properties["expiration"] = str(milliseconds(expiration))
        return await self._publish(exchange, routing_key, body, properties, vhost)

    @promised
    async def declare_exchange(
        self,
        name: str,
        kind: str = "topic",
        *,
        durable: bool = True,
        arguments: dict[str, Any] | None = None,
        vhost: str = "/",
    ) -> str:
        """Declare an exchange that no service declares.

        Args:
            name: Its name.
            kind: "topic", "direct", "fanout", "headers", or one of a plugin's.
            durable: Whether it outlives a restart of the broker.
            arguments: `alternate-exchange` and the like.
            vhost: The virtual host.

        Returns:
            Its name.

        Raises:
            AmqpError: RabbitMQ refuses, or there is another exchange of that name (406).
        """
        self._vhost(vhost).declare_exchange(
            name,
            kind,
            durable=durable,
            auto_delete=False,
            internal=False,
            arguments=typed_table(arguments or {}),
        )
        return name

    @promised
    async def declare_queue(
        self,
        name: str,
        *,
        durable: bool = True,
        arguments: dict[str, Any] | None = None,
        vhost: str = "/",
    ) -> str:
        """Declare a queue that no service declares; the default exchange routes to it by its name.

        Args:
            name: Its full name.
            durable: Whether it outlives a restart of the broker.
            arguments: `x-message-ttl`, `x-dead-letter-exchange`, `x-queue-type` and the like.
            vhost: The virtual host.

        Returns:
            Its name; on real brokers the test's own prefix may stand before it.

        Raises:
            AmqpError: RabbitMQ refuses, or there is another queue of that name (406).
        """
        self._vhost(vhost).declare_queue(
            name,
            durable=durable,
            auto_delete=False,
            exclusive=False,
            connection_id="",
            arguments=typed_table(arguments or {}),
            now=self._now(),
        )
        return name

    @promised
    async def bind(
        self,
        queue: str,
        exchange: str,
        routing_key: str = "",
        *,
        arguments: dict[str, Any] | None = None,
        vhost: str = "/",
    ) -> None:
        """Let a queue have what is published to an exchange.

        Args:
            queue: The queue, with or without a service's prefix.
            exchange: The exchange.
            routing_key: The key or pattern; prefixes of services are not added.
            arguments: What a headers exchange compares.
            vhost: The virtual host.

        Raises:
            NoSuchName: there is no such queue, or no such exchange.
            AmqpError: RabbitMQ refuses.
        """
        host, name = self._vhost(vhost), self.queue(queue, vhost).name
        binding = binding_of("queue", name, routing_key, typed_table(arguments or {}))
        host.bind(self._exchange(host, exchange), binding)

    async def _publish(
        self, exchange: str, key: str, body: bytes, properties: dict[str, Any], vhost: str
    ) -> Message:
        self._exchange(self._vhost(vhost), exchange)
        routed = self._broker().publish(
            exchange, key, body, now=self._now(), vhost=vhost, **properties
        )
        self._flush()
        if not routed.queues:
            where = f"exchange {exchange!r} with routing key {key!r}"
            self._unrouted.append(f"no queue took what the test published to {where}")
        return self.published[-1]

    async def _body(self, routing_key: str, data: Any, envelope: Any) -> bytes:
        if isinstance(data, bytes) and (envelope is None or envelope is envelopes.SERVICES):
            return data
        return (await envelopes.build(self._harness, routing_key, data, envelope)).encode()

    @promised
    async def drop_connections(self, service: Running[Any] | None = None) -> int:
        """Cut the TCP connections of a service, or of everybody, without a word.

        Returns:
            How many were cut.
        """
        wanted = None if service is None else self._harness.addresses_of(service)
        victims = [
            facts["id"]
            for facts in self._broker().describe_connections()
            if wanted is None or facts["peer"] in wanted
        ]
        for conn_id in victims:
            self._broker().drop_connection(conn_id, now=self._now(), how="reset")
        self._flush()
        await self._harness.settle()
        return len(victims)

    def block(self, seconds: float) -> None:
        """Sound the memory alarm for `seconds`: publishers are told, and held."""
        self._broker().block_connections(now=self._now(), seconds=seconds)
        self._flush()

    # --- for the harness ------------------------------------------------------------------------

    def watch(self, event: BrokerEvent, payload: object) -> None:
        """Keep what is published and what is acknowledged, as it was then."""
        if event.service != "amqp":
            return
        if event.kind == "consuming":
            self._consumed.add((str(event.detail.get("vhost", "/")), event.subject))
        if not isinstance(payload, CoreMessage):
            return
        if event.kind == "published":
            self._published.append(self.message(payload, at=event.at))
        elif event.kind == "acked":
            vhost = str(event.detail.get("vhost", "/"))
            message = self.message(payload, queue=event.subject, at=event.at)
            self._settled.setdefault((vhost, event.subject), []).append(message)

    def forget_consumers(self) -> None:
        """A service stopped: who consumes what has to be seen anew."""
        self._consumed.clear()

    def acked(self, queue: CoreQueue) -> MessageList:
        """What consumers acknowledged of a queue, in the order they did."""
        found = self._settled.get((queue.vhost.name, queue.name), ())
        return MessageList(found, f"acknowledged messages of {queue.name}")

    def work(self, names: tuple[str, ...] = ()) -> list[str]:
        """What is left to handle, described: unacknowledged, ready, or about to be dead-lettered."""
        prefixes = self._prefixes("queue_name_prefix")
        wanted = {full for name in names for full in full_names(name, prefixes)}
        queues = self._queues()
        # A consumer that lost its connection comes back: its queue counts until its service stops.
        self._consumed |= {_key(queue) for queue in queues if len(queue.consumers)}
        watched = [queue for queue in queues if not names or queue.name in wanted]
        return [line for queue in watched for line in self._work_in(queue)]

    def _work_in(self, queue: CoreQueue) -> Iterator[str]:
        if queue.unacked:
            yield f"{len(queue.unacked)} unacknowledged in {queue.name}"
        ready = len(queue.ready)
        if ready and _key(queue) in self._consumed and self._harness.services_run:
            yield f"{ready} ready in {queue.name}"
        elif ready and queue.rules.dead_letter_exchange is not None:
            expiring = sum(entry.expires_at is not None for entry in queue.ready)
            if expiring:
                yield f"{expiring} about to be dead-lettered in {queue.name}"

    def held(self) -> list[str]:
        """Deliveries that nobody acknowledged, described."""
        return [
            f"message {entry.message.message_id} of {queue.name}"
            for queue in self._queues()
            for _, entry in sorted(queue.unacked.items())
        ]

    def open_connections(self) -> list[ConnectionView]:
        """Connections that are open; none where the harness has not started."""
        return self.connections if self._harness.started_broker is not None else []

    def seen(self) -> dict[str, Any]:
        """What was published and acknowledged, for a snapshot."""
        return {
            "published": list(self._published),
            "settled": {key: list(messages) for key, messages in self._settled.items()},
            "unrouted": list(self._unrouted),
        }

    def see_again(self, seen: dict[str, Any]) -> None:
        """Go back to what `seen` gave."""
        self._published = list(seen["published"])
        self._settled = {key: list(messages) for key, messages in seen["settled"].items()}
        self._unrouted = list(seen["unrouted"])

    def unrouted(self) -> list[str]:
        """What the test published and no queue took, described."""
        return list(self._unrouted)

    def message(
        self,
        core: CoreMessage,
        *,
        queue: str = "",
        entry: Entry | None = None,
        at: float | None = None,
    ) -> Message:
        """A message as a test sees it."""
        found = payload_of(core.body)
        properties = core.properties
        headers = plain_table(properties.pop("headers", None) or {})
        if entry is not None:
            properties["redelivered"] = entry.redelivered
        return Message(
            data=found.data,
            topic=without_prefix(core.routing_key, self._prefixes("routing_key_prefix")),
            queue=without_prefix(queue, self._prefixes("queue_name_prefix")),
            exchange=core.exchange,
            body=core.body,
            attributes=headers,
            properties=properties,
            message_id=core.message_id,
            correlation_id=properties.get("correlation_id") or found.message_uuid,
            at=None if at is None else datetime.fromtimestamp(at, UTC),
        )

    def _broker(self) -> Broker:
        broker = self._harness.broker.amqp
        if broker is None:
            msg = "the harness was started without RabbitMQ."
            raise TestkitError(msg)
        return broker

    def _vhost(self, name: str) -> Vhost:
        return self._broker().vhost(name)

    @staticmethod
    def _exchange(host: Vhost, name: str) -> Exchange:
        return find("exchange", name, (), list(host.exchanges.items()))

    def _flush(self) -> None:
        self._harness.broker.flush_amqp()

    def _now(self) -> float:
        return self._harness.clock.unix()

    def _queues(self) -> list[Any]:
        started = self._harness.started_broker
        if started is None or started.amqp is None:
            return []
        return [
            queue
            for vhost in started.amqp.vhosts.values()
            for queue in vhost.queues.values()
            if hasattr(queue, "unacked")  # streams are logs: nothing in them is taken or settled
        ]

    def _prefixes(self, option: str) -> list[str]:
        values = (running.service.options[f"amqp.{option}"] for running in self._harness.running)
        return list(dict.fromkeys(value for value in values if value))


def _key(queue: CoreQueue) -> tuple[str, str]:
    return queue.vhost.name, queue.name


def milliseconds(expiration: timedelta | int | str) -> int | str:
    """A time to live as AMQP wants it; numbers and texts are milliseconds already."""
    if isinstance(expiration, timedelta):
        return round(expiration / timedelta(milliseconds=1))
    return expiration
