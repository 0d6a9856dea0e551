"""Connections: keep-alive, pipelining, what breaks them, and clients that send nonsense."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

import tomodachi

from .conftest import Lines, Serve


class Hello(tomodachi.Service):
    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.started = asyncio.Event()
        self.finished = asyncio.Event()

    @tomodachi.http("GET", "/")
    async def hello(self, request: web.Request) -> str:
        return "hello"

    @tomodachi.http("GET", "/n/(?P<n>.+)")
    async def number(self, request: web.Request, n: str) -> str:
        return n

    @tomodachi.http("GET", "/slow")
    async def slow(self, request: web.Request) -> str:
        self.started.set()
        await self.release.wait()
        self.finished.set()
        return "slow"

    @tomodachi.http("GET", "/stream")
    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"one ")
        await response.write(b"two")
        return response

    @tomodachi.http("GET", "/forgetful-stream")
    async def forgetful_stream(self, request: web.Request) -> None:
        response = web.StreamResponse(headers={"Content-Length": "3"})
        await response.prepare(request)
        await response.write(b"one")

    @tomodachi.http("GET", "/broken-stream")
    async def broken_stream(self, request: web.Request) -> None:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"one ")
        msg = "in the middle"
        raise RuntimeError(msg)

    @tomodachi.http("GET", "/endless")
    async def endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        self.started.set()
        while True:
            await response.write(b"x" * 65536)


async def test_without_keep_alive_every_response_closes(serve: Serve) -> None:
    """Section 5.9."""
    served = await serve(Hello)
    raw = await served.connect()
    raw.get("/")
    status, headers, body = await raw.response()
    assert (status, body, headers["connection"]) == (200, b"hello", "close")
    assert "keep-alive" not in headers
    assert await raw.rest() == b""
    raw.close()


async def test_with_keep_alive_the_connection_is_used_again(serve: Serve) -> None:
    served = await serve(Hello, keepalive_timeout=5)
    raw = await served.connect()
    for _ in range(3):
        raw.get("/")
        _, headers, body = await raw.response()
        assert body == b"hello"
        assert (headers["connection"], headers["keep-alive"]) == ("keep-alive", "timeout=5")
    raw.close()


async def test_a_client_may_ask_for_the_connection_to_close(serve: Serve) -> None:
    served = await serve(Hello, keepalive_timeout=5)
    raw = await served.connect()
    raw.get("/", "Connection: close")
    _, headers, _ = await raw.response()
    assert headers["connection"] == "close"
    assert await raw.rest() == b""
    raw.close()


async def test_an_old_client_is_kept_if_it_asks_for_it(serve: Serve) -> None:
    served = await serve(Hello, keepalive_timeout=5)
    raw = await served.connect()
    raw.send("GET / HTTP/1.0", "Connection: keep-alive")
    assert (await raw.response())[1]["connection"] == "keep-alive"
    raw.send("GET / HTTP/1.0")
    assert (await raw.response())[1]["connection"] == "close"
    assert await raw.rest() == b""
    raw.close()


async def test_pipelined_requests_are_answered_in_order(serve: Serve) -> None:
    served = await serve(Hello, keepalive_timeout=5, max_keepalive_requests=50)
    raw = await served.connect()
    for n in range(50):
        raw.get(f"/n/{n}")
    answers = [await raw.response() for _ in range(50)]
    assert [int(body) for _, _, body in answers] == list(range(50))
    assert [headers["connection"] for _, headers, _ in answers] == ["keep-alive"] * 49 + ["close"]
    assert await raw.rest() == b""
    raw.close()


async def test_a_request_may_arrive_byte_by_byte(serve: Serve, settle: Any) -> None:
    served = await serve(Hello)
    raw = await served.connect()
    for byte in b"GET / HTTP/1.1\r\nHost: x\r\n\r\n":
        raw.writer.write(bytes([byte]))
        await settle(2)
    assert (await raw.response())[2] == b"hello"
    raw.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(2000)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    ],
)
async def test_nonsense_is_a_400_that_closes_and_hurts_nobody(
    serve: Serve, lines: Lines, request_bytes: bytes
) -> None:
    """Section 5.6, protocol errors: an empty body, and a line in the log."""
    served = await serve(Hello, keepalive_timeout=5)
    neighbour, raw = await served.connect(), await served.connect()
    neighbour.get("/")
    raw.writer.write(request_bytes)
    status, headers, body = await raw.response()
    assert (status, body) == (400, b"")
    assert (headers["connection"], headers["server"]) == ("close", "tomodachi")
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert await raw.rest() == b""
    logged = lines.of("tomodachi.http.response")[-1]
    assert (logged["message"], logged["status_code"]) == ("bad http request", 400)
    assert logged["remote_ip"] == "127.0.0.1"
    assert (await neighbour.response())[2] == b"hello"
    raw.close()
    neighbour.close()


async def test_nonsense_after_a_good_request_does_not_spoil_its_answer(serve: Serve) -> None:
    served = await serve(Hello, keepalive_timeout=5)
    raw = await served.connect()
    raw.get("/")
    assert (await raw.response())[2] == b"hello"
    raw.writer.write(b"NONSENSE\r\n\r\n")
    assert (await raw.response())[0] == 400
    raw.close()


async def test_row_11_a_stream_has_our_headers_and_its_own_end(serve: Serve, lines: Lines) -> None:
    """Row 11: StreamResponse is supported: status, access log, Server header."""
    served = await serve(Hello)
    status, headers, body = await served.get("/stream")
    assert (status, body, headers["Server"]) == (200, b"one two", "tomodachi")
    logged = lines.of("tomodachi.http.response")[0]
    assert logged["status_code"] == 200
    assert not lines.of("exception")


async def test_a_stream_that_was_prepared_but_not_returned_is_the_response(serve: Serve) -> None:
    served = await serve(Hello)
    assert (await served.get("/forgetful-stream"))[::2] == (200, b"one")


async def test_a_handler_that_fails_in_a_stream_cuts_the_connection(
    serve: Serve, lines: Lines
) -> None:
    """The end of the chunks would tell the client that it has got everything."""
    served = await serve(Hello, keepalive_timeout=5)
    raw = await served.connect()
    raw.get("/broken-stream")
    assert (await raw.rest()).endswith(b"4\r\none \r\n")
    assert "in the middle" in lines.of("exception")[0]["message"]
    assert lines.of("tomodachi.http.response")[0]["status_code"] == 500
    raw.close()


async def test_a_handler_runs_on_after_its_client_is_gone(
    serve: Serve, lines: Lines, settle: Any
) -> None:
    """Section 5.8: and the access log shows 499 with the real status beside it."""
    served = await serve(Hello)
    raw = await served.connect()
    raw.get("/slow")
    await served.service.started.wait()
    raw.close()
    await raw.writer.wait_closed()
    await settle()
    served.service.release.set()
    await settle()
    assert served.service.finished.is_set()
    logged = lines.of("tomodachi.http.response")[0]
    assert (logged["status_code"], logged["replaced_status_code"]) == (499, 200)
    assert logged["replaced_response_content_length"] == 4
    assert logged["response_content_length"] == 0


async def test_a_stream_whose_client_leaves_ends_as_499(
    serve: Serve, lines: Lines, settle: Any
) -> None:
    served = await serve(Hello)
    raw = await served.connect()
    raw.get("/endless")
    await served.service.started.wait()
    raw.writer.transport.abort()
    await settle(50)
    assert [line["status_code"] for line in lines.of("tomodachi.http.response")] == [499]
    assert not lines.of("exception")


async def test_a_slow_reader_holds_up_nobody(serve: Serve) -> None:
    served = await serve(Hello)
    slow = await served.connect()
    slow.get("/endless")
    await served.service.started.wait()
    assert (await served.get("/"))[2] == b"hello"
    slow.close()


async def test_a_client_that_never_ends_its_request_is_dropped(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tomodachi.transport.http.connection.FIRST_REQUEST_S", 0.01)
    served = await serve(Hello)
    raw = await served.connect()
    raw.send("GET / HTTP/1.1", "Host: x", end="\r\nX-Slow: ")
    assert await raw.rest() == b""
    raw.close()


async def test_a_declined_upgrade_does_not_lose_the_next_request(serve: Serve) -> None:
    served = await serve(Hello, keepalive_timeout=5)
    raw = await served.connect()
    raw.get("/", "Connection: upgrade", "Upgrade: websocket")
    raw.get("/n/2")
    assert (await raw.response())[2] == b"hello"
    assert (await raw.response())[2] == b"2"
    raw.close()
