"""What clients do to the broker, step by step, with what the model makes of it: parts of the rules.

Source: AMQP 0-9-1 spec; https://www.rabbitmq.com/docs/publishers, /docs/exchanges
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_testkit.machines.amqp_model import Consumer
from tomodachi_testkit.machines.amqp_scene import CHANNELS, CONFIRMING, Address, AMQPScene
from tomodachi_testkit.machines.amqp_wire import publish_octets
from tomodachi_testkit.machines.routing_model import matches


class AMQPSteps(AMQPScene):
    """Steps that rules are put together from."""

    def _bind(self, queue: str, name: str, key: int, headers: int, *, undo: bool) -> None:
        arguments = pick(self.binding_headers, headers) if self.exchanges[name] == "headers" else {}
        binding_key = pick(self.binding_keys, key)
        binding = (name, queue, binding_key, repr(arguments))
        table = typed_table(arguments)
        names = (0, queue, name, binding_key)
        if undo:
            self._send(CHANNELS[0], "queue.unbind", *names, table)
            self.bindings.pop(binding, None)
        else:
            self._send(CHANNELS[0], "queue.bind", *names, False, table)
            self.bindings[binding] = arguments
        self._settle()

    def _routes(self, exchange: str, key: str, headers: dict[str, Any]) -> list[str]:
        if not exchange:
            return [key] if key in self.queues else []
        kind = self.exchanges[exchange]
        found = {
            queue: None
            for (name, queue, binding_key, _), arguments in self.bindings.items()
            if name == exchange and matches(kind, binding_key, arguments, key, headers)
        }
        return list(found)

    def _publish(
        self,
        channel: Address,
        exchange: str,
        key: str,
        *,
        mandatory: bool = False,
        headers: dict[str, Any] | None = None,
        ttl_ms: int | None = None,
        priority: int | None = None,
    ) -> None:
        ttl_ms = None if ttl_ms is None else ttl_ms * self.lasts
        properties: dict[str, Any] = {
            "headers": headers or None,
            "expiration": None if ttl_ms is None else str(ttl_ms),
            "priority": priority,
        }
        given = {name: value for name, value in properties.items() if value is not None}
        octets = self._expect(
            channel, exchange, key, headers or {}, given, ttl_ms=ttl_ms, mandatory=mandatory
        )
        self.clients[channel[0]].raw(octets, now=self.now)
        self._settle()

    def _expect(
        self,
        channel: Address,
        exchange: str,
        key: str,
        headers: dict[str, Any],
        properties: dict[str, Any],
        *,
        ttl_ms: int | None = None,
        mandatory: bool = False,
    ) -> bytes:
        """Let the model take a publish; returns its octets."""
        self.published += 1
        body = f"m{self.published}"
        routes = self._routes(exchange, key, headers)
        accepted = True
        for queue in routes:
            taken = self.model.arrive(
                queue,
                body,
                now=self.now,
                ttl_ms=ttl_ms,
                priority=properties.get("priority", 0),
                origin=(exchange, key),
            )
            accepted = accepted and taken
            if self.model.overflow(queue):
                self.model.expire(queue, self.now, spare={body})
        self.model.deliver_letters(self.now)
        if channel in CONFIRMING:
            self.sequence[channel] += 1
            self.unconfirmed[channel][self.sequence[channel]] = accepted
        if mandatory and not routes:
            self.returned.append(body)
        return publish_octets(
            channel[1], exchange, key, body.encode(), mandatory=mandatory, **properties
        )

    def _consume(self, channel: Address, queue: str, *, no_ack: bool) -> None:
        self.made += 1
        tag = f"c{self.made}"
        consumer = Consumer(channel, tag, queue, self.prefetch[channel], no_ack)
        self.model.begin(consumer)
        flags = (False, no_ack, False, False)
        self._send(channel, "basic.consume", 0, queue, tag, *flags, {})
        self._settle()

    def _consumed(self, channel: Address) -> set[str]:
        return {c.queue for c in self.model.consumers if c.channel == channel}

    def _may_consume(self, channel: Address, queue: str) -> bool:
        is_first = self._consumed(channel) <= {queue}
        return is_first or not self.keeps_clear(
            "rabbitmq", "basic.consume", "several queues on a channel"
        )

    def _qos(self, channel: Address, count: int) -> None:
        self.prefetch[channel] = count
        self._send(channel, "basic.qos", 0, count, False)
        self._settle()

    def _get(self, channel: Address, which: int, *, no_ack: bool) -> None:
        queue = pick(self.queues, which)
        self.got = (queue, no_ack)
        self.model.expire(queue, self.now)
        expects = bool(self.model.ready[queue])
        self._send(channel, "basic.get", 0, queue, no_ack)
        names = self._settle()
        assert ("basic.get-ok" if expects else "basic.get-empty") in names, names

    def _purge(self, queue: str) -> None:
        self.model.purge(queue)
        self._send(CHANNELS[0], "queue.purge", 0, queue, False)
        self._settle()


def pick(items: Any, which: int) -> Any:
    """One of the items, whatever number was drawn."""
    found = list(items)
    return found[which % len(found)]
