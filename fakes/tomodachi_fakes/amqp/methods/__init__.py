"""What each method on a channel does; the table maps method names to handlers."""

from __future__ import annotations

from collections.abc import Callable

from tomodachi_fakes.amqp.methods import (
    basic_acknowledge,
    basic_consume,
    channel_methods,
    exchange,
    queue,
    tx,
)

# A handler takes the channel and the method's arguments in wire order; see spec.py for their types.
Handler = Callable[..., None]

HANDLERS: dict[str, Handler] = {
    **channel_methods.HANDLERS,
    **exchange.HANDLERS,
    **queue.HANDLERS,
    **basic_consume.HANDLERS,
    **basic_acknowledge.HANDLERS,
    **tx.HANDLERS,
}
