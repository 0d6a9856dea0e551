"""Bodies of requests: received whole, or streamed; limits, stalls, lost clients."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

import tomodachi

from .conftest import Lines, Serve


class Bodies(tomodachi.Service):
    def __init__(self) -> None:
        self.called = asyncio.Event()
        self.chunks: list[int] = []
        self.go_on = asyncio.Event()

    @tomodachi.http("POST", "/twice")
    async def twice(self, request: web.Request) -> str:
        text = await request.text()
        again = (await request.content.read()).decode()
        return f"{text} {again} {await request.json()}"

    @tomodachi.http("POST", "/form")
    async def form(self, request: web.Request) -> str:
        fields = await request.post()
        return json.dumps(
            {name: str(value) for name, value in fields.items() if isinstance(value, str)}
        )

    @tomodachi.http("POST", "/file")
    async def file(self, request: web.Request) -> bytes:
        await request.read()
        field = (await request.post())["upload"]
        assert isinstance(field, web.FileField)
        return field.filename.encode() + b" " + field.file.read()

    @tomodachi.http("POST", "/size")
    async def size(self, request: web.Request) -> str:
        self.called.set()
        return str(len(await request.read()))

    @tomodachi.http("POST", "/stream", stream_body=True)
    async def stream(self, request: web.Request) -> str:
        self.called.set()
        total = 0
        async for chunk in request.content.iter_chunked(65536):
            total += len(chunk)
            self.chunks.append(len(chunk))
        return str(total)

    @tomodachi.http("POST", "/stream-whole", stream_body=True)
    async def stream_whole(self, request: web.Request) -> str:
        return str(len(await request.read()))

    @tomodachi.http("POST", "/stream-unread", stream_body=True)
    async def stream_unread(self) -> tuple[int, str]:
        return 403, "not you"


async def test_a_body_can_be_read_again_and_again(serve: Serve) -> None:
    """Section 5.7: the whole body is received before the handler runs."""
    served = await serve(Bodies)
    answer = await served.request("POST", "/twice", data=b"[1]")
    assert answer[2] == b"[1] [1] [1]"


async def test_forms_and_files_can_be_read_after_the_body(serve: Serve) -> None:
    served = await serve(Bodies)
    assert (await served.request("POST", "/form", data={"a": "1"}))[2] == b'{"a": "1"}'
    form = aiohttp.FormData()
    form.add_field("upload", b"content", filename="f.txt")
    assert (await served.request("POST", "/file", data=form))[2] == b"f.txt content"


async def test_compressed_bodies_are_unpacked_and_limited_by_their_real_size(serve: Serve) -> None:
    served = await serve(Bodies, client_max_size="64K")
    headers = {"Content-Encoding": "gzip"}
    small, bomb = gzip.compress(b"x" * 60_000), gzip.compress(b"x" * 1_000_000)
    assert (await served.request("POST", "/size", data=small, headers=headers))[2] == b"60000"
    assert (await served.request("POST", "/size", data=bomb, headers=headers))[0] == 413


async def chunks(count: int, size: int = 65536) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def test_a_chunked_body_over_the_limit_is_413_before_the_handler(serve: Serve) -> None:
    served = await serve(Bodies, client_max_size="128K")
    assert (await served.request("POST", "/size", data=chunks(2)))[2] == b"131072"
    served.service.called.clear()
    assert (await served.request("POST", "/size", data=chunks(3)))[0] == 413
    assert not served.service.called.is_set()


async def test_row_11_a_large_upload_is_streamed_by_the_handler(serve: Serve) -> None:
    """Row 11: a handler may read the body as it arrives, also one above `client_max_size`."""
    served = await serve(Bodies, client_max_size="1M")
    raw = await served.connect()
    raw.send("POST /stream HTTP/1.1", "Host: x", "Content-Length: 3000000")
    await served.service.called.wait()
    raw.writer.write(b"x" * 3_000_000)
    assert (await raw.response())[2] == b"3000000"
    assert max(served.service.chunks) <= 65536
    raw.close()


async def test_a_streaming_handler_that_reads_whole_bodies_is_limited(serve: Serve) -> None:
    served = await serve(Bodies, client_max_size="128K")
    assert (await served.request("POST", "/stream-whole", data=chunks(2)))[2] == b"131072"
    assert (await served.request("POST", "/stream-whole", data=chunks(3)))[0] == 413


async def test_a_streaming_handler_need_not_read(serve: Serve) -> None:
    served = await serve(Bodies)
    assert (await served.request("POST", "/stream-unread", data=chunks(3)))[::2] == (
        403,
        b"not you",
    )


async def test_a_client_that_waits_is_told_to_continue(serve: Serve) -> None:
    """Source: https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1 (Expect)."""
    served = await serve(Bodies)
    raw = await served.connect()
    raw.send("POST /size HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 3")
    assert await raw.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    raw.writer.write(b"abc")
    assert (await raw.response())[::2] == (200, b"3")
    raw.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (("Expect: 100-continue", "Content-Length: 5000"), 413),
        (("Expect: the unexpected", "Content-Length: 3"), 417),
    ],
)
async def test_a_client_that_waits_in_vain_is_refused_at_once(
    serve: Serve, headers: tuple[str, ...], status: int
) -> None:
    served = await serve(Bodies, client_max_size=1024)
    raw = await served.connect()
    raw.send("POST /size HTTP/1.1", "Host: x", *headers)
    assert (await raw.response())[0] == status
    raw.close()


async def test_an_expectation_that_cannot_be_met_is_named(serve: Serve) -> None:
    """The answer of aiohttp, which is 0.29.0's too."""
    served = await serve(Bodies)
    raw = await served.connect()
    raw.send("POST /size HTTP/1.1", "Host: x", "Expect: miracles", "Content-Length: 3")
    assert (await raw.response())[::2] == (417, b"Unknown Expect: miracles")
    raw.close()


