"""One RabbitMQ node in memory: connections in, octets out, time from outside.

Everything the shell needs is here: `open`, `receive_bytes`, `bytes_to_send`, `lost`, `next_deadline`,
`advance`. What an operator or a test does beside the wire is in `administration.py`; what each method
does is in `amqp/methods`.

Source: https://www.rabbitmq.com/docs/semantics
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.administration import Administration
from tomodachi_fakes.amqp.connection import Connection
from tomodachi_fakes.amqp.errors import AmqpConnectionError
from tomodachi_fakes.amqp.model.access import Permissions, User
from tomodachi_fakes.amqp.model.profiles import profile_for
from tomodachi_fakes.amqp.model.timers import Timers
from tomodachi_fakes.amqp.model.usage import Usage
from tomodachi_fakes.amqp.model.vhost import Vhost
from tomodachi_fakes.amqp.reply_codes import ConnectionReply
from tomodachi_fakes.amqp.states import End
from tomodachi_fakes.faults import FaultPlan

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.handshake import Credentials
    from tomodachi_fakes.amqp.snapshot import BrokerSnapshot
    from tomodachi_fakes.events import EventLog
    from tomodachi_fakes.ids import IdSource

CONSUMER_TIMEOUT_MS = 1_800_000
MAX_CONNECTIONS = 1024


class Broker(Administration):
    """A RabbitMQ.

    Args:
        ids: Where names of queues and consumers come from.
        events: The log to write to; None writes none.
        faults: What shall go wrong.
        version: Version profile: "3.10", "4.0" or "4.3".
        cluster_name: As `server_properties` says it.
        memory_limit: Octets of messages above which publishers are blocked.
        max_connections: TCP connections above it are closed at once.

    Attributes:
        now: Unix seconds of the command being handled.
        consumer_timeout_ms: Longest time a delivery may stay unacknowledged; 0 is no limit.
        later: What happens when the method at hand has been answered.
        blocked: Connections whose publishers wait for memory.
        published: How many messages were published; numbers them.

    Raises:
        UnknownVersion: there is no such profile.
    """

    def __init__(
        self,
        *,
        ids: IdSource,
        events: EventLog | None = None,
        faults: FaultPlan | None = None,
        version: str = "4.0",
        cluster_name: str = "rabbit@localhost",
        memory_limit: int = 1024 * 1024 * 1024,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self.ids = ids
        self.events = events
        self.faults = FaultPlan() if faults is None else faults
        self.profile = profile_for(version)
        self.cluster_name = cluster_name
        self.max_connections = max_connections
        self.consumer_timeout_ms = CONSUMER_TIMEOUT_MS
        self.now = 0.0
        self.timers = Timers()
        self.usage = Usage(memory_limit)
        self.later: deque[Callable[[float], None]] = deque()
        self.published = 0
        self.connections: dict[str, Connection] = {}
        self.blocked: dict[str, Connection] = {}
        self.vhosts: dict[str, Vhost] = {}
        self.users: dict[str, User] = {}
        self._output: dict[str, Connection] = {}
        self._set_up()

    def _set_up(self) -> None:
        self.add_vhost("/").description = "Default virtual host"
        self.users["guest"] = User(
            "guest",
            "guest",
            tags=("administrator",),
            permissions={"/": Permissions()},
            loopback_only=True,
        )

    # --- what the shell calls -----------------------------------------------------------------------

    def open(
        self,
        conn_id: str,
        *,
        now: float,
        tls_name: str | None = None,
        loopback: bool = True,
        peer: str = "",
    ) -> None:
        """A TCP connection came in.

        Args:
            conn_id: The shell's name for it.
            now: Unix seconds.
            tls_name: Common name of the client's certificate; "" for TLS without one, None without TLS.
            loopback: Whether it comes from this machine, as `guest` must.
            peer: The client's address, for people.
        """
        self.now = now
        full = len(self.connections) >= self.max_connections
        connection = Connection(self, conn_id, tls_name=tls_name, loopback=loopback, peer=peer)
        self.connections[conn_id] = connection
        if full:
            connection.finish(End.CLEAN)

    def receive_bytes(self, conn_id: str, data: bytes, *, now: float) -> None:
        """Octets came from a client."""
        self.now = now
        connection = self.connections.get(conn_id)
        if connection is not None:
            connection.receive(data)
            if self.later:
                self.do_later()
            self._follow_alarm()

    def bytes_to_send(self, conn_id: str) -> bytes:
        """Take the octets that wait for a client."""
        self._output.pop(conn_id, None)
        connection = self.connections.get(conn_id)
        return b"" if connection is None else connection.take_output()

    def connections_with_output(self) -> list[str]:
        """Connections that have octets to send, or that shall end, in the order they got them."""
        return list(self._output)

    def end_of(self, conn_id: str) -> End:
        """How the shell shall end the TCP connection once it has sent everything."""
        connection = self.connections.get(conn_id)
        return End.CLEAN if connection is None else connection.end

    def wants_input(self, conn_id: str) -> bool:
        """Whether the shell shall go on reading."""
        connection = self.connections.get(conn_id)
        return connection is not None and connection.backlog.held is None and not connection.paused

    def can_write(self, conn_id: str, *, writable: bool, now: float) -> None:
        """The shell's buffer for a client is full, or has room again."""
        self.now = now
        connection = self.connections.get(conn_id)
        if connection is None:
            return
        connection.paused = not writable
        if connection.paused:
            connection.saturated = True
        elif connection.saturated:
            connection.resume_deliveries()

    def lost(self, conn_id: str, *, now: float) -> None:
        """The TCP connection is gone: what it held goes back."""
        self.now = now
        connection = self.connections.pop(conn_id, None)
        if connection is not None:
            connection.finish(End.RESET)
            self._output.pop(conn_id, None)
            self.do_later()
            self._follow_alarm()

    def next_deadline(self) -> float | None:
        """Unix seconds at which `advance` has something to do; None when nothing waits for time."""
        return self.timers.next_deadline()

    def advance(self, *, now: float) -> None:
        """Let everything happen that is due by `now`, each thing at its own time."""
        while (due := self.timers.next_deadline()) is not None and due <= now:
            self.now = max(self.now, due)
            self.timers.advance(self.now)
            self.do_later()
        self.now = max(self.now, now)
        self._follow_alarm()

    def snapshot(self) -> BrokerSnapshot:
        """Topology, messages, users and policies as picklable data."""
        from tomodachi_fakes.amqp.snapshot import take  # late: a start does without it

        return take(self)

    def restore(self, snapshot: BrokerSnapshot, *, now: float) -> None:
        """Go back to a snapshot; connections stay open (see `snapshot.py`)."""
        from tomodachi_fakes.amqp.snapshot import restore

        self.now = now
        restore(self, snapshot, now)

    # --- what connections and channels call ---------------------------------------------------------

    def has_output(self, connection: Connection) -> None:
        """A connection has octets to send."""
        self._output[connection.id] = connection

    def authenticate(self, credentials: Credentials, *, loopback: bool) -> User | None:
        """The user who may log in so; None when nobody may."""
        user = self.users.get(credentials.user)
        if user is None or (user.loopback_only and not loopback):
            return None
        if credentials.password is None:
            return user
        return user if user.accepts(credentials.password) else None

    def enter(self, name: str, user: User) -> Vhost:
        """The virtual host a connection opens.

        Raises:
            AmqpConnectionError: 530.
        """
        vhost = self.vhosts.get(name)
        if vhost is None:
            raise AmqpConnectionError(ConnectionReply.NOT_ALLOWED, f"vhost {name} not found")
        if name not in user.permissions:
            raise AmqpConnectionError(
                ConnectionReply.NOT_ALLOWED,
                f"access to vhost '{name}' refused for user '{user.name}'",
            )
        inside = [other for other in self.connections.values() if other.vhost is vhost]
        if vhost.max_connections is not None and len(inside) >= vhost.max_connections:
            raise AmqpConnectionError(
                ConnectionReply.NOT_ALLOWED,
                f"access to vhost '{name}' refused for user '{user.name}': "
                f"connection limit ({vhost.max_connections}) is reached",
            )
        own = [other for other in self.connections.values() if other.vhost and other.user is user]
        if user.max_connections is not None and len(own) >= user.max_connections:
            raise AmqpConnectionError(
                ConnectionReply.NOT_ALLOWED,
                f"connection refused for user '{user.name}': user connection limit "
                f"({user.max_connections}) is reached",
            )
        return vhost

    def delete_exclusive_queues(self, connection: Connection) -> None:
        """The queues a closing connection held exclusively are gone."""
        assert connection.vhost is not None  # only open connections hold queues
        for queue in list(connection.vhost.queues.values()):
            if queue.owner == connection.id:
                connection.vhost.delete_queue(queue, self.now, reason="connection closed")

    def record(self, kind: str, subject: str, **detail: Any) -> None:
        """Write an event that is about no message."""
        if self.events is not None:
            self.events.append("amqp", kind, subject, now=self.now, **detail)

    def _follow_alarm(self) -> None:
        """When memory is free again, blocked publishers go on."""
        if self.blocked and not self.usage.alarm:
            for connection in list(self.blocked.values()):
                connection.backlog.unblock()
