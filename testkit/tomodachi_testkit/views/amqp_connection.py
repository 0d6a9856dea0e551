"""A client's connection to RabbitMQ, as a test sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A client's connection, as it was when it was looked at.

    Attributes:
        id: The broker's name for it.
        peer: The client's address.
        user: Who logged in.
        vhost: The virtual host.
        channels: How many channels are open.
        consumers: How many consumers it has.
        prefetch: The consumers' prefetch counts in all; 0 is no limit.
        unacked: Deliveries that are not acknowledged.
        blocked: Whether it was told `connection.blocked`.
    """

    id: str
    peer: str
    user: str
    vhost: str
    channels: int
    consumers: int
    prefetch: int
    unacked: int
    blocked: bool

    @staticmethod
    def of(facts: dict[str, Any]) -> ConnectionView:
        """From what the broker tells of a connection."""
        channels = facts["channels"]
        consumers = [consumer for channel in channels for consumer in channel["consumers"]]
        return ConnectionView(
            id=facts["id"],
            peer=facts["peer"],
            user=facts["user"] or "",
            vhost=facts["vhost"] or "",
            channels=len(channels),
            consumers=len(consumers),
            prefetch=sum(consumer["prefetch_count"] for consumer in consumers),
            unacked=sum(channel["messages_unacknowledged"] for channel in channels),
            blocked=bool(facts["blocked"]),
        )
