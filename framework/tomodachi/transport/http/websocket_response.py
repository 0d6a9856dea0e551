"""A websocket that ends with the other side's answer, whoever closes it.

aiohttp drops the connection at once where one task closes a websocket that another one receives from,
as a service does that says goodbye to all of its clients, and we do when it stops. The answer then meets
a closed connection, whose reset may overtake the goodbye: browsers tell of a connection that was lost.

Source: https://www.rfc-editor.org/rfc/rfc6455#section-7.1.1 (the server closes the connection once it
has sent and received a Close frame)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from aiohttp import WSCloseCode, web


class WebSocket(web.WebSocketResponse):
    """A websocket of a service."""

    _ended: asyncio.Future[None] | None = None

    async def close(
        self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True
    ) -> bool:
        """Say goodbye and wait for the answer, as long as aiohttp does.

        Returns:
            Whether it was this call that closed it; another one's end is waited for all the same.
        """
        if self._ended is not None:
            await asyncio.wait((self._ended,))
            return False
        self._ended = asyncio.get_running_loop().create_future()
        writer = self._writer
        try:
            if writer is None or self._closed or not self._waiting:
                return await super().close(code=code, message=message, drain=drain)
            await self._close_while_received(writer.close(code, message))
            return True
        finally:
            self._ended.set_result(None)

    async def _close_while_received(self, goodbye: Awaitable[None]) -> None:
        # The task that receives reads on up to the answer.
        self._set_closed()
        self._close_wait = asyncio.get_running_loop().create_future()
        try:
            await goodbye
            async with asyncio.timeout(self._timeout):
                await self._close_wait
        except (TimeoutError, ConnectionError):
            self._set_code_close_transport(WSCloseCode.ABNORMAL_CLOSURE)
        except asyncio.CancelledError:
            self._set_code_close_transport(WSCloseCode.ABNORMAL_CLOSURE)
            raise
