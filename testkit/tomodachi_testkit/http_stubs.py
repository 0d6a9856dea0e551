"""Other people's HTTP servers, played by the test: what services call out to, on the test's own loop.

A stubbed host is reached by any client that asks the loop for its connections (aiohttp, aiobotocore,
httpx): the loop resolves the host to an address that is ours alone and connects it to one loopback
server. With TLS the encryption is left out on the way, so no certificate is needed (`plain_tls.py`).

Delays of replies are virtual time, so a test can look at a client's retries and their gaps.
"""

from __future__ import annotations

import asyncio
import json as jsonlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tomodachi_testkit import plain_tls
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from aiohttp import web

    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NO_STUB = 501


class UnexpectedRequest(TestkitError):
    """A service called a stubbed host in a way that no stub answers."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a stub.

    Attributes:
        status: HTTP status.
        json: Sent as JSON unless None.
        body: Sent as it is where there is no JSON.
        headers: Further headers.
        delay_s: Seconds of the clock before the answer.
        reset: Close the connection instead of answering.
    """

    status: int = 200
    json: Any = None
    body: str | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a stubbed host.

    Attributes:
        method: Its method.
        url: Its URL, whole; http or https as the stub of that host has it.
        headers: Its headers.
        body: Its body.
        at: When it came.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    def json(self) -> Any:
        """The body as JSON."""
        return jsonlib.loads(self.body)


class CallList(Sequence[Call]):
    """The requests that were sent to a URL, oldest first."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = tuple(calls)

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> CallList: ...
    def __getitem__(self, index: int | slice) -> Call | CallList:
        if isinstance(index, slice):
            return CallList(self._calls[index])
        return self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def __repr__(self) -> str:
        return f"<{len(self)} calls: {[f'{call.method} {call.url}' for call in self]!r}>"

    def gaps(self) -> list[timedelta]:
        """The time between each call and the next."""
        pairs = zip(self._calls, self._calls[1:], strict=False)
        return [later.at - earlier.at for earlier, later in pairs]


def reply_of(value: Any) -> Reply:
    """A reply from its short form: a status, text, octets, JSON, or an exception to reset with."""
    if isinstance(value, Reply):
        return value
    if isinstance(value, bool) or value is None:
        return Reply(json=value, body="null" if value is None else b"")
    if isinstance(value, int):
        return Reply(status=value)
    if isinstance(value, str | bytes):
        return Reply(body=value)
    if isinstance(value, BaseException) or (
        isinstance(value, type) and issubclass(value, BaseException)
    ):
        return Reply(reset=True)
    return Reply(json=value)


class Stub:
    """Answers requests of one method to one URL; `*` in the path stands for anything."""

    def __init__(self, method: str, url: str) -> None:
        self.method = method
        self.url = url
        self._parts = _split(url)
        self.scheme, self.host = self._parts.scheme, authority(self._parts)
        self._query = parse_qsl(self._parts.query)
        self._replies: list[Reply] = [Reply()]
        self.calls: list[Call] = []

    def replies(self, replies: Sequence[Any]) -> Stub:
        """Answer with these, one after the other; the last one is repeated.

        Args:
            replies: `Reply` objects, or short forms: 503, "text", b"octets", {"json": True},
                ConnectionResetError.

        Raises:
            TestkitError: there are none.
        """
        if not replies:
            msg = f"replies([]) of {self.method} {self.url}: give at least one reply."
            raise TestkitError(msg)
        self._replies = [reply_of(reply) for reply in replies]
        return self

    def matches(self, method: str, host: str, path: str, query: list[tuple[str, str]]) -> bool:
        """Whether this stub answers such a request."""
        return (
            self.method in ("*", method)
            and self.host == host
            and fnmatchcase(path, self._parts.path or "/")
            and (not self._query or sorted(self._query) == sorted(query))
        )

    def take(self, call: Call) -> Reply:
        """Record a call and give its reply."""
        self.calls.append(call)
        return self._replies[min(len(self.calls), len(self._replies)) - 1]


class HTTPStubs:
    """The outside world of a test: hosts, their answers, and what was asked of them."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._stubs: list[Stub] = []
        self._answered: list[tuple[Stub, Call]] = []
        self._server: StubServer | None = None

    def get(self, url: str) -> Stub:
        """Answer GET requests to `url`."""
        return self.request("GET", url)

    def post(self, url: str) -> Stub:
        """Answer POST requests to `url`."""
        return self.request("POST", url)

    def put(self, url: str) -> Stub:
        """Answer PUT requests to `url`."""
        return self.request("PUT", url)

    def patch(self, url: str) -> Stub:
        """Answer PATCH requests to `url`."""
        return self.request("PATCH", url)

    def delete(self, url: str) -> Stub:
        """Answer DELETE requests to `url`."""
        return self.request("DELETE", url)

    def head(self, url: str) -> Stub:
        """Answer HEAD requests to `url`."""
        return self.request("HEAD", url)

    def options(self, url: str) -> Stub:
        """Answer OPTIONS requests to `url`."""
        return self.request("OPTIONS", url)

    def any(self, url: str) -> Stub:
        """Answer requests of every method to `url`."""
        return self.request("*", url)

    def request(self, method: str, url: str) -> Stub:
        """Answer requests of `method` to `url` (with status 200 and no body until told otherwise).

        Args:
            method: A method, or "*" for every one.
            url: Absolute; `*` in its path stands for anything; a query, if given, must be equal.

        Raises:
            TestkitError: the URL is not absolute, or the test runs in real time.
        """
        stub = Stub(method.upper(), url)
        if self._server is None:
            self._server = StubServer(self._harness, self._answer, self.scheme_of)
        self._server.claim(_split(url))
        # The newest first: a test may refine what a fixture set up.
        self._stubs.insert(0, stub)
        return stub

    def calls(self, url: str) -> CallList:
        """The requests that stubs answered at `url`, of any method, oldest first.

        Args:
            url: As a stub was given it, or as a client asked for it; `*` stands for anything.
        """
        return CallList(
            [call for stub, call in self._answered if url == stub.url or fnmatchcase(call.url, url)]
        )

    def unused(self) -> list[str]:
        """Stubs that were never called, described."""
        return [
            f"{stub.method} {stub.url} was never called"
            for stub in reversed(self._stubs)
            if not stub.calls
        ]

    async def close(self) -> None:
        """Stop answering."""
        if self._server is not None:
            await self._server.close()

    def _answer(self, method: str, host: str, path: str, query: str, call: Call) -> Reply:
        pairs = parse_qsl(query)
        for stub in self._stubs:
            if stub.matches(method, host, path, pairs):
                reply = stub.take(call)
                self._answered.append((stub, call))
                self._log("answered", call, "reset" if reply.reset else reply.status)
                return reply
        self._log("unanswered", call, _NO_STUB)
        known = ", ".join(f"{stub.method} {stub.url}" for stub in reversed(self._stubs))
        text = f"no stub answers {method} {call.url}; there are: {known}."
        self._harness.watch.errors.append(UnexpectedRequest(text))
        return Reply(status=_NO_STUB, body=text)

    def _log(self, kind: str, call: Call, status: int | str) -> None:
        facts = {"method": call.method, "url": call.url, "status": status}
        self._harness.log.add(kind, "http", detail=facts)

    def scheme_of(self, host: str) -> str:
        """Of the URL under which a host was stubbed first."""
        stubs = reversed(self._stubs)
        return next((stub.scheme for stub in stubs if stub.host == host), "http")


