"""A virtual host: its queues, and how a message goes from exchanges to them.

Exchanges and bindings are in `exchange_registry.py`. Permissions are checked before, in the method handlers; frames are written by channels.

Source: https://www.rabbitmq.com/docs/vhosts, AMQP 0-9-1 spec 3.1
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.fields import Table
from tomodachi_fakes.amqp.model.arguments import (
    CLASSIC,
    QUORUM,
    STREAM,
    check_queue_arguments,
    check_stream_sizes,
    queue_type_of,
)
from tomodachi_fakes.amqp.model.dead_letter import EVENTS, Reason, is_cycle
from tomodachi_fakes.amqp.model.declarations import (
    check_replicated,
    quoted,
)
from tomodachi_fakes.amqp.model.delays import Delays
from tomodachi_fakes.amqp.model.equivalence import check_equivalent, inequivalent
from tomodachi_fakes.amqp.model.exchange_registry import ExchangeRegistry
from tomodachi_fakes.amqp.model.exchanges import LOCAL_RANDOM, Binding, Destination, Exchange
from tomodachi_fakes.amqp.model.message import Entry, Message
from tomodachi_fakes.amqp.model.policies import Policy, QueueRules, policy_for, queue_rules
from tomodachi_fakes.amqp.model.queue import Outcome, Queue
from tomodachi_fakes.amqp.model.quorum import QuorumQueue
from tomodachi_fakes.amqp.model.routing import route
from tomodachi_fakes.amqp.model.stream import Stream
from tomodachi_fakes.amqp.properties import NO_PROPERTIES
from tomodachi_fakes.amqp.reply_codes import ChannelReply
from tomodachi_fakes.events import PlacedLog

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.profiles import Profile
    from tomodachi_fakes.amqp.model.timers import Timers
    from tomodachi_fakes.amqp.model.usage import Usage
    from tomodachi_fakes.events import EventLog, Log
    from tomodachi_fakes.faults import FaultPlan
    from tomodachi_fakes.ids import IdSource


@dataclass(frozen=True, slots=True)
class Routed:
    """What became of a published message.

    Attributes:
        queues: How many queues it reached, delayed exchanges that hold it included.
        rejected: A full queue refused it.
        unroutable: No queue has it: a mandatory message goes back, also one that a delayed exchange holds.
    """

    queues: int
    rejected: bool
    unroutable: bool


class Vhost(ExchangeRegistry):
    """One virtual host.

    Attributes:
        version: Counts changes of the topology and of permissions; what is cached beside it is stale
            when it differs.
        later: What happens when the method at hand has been answered.
        replies: Channels that consume direct replies, by address.
        delays: What delayed exchanges hold.
        max_queues: Most queues; None is no limit.
        max_connections: Most connections; None is no limit.
        description: For people.
        tags: For people.
    """

    def __init__(
        self,
        name: str,
        *,
        profile: Profile,
        timers: Timers,
        usage: Usage,
        later: deque[Callable[[float], None]],
        ids: IdSource,
        faults: FaultPlan,
        log: EventLog | None,
    ) -> None:
        super().__init__(name, profile)
        self.timers = timers
        self.usage = usage
        # Events name queues and exchanges alone; elsewhere than in "/" they say where, too.
        self.log: Log | None = log
        if log is not None and name != "/":
            self.log = PlacedLog(log, vhost=name)
        self.queues: dict[str, Queue | Stream] = {}
        self.octets_received = self.octets_sent = 0  # of connections that are gone
        self.operator_policies: dict[str, Policy] = {}
        self.version = 0
        self.later = later
        self.ids = ids
        self.faults = faults
        self.replies: dict[str, Channel] = {}
        self.delays = Delays(self)
        self.max_queues: int | None = None
        self.max_connections: int | None = None
        self.description = ""
        self.tags: tuple[str, ...] = ()
        self._routes: dict[tuple[str, str], list[Queue | Stream]] = {}

    def changed(self) -> None:
        """Topology or permissions changed: cached routes are stale."""
        self.version += 1
        self._routes.clear()

    # --- messages -------------------------------------------------------------------------------

    def queues_for(
        self, exchange: Exchange, message: Message, now: float
    ) -> tuple[list[Queue | Stream], int]:
        """The queues a message reaches, each once, and how many delayed exchanges hold it for later."""
        keys = message.routing_keys
        if len(keys) == 1:
            return self._route(exchange, keys[0], message, now)
        found: dict[Queue | Stream, None] = {}
        held = 0
        for key in keys:
            queues, holders = self._route(exchange, key, message, now)
            found |= dict.fromkeys(queues)
            held = max(held, holders)
        return list(found), held

    def _route(
        self, exchange: Exchange, key: str, message: Message, now: float
    ) -> tuple[list[Queue | Stream], int]:
        cached = self._routes.get((exchange.name, key))
        if cached is not None:
            return cached, 0
        way = route(self.exchanges, exchange, key, message, partial(self.delays.hold, now=now))
        queues = [self.queues[name] for name in way.queues if name in self.queues]
        if not way.by_headers:
            if len(self._routes) > _MAX_ROUTES:
                self._routes.clear()
            self._routes[exchange.name, key] = queues
        return queues, way.held

    def fixed_route(self, exchange: Exchange, key: str) -> list[Queue | Stream] | None:
        """The queues that every message with this key reaches; None when it depends on the message."""
        self.queues_for(exchange, Message(exchange.name, (key,), b"", NO_PROPERTIES, b"", 0), 0.0)
        return self._routes.get((exchange.name, key))

    def publish(self, exchange: Exchange, message: Message, *, now: float) -> Routed:
        """Put a message into every queue it is routed to."""
        queues, held = self.queues_for(exchange, message, now)
        accepted = self.enqueue(queues, message, now)
        return Routed(len(queues) + held, rejected=not accepted, unroutable=not queues)

    def enqueue(self, queues: list[Queue | Stream], message: Message, now: float) -> bool:
        """Put a message into these queues; whether every one took it."""
        accepted = True
        for queue in queues:
            if queue.enqueue(message, now=now) is Outcome.REJECTED:
                accepted = False
        return accepted

    def record_message(
        self,
        kind: str,
        subject: str,
        message: Message,
        *,
        now: float,
        cause: int | None = None,
        **detail: Any,
    ) -> None:
        """Write an event about a message; its cause is the message's publish unless one is given."""
        if self.log is not None:
            self.log.append(
                "amqp",
                kind,
                subject,
                now=now,
                message_id=message.message_id,
                cause=message.cause if cause is None else cause,
                **detail,
            )

    def record_death(self, entry: Entry, queue: str, reason: Reason, now: float) -> int | None:
        """Note that a message left a queue; the event's number, as the cause of what follows."""
        if self.log is None:
            return entry.cause
        message = entry.message
        return self.log.append(
            "amqp",
            EVENTS[reason],
            queue,
            now=now,
            message_id=message.message_id,
            cause=entry.cause if entry.cause is not None else message.cause,
            reason=reason.value,
        )

    def publish_letter(self, letter: Message, origin: str, reason: Reason, now: float) -> None:
        """Route a dead letter; a missing exchange or a cycle ends its way."""
        targets = self.targets_of_letter(letter, origin, reason, now)
        if not self.profile.stream_takes_letters:
            targets = [target for target in targets if target.kind != STREAM]
        self.enqueue(targets, letter, now)

    def targets_of_letter(
        self, letter: Message, origin: str, reason: Reason, now: float
    ) -> list[Queue | Stream]:
        """Where a dead letter goes: none without its exchange, and none that would make a cycle."""
        exchange = self.exchanges.get(letter.exchange)
        if exchange is None:
            return []
        targets, _ = self.queues_for(exchange, letter, now)
        queues = [queue for queue in targets if not is_cycle(letter, queue.name, reason)]
        if self.log is not None:
            letter.cause = self.log.append(
                "amqp",
                "dead-lettered",
                origin,
                now=now,
                message_id=letter.message_id,
                cause=letter.cause,
                exchange=letter.exchange,
                routing_key=letter.routing_key,
                reason=reason.value,
                queues=[queue.name for queue in queues],
            )
        return queues

    # --- queues ---------------------------------------------------------------------------------

    def queue(self, name: str) -> Queue | Stream:
        """The queue of that name.

        Raises:
            AmqpChannelError: 404.
        """
        if (found := self.queues.get(name)) is None:
            raise AmqpChannelError(
                ChannelReply.NOT_FOUND, f"no queue '{name}' in vhost '{self.name}'"
            )
        return found

    def queue_for(self, name: str, connection_id: str) -> Queue | Stream:
        """The queue of that name, unless another connection holds it exclusively.

        Raises:
            AmqpChannelError: 404, 405.
        """
        queue = self.queue(name)
        if queue.owner is not None and queue.owner != connection_id:
            raise self.locked(name)
        return queue

    def locked(self, name: str) -> AmqpChannelError:
        """405 for a queue that another connection holds."""
        return AmqpChannelError(
            ChannelReply.RESOURCE_LOCKED,
            f"cannot obtain exclusive access to locked queue '{name}' in vhost '{self.name}'. It "
            "could be originally declared on another connection or the exclusive property value does "
            "not match that of the original declaration.",
        )

    def declare_queue(
        self,
        name: str,
        *,
        durable: bool,
        auto_delete: bool,
        exclusive: bool,
        connection_id: str,
        arguments: Table,
        now: float,
    ) -> Queue | Stream:
        """Create a queue, or find an equivalent one.

        Raises:
            AmqpChannelError: 405, 406.
            AmqpConnectionError: 541.
        """
        where = f"queue '{name}' in vhost '{self.name}'"
        if (current := self.queues.get(name)) is not None:
            self._check_same_queue(current, durable, auto_delete, exclusive, connection_id)
            check_equivalent(arguments, current.arguments, where, self.profile)
            current.touch(now)
            self._record_declared(current, now, created=False)
            return current
        self._check_room(where)
        check_queue_arguments(arguments, where, self.profile)
        kind = queue_type_of(arguments)
        if kind in (QUORUM, STREAM):
            check_replicated(where, durable=durable, auto_delete=auto_delete, exclusive=exclusive)
        if kind == STREAM:
            check_stream_sizes(arguments, self.profile)
        owner = connection_id if exclusive else None
        queue = self._new_queue(name, kind, durable, auto_delete, owner, arguments)
        self.queues[name] = queue
        queue.touch(now)
        self.changed()
        self._record_declared(queue, now, created=True)
        return queue

    def _check_room(self, where: str) -> None:
        if self.max_queues is not None and len(self.queues) >= self.max_queues:
            raise AmqpChannelError(
                ChannelReply.PRECONDITION_FAILED,
                f"cannot declare {where}: queue limit in vhost '{self.name}' ({self.max_queues}) is reached",
            )

    def _record_declared(self, queue: Queue | Stream, now: float, *, created: bool) -> None:
        if self.log is not None:
            about = {"created": created, "queue_type": queue.kind}
            self.log.append("amqp", "queue-declared", queue.name, now=now, **about)

    def _new_queue(
        self,
        name: str,
        kind: str,
        durable: bool,  # noqa: FBT001 - private, called once
        auto_delete: bool,  # noqa: FBT001 - private, called once
        owner: str | None,
        arguments: Table,
    ) -> Queue | Stream:
        rules = self.rules_for(name, kind, arguments)
        if kind == STREAM:
            return Stream(self, name, arguments=arguments, rules=rules)
        return (QuorumQueue if kind == QUORUM else Queue)(
            self,
            name,
            kind,
            durable=durable,
            auto_delete=auto_delete,
            owner=owner,
            arguments=arguments,
            rules=rules,
        )

    def _check_same_queue(
        self,
        current: Queue | Stream,
        durable: bool,  # noqa: FBT001 - private, called once
        auto_delete: bool,  # noqa: FBT001 - private, called once
        exclusive: bool,  # noqa: FBT001 - private, called once
        connection_id: str,
    ) -> None:
        owner = connection_id if exclusive else None
        if current.owner != owner:
            raise self.locked(current.name)
        flags = [("auto_delete", auto_delete, current.auto_delete)]
        if owner is None:
            flags.insert(0, ("durable", durable, current.durable))
        for flag, given, present in flags:
            if given != present:
                raise inequivalent(flag, current.where, quoted(given), quoted(present))

    def delete_queue(self, queue: Queue | Stream, now: float, *, reason: str) -> int:
        """Delete a queue with its bindings; consumers are told. Returns its ready messages."""
        count = queue.message_count
        if self.queues.pop(queue.name, None) is None:
            return 0
        # A channel tells of its consumers in the order of their tags. Source: a RabbitMQ 3.10.8.
        consumers = sorted(queue.consumers, key=lambda consumer: consumer.tag)
        queue.close(now)
        self.drop_bindings_to(Destination("queue", queue.name))
        self.changed()
        if self.log is not None:
            self.log.append("amqp", "queue-deleted", queue.name, now=now, reason=reason)
        for consumer in consumers:
            consumer.channel.consumer_cancelled(consumer, now)
        return count

    def check_binding(self, source: Exchange, binding: Binding) -> None:
        """Refuse a binding that this type of exchange does not take.

        Raises:
            AmqpChannelError: 406.
        """
        super().check_binding(source, binding)
        queue = self.queues.get(binding.destination.name)
        if source.kind == LOCAL_RANDOM and queue is not None and queue.kind != CLASSIC:
            raise AmqpChannelError(
                ChannelReply.PRECONDITION_FAILED,
                f"Queue type rabbit_{queue.kind}_queue not valid for this exchange type",
            )

    # --- policies -------------------------------------------------------------------------------

    def rules_for(self, name: str, kind: str, arguments: Table) -> QueueRules:
        """What arguments and policies ask of a queue."""
        rules = queue_rules(
            arguments,
            policy_for(self.policies.values(), name, kind, self.profile),
            policy_for(self.operator_policies.values(), name, kind, self.profile),
        )
        if kind == QUORUM and rules.delivery_limit is None:
            limit = self.profile.default_delivery_limit
            rules = queue_rules(arguments, Policy("", "", _definition(rules, delivery_limit=limit)))
        return rules

    def apply_policies(self, now: float) -> None:
        """Policies changed: every queue and exchange follows."""
        for queue in list(self.queues.values()):
            queue.apply_rules(self.rules_for(queue.name, queue.kind, queue.arguments), now)
        self.apply_exchange_policies()
        self.changed()


_MAX_ROUTES = 50_000


def _definition(rules: QueueRules, **changes: object) -> dict[str, object]:
    current = {name: getattr(rules, name) for name in QueueRules.__dataclass_fields__}
    merged = {**current, **changes}
    return {name: value for name, value in merged.items() if value is not None}
