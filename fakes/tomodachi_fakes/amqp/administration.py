"""What an operator or a test does beside the wire: users, virtual hosts, policies, alarms, peeks.

Source: https://www.rabbitmq.com/docs/man/rabbitmqctl.8
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.connection import Connection
from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.amqp.model.access import Permissions, User
from tomodachi_fakes.amqp.model.exchanges import binding_of
from tomodachi_fakes.amqp.model.message import Message, route_octets
from tomodachi_fakes.amqp.model.policies import Policy
from tomodachi_fakes.amqp.model.stream import Stream
from tomodachi_fakes.amqp.model.vhost import Routed, Vhost
from tomodachi_fakes.amqp.properties import encode_header
from tomodachi_fakes.amqp.reply_codes import ChannelReply
from tomodachi_fakes.amqp.states import End, State
from tomodachi_fakes.errors import FakesError

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from tomodachi_fakes.amqp.model.profiles import Profile
    from tomodachi_fakes.amqp.model.queue import Queue
    from tomodachi_fakes.amqp.model.timers import Timers
    from tomodachi_fakes.amqp.model.usage import Usage
    from tomodachi_fakes.events import EventLog
    from tomodachi_fakes.faults import FaultPlan
    from tomodachi_fakes.ids import IdSource


class Administration:
    """The operator's side of the broker; the wire's side is in `broker.py`."""

    connections: dict[str, Connection]
    blocked: dict[str, Connection]
    vhosts: dict[str, Vhost]
    users: dict[str, User]
    profile: Profile
    timers: Timers
    usage: Usage
    later: deque[Callable[[float], None]]
    events: EventLog | None
    ids: IdSource
    faults: FaultPlan
    now: float
    published: int

    def advance(self, *, now: float) -> None:
        """Let everything happen that is due by `now`."""
        raise NotImplementedError

    # --- virtual hosts, users, policies --------------------------------------------------------------

    def add_vhost(self, name: str) -> Vhost:
        """Create a virtual host, or find it."""
        if name not in self.vhosts:
            self.vhosts[name] = Vhost(
                name,
                profile=self.profile,
                timers=self.timers,
                usage=self.usage,
                later=self.later,
                ids=self.ids,
                faults=self.faults,
                log=self.events,
            )
        return self.vhosts[name]

    def delete_vhost(self, name: str) -> None:
        """Delete a virtual host; its connections are closed."""
        vhost = self.vhost(name)
        for connection in self._inside(vhost):
            connection.close_by_operator(f"vhost '{name}' is deleted")
        for queue in list(vhost.queues.values()):
            vhost.delete_queue(queue, self.now, reason="vhost deleted")
        vhost.delays.forget()
        del self.vhosts[name]

    def vhost(self, name: str = "/") -> Vhost:
        """The virtual host of that name.

        Raises:
            NoSuchThing: there is none.
        """
        if name not in self.vhosts:
            raise NoSuchThing("virtual host", name, self.vhosts)
        return self.vhosts[name]

    def add_user(self, name: str, password: str | None, *, tags: tuple[str, ...] = ()) -> User:
        """Create or replace a user; without permissions nobody gets into a virtual host."""
        user = self.users[name] = User(name, password, tags=tags)
        return user

    def set_first_login(self, user: str, password: str, vhost: str) -> None:
        """Begin with this user and virtual host instead of "guest" and "/".

        As a RabbitMQ does that is started for the first time with `default_user`, `default_pass` and
        `default_vhost`. The user administers it, and may log in from anywhere unless it is "guest".

        Source: https://www.rabbitmq.com/docs/access-control#default-state
        """
        for name in list(self.users):
            self.delete_user(name)
        for name in list(self.vhosts):
            self.delete_vhost(name)
        self.add_vhost(vhost).description = "Default virtual host"
        first = self.add_user(user, password, tags=("administrator",))
        first.loopback_only = user == "guest"
        self.set_permissions(user, vhost)

    def delete_user(self, name: str) -> None:
        """Delete a user; open connections stay.

        Raises:
            NoSuchThing: there is none.
        """
        if name not in self.users:
            raise NoSuchThing("user", name, self.users)
        del self.users[name]
        for vhost in self.vhosts.values():
            vhost.changed()

    def set_permissions(
        self,
        user: str,
        vhost: str = "/",
        configure: str = ".*",
        write: str = ".*",
        read: str = ".*",
    ) -> None:
        """Let a user into a virtual host, with regular expressions of what it may do.

        Raises:
            NoSuchThing: no such user or virtual host.
        """
        if user not in self.users:
            raise NoSuchThing("user", user, self.users)
        self.vhost(vhost).changed()
        self.users[user].permissions[vhost] = Permissions(configure, write, read)

    def set_topic_permissions(
        self, user: str, vhost: str, exchange: str, write: str = ".*", read: str = ".*"
    ) -> None:
        """Restrict the routing and binding keys a user may use with a topic exchange."""
        if user not in self.users:
            raise NoSuchThing("user", user, self.users)
        self.vhost(vhost).changed()
        self.users[user].topic_permissions[vhost, exchange] = Permissions("", write, read)

    def set_policy(self, policy: Policy, vhost: str = "/", *, operator: bool = False) -> None:
        """Put a policy, or an operator policy, in force."""
        host = self.vhost(vhost)
        (host.operator_policies if operator else host.policies)[policy.name] = policy
        host.apply_policies(self.now)
        self.do_later()

    def clear_policy(self, name: str, vhost: str = "/", *, operator: bool = False) -> None:
        """Take a policy out of force; a missing one is fine."""
        host = self.vhost(vhost)
        (host.operator_policies if operator else host.policies).pop(name, None)
        host.apply_policies(self.now)
        self.do_later()

    def do_later(self) -> None:
        """Do what had to wait for a reply."""
        while self.later:
            self.later.popleft()(self.now)

    # --- connections -------------------------------------------------------------------------------

    def close_connection(self, conn_id: str, reason: str, *, now: float) -> None:
        """320 CONNECTION_FORCED, as an operator does it."""
        self.now = now
        self._connection(conn_id).close_by_operator(reason)

    def close_all_connections(self, reason: str, *, now: float) -> None:
        """320 CONNECTION_FORCED to every open connection; the others just end."""
        self.now = now
        for connection in list(self.connections.values()):
            connection.close_by_operator(reason)

    def drop_connection(self, conn_id: str, *, now: float, how: str = "clean") -> None:
        """Break a connection without a word.

        Args:
            conn_id: Which one.
            now: Unix seconds.
            how: "clean" ends TCP in order, "reset" aborts it, "half-open" leaves it standing but dead.

        Raises:
            NoSuchThing: no such connection, or another word for `how`.
        """
        self.now = now
        connection = self._connection(conn_id)
        ends = {"clean": End.CLEAN, "reset": End.RESET}
        if how == "half-open":
            connection.half_open = True
        elif how in ends:
            connection.out.clear()
            connection.finish(ends[how])
        else:
            raise NoSuchThing("way to drop a connection", how, (*ends, "half-open"))

    def block_connections(self, *, now: float, seconds: float | None = None) -> None:
        """Sound the memory alarm: publishers are blocked, for `seconds` or until `unblock_connections`."""
        self.now = now
        self.usage.forced = True
        if seconds is not None:
            self.timers.at(now + seconds, lambda at: self.unblock_connections(now=at), "block")

    def unblock_connections(self, *, now: float) -> None:
        """Switch the forced memory alarm off."""
        self.now = now
        self.usage.forced = False
        for connection in list(self.blocked.values()):
            connection.backlog.unblock()

    def move_time(self, *, now: float) -> None:
        """Time was set forward: everything that is due happens, but no heartbeat counts as missed.

        Clients live in their own time; for them nothing has passed.
        """
        for connection in self.connections.values():
            connection.liveness.stop()
        self.advance(now=now)
        for connection in self.connections.values():
            if connection.state is State.RUNNING:
                connection.liveness.start(connection.heartbeat_s)

    def pause_consumer(self, consumer_tag: str, *, paused: bool, now: float) -> int:
        """Hold back, or let go, deliveries to the consumers of that tag; how many there are."""
        self.now = now
        found = [
            channel.consumers[consumer_tag]
            for connection in self.connections.values()
            for channel in connection.channels.values()
            if consumer_tag in channel.consumers
        ]
        for consumer in found:
            consumer.paused = paused
            if not paused:
                consumer.queue.wake([consumer], now)
        return len(found)

    def _connection(self, conn_id: str) -> Connection:
        if conn_id not in self.connections:
            raise NoSuchThing("connection", conn_id, self.connections)
        return self.connections[conn_id]

    def _inside(self, vhost: Vhost) -> list[Connection]:
        return [other for other in self.connections.values() if other.vhost is vhost]

    # --- messages, without a client ------------------------------------------------------------------

    def publish(
        self,
        exchange: str,
        routing_key: str,
        body: bytes,
        *,
        now: float,
        vhost: str = "/",
        **properties: Any,
    ) -> Routed:
        """Publish beside the wire. `headers` is a plain dict; the rest as `properties.py` names them.

        Raises:
            AmqpChannelError: 404, no such exchange.
        """
        self.now = now
        host = self.vhost(vhost)
        if "headers" in properties:
            headers = typed_table(properties["headers"])
            in_order = self.profile.headers_sorted
            properties["headers"] = dict(sorted(headers.items())) if in_order else headers
        self.published += 1
        message = Message(
            exchange,
            (routing_key,),
            route_octets(exchange, routing_key),
            encode_header(len(body), properties),
            body,
            self.published,
        )
        found = host.exchange(exchange)
        if host.log is not None:
            message.cause = host.log.append(
                "amqp",
                "published",
                exchange,
                now=now,
                message_id=message.message_id,
                payload=message,
                routing_key=routing_key,
            )
        routed = host.publish(found, message, now=now)
        while self.later:
            self.later.popleft()(now)
        return routed

    def declare_queue(
        self, name: str, *, now: float, vhost: str = "/", arguments: dict[str, Any] | None = None
    ) -> Queue | Stream:
        """Declare a durable queue beside the wire."""
        return self.vhost(vhost).declare_queue(
            name,
            durable=True,
            auto_delete=False,
            exclusive=False,
            connection_id="",
            arguments=typed_table(arguments or {}),
            now=now,
        )

    def bind_queue(self, queue: str, exchange: str, key: str = "", *, vhost: str = "/") -> None:
        """Bind a queue beside the wire."""
        host = self.vhost(vhost)
        host.queue(queue)
        host.bind(host.exchange(exchange), binding_of("queue", queue, key, {}))

    def peek(self, queue: str, vhost: str = "/") -> list[dict[str, Any]]:
        """Ready messages of a queue, next one first; nothing changes."""
        found = self.find_queue(queue, vhost)
        if isinstance(found, Stream):
            return found.peek()
        return [entry.describe() for entry in found.ready]

    def peek_unacked(self, queue: str, vhost: str = "/") -> list[dict[str, Any]]:
        """Messages of a queue that were delivered and not settled, oldest first."""
        found = self.find_queue(queue, vhost)
        if isinstance(found, Stream):
            return []
        return [entry.describe() for _, entry in sorted(found.unacked.items())]

    def find_queue(self, name: str, vhost: str = "/") -> Queue | Stream:
        """The queue of that name.

        Raises:
            NoSuchThing: there is none.
        """
        host = self.vhost(vhost)
        if name not in host.queues:
            raise NoSuchThing("queue", name, host.queues)
        return host.queues[name]

    def describe_connections(self) -> list[dict[str, Any]]:
        """Every connection with its channels and consumers, as plain facts."""
        return [connection.describe() for connection in self.connections.values()]

    def fail_channel(self, conn_id: str, channel: int, code: int, text: str, *, now: float) -> None:
        """Close a channel with a channel error that nobody caused."""
        self.now = now
        connection = self._connection(conn_id)
        if channel not in connection.channels:
            raise NoSuchThing("channel", str(channel), map(str, connection.channels))
        connection.channels[channel].fail(AmqpChannelError(ChannelReply(code), text))


class NoSuchThing(FakesError):
    """A test or operator named something that does not exist."""

    def __init__(self, kind: str, name: str, known: Any) -> None:
        there = ", ".join(repr(other) for other in list(known)[:10]) or "nothing"
        super().__init__(f"no {kind} {name!r}. There is: {there}.")
