"""The request object that handlers are given: aiohttp's, with a body that may be read twice.

The whole body is received before a handler runs (unless its route streams), within the service's
size limit and without waiting for ever for a client that stalls; then `read()`, `json()`, `post()`,
`multipart()` and `content` all work on what was received.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import BasicAuth, StreamReader, hdrs, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import EMPTY_PAYLOAD

from tomodachi.transport.http.match_info import MatchInfo

if TYPE_CHECKING:
    from tomodachi.transport.http.connection import Connection
    from tomodachi.transport.http.logging_rule import LoggingRule
    from tomodachi.transport.http.match_info import PatternRoute
    from tomodachi.transport.http.routes import Groups

STALLED_BODY_S = 60.0


class Request(web.Request):
    """An HTTP request to a service."""

    ATTRS = web.Request.ATTRS | frozenset(
        (
            "_made_match_info",
            "arrived_at",
            "found",
            "handler_elapsed_s",
            "logging_rule",
            "prepared_response",
        )
    )
    # When the request arrived, on the clock's steady axis.
    arrived_at: float = 0.0
    # How long its handler ran, in seconds; None as long as it has not.
    handler_elapsed_s: float | None = None
    # None: the response gets no line, whatever its status.
    logging_rule: LoggingRule | None = None
    # What routing found: the groups, the route, and the application aiohttp's requests belong to.
    found: tuple[Groups, PatternRoute, web.Application] | None = None
    _made_match_info: web.UrlMappingMatchInfo | None = None
    # The response whose head has been sent; no other can follow it.
    prepared_response: web.StreamResponse | None = None
    # aiohttp types it as its own RequestHandler
    _protocol: Connection

    @property
    def _match_info(self) -> web.UrlMappingMatchInfo | None:
        # A plain attribute of aiohttp's request. Made only when somebody asks, which few handlers do.
        if self._made_match_info is None and self.found is not None:
            self._made_match_info = MatchInfo(*self.found)
        return self._made_match_info

    @_match_info.setter
    def _match_info(self, value: web.UrlMappingMatchInfo | None) -> None:
        self._made_match_info = value

    @property
    def connection(self) -> Connection:
        """The connection that the request came by."""
        return self._protocol

    @property
    def expects_or_has_body(self) -> bool:
        """Whether there is anything to receive, or a client that waits to be asked for it."""
        return self._payload is not EMPTY_PAYLOAD or hdrs.EXPECT in self._headers

    async def receive_body(self) -> None:
        """Receive the body, so that it can be read any number of times.

        Raises:
            HTTPRequestEntityTooLarge: it is larger than the service's `client_max_size`.
            HTTPRequestTimeout: the client sent nothing for a minute.
            RequestPayloadError: it is malformed, or the connection was lost.
        """
        payload, limit = self._payload, self._client_max_size
        self.refuse_too_large()
        body = bytearray()
        payload.set_read_chunk_size(min(limit, 2**20))
        while not payload.at_eof():
            body.extend(await _next_chunk(payload))
            if len(body) > limit:
                raise web.HTTPRequestEntityTooLarge(limit, len(body))
        self._read_bytes = bytes(body)
        self._payload = _replay(self._read_bytes, self._loop)

    def refuse_too_large(self) -> None:
        """Refuse a body whose announced length is above the limit.

        Raises:
            HTTPRequestEntityTooLarge: it is.
        """
        length = self.content_length
        if length is not None and length > self._client_max_size:
            raise web.HTTPRequestEntityTooLarge(self._client_max_size, length)

    @property
    def received_length(self) -> int | None:
        """How many bytes of body have been received; None if there was no body to receive."""
        if self._read_bytes is not None:
            return len(self._read_bytes) or None
        return self._payload.total_bytes or None

    @property
    def auth(self) -> BasicAuth | None:
        """Login and password of an `Authorization: Basic` header, as `read_authorization` left them."""
        found: BasicAuth | None = self._cache.get("auth")
        return found

    def read_authorization(self) -> None:
        """Decode an `Authorization: Basic` header, if there is one, into `_cache["auth"]`."""
        header = self._headers.get(hdrs.AUTHORIZATION)
        if header is None:
            return
        scheme, _, encoded = header.partition(" ")
        if scheme.lower() != "basic":
            return
        # What can't be read is left to the handler, as another scheme is.
        with suppress(ValueError):
            decoded = b64decode(encoded.strip(), validate=True).decode("latin1")
            login, colon, password = decoded.partition(":")
            if colon:
                # Not by its constructor, which warns that clients should not use it any more.
                self._cache["auth"] = BasicAuth._make((login, password, "latin1"))

    @property
    def forwarded_remote_ip(self) -> str:
        """The client's address, as told by a trusted proxy or else by the connection."""
        cached: Any = self._cache.get("forwarded_remote_ip")  # Any: aiohttp's cache is untyped
        return self.remember_client() if cached is None else str(cached)

    def remember_client(self) -> str:
        """Put the client's address where services look it up, `_cache`, and return it."""
        connection = self._protocol
        address, rule = connection.peer_address, connection.server.real_ip
        if rule is not None:
            address = rule.client_address(address, self._headers)
        self._cache["forwarded_remote_ip"] = self._cache["request_ip"] = address
        return address

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        self.prepared_response = response
        self._protocol.finish_headers(self, response)


def get_forwarded_remote_ip(request: web.BaseRequest) -> str:
    """The address of the client that sent `request`.

    The connection's peer; if that is one of the proxies in `http.real_ip_from`, the first address in
    the header `http.real_ip_header`. Empty if the connection is broken.
    """
    if isinstance(request, Request):
        return request.forwarded_remote_ip
    # A test of a service may have made it, with no more of ours than this.
    return str(request._cache.get("forwarded_remote_ip", ""))


async def _next_chunk(payload: StreamReader) -> bytes:
    if payload.is_eof():
        return await payload.readany()
    try:
        async with asyncio.timeout(STALLED_BODY_S):
            return await payload.readany()
    except TimeoutError as error:
        msg = f"The request's body stalled for {STALLED_BODY_S:.0f} seconds"
        raise web.HTTPRequestTimeout(text=msg) from error


def _replay(body: bytes, loop: asyncio.AbstractEventLoop) -> StreamReader:
    reader = StreamReader(BaseProtocol(loop), limit=len(body) + 1, loop=loop)
    reader.feed_data(body)
    reader.feed_eof()
    return reader