@pytest.mark.parametrize("path", ["/size", "/stream"])
async def test_a_client_that_leaves_while_sending_is_logged_as_499(
    serve: Serve, lines: Lines, path: str, settle: Any
) -> None:
    """Section 5.7: the handler is not called for a body that was cut short."""
    served = await serve(Bodies)
    raw = await served.connect()
    raw.send(f"POST {path} HTTP/1.1", "Host: x", "Content-Length: 100", end="\r\n\r\nabc")
    await settle()
    raw.close()
    await raw.writer.wait_closed()
    await settle(50)
    logged = lines.of("tomodachi.http.response")
    assert [line["status_code"] for line in logged] == [499]
    if path == "/size":
        assert (
            logged[0]["message"] == "ignored http request - connection closed before body was sent"
        )
        assert not served.service.called.is_set()
    assert not lines.of("exception")


async def test_a_malformed_chunked_body_is_400(serve: Serve) -> None:
    served = await serve(Bodies)
    raw = await served.connect()
    raw.send("POST /size HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", end="\r\n\r\nzz\r\n")
    status, headers, _ = await raw.response()
    assert (status, headers["connection"]) == (400, "close")
    assert await raw.rest() == b""
    assert not served.service.called.is_set()
    raw.close()


@pytest.mark.parametrize(("path", "status"), [("/size", 400), ("/nowhere", 404)])
async def test_a_body_that_is_not_compressed_as_it_says_is_the_clients_mistake(
    serve: Serve, lines: Lines, path: str, status: int
) -> None:
    """Found by sending changed requests at random: the answer was sent, and an error logged."""
    served = await serve(Bodies)
    raw = await served.connect()
    head = (f"POST {path} HTTP/1.1", "Host: x", "Content-Encoding: gzip", "Content-Length: 5")
    raw.send(*head, end="\r\n\r\nhello")
    assert (await raw.response())[0] == status
    assert await raw.rest() == b""
    assert [record.name for record in lines.records if record.levelname == "ERROR"] == []
    raw.close()


async def test_a_body_that_stalls_is_408(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tomodachi.transport.http.request.STALLED_BODY_S", 0.01)
    served = await serve(Bodies)
    raw = await served.connect()
    raw.send("POST /size HTTP/1.1", "Host: x", "Content-Length: 100", end="\r\n\r\nabc")
    assert (await raw.response())[0] == 408
    raw.close()


async def test_basic_authorization_is_decoded(serve: Serve) -> None:
    class Service(tomodachi.Service):
        @tomodachi.http("GET", "/")
        async def handler(self, request: web.Request) -> str:
            auth = request._cache.get("auth")
            return f"{auth.login}:{auth.password}" if auth else "nobody"

    served = await serve(Service)
    credentials = {"Authorization": "Basic " + base64.b64encode(b"me:p:w").decode()}
    assert (await served.get("/", headers=credentials))[2] == b"me:p:w"
    for undecodable in ("Basic !!!", "Bearer abc", "Basic", "Basic bWU="):
        assert (await served.get("/", headers={"Authorization": undecodable}))[2] == b"nobody"


async def test_the_clients_address_is_in_the_requests_cache(serve: Serve) -> None:
    """Section 5.10 and the deprecated names of section 18."""

    class Service(tomodachi.Service):
        @tomodachi.http("GET", "/")
        async def handler(self, request: web.Request) -> str:
            with pytest.warns(DeprecationWarning, match="get_forwarded_remote_ip"):
                old = tomodachi.transport.http.RequestHandler.get_request_ip(request, self.context)
            cached = [request._cache["forwarded_remote_ip"], request._cache["request_ip"]]
            return json.dumps([old, tomodachi.get_forwarded_remote_ip(request), *cached])

    served = await serve(Service)
    assert json.loads((await served.get("/"))[2]) == ["127.0.0.1"] * 4


def test_requests_that_are_not_ours_have_the_address_that_they_are_given() -> None:
    """As services make them to call their handlers in tests."""
    request = make_mocked_request("GET", "/")
    assert tomodachi.get_forwarded_remote_ip(request) == ""
    request._cache["forwarded_remote_ip"] = "10.1.2.3"
    assert tomodachi.get_forwarded_remote_ip(request) == "10.1.2.3"
