"""From an exchange to queues: bindings between exchanges, alternate exchanges, each queue once.

Source: https://www.rabbitmq.com/docs/e2e, https://www.rabbitmq.com/docs/ae
"""

from __future__ import annotations

from collections.abc import Mapping

from tomodachi_fakes.amqp.model.exchanges import Exchange
from tomodachi_fakes.amqp.model.message import Message


def route(
    exchanges: Mapping[str, Exchange], first: Exchange, routing_key: str, message: Message
) -> tuple[list[str], bool]:
    """Names of the queues a message reaches, in binding order, and whether headers decided."""
    queues: dict[str, None] = {}
    seen = {first.name}
    waiting = [first]
    by_headers = False
    while waiting:
        exchange = waiting.pop(0)
        by_headers = by_headers or exchange.router.needs_headers
        onward = []
        if exchange.name == "":
            # Only a message published to it finds its queues: as an alternate one it has no bindings.
            if exchange is first:
                queues[routing_key] = None
            continue
        headers = message.headers if exchange.router.needs_headers else {}
        found = exchange.router.match(routing_key, headers)
        for kind, name in found:
            if kind == "queue":
                queues[name] = None
            else:
                onward.append(name)
        if not found and exchange.alternate is not None:
            onward.append(exchange.alternate)
        for name in onward:
            if name not in seen and name in exchanges:
                seen.add(name)
                waiting.append(exchanges[name])
    return list(queues), by_headers
