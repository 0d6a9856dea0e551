"""Snapshot and restore: topology, messages, delays, users, policies and limits as plain, picklable data.

Connections are not part of it. On restore they stay open: consumers of queues that the snapshot has go
on, the others are cancelled; what was unacknowledged when the snapshot was taken is ready again and
redelivered; acknowledgements of deliveries from before the restore mean nothing any more.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.fields import Table
from tomodachi_fakes.amqp.model.access import User
from tomodachi_fakes.amqp.model.dead_letter import Reason
from tomodachi_fakes.amqp.model.delays import Delayed
from tomodachi_fakes.amqp.model.exchanges import Binding, Exchange
from tomodachi_fakes.amqp.model.message import EntryState, Message
from tomodachi_fakes.amqp.model.policies import Policy
from tomodachi_fakes.amqp.model.queue import Queue
from tomodachi_fakes.amqp.model.quorum import QuorumQueue
from tomodachi_fakes.amqp.model.stream import Stream

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.model.consumers import Consumer
    from tomodachi_fakes.amqp.model.profiles import Profile
    from tomodachi_fakes.amqp.model.vhost import Vhost


@dataclass(frozen=True, slots=True)
class SavedExchange:
    """An exchange with its bindings."""

    name: str
    kind: str
    durable: bool
    auto_delete: bool
    internal: bool
    arguments: Table
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class SavedMessage:
    """What was published, or became of it; see `Message`."""

    exchange: str
    routing_keys: tuple[str, ...]
    hidden_keys: tuple[str, ...]
    route: bytes
    header: bytes
    body: bytes
    number: int
    failures: int
    is_letter: bool


@dataclass(frozen=True, slots=True)
class SavedLetter:
    """A dead letter that waits, and the queues that have taken it."""

    message: SavedMessage
    reason: Reason
    arrived: frozenset[str]


@dataclass(frozen=True, slots=True)
class SavedDelay:
    """A message that a delayed exchange holds until `due`, in Unix seconds."""

    exchange: str
    message: SavedMessage
    due: float


@dataclass(frozen=True, slots=True)
class SavedQueue:
    """A queue or stream with its messages, next one first, and the letters that wait in it.

    Attributes:
        first_offset: Offset of a stream's first message.
    """

    name: str
    durable: bool
    auto_delete: bool
    owner: str | None
    arguments: Table
    messages: tuple[tuple[SavedMessage, EntryState], ...]
    letters: tuple[SavedLetter, ...] = ()
    first_offset: int = 0


@dataclass(frozen=True, slots=True)
class SavedVhost:
    """A virtual host."""

    exchanges: tuple[SavedExchange, ...]
    queues: tuple[SavedQueue, ...]
    policies: dict[str, Policy]
    operator_policies: dict[str, Policy]
    delays: tuple[SavedDelay, ...]
    max_queues: int | None
    max_connections: int | None
    description: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokerSnapshot:
    """Everything but connections.

    Attributes:
        published: How many messages were published; the next one's number follows.
    """

    vhosts: dict[str, SavedVhost]
    users: dict[str, User] = field(repr=False)
    published: int = 0


def take(broker: Broker) -> BrokerSnapshot:
    """What the broker holds now."""
    vhosts = {name: _save_vhost(vhost) for name, vhost in broker.vhosts.items()}
    return BrokerSnapshot(vhosts, deepcopy(broker.users), broker.published)


def _save_vhost(vhost: Vhost) -> SavedVhost:
    return SavedVhost(
        tuple(_save_exchange(exchange) for exchange in vhost.exchanges.values()),
        tuple(_save_queue(queue) for queue in vhost.queues.values()),
        dict(vhost.policies),
        dict(vhost.operator_policies),
        tuple(SavedDelay(held.exchange, _save(held.message), held.due) for held in vhost.delays),
        vhost.max_queues,
        vhost.max_connections,
        vhost.description,
        vhost.tags,
    )


def _save_exchange(exchange: Exchange) -> SavedExchange:
    return SavedExchange(
        exchange.name,
        exchange.kind,
        exchange.durable,
        exchange.auto_delete,
        exchange.internal,
        exchange.arguments,
        tuple(exchange.bindings),
    )


def _save_queue(queue: Queue | Stream) -> SavedQueue:
    kept = queue.kept() if isinstance(queue, Stream) else _kept(queue)
    letters = queue.letters if isinstance(queue, QuorumQueue) else ()
    return SavedQueue(
        queue.name,
        queue.durable,
        queue.auto_delete,
        queue.owner,
        queue.arguments,
        tuple((_save(message), state) for message, state in kept),
        tuple(
            SavedLetter(_save(letter.message), letter.reason, frozenset(letter.arrived))
            for letter in letters
        ),
        queue.first_offset if isinstance(queue, Stream) else 0,
    )


def _kept(queue: Queue) -> list[tuple[Message, EntryState]]:
    """Messages of a queue, ready or not, next one first; what was delivered counts as redelivered."""
    held = queue.unacked
    return [
        (
            entry.message,
            entry.state._replace(redelivered=True) if entry.position in held else entry.state,
        )
        for entry in queue.in_order(list(held.values()))
    ]


def _save(message: Message) -> SavedMessage:
    return SavedMessage(
        message.exchange,
        message.routing_keys,
        message.hidden_keys,
        message.route,
        message.header,
        message.body,
        message.number,
        message.failures,
        message.is_letter,
    )


def restore(broker: Broker, snapshot: BrokerSnapshot, now: float) -> None:
    """Put the broker back to where `snapshot` was taken; connections stay open."""
    broker.users.clear()
    broker.users.update(deepcopy(snapshot.users))
    broker.published = snapshot.published
    for connection in broker.connections.values():
        for channel in connection.channels.values():
            channel.forget_deliveries()
        if connection.user is not None:
            connection.user = broker.users.get(connection.user.name, connection.user)
    for name in [name for name in broker.vhosts if name not in snapshot.vhosts]:
        broker.delete_vhost(name)
    for name, saved in snapshot.vhosts.items():
        _restore_vhost(broker, broker.add_vhost(name), saved, now)


def _restore_vhost(broker: Broker, vhost: Vhost, saved: SavedVhost, now: float) -> None:
    consumers = {name: list(queue.consumers) for name, queue in vhost.queues.items()}
    for queue in list(vhost.queues.values()):
        for consumer in queue.consumers:
            consumer.paused = True
        queue.close(now)
    vhost.queues.clear()
    vhost.delays.forget()
    vhost.max_queues = None  # queues that were there come back, whatever the limit
    vhost.max_connections = saved.max_connections
    vhost.description, vhost.tags = saved.description, saved.tags
    vhost.policies = dict(saved.policies)
    vhost.operator_policies = dict(saved.operator_policies)
    vhost.exchanges.clear()
    for exchange in saved.exchanges:
        vhost.exchanges[exchange.name] = _exchange(exchange, vhost.profile)
    for held in saved.queues:
        if held.owner is None or held.owner in broker.connections:
            _restore_queue(vhost, held, consumers.pop(held.name, []), now)
    vhost.max_queues = saved.max_queues
    for delay in saved.delays:
        vhost.delays.put(Delayed(delay.exchange, _message(delay.message), delay.due))
    vhost.apply_policies(now)
    for gone in consumers.values():
        for consumer in gone:
            consumer.channel.consumer_cancelled(consumer, now)
    broker.do_later()


def _exchange(saved: SavedExchange, profile: Profile) -> Exchange:
    exchange = Exchange(
        saved.name,
        saved.kind,
        durable=saved.durable,
        auto_delete=saved.auto_delete,
        internal=saved.internal,
        arguments=saved.arguments,
        numbers_match=profile.numbers_match,
    )
    for binding in saved.bindings:
        exchange.bind(binding)
    return exchange


def _message(held: SavedMessage) -> Message:
    message = Message(
        held.exchange, held.routing_keys, held.route, held.header, held.body, held.number
    )
    message.hidden_keys = held.hidden_keys
    message.failures, message.is_letter = held.failures, held.is_letter
    return message


def _restore_queue(vhost: Vhost, saved: SavedQueue, consumers: list[Consumer], now: float) -> None:
    queue = vhost.declare_queue(
        saved.name,
        durable=saved.durable,
        auto_delete=saved.auto_delete,
        exclusive=saved.owner is not None,
        connection_id=saved.owner or "",
        arguments=saved.arguments,
        now=now,
    )
    if isinstance(queue, Stream):
        queue.first_offset = saved.first_offset
    for message, state in saved.messages:
        queue.put_back(_message(message), state, now)
    if isinstance(queue, QuorumQueue):
        for letter in saved.letters:
            queue.letters.post(_message(letter.message), letter.reason, letter.arrived)
    for consumer in consumers:
        consumer.queue = queue
        consumer.paused = False
        queue.add_consumer(consumer, now)
