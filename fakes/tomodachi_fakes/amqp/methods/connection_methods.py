"""connection.start-ok, tune-ok, open, update-secret: what each may do in which state.

Source: AMQP 0-9-1 spec 1.4; https://www.rabbitmq.com/docs/access-control#authentication
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpConnectionError, PeerGone
from tomodachi_fakes.amqp.handshake import (
    CHANNEL_MAX,
    FRAME_MAX,
    HEARTBEAT_S,
    SILENT_CLOSE_DELAY_S,
    agree,
    client_capabilities,
    read_credentials,
)
from tomodachi_fakes.amqp.reply_codes import ConnectionReply
from tomodachi_fakes.amqp.states import State

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.connection import Connection
    from tomodachi_fakes.amqp.fields import Table


def start_ok(
    connection: Connection, properties: Table, mechanism: str, response: bytes, locale: str
) -> None:
    """connection.start-ok: log in, or be refused."""
    connection.client_properties = properties
    connection.capabilities = client_capabilities(properties)
    credentials = read_credentials(mechanism, response, connection.tls_name)
    user = connection.broker.authenticate(credentials, loopback=connection.loopback)
    if user is None:
        raise _refused(connection, mechanism)
    connection.user, connection.mechanism = user, mechanism
    connection.state = State.TUNE
    connection.send(0, "connection.tune", CHANNEL_MAX, FRAME_MAX, HEARTBEAT_S)


def _refused(connection: Connection, mechanism: str) -> AmqpConnectionError | PeerGone:
    if "authentication_failure_close" not in connection.capabilities:
        return PeerGone("login refused", delay_s=SILENT_CLOSE_DELAY_S)
    return AmqpConnectionError(
        ConnectionReply.ACCESS_REFUSED,
        f"Login was refused using authentication mechanism {mechanism}. "
        "For details see the broker logfile.",
        class_id=0,
        method_id=0,
    )


def tune_ok(connection: Connection, channel_max: int, frame_max: int, heartbeat_s: int) -> None:
    """connection.tune-ok: the client's limits hold from here on."""
    tuning = agree(channel_max, frame_max, heartbeat_s, connection.broker.profile)
    if tuning.stalled:
        connection.half_open = True
        return
    connection.channel_max, connection.frame_max = tuning.channel_max, tuning.frame_max
    connection.parser.frame_max = tuning.frame_max
    connection.heartbeat_s = tuning.heartbeat_s
    connection.state = State.OPEN
    connection.liveness.start(tuning.heartbeat_s)


def open_vhost(connection: Connection, virtual_host: str, *reserved: object) -> None:
    """connection.open: enter a virtual host."""
    assert connection.user is not None  # the state says that login is done
    connection.vhost = connection.broker.enter(virtual_host, connection.user)
    connection.cancel_timer()
    connection.state = State.RUNNING
    connection.broker.record(
        "connected", connection.id, vhost=virtual_host, user=connection.user.name
    )
    connection.send(0, "connection.open-ok", "")


def update_secret(connection: Connection, new_secret: bytes, reason: str) -> None:
    """connection.update-secret: taken, as nothing here expires."""
    connection.send(0, "connection.update-secret-ok")


HANDLERS: dict[tuple[State, str], Callable[..., None]] = {
    (State.START, "connection.start-ok"): start_ok,
    (State.TUNE, "connection.tune-ok"): tune_ok,
    (State.OPEN, "connection.open"): open_vhost,
    (State.RUNNING, "connection.update-secret"): update_secret,
}
