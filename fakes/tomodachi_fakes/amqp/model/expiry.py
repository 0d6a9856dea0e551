"""What time does to a queue: expired messages leave from its head, an unused queue goes.

Only the head can expire, in a priority queue as well: what waits behind it, waits. Where priorities are strict in
a quorum queue, each has a head of its own.

Source: https://www.rabbitmq.com/docs/ttl, /docs/priority#interaction-with-other-features
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.model.dead_letter import Reason

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.queue import Queue
    from tomodachi_fakes.amqp.model.timers import Timer


class Expiry:
    """The two timers of a queue: the head's end, and the end of the lease that use renews.

    Attributes:
        possible: The queue has held a message that can expire.
    """

    __slots__ = ("_head", "_lease", "_queue", "possible")

    def __init__(self, queue: Queue) -> None:
        self.possible = False
        self._queue = queue
        self._head: Timer | None = None
        self._lease: Timer | None = None

    def drop_due(self, now: float) -> None:
        """Drop heads whose time is over, and wait for the next one's."""
        queue, dues = self._queue, []
        for part in queue.ready.parts():
            due = None
            while part and (due := part.peek().expires_at) is not None and due <= now:
                queue.drop_head(Reason.EXPIRED, now, part)
            if part and due is not None:
                dues.append(due)
        self._wake_at(min(dues, default=None))

    def catch_up(self, now: float) -> None:
        """Drop what should have been dropped by now; what time has no eye on may be delivered late.

        A message that came to the head of a priority queue by its priority is such a one. Source: RabbitMQ 3.10.8,
        4.0.5 and 4.3.6.
        """
        if self._head is not None and self._head.due <= now:
            self.drop_due(now)

    def forget(self) -> None:
        """No message is there to wait for."""
        self._wake_at(None)

    def _wake_at(self, due: float | None) -> None:
        if self._head is not None and self._head.due != due:
            self._head.cancel()
            self._head = None
        if due is not None and self._head is None:
            timers = self._queue.vhost.timers
            self._head = timers.at(due, self._on_head_due, "ttl", self._queue.name)

    def _on_head_due(self, now: float) -> None:
        self._head = None
        self.drop_due(now)

    def renew_lease(self, now: float) -> None:
        """The queue is in use: its `x-expires` counts anew, while it exists and nobody consumes it."""
        if self._lease is not None:
            self._lease.cancel()
            self._lease = None
        queue = self._queue
        lease_ms = queue.rules.expires
        if lease_ms is not None and not len(queue.consumers) and not queue.deleted:
            due = now + lease_ms / 1000
            self._lease = queue.vhost.timers.at(due, self._on_lease_end, "expires", queue.name)

    def _on_lease_end(self, now: float) -> None:
        self._lease = None
        self._queue.vhost.delete_queue(self._queue, now, reason="expired")
