"""What people and tests are told of a queue or stream, as plain facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import plain_table

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.queue import Queue
    from tomodachi_fakes.amqp.model.stream import Stream


def describe(queue: Queue | Stream, *, unacknowledged: int) -> dict[str, Any]:
    """Its name, type, flags, arguments and counts."""
    return {
        "name": queue.name,
        "vhost": queue.vhost.name,
        "type": queue.kind,
        "durable": queue.durable,
        "auto_delete": queue.auto_delete,
        "exclusive": queue.owner is not None,
        "arguments": plain_table(queue.arguments),
        "messages_ready": queue.message_count,
        "messages_unacknowledged": unacknowledged,
        "consumers": len(queue.consumers),
    }
