"""One websocket: opens it, hands its frames to the service's function, closes it.

A service's function is called with the websocket and may return `(receive, close)`, `(receive,)`, a
single callable (receive) or None. `receive` gets each text frame as str and each binary frame as
bytes, one at a time; `close` is called once at the end.

The service's middlewares are around all of it, from before the websocket is opened until it is closed:
one that does not call the next (authorisation, say) answers the request instead.

Source: https://www.rfc-editor.org/rfc/rfc6455 (close codes: section 7.4.1)
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import EofStream, WSCloseCode, WSMsgType, web

from tomodachi import logging
from tomodachi.helpers import entropy
from tomodachi.helpers.observer import observed
from tomodachi.transport.failures import log_uncaught
from tomodachi.transport.http.websocket_response import WebSocket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tomodachi.transport.http.access_log import AccessLog
    from tomodachi.transport.http.handlers import AroundHandler, BoundHandler
    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.response import ReturnValue
    from tomodachi.transport.http.routes import Groups

Callback = Any  # Any: sync or async callables of the user's, and whatever they return
_FAILED = object()


@dataclass(frozen=True, slots=True)
class WebSocketHandler:
    """A service's websocket function.

    Attributes:
        service: The instance.
        name: The function's name.
        handler: Calls it.
        around: The service's middlewares.
        log: The server's access log, which is told when a websocket opens and closes.
        open_websockets: Where services find the websockets that are open.
    """

    service: object
    name: str
    handler: BoundHandler
    around: AroundHandler
    log: Callable[[], AccessLog]
    open_websockets: list[web.WebSocketResponse]

    async def answer(self, request: Request, groups: Groups) -> ReturnValue:
        """Serve one websocket until it is closed; an endpoint's `answer`.

        Returns:
            The websocket, or what a middleware answered instead of opening it.

        Raises:
            HTTPBadRequest: the request does not ask for a websocket.
        """
        # Middlewares, too, look there for what kind of request it is.
        request._cache.update(is_websocket=True, websocket_uuid=str(entropy.uuid4()))
        if not self.around.is_needed:
            return await self._serve(request, groups, {})

        async def routine(**extra: object) -> None:
            await self._serve(request, groups, extra)

        returned = await self.around.run(request, routine, {"request": request})
        return returned if request.prepared_response is None else request.prepared_response

    async def _serve(
        self, request: Request, groups: Groups, extra: Mapping[str, object]
    ) -> web.StreamResponse:
        websocket, log = WebSocket(), self.log()
        identity = request._cache["websocket_uuid"]
        try:
            await websocket.prepare(request)
        except (web.HTTPException, ConnectionError):
            log.websocket(request, "cancelled", identity)
            raise
        except ValueError as error:
            # aiohttp fails so over bytes in the headers that are no ASCII.
            log.websocket(request, "cancelled", identity)
            raise web.HTTPBadRequest from error
        request.logging_rule = None
        request.connection.websocket = websocket
        self.open_websockets.append(websocket)
        log.websocket(request, "open", identity)
        try:
            await _Conversation(self, websocket, request, identity).run(groups, extra)
        finally:
            self._forget(websocket)
            log.websocket(request, "closed", identity)
        return websocket

    def _forget(self, websocket: web.WebSocketResponse) -> None:
        # The list is the service's as much as ours, which may have taken it out already. At a stop they
        # close in the list's order, so that each is found at once.
        for index, other in enumerate(self.open_websockets):
            if other is websocket:
                del self.open_websockets[index]
                return


@dataclass(frozen=True, slots=True)
class _Conversation:
    owner: WebSocketHandler
    websocket: web.WebSocketResponse
    request: Request
    identity: str

    async def run(self, groups: Groups, extra: Mapping[str, object]) -> None:
        logging.bind_logger(
            {
                "logger": "tomodachi.http.handler",
                "handler": self.owner.name,
                "type": "tomodachi.websocket",
            }
        )
        fallbacks = (self.websocket, self.request)
        values = {**groups, "websocket": self.websocket, "request": self.request}
        returned = await self._call("open", self.owner.handler, values, fallbacks, extra)
        if returned is _FAILED:
            self.owner.log().websocket(self.request, "error", self.identity)
            await self.websocket.close(code=WSCloseCode.INTERNAL_ERROR)
            return
        receive, close = _callbacks(returned)
        try:
            await self._receive_all(receive)
        finally:
            if close is not None:
                await self._call("close", close)
            await self.websocket.close()

    async def _receive_all(self, receive: Callback) -> None:
        async for message in self.websocket:
            if message.type == WSMsgType.ERROR:
                self._log_broken_frame(message.data)
            elif receive is not None:
                event = "text" if message.type == WSMsgType.TEXT else "binary"
                await self._call(event, receive, message.data)

    def _log_broken_frame(self, error: BaseException) -> None:
        level = getattr(self.owner.service, "log_level", None)
        # The end of the connection is none of the client's mistakes.
        if level in (None, "", "DEBUG") and not isinstance(error, EofStream | RuntimeError):
            log_uncaught(error)

    async def _call(self, event: str, function: Callback, *args: object) -> Callback:
        """What `function` returns, awaited; `_FAILED` if it raises, which is logged."""
        owner, path = self.owner, self.request.path
        details = {"path": path, "websocket_id": self.identity, "event": event}
        with observed("websocket", owner.service, owner.name, **details) as call:
            try:
                result = function(*args)
                return await result if inspect.isawaitable(result) else result
            except Exception as error:  # noqa: BLE001 - the user's; logged and reported
                call.error = error
                log_uncaught(error)
                return _FAILED


def _callbacks(returned: Callback) -> tuple[Callback, Callback]:
    if not isinstance(returned, tuple | list):
        return returned, None
    receive, close = (*returned, None, None)[:2]
    return receive, close
