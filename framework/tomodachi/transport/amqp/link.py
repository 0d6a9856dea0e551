"""Keeps one service connected to its broker.

The first connection is made once and fails at once, so that a service with a wrong address does not
start. A connection that was up and is lost is mended for as long as the service runs, with the waits
of `backoff.py`. Who uses the connection either gets it, waits for it, or is called when there is a new
one; what they make of it is theirs.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from contextvars import copy_context

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.amqp.backoff import Backoff
from tomodachi.transport.amqp.connection import Connection, open_connection
from tomodachi.transport.amqp.errors import AmqpConnectionException, AmqpException
from tomodachi.transport.amqp.settings import BrokerAddress

LASTED_S = 30.0
"""How long a connection has to be up before the waits for the next one start over."""


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
        self._connecting: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._lost = asyncio.Event()
        self._lost_because: AmqpException | None = None
        self._blocked: str | None = None
        self._closed = False
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
            if self._keeper is not None:
                await self._up.wait()
            else:
                await self._connect_first()
        return self._connection

    async def close(self) -> None:
        """Close the connection and mend it no longer."""
        self._closed = True
        running = [task for task in (self._connecting, self._keeper) if task is not None]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        self._up.set()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    # --- the first connection -------------------------------------------------------------------

    async def _connect_first(self) -> None:
        """Connect, once for all who ask meanwhile."""
        if self._connecting is None:
            loop = asyncio.get_running_loop()
            self._connecting = loop.create_task(self._begin(), context=self._context.copy())
            self._connecting.add_done_callback(self._connected)
        connecting = self._connecting
        await asyncio.wait([connecting])
        if not connecting.cancelled():
            connecting.result()

    async def _begin(self) -> None:
        await self._open()
        loop = asyncio.get_running_loop()
        self._keeper = loop.create_task(self._keep(), context=self._context.copy())

    def _connected(self, task: asyncio.Task[None]) -> None:
        self._connecting = None
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody may have

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
        self._lost.clear()
        self._up.set()
        return connection

    # --- mending --------------------------------------------------------------------------------

    async def _keep(self) -> None:
        # One task for the service's whole life: whatever ends the service's tasks ends this too.
        backoff = Backoff()
        while True:
            up_since = clock.monotonic()
            await self._lost.wait()
            if clock.monotonic() - up_since > LASTED_S:
                backoff.reset()
            await self._mend(backoff)

    async def _mend(self, backoff: Backoff) -> None:
        for attempt in itertools.count(1):
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
            return

    # --- what the connection says ---------------------------------------------------------------

    def _on_lost(self, connection: Connection, reason: AmqpException) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        self._lost_because = reason
        self._up.clear()
        self._lost.set()
        text = f"Lost connection [amqp] to {self.address} ({reason}) - reconnecting"
        self._logger.warning(text)

    def _on_blocked(self, reason: str | None) -> None:
        self._blocked = reason
        if reason is not None:
            text = f"Publishing [amqp] is blocked by {self.address} ({reason})"
            self._logger.warning(text)
        else:
            text = f"Publishing [amqp] is no longer blocked by {self.address}"
            self._logger.info(text)
