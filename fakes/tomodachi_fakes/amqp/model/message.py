"""A published message, and its place in one queue.

A message is shared by every queue it was routed to and never changes; its header and body stay the
octets that the publisher sent. What differs by queue is in `Entry`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tomodachi_fakes.amqp.codec import shortstr
from tomodachi_fakes.amqp.fields import Table, plain_table
from tomodachi_fakes.amqp.properties import (
    EXPIRATION,
    PRIORITY,
    decode_properties,
    encode_header,
    flags_of,
    headers_of,
)

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.source import Source


# Octets that a message takes in one queue besides header and body, as benchmarks/bench_amqp_start.py shows.
_OVERHEAD = 700


class Message:
    """What was published.

    Attributes:
        exchange: Exchange it was published to.
        routing_keys: The publisher's routing key, then those of CC and BCC.
        route: Exchange and first routing key as `basic.deliver` carries them.
        header: Payload of the content header frame.
        body: The body.
        number: The broker's own number of the message.
        cause: `seq` of the event that published it.
        hidden_keys: Routing keys that came from BCC: never shown to consumers.
        failures: Of a letter: how often it was delivered in vain before, as the release counts (from 4.0 on).
        is_letter: It was dead-lettered: the deaths in its headers are the broker's own record.
    """

    __slots__ = (
        "body",
        "cause",
        "exchange",
        "failures",
        "header",
        "hidden_keys",
        "is_letter",
        "number",
        "route",
        "routing_keys",
    )

    def __init__(
        self,
        exchange: str,
        routing_keys: tuple[str, ...],
        route: bytes,
        header: bytes,
        body: bytes,
        number: int,
    ) -> None:
        self.exchange = exchange
        self.routing_keys = routing_keys
        self.route = route
        self.header = header
        self.body = body
        self.number = number
        self.cause: int | None = None
        self.hidden_keys: tuple[str, ...] = ()
        self.failures = 0
        self.is_letter = False

    @property
    def routing_key(self) -> str:
        """The publisher's routing key."""
        return self.routing_keys[0]

    @property
    def octets(self) -> int:
        """What it counts for against the memory limit, in one queue."""
        return len(self.header) + len(self.body) + _OVERHEAD

    @property
    def message_id(self) -> str:
        """The broker's id, as events name it."""
        return f"amqp-{self.number}"

    @property
    def properties(self) -> dict[str, Any]:
        """The properties, decoded anew; headers as a Table."""
        return decode_properties(self.header)

    @property
    def headers(self) -> Table:
        """The headers table; empty when there is none."""
        return headers_of(self.header)

    def expiration_ms(self) -> int | None:
        """The message's own time to live."""
        if not flags_of(self.header) & EXPIRATION:
            return None
        return int(self.properties["expiration"])

    def priority(self, default: int = 0) -> int:
        """The priority property."""
        if not flags_of(self.header) & PRIORITY:
            return default
        value: int = self.properties["priority"]
        return value

    def with_headers(self, headers: Table) -> bytes:
        """A content header payload like this message's, with other headers."""
        return encode_header(len(self.body), {**self.properties, "headers": headers})


def route_octets(exchange: str, routing_key: str) -> bytes:
    """Exchange and routing key as `basic.deliver` carries them."""
    return shortstr(exchange) + shortstr(routing_key)


class EntryState(NamedTuple):
    """What a queue knows of a message besides what was published; see `Entry`.

    Attributes:
        arrived_at: Unix seconds; streams keep it, for offsets and retention by age.
    """

    redelivered: bool = False
    expires_at: float | None = None
    delivery_count: int = 0
    acquired_count: int = 0
    arrived_at: float = 0.0


class Entry:
    """A message in one queue.

    Attributes:
        message: What was published.
        queue: Where it is.
        position: Its place in the order of arrival; a requeue returns it there.
        redelivered: It was delivered before.
        expires_at: Unix seconds, or None.
        delivery_count: How often a quorum queue delivered it in vain.
        acquired_count: How often a consumer had it (RabbitMQ 4.3).
        cause: `seq` of the last event about it.
    """

    __slots__ = (
        "acquired_count",
        "cause",
        "delivery_count",
        "expires_at",
        "message",
        "position",
        "queue",
        "redelivered",
    )

    def __init__(
        self, message: Message, queue: Source, position: int, expires_at: float | None
    ) -> None:
        self.message = message
        self.queue = queue
        self.position = position
        self.expires_at = expires_at
        self.redelivered = False
        self.delivery_count = 0
        self.acquired_count = 0
        self.cause: int | None = None

    def __lt__(self, other: Entry) -> bool:
        return self.position < other.position

    @property
    def state(self) -> EntryState:
        """What a snapshot keeps."""
        return EntryState(
            self.redelivered, self.expires_at, self.delivery_count, self.acquired_count
        )

    def resume(self, state: EntryState) -> None:
        """Go on from a snapshot."""
        self.redelivered, self.expires_at = state.redelivered, state.expires_at
        self.delivery_count, self.acquired_count = state.delivery_count, state.acquired_count

    def describe(self) -> dict[str, Any]:
        """Plain facts for people and tests."""
        properties = self.message.properties
        if "headers" in properties:
            properties["headers"] = plain_table(properties["headers"])
        return {
            "message_id": self.message.message_id,
            "exchange": self.message.exchange,
            "routing_key": self.message.routing_key,
            "redelivered": self.redelivered,
            "expires_at": self.expires_at,
            "properties": properties,
            "body": self.message.body,
        }
