"""Every option of the `http` section, by its effect on the wire."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

import pytest
from aiohttp import web

import tomodachi
from tomodachi.options import Options

from .conftest import FakeClock, Lines, Serve
from .test_server import UseClock

SHOWN_ELSEWHERE = {
    "http.access_log": "test_access_log.py",
    "http.termination_grace_period_seconds": "test_server.py",
}


class Echo(tomodachi.Service):
    @tomodachi.http("GET", "/")
    async def hello(self, request: web.Request) -> str:
        return f"å {tomodachi.get_forwarded_remote_ip(request)}"

    @tomodachi.http("POST", "/")
    async def size(self, request: web.Request) -> str:
        return str(len(await request.read()))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def test_http_port(serve: Serve) -> None:
    port = free_port()
    served = await serve(Echo, port=port)
    assert served.port == port
    assert (await served.get("/"))[0] == 200


@pytest.mark.parametrize("port", [None, 0])
async def test_http_port_none_is_a_random_port(serve: Serve, port: int | None) -> None:
    assert (await serve(Echo, port=port)).port > 0


@pytest.mark.parametrize("host", [None, ""])
async def test_http_host_none_listens_everywhere_on_one_port(
    serve: Serve, host: str | None
) -> None:
    served = await serve(Echo, host=host)
    addresses = ["127.0.0.1", "::1"] if socket.has_dualstack_ipv6() else ["127.0.0.1"]
    for address in addresses:
        _, writer = await asyncio.open_connection(address, served.port)
        writer.close()


async def test_http_host_names_the_interface(serve: Serve) -> None:
    served = await serve(Echo, host="127.0.0.2")
    with pytest.raises(ConnectionRefusedError):
        await served.connect()
    _, writer = await asyncio.open_connection("127.0.0.2", served.port)
    writer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="SO_REUSEPORT is used on Linux only")
async def test_http_reuse_port(serve: Serve, lines: Lines) -> None:
    first = await serve(Echo, port=free_port(), reuse_port=True)
    second = await serve(Echo, port=first.port, reuse_port=True)
    assert second.port == first.port
    warning = "another service of this process listens on the same http port"
    assert warning in [line["message"] for line in lines.of("tomodachi.http")]
    with pytest.raises(tomodachi.HttpException):
        await serve(Echo, port=first.port, reuse_port=False)


async def test_http_reuse_port_means_nothing_for_a_random_port(serve: Serve, lines: Lines) -> None:
    await serve(Echo, reuse_port=True)
    warning = "http option reuse_port is not used with a random port"
    assert warning in [line["message"] for line in lines.of("tomodachi.http")]


async def test_http_reuse_port_is_for_linux(
    serve: Serve, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tomodachi.transport.http.server.sys.platform", "darwin")
    await serve(Echo, port=free_port(), reuse_port=True)
    warning = "http option reuse_port is only available on linux"
    assert warning in [line["message"] for line in lines.of("tomodachi.http")]


@pytest.mark.parametrize(
    ("options", "header", "body"),
    [
        ({"content_type": "text/html; charset=latin1"}, "text/html; charset=latin1", b"\xe5"),
        ({"content_type": "text/html"}, "text/html; charset=utf-8", b"\xc3\xa5"),
        ({"content_type": "text/html", "charset": "latin1"}, "text/html; charset=latin1", b"\xe5"),
        ({"charset": "latin1"}, "text/plain; charset=utf-8", b"\xc3\xa5"),
        ({"content_type": "text/html", "charset": None}, "text/html", b"\xc3\xa5"),
    ],
)
async def test_http_content_type_and_http_charset(
    serve: Serve, options: dict[str, Any], header: str, body: bytes
) -> None:
    served = await serve(Echo, **options)
    answer = await served.get("/")
    assert (answer[1]["Content-Type"], answer[2].split()[0]) == (header, body)


@pytest.mark.parametrize("limit", [2048, "2048", "2K", "2kb", "2048B"])
async def test_http_client_max_size(serve: Serve, limit: int | str) -> None:
    served = await serve(Echo, client_max_size=limit)
    assert (await served.request("POST", "/", data=b"x" * 2048))[2] == b"2048"
    assert (await served.request("POST", "/", data=b"x" * 2049))[0] == 413


@pytest.mark.parametrize("old_name", ["max_buffer_size", "max_upload_size"])
async def test_http_client_max_size_by_its_old_names(serve: Serve, old_name: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"http.{old_name}"):
        served = await serve(Echo, **{old_name: 2048})
    assert (await served.request("POST", "/", data=b"x" * 2049))[0] == 413


@pytest.mark.parametrize(
    ("options", "header", "address"),
    [
        ({"real_ip_from": ["127.0.0.0/8"]}, "X-Forwarded-For", "203.0.113.7"),
        ({"real_ip_from": "127.0.0.1"}, "X-Forwarded-For", "203.0.113.7"),
        ({"real_ip_from": "127.0.0.1", "real_ip_header": "X-Real-IP"}, "X-Real-IP", "203.0.113.7"),
        (
            {"real_ip_from": "127.0.0.1", "real_ip_header": "X-Real-IP"},
            "X-Forwarded-For",
            "127.0.0.1",
        ),
        ({"real_ip_from": ["10.0.0.0/8"]}, "X-Forwarded-For", "127.0.0.1"),
        ({}, "X-Forwarded-For", "127.0.0.1"),
    ],
)
async def test_http_real_ip_from_and_http_real_ip_header(
    serve: Serve, lines: Lines, options: dict[str, Any], header: str, address: str
) -> None:
    served = await serve(Echo, **options)
    answer = await served.get("/", headers={header: "203.0.113.7, 10.0.0.1"})
    assert answer[2].decode().split()[1] == address
    assert lines.of("tomodachi.http.response")[0]["remote_ip"] == address


@pytest.mark.parametrize("option", ["keepalive_timeout", "keepalive_expiry"])
async def test_http_keepalive_timeout_and_http_keepalive_expiry(serve: Serve, option: str) -> None:
    served = await serve(Echo, **{option: 1})
    raw = await served.connect()
    raw.get("/")
    _, headers, _ = await raw.response()
    assert (headers["connection"], headers["keep-alive"]) == ("keep-alive", "timeout=1")
    # the protocol's own idle timer, run before its time
    (connection,) = served.service.context["_http_registry"].server._connections.open_connections
    assert connection.keepalive_timeout == 1
    connection._next_keepalive_close_time = 0
    connection._process_keepalive()
    assert await raw.rest() == b""
    raw.close()


async def test_http_max_keepalive_requests(serve: Serve) -> None:
    served = await serve(Echo, keepalive_timeout=5, max_keepalive_requests=3)
    raw = await served.connect()
    seen = []
    for _ in range(3):
        raw.get("/")
        _, headers, _ = await raw.response()
        seen.append((headers["connection"], headers.get("keep-alive")))
    kept = ("keep-alive", "timeout=5, max=3")
    assert seen == [kept, kept, ("close", None)]
    assert await raw.rest() == b""
    raw.close()


async def test_http_max_keepalive_time(
    serve: Serve, fake_clock: FakeClock, use_clock: UseClock
) -> None:
    use_clock(fake_clock)
    served = await serve(Echo, keepalive_timeout=60, max_keepalive_time=100)
    raw = await served.connect()
    for seconds, connection in ((0, "keep-alive"), (99, "keep-alive"), (1, "close")):
        await fake_clock.advance(seconds)
        raw.get("/")
        assert (await raw.response())[1]["connection"] == connection
    assert await raw.rest() == b""
    raw.close()


async def test_http_server_header(serve: Serve) -> None:
    served = await serve(Echo, server_header="mine")
    assert (await served.get("/"))[1]["Server"] == "mine"
    assert (await served.get("/nowhere"))[1]["Server"] == "mine"


def test_no_option_of_the_section_is_forgotten() -> None:
    """Each key is in a test's name here, or shown where this table says."""
    names = " ".join(name for name in globals() if name.startswith("test_"))
    for key in Options().asdict():
        if key.startswith("http.") and key not in SHOWN_ELSEWHERE:
            assert key.replace(".", "_") in names, key
