"""Keeps one service connected to its broker.

The first connection is made once and fails at once, so that a service with a wrong address does not
start. A connection that was up and is lost is mended for as long as the service runs, with the waits
of `backoff.py`. Who uses the connection either gets it, waits for it, or is called when there is a new
one; what they make of it is theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.amqp.backoff import Backoff
from tomodachi.transport.amqp.connection import Connection, open_connection
from tomodachi.transport.amqp.errors import AmqpConnectionException, AmqpException
from tomodachi.transport.amqp.settings import BrokerAddress


class Link:
    """The connection of one service to one broker.

    Args:
        address: The broker.

    Attributes:
        address: The same.
        on_reconnected: Called with each connection but the first; set by who needs it.
    """

    def __init__(self, address: BrokerAddress) -> None:
        self.address = address
        self.on_reconnected: Callable[[Connection], None] | None = None
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()
        self._mending: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._blocked: str | None = None
        self._closed = False
        self._lost_because: AmqpException | None = None
        # Tasks and socket callbacks live in the service's context, whoever publishes first.
        self._context = copy_context()
        self._logger = logging.get_logger("tomodachi.amqp")

    @property
    def current(self) -> Connection | None:
        """The connection, if there is one now."""
        return self._connection

    @property
    def trouble(self) -> str:
        """Why the broker takes no messages; empty while it should."""
        if self._connection is None:
            return f"no connection: {self._lost_because}"
        return f"publishing is blocked: {self._blocked}" if self._blocked else ""

    async def connection(self) -> Connection:
        """The connection: made if there was none yet, waited for while it is being mended.

        Raises:
            AmqpConnectionException: the first attempt failed, or the service has stopped.
        """
        while self._connection is None:
            if self._closed:
                msg = f"the service has stopped and is no longer connected to {self.address}"
                raise AmqpConnectionException(msg)
            if self._mending is not None:
                await self._up.wait()
                continue
            async with self._connecting:
                if self._connection is None:
                    await self._connect_first()
        return self._connection

    async def close(self) -> None:
        """Close the connection and mend it no longer."""
        self._closed = True
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.wait([self._mending])
        self._up.set()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connect_first(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_task(self._open(), context=self._context.copy())

    async def _open(self) -> Connection:
        try:
            connection = await open_connection(
                self.address, on_lost=self._on_lost, on_blocked=self._on_blocked
            )
        except AmqpConnectionException as error:
            text = f"Unable to connect [amqp] to {self.address} ({error})"
            self._logger.warning(text)
            raise AmqpConnectionException(text) from error
        self._blocked = None
        self._connection = connection
        self._up.set()
        return connection

    def _on_lost(self, connection: Connection, reason: AmqpException) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        self._lost_because = reason
        self._up.clear()
        text = f"Lost connection [amqp] to {self.address} ({reason}) - reconnecting"
        self._logger.warning(text)
        if not self._closed and (self._mending is None or self._mending.done()):
            self._mending = asyncio.get_running_loop().create_task(
                self._mend(), context=self._context.copy()
            )

    async def _mend(self) -> None:
        backoff = Backoff()
        attempt = 0
        while True:
            attempt += 1
            wait = backoff.next_wait()
            text = f"Reconnecting [amqp] to {self.address}"
            self._logger.info(text, attempt=attempt, wait_s=round(wait, 3))
            await clock.sleep(wait)
            try:
                connection = await self._open()
            except AmqpConnectionException as error:
                self._lost_because = error
                continue
            text = f"Reconnected [amqp] to {self.address}"
            self._logger.info(text, attempts=attempt)
            if self.on_reconnected is not None:
                self.on_reconnected(connection)
            if connection.reason is None:
                return

    def _on_blocked(self, reason: str | None) -> None:
        self._blocked = reason
        if reason is not None:
            text = f"Publishing [amqp] is blocked by {self.address} ({reason})"
            self._logger.warning(text)
        else:
            text = f"Publishing [amqp] is no longer blocked by {self.address}"
            self._logger.info(text)