class StubServer:
    """The loopback server behind every stubbed host, and the loop's way to it."""

    def __init__(self, harness: Harness, answer: Any, scheme_of: Callable[[str], str]) -> None:
        self._harness = harness
        self._answer = answer
        self._scheme_of = scheme_of
        self._runner: web.ServerRunner | None = None
        self._ready: asyncio.Task[None] | None = None
        self._loop = harness.virtual_loop("HTTP stubs")
        self._redirects = self._loop.redirects
        self._stack = ExitStack()
        self._stack.enter_context(plain_tls.left_out(self._redirects))

    def claim(self, parts: SplitResult) -> None:
        """From here on, connections to this URL's host come here."""
        self._redirects.claim(parts.hostname or "", self._address)

    async def _address(self) -> tuple[str, int]:
        if self._runner is None:
            from aiohttp import web

            self._runner = web.ServerRunner(web.Server(self._handle))
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        return str(host), int(port)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        from aiohttp import web

        body = await request.read()
        clock = self._harness.clock
        url = f"{self._scheme_of(request.host)}://{request.host}{request.path_qs}"
        call = Call(request.method, url, request.headers, body, clock.now().astimezone(UTC))
        reply = self._answer(request.method, request.host, request.path, request.query_string, call)
        if reply.delay_s:
            await asyncio.sleep(reply.delay_s)
        if reply.reset and request.transport is not None:
            request.transport.abort()
        response: web.StreamResponse = _response(web, reply)
        return response

    async def close(self) -> None:
        """Stop listening and give the hosts back."""
        self._stack.close()
        self._redirects.release(self._address)
        if self._runner is not None:
            await self._runner.cleanup()


def _response(web: Any, reply: Reply) -> Any:
    headers = dict(reply.headers)
    if reply.json is not None:
        headers.setdefault("Content-Type", "application/json")
        body: str | bytes = jsonlib.dumps(reply.json)
    else:
        body = reply.body
    octets = body.encode() if isinstance(body, str) else body
    return web.Response(status=reply.status, body=octets, headers=headers)


def authority(parts: SplitResult) -> str:
    """Host and port as a client writes them into the Host header."""
    host = parts.hostname or ""
    port = parts.port
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        msg = f"{url!r} is no absolute http(s) URL; write it like 'https://api.example.com/rates'."
        raise TestkitError(msg)
    return parts
