"""HTTP/1.1 on one connection: bytes to requests and answers to bytes, in order, within limits.

Parsing is httptools'. Requests that arrive while an earlier one still waits for its answer stay in
line; a client that does not read is not read from. What a request means is the server's business.

Source: RFC 9112 (messages, pipelining, section 3.2.2: targets with a host), RFC 9110 sections 7.8 (Upgrade), 9.3.2 (HEAD) and 10.1.1 (Expect).
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Protocol, cast

import httptools

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.faults import Fault, FaultKind

MAX_HEADER_BYTES = 16 * 1024
_MIB = 1024 * 1024
MAX_BODY_BYTES = 2 * _MIB
_MAX_PIPELINED = 32
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_ABSOLUTE = re.compile(
    r"(?i)^https?://[^/?]*/?"
)  # what a client writes that believes it asks a proxy
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_HEADERS_TOO_LARGE = "The header block is larger than 16 KiB."
_LINGER_OFF = struct.pack("ii", 1, 0)


class HttpHandler(Protocol):
    """What a connection needs of its server."""

    def opened(self, connection: HttpConnection) -> bool:
        """A client connected; False when there are too many."""
        ...

    def closed(self, connection: HttpConnection) -> None:
        """The connection is gone; nothing waits for an answer on it any more."""
        ...

    def headers_begin(self, connection: HttpConnection) -> None:
        """A request's headers must be complete within the deadline from now on."""
        ...

    def headers_end(self, connection: HttpConnection) -> None:
        """They are."""
        ...

    def max_body_bytes(self, path: str, headers: Mapping[str, str]) -> int:
        """The largest body that such a request may have; asked for where one is larger than most."""
        ...

    def handle(self, connection: HttpConnection, request: HttpRequest) -> HttpResponse | None:
        """Answer a request; None when `connection.answer` is called later."""
        ...


