"""AMQP over TCP: a thin shell around the pure broker, which moves octets and time.

One timer serves every deadline of the broker. A client that does not read stops its own deliveries
and, when replies pile up, its own input; it never grows the broker.

Source: https://docs.python.org/3/library/asyncio-protocol.html
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any, cast

from tomodachi_fakes.amqp.states import End
from tomodachi_fakes.errors import not_listening

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.clock import Clock

_WRITES_PER_TURN = 64
STOP_DEADLINE_S = 0.4  # the process ends within 500 ms, and has more to do than this
_TLS_HANDSHAKE_TIMEOUT_S = 10.0
_LOOPBACK = ("127.", "::1", "::ffff:127.")


class AmqpServer:
    """Serves a broker on one address, on a plain port, a TLS port, or both.

    Args:
        broker: The broker.
        clock: Where `now` comes from.
        host: Address to listen on.
        port: TCP port of AMQP; 0 takes a free one, None does without.
        tls_port: TCP port of AMQPS; 0 takes a free one.
        tls: Context of AMQPS; None does without.

    Attributes:
        port: The port in use, once started; 0 without one.
        tls_port: The TLS port in use, once started; 0 without one.
    """

    def __init__(
        self,
        broker: Broker,
        clock: Clock,
        host: str,
        port: int | None,
        *,
        tls_port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.broker = broker
        self.clock = clock
        self.host = host
        self.port = 0
        self.tls_port = 0
        self._wanted = port, tls_port
        self._tls = tls
        self._servers: list[asyncio.Server] = []
        self._clients: dict[str, _Client] = {}
        self._accepted = 0
        self._left_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due: float | None = None
        self._flush_soon: asyncio.Handle | None = None
        # How tools that list a loop's timers call this one's.
        self.svc_timer_kind = "deadline of RabbitMQ"
        self.svc_timer_owner = "broker"

    async def start(self) -> None:
        """Listen.

        Raises:
            PortInUse: another program holds the port.
            CannotListen: the address is not one of this machine, or the port is not for everybody.
        """
        port, tls_port = self._wanted
        if port is not None:
            self.port = await self._listen(port, "--amqp-port", None)
        if self._tls is not None:
            self.tls_port = await self._listen(tls_port, "--amqps-port", self._tls)

    async def _listen(self, port: int, flag: str, tls: ssl.SSLContext | None) -> int:
        loop = asyncio.get_running_loop()
        deadline = None if tls is None else _TLS_HANDSHAKE_TIMEOUT_S
        try:
            server = await loop.create_server(
                lambda: _Client(self), self.host, port, ssl=tls, ssl_handshake_timeout=deadline
            )
        except OSError as error:
            raise not_listening(error, self.host, port, flag) from error
        self._servers.append(server)
        in_use: int = server.sockets[0].getsockname()[1]
        return in_use

    async def stop(self) -> None:
        """Tell every client 320 CONNECTION_FORCED, end the connections and stop listening."""
        self.close()
        await self.wait_closed()

    def close(self) -> None:
        """Stop listening, and tell every client; `wait_closed` then waits until they are gone."""
        for server in self._servers:
            server.close()
        if not self._servers:
            return
        self.broker.close_all_connections(
            "broker forced connection closure with reason 'shutdown'", now=self.clock.now()
        )
        self.flush()
        for client in self._clients.values():
            client.transport.close()

    async def wait_closed(self) -> None:
        """Wait until every client is gone; one that does not read is cut off after 400 ms."""
        servers, self._servers = self._servers, []
        clients = list(self._clients.values())
        gone = asyncio.gather(*(client.gone.wait() for client in clients))
        try:
            await asyncio.wait_for(asyncio.shield(gone), STOP_DEADLINE_S)
        except TimeoutError:
            for client in clients:
                client.transport.abort()
            await gone
        for server in servers:
            await server.wait_closed()
        for handle in (self._timer, self._flush_soon):
            if handle is not None:
                handle.cancel()
        self._timer = self._flush_soon = self._timer_due = None

    def accept(self, client: _Client) -> str:
        """A name for a new client."""
        self._accepted += 1
        # No address in it: the same run gives the same event log.
        conn_id = f"connection-{self._accepted}"
        self._clients[conn_id] = client
        return conn_id

    def forget(self, client: _Client) -> None:
        """A client's TCP connection is gone."""
        self._clients.pop(client.conn_id, None)
        self._left_at = asyncio.get_running_loop().time()

    @property
    def used_at(self) -> float:
        """When a client was here last, by the loop's clock."""
        return asyncio.get_running_loop().time() if self._clients else self._left_at

    def flush(self) -> None:
        """Write what the broker has for its clients, and set the timer to its next deadline."""
        broker, clients = self.broker, self._clients
        for _ in range(_WRITES_PER_TURN):
            waiting = broker.connections_with_output()
            if not waiting:
                break
            for conn_id in waiting:
                octets = broker.bytes_to_send(conn_id)
                client = clients.get(conn_id)
                if client is not None:
                    client.write(octets)
        else:
            self._flush_later()
        self._wake_at(broker.next_deadline())

    def clock_was_set(self) -> None:
        """The clock shows another time than before, and what the broker holds may be another's."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timer_due = None
        self.flush()

    def _flush_later(self) -> None:
        """More than one turn's worth: let others have a turn."""
        if self._flush_soon is None:
            self._flush_soon = asyncio.get_running_loop().call_soon(self._on_flush_soon)

    def _on_flush_soon(self) -> None:
        self._flush_soon = None
        self.flush()

    def _wake_at(self, due: float | None) -> None:
        if due == self._timer_due and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_due = due
        if due is not None:
            delay = max(0.0, due - self.clock.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._on_deadline)

    def _on_deadline(self) -> None:
        self._timer = self._timer_due = None
        self.broker.advance(now=self.clock.now())
        self.flush()


