"""A connection: made within a time limit, closed in order, and its loss told once, with the reason.

Mending a lost connection is `link.py`'s.

Source: AMQP 0-9-1 spec 2.2.4, opening and closing a connection.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aioamqp.exceptions

from tomodachi.transport.amqp.connection.channel import (
    CLOSE_TIMEOUT_S,
    Channel,
    ChannelListener,
)
from tomodachi.transport.amqp.connection.protocol import AmqpProtocol
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpConnectionException,
    AmqpException,
)
from tomodachi.transport.amqp.settings import BrokerAddress

CONNECT_TIMEOUT_S = 10.0
REPLY_TIMEOUT_S = 30.0
T = TypeVar("T")


class Connection:
    """An open connection; make one with `open_connection`.

    Attributes:
        on_blocked: Called with the broker's reason when it takes no more publishes, with None when
            it does again.
        reason: Why the connection ended; None while it is open.
    """

    def __init__(
        self,
        on_lost: Callable[[Connection, AmqpException], None],
        on_blocked: Callable[[str | None], None],
    ) -> None:
        self.on_blocked = on_blocked
        self.reason: AmqpException | None = None
        self._on_lost = on_lost
        self._open = False
        self._closing = False
        self._protocol: Any = None  # AmqpProtocol, which is untyped as aioamqp is

    async def connect(self, address: BrokerAddress) -> None:
        """Connect, log in and open the virtual host; see `open_connection`."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._log_in(address)
        except BaseException as error:
            reason = _why_not_connected(
                error, self.reason or getattr(self._protocol, "close_reason", None)
            )
            if self._protocol is not None:
                self._protocol.abort(reason)
            if isinstance(error, Exception) and reason is not error:
                raise reason from error
            raise
        self._open = True
        self._protocol.watch()

    async def _log_in(self, address: BrokerAddress) -> None:
        loop = asyncio.get_running_loop()
        _, self._protocol = await loop.create_connection(
            lambda: AmqpProtocol(self, address.heartbeat),
            address.host,
            address.port,
            ssl=address.tls,
        )
        await self._protocol.start_connection(
            address.host, address.port, address.login, address.password, address.virtualhost
        )
        if self.reason is not None:
            # Opened and lost in one breath, before anybody could be told.
            raise self.reason

    async def open_channel(self, listener: ChannelListener) -> Channel:
        """Open a channel.

        Raises:
            AmqpConnectionException: the connection was lost meanwhile.
        """
        raw = await self.reply(self._protocol.channel())
        frame_max = self._protocol.server_frame_max or 0
        return Channel(self, raw, self._protocol.writer, frame_max, listener)

    async def reply(self, waiting: Awaitable[T]) -> T:
        """Wait for what aioamqp waits for, in our own exceptions.

        Raises:
            AmqpChannelClosed: the broker closed the channel instead of answering.
            AmqpConnectionException: the connection was lost, or the broker did not answer in time.
            AmqpException: a name or argument that can't go on the wire.
        """
        try:
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                return await waiting
        except aioamqp.exceptions.ChannelClosed as error:
            if error.code:
                raise AmqpChannelClosed(error.code, error.message) from error
            raise self.why_ended() from error
        except (aioamqp.exceptions.AioamqpException, OSError) as error:
            if isinstance(error, TimeoutError):
                self.abort(f"the broker did not answer within {REPLY_TIMEOUT_S:g} s")
            raise self.why_ended() from error
        except ValueError as error:
            msg = f"AMQP does not allow that: {error}"
            raise AmqpException(msg) from error

    def why_ended(self) -> AmqpException:
        """Why nothing comes from the broker any more; an exception of its own each time."""
        return AmqpConnectionException(str(self._protocol.close_reason or "channel closed"))

    async def close(self) -> None:
        """Close as the protocol asks; a broker that does not answer is left after 5 s."""
        self._closing = True
        if self.reason is not None:
            return
        self._protocol.close_reason = AmqpConnectionException("closed by the service")
        try:
            await self._protocol.close(timeout=CLOSE_TIMEOUT_S)
        except (aioamqp.exceptions.AioamqpException, OSError):
            # Lost meanwhile, or no answer in time: closed all the same.
            self.abort("closed")

    def abort(self, reason: str) -> None:
        """End the connection at once; whoever waits on it is told."""
        self._protocol.abort(AmqpConnectionException(reason))

    def lost(self, reason: AmqpException) -> None:
        """The socket is gone (called by the protocol)."""
        self.reason = reason
        if self._open and not self._closing:
            self._on_lost(self, reason)


async def open_connection(
    address: BrokerAddress,
    *,
    on_lost: Callable[[Connection, AmqpException], None],
    on_blocked: Callable[[str | None], None],
) -> Connection:
    """Connect to a broker, within 10 s.

    Args:
        address: Where, and as whom.
        on_lost: Called once, with the reason, when the connection ends without `close`.
        on_blocked: See `Connection.on_blocked`.

    Raises:
        AmqpConnectionException: no connection; the text is the reason ("connection refused", ...).
    """
    connection = Connection(on_lost, on_blocked)
    await connection.connect(address)
    return connection


def _why_not_connected(
    error: BaseException, reason: AmqpException | None
) -> AmqpConnectionException:
    if isinstance(error, TimeoutError):
        return AmqpConnectionException(f"no answer within {CONNECT_TIMEOUT_S:g} s")
    if isinstance(error, ConnectionRefusedError):
        return AmqpConnectionException("connection refused")
    if isinstance(reason, AmqpConnectionException):
        return reason
    if isinstance(error, ssl.SSLError):
        return AmqpConnectionException(f"TLS: {error.reason or error}")
    if isinstance(error, OSError):
        return AmqpConnectionException(error.strerror or str(error))
    return AmqpConnectionException(str(error) or type(error).__name__)