class HttpConnection(asyncio.Protocol):
    """One connection.

    Args:
        handler: Who answers.

    Attributes:
        waiter_id: Number of the call that waits here; None when none does.
        on_lost: Called once when the client is gone, for whoever answers later or streams.
    """

    def __init__(self, handler: HttpHandler) -> None:
        self._handler = handler
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._source_ip = ""
        self._url = b""
        self._headers: dict[str, str] = {}
        self._header_bytes = 0  # received so far of a block that is not complete
        self._headers_size = 0  # names and values so far
        self._in_headers = False
        self._completed = False
        self._awaited = False
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._refused: HttpResponse | None = None
        self._line: deque[tuple[HttpRequest, bool]] = deque()
        self._busy = False
        self._keep_alive = True
        self._head_only = False
        self._writable = True
        self._closing = False
        self.waiter_id: int | None = None
        self.on_lost: Callable[[], None] | None = None

    # --- the connection --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        # Not checked by type: uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._source_ip = peer[0] if isinstance(peer, tuple) else ""
        if not self._handler.opened(self):
            self._refuse(503, "Too many connections; close some.")

    def connection_lost(self, exc: Exception | None) -> None:
        """The client left, or was sent away."""
        self._closing = True
        self._line.clear()
        self._transport = None
        self._handler.closed(self)
        on_lost, self.on_lost = self.on_lost, None
        if on_lost is not None:
            on_lost()

    def pause_writing(self) -> None:
        """The client reads too slowly: read no further requests."""
        self._writable = False
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._writable = True
        if self._transport is not None and not self._closing:
            self._transport.resume_reading()
        self._next()

    def close(self) -> None:
        """Close after what is written has been sent."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def time_out(self) -> None:
        """The headers did not come in time."""
        self._refuse(408, "The request's headers did not arrive within 10 seconds.")

    # --- requests --------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parse what came; answer what is complete."""
        if self._closing:
            return
        self._completed = False
        try:
            self._parse(data)
        except httptools.HttpParserError:
            if self._refused is None:
                self._refused = _plain(400, "The request is not valid HTTP/1.1.")
        if self._refused is not None and not self._closing:
            self._write(self._refused, keep_alive=False)
        elif self._in_headers and not self._closing:
            self._await_headers(len(data))

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = self._again_without_upgrade(data[upgrade.args[0] :])
            else:
                return

    def _again_without_upgrade(self, rest: bytes) -> bytes:
        """What to parse in place of a request that asks for another protocol, and what came behind its head."""
        if self._parser.get_method() == b"CONNECT":
            self._refused = _plain(400, "This server is no proxy.")
        if self._refused is not None:
            return b""
        head = self._head_without_upgrade()
        self._parser = httptools.HttpRequestParser(self)
        return head + rest

    def _head_without_upgrade(self) -> bytes:
        """The head behind which the parser stopped, because the client would rather speak another protocol.

        A server may pass that over, and Java's client asks for HTTP/2 with every request; but httptools leaves
        the body to the other protocol, and so has to read the request as one that does not ask.
        """
        over = ("upgrade", "connection", "expect")
        headers = {name: value for name, value in self._headers.items() if name not in over}
        if "close" in self._headers.get("connection", "").lower():
            headers["connection"] = "close"
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        version = self._parser.get_http_version().encode()
        line = b"%b %b HTTP/%b\r\n" % (self._parser.get_method(), self._url, version)
        return line + fields.encode("latin-1") + b"\r\n"

    def _await_headers(self, received: int) -> None:
        # Most requests come whole; only one that does not is given a deadline, and a measure.
        if not self._completed:
            self._header_bytes += received
        if self._header_bytes > MAX_HEADER_BYTES:
            self._refuse(431, _HEADERS_TOO_LARGE)
        elif not self._awaited:
            self._awaited = True
            self._handler.headers_begin(self)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._url = b""
        self._headers = {}
        self._header_bytes = self._headers_size = 0
        self._body = []
        self._body_bytes = 0
        self._in_headers = True

    def on_url(self, url: bytes) -> None:
        """A part of the request target."""
        self._url += url
        if len(self._url) > MAX_HEADER_BYTES:
            self._refused = _plain(414, "The request target is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers_size = size = self._headers_size + len(name) + len(value)
        if size > MAX_HEADER_BYTES:
            self._refused = _plain(431, _HEADERS_TOO_LARGE)
        self._headers[_header_name(name)] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The headers are complete."""
        self._in_headers = False
        if self._awaited:
            self._awaited = False
            self._handler.headers_end(self)
        length = self._headers.get("content-length", "0")
        if length.isdecimal() and self._is_too_large(int(length[:12])):
            self._refuse_body()
        elif self._headers.get("expect", "").lower() == "100-continue" and not self._busy:
            self._send(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A part of the body, chunked coding already taken off."""
        self._body_bytes += len(body)
        if self._is_too_large(self._body_bytes):
            self._refuse_body()
        elif self._refused is None:
            self._body.append(body)

    def _is_too_large(self, octets: int) -> bool:
        return octets > MAX_BODY_BYTES and octets > self._max_body_bytes()

    def _max_body_bytes(self) -> int:
        return self._handler.max_body_bytes(self._url.decode("latin-1"), self._headers)

    def _refuse_body(self) -> None:
        self._refused = _plain(
            413, f"The body is larger than {self._max_body_bytes() // _MIB} MiB."
        )
        self._body.clear()

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._completed = True
        if self._refused is not None or self._closing or self._parser.should_upgrade():
            return
        target = self._url.decode("latin-1")
        if not target.startswith("/"):
            target = _ABSOLUTE.sub("/", target)
        path, _, query = target.partition("?")
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        method = self._parser.get_method().decode("ascii")
        request = HttpRequest(method, path, query, self._headers, body, self._source_ip)
        self._line.append((request, self._parser.should_keep_alive()))
        if len(self._line) > _MAX_PIPELINED and self._transport is not None:
            self._transport.pause_reading()
        self._next()

    def _next(self) -> None:
        while self._line and not self._busy and self._writable and not self._closing:
            request, self._keep_alive = self._line.popleft()
            if len(self._line) == _MAX_PIPELINED and self._transport is not None:
                self._transport.resume_reading()
            self._busy = True
            self._head_only = request.method == "HEAD"
            response = self._handler.handle(self, request)
            if response is not None:
                self.answer(response)

    # --- answers ---------------------------------------------------------------------------------

    def answer(self, response: HttpResponse) -> None:
        """Write the answer of the request that is being handled, as its faults allow."""
        if not response.faults:
            self._finish(response, {})
            return
        faults = {fault.kind: fault for fault in response.faults}
        latency = faults.get(FaultKind.LATENCY)
        delay_s = 0.0 if latency is None else latency.delay_s
        if delay_s > 0:
            self._loop.call_later(delay_s, self._finish, response, faults)
        else:
            self._finish(response, faults)

    def begin_stream(self, content_type: str) -> None:
        """Answer with a body that grows until one side closes the connection (RFC 9112, 6.3)."""
        self._send(
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\n".encode("latin-1")
        )

    def send_part(self, data: bytes) -> None:
        """A further part of a stream; a client that does not read is sent away."""
        if self._writable:
            self._send(data)
        else:
            self.abort()

    def _finish(self, response: HttpResponse, faults: dict[FaultKind, Fault]) -> None:
        if self._transport is None:
            return
        if faults and self._spoilt(response, faults):
            return
        self._write(response, keep_alive=self._keep_alive, head_only=self._head_only)
        self._busy = False
        if self._line:
            self._next()

    def _spoilt(self, response: HttpResponse, faults: dict[FaultKind, Fault]) -> bool:
        """Lose the answer, or all but the beginning of it, where a fault says so."""
        if FaultKind.DROP_BEFORE in faults or FaultKind.DROP_AFTER in faults:
            self.close()
            return True
        reset = faults.get(FaultKind.RESET)
        if reset is not None:
            whole = _serialize_head(response, keep_alive=False) + response.body
            self._reset(whole[: reset.after_bytes])
        return reset is not None

    def _write(self, response: HttpResponse, *, keep_alive: bool, head_only: bool = False) -> None:
        head = _serialize_head(response, keep_alive=keep_alive)
        self._send(head if head_only else head + response.body)
        if not keep_alive:
            self.close()

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _refuse(self, status: int, text: str) -> None:
        self._refused = _plain(status, text)
        self._write(self._refused, keep_alive=False)

    def _reset(self, head: bytes) -> None:
        transport = self._transport
        self._closing = True
        if transport is None:
            return
        if head:
            transport.write(head)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
        transport.abort()


@lru_cache(maxsize=1024)
def _header_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(status, "text/plain; charset=utf-8", f"{text}\n".encode())


@lru_cache(maxsize=256)
def _head(status: int, content_type: str) -> str:
    head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}\r\n"
    return f"{head}Content-Type: {content_type}\r\n" if content_type else head


def _serialize_head(response: HttpResponse, *, keep_alive: bool) -> bytes:
    """Everything before the body, whose length is told even where HEAD leaves it out."""
    head = _head(response.status, response.content_type)
    for name, value in response.headers.items():
        head += f"{name}: {value}\r\n"
    if not keep_alive:
        head += "Connection: close\r\n"
    if "Content-Length" not in response.headers:
        head += f"Content-Length: {len(response.body)}\r\n"
    return f"{head}\r\n".encode("latin-1", "replace")
