"""The HTTP client of a running service: answers read whole, so that a test needs no context manager."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.promises import promised

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import aiohttp


@dataclass(frozen=True, slots=True)
class HTTPAnswer:
    """An HTTP response with its body read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<HTTPAnswer {self.status} {self.body!r}>"

    def text(self) -> str:
        """The body as UTF-8 text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class HTTPClient:
    """Requests to one running service; paths are relative to its root.

    Keyword arguments are those of `aiohttp.ClientSession.request` (json, data, headers, params, ...).
    """

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session = session
        self.base_url = base_url

    @promised
    async def request(self, method: str, path: str, **options: Any) -> HTTPAnswer:
        """Send a request and read the whole answer."""
        url = path if "://" in path else self.base_url + path
        async with self._session.request(method, url, **options) as response:
            body = await response.read()
            return HTTPAnswer(response.status, response.headers, body)

    @promised
    async def get(self, path: str, **options: Any) -> HTTPAnswer:
        """GET."""
        return await self.request("GET", path, **options)

    @promised
    async def head(self, path: str, **options: Any) -> HTTPAnswer:
        """HEAD."""
        return await self.request("HEAD", path, **options)

    @promised
    async def post(self, path: str, **options: Any) -> HTTPAnswer:
        """POST."""
        return await self.request("POST", path, **options)

    @promised
    async def put(self, path: str, **options: Any) -> HTTPAnswer:
        """PUT."""
        return await self.request("PUT", path, **options)

    @promised
    async def patch(self, path: str, **options: Any) -> HTTPAnswer:
        """PATCH."""
        return await self.request("PATCH", path, **options)

    @promised
    async def delete(self, path: str, **options: Any) -> HTTPAnswer:
        """DELETE."""
        return await self.request("DELETE", path, **options)


class WebSocketSession:
    """A websocket to a running service."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    @promised
    async def send_str(self, data: str) -> None:
        """Send a text frame."""
        await self._socket.send_str(data)

    @promised
    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        await self._socket.send_bytes(data)

    @promised
    async def receive_str(self) -> str:
        """The next frame, which must be text."""
        return await self._socket.receive_str()

    @promised
    async def receive_bytes(self) -> bytes:
        """The next frame, which must be binary."""
        return await self._socket.receive_bytes()

    @promised
    async def close(self) -> None:
        """Close with the usual handshake."""
        await self._socket.close()

    @property
    def closed(self) -> bool:
        """Whether either side has closed."""
        return self._socket.closed

    async def __aenter__(self) -> WebSocketSession:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
