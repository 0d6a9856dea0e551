"""From an exchange to queues: bindings between exchanges, alternate exchanges, each queue once.

Source: https://www.rabbitmq.com/docs/e2e, https://www.rabbitmq.com/docs/ae
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tomodachi_fakes.amqp.model.exchanges import DELAYED, Destination, Exchange
from tomodachi_fakes.amqp.model.message import Message


class Way(NamedTuple):
    """Where a message goes.

    Attributes:
        queues: Names, in binding order.
        by_headers: Headers had a say: the next message with this key may go elsewhere.
        held: How many delayed exchanges hold it for later.
    """

    queues: list[str]
    by_headers: bool
    held: int


def route(
    exchanges: Mapping[str, Exchange],
    first: Exchange,
    routing_key: str,
    message: Message,
    hold: Callable[[Exchange, Message], bool],
) -> Way:
    """Follow a message from its first exchange on; `hold` keeps it in a delayed exchange that it asks to.

    What is held looks as if it matched no binding: an alternate exchange gets it at once.
    """
    queues: dict[str, None] = {}
    seen = {first.name}
    waiting = [first]
    by_headers, held = False, 0
    while waiting:
        exchange = waiting.pop(0)
        by_headers = by_headers or exchange.router.needs_headers or exchange.kind == DELAYED
        if exchange.name == "":
            # Only a message published to it finds its queues: as an alternate one it has no bindings.
            if exchange is first:
                queues[routing_key] = None
            continue
        holds = exchange.kind == DELAYED and hold(exchange, message)
        held += holds
        found = [] if holds else _match(exchange, routing_key, message)
        queues |= dict.fromkeys(name for kind, name in found if kind == "queue")
        onward = [name for kind, name in found if kind == "exchange"]
        if not found and exchange.alternate is not None:
            onward.append(exchange.alternate)
        for name in onward:
            if name not in seen and name in exchanges:
                seen.add(name)
                waiting.append(exchanges[name])
    return Way(list(queues), by_headers, held)


def _match(exchange: Exchange, routing_key: str, message: Message) -> list[Destination]:
    headers = message.headers if exchange.router.needs_headers else {}
    return exchange.router.match(routing_key, headers)