class _Client(asyncio.Protocol):
    """One TCP connection."""

    transport: asyncio.Transport

    def __init__(self, server: AmqpServer) -> None:
        self._server = server
        self._broker = server.broker
        self.conn_id = ""
        self.peer = ""
        self.gone = asyncio.Event()
        self._reading = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # a stream protocol gets a Transport
        peer: Any = transport.get_extra_info("peername")
        self.peer = f"{peer[0]}:{peer[1]}" if peer else "unknown"
        self.conn_id = self._server.accept(self)
        self._broker.open(
            self.conn_id,
            now=self._server.clock.now(),
            tls_name=_tls_name(self.transport),
            loopback=self.peer.startswith(_LOOPBACK),
            peer=self.peer,
        )
        self._server.flush()

    def data_received(self, data: bytes) -> None:
        self._broker.receive_bytes(self.conn_id, data, now=self._server.clock.now())
        self._server.flush()
        self._follow_input()

    def write(self, octets: bytes) -> None:
        """Send octets, and end the connection when the broker wants that."""
        if octets:
            self.transport.write(octets)
        end = self._broker.end_of(self.conn_id)
        if end is End.CLEAN:
            self.transport.close()
        elif end is End.RESET:
            self.transport.abort()
        elif not self._reading:
            self._follow_input()

    def _follow_input(self) -> None:
        wanted = self._broker.wants_input(self.conn_id)
        if wanted == self._reading or self.transport.is_closing():
            return
        self._reading = wanted
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        self._broker.can_write(self.conn_id, writable=False, now=self._server.clock.now())
        self._follow_input()

    def resume_writing(self) -> None:
        self._broker.can_write(self.conn_id, writable=True, now=self._server.clock.now())
        self._follow_input()
        self._server.flush()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.forget(self)
        self._broker.lost(self.conn_id, now=self._server.clock.now())
        self.gone.set()
        self._server.flush()


def _tls_name(transport: asyncio.Transport) -> str | None:
    """The common name of the client's certificate; "" for TLS without one, None without TLS."""
    if transport.get_extra_info("ssl_object") is None:
        return None
    certificate: Any = transport.get_extra_info("peercert") or {}
    for relative in certificate.get("subject", ()):
        for name, value in relative:
            if name == "commonName":
                return str(value)
    return ""
