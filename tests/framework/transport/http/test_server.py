"""Start and stop of the server; row 4: the stop is the same on every supported Python."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest

import tomodachi
from tomodachi.transport.http import HttpException

from .conftest import FakeClock, Lines, Serve, Served

UseClock = Callable[[FakeClock], None]


class Slow(tomodachi.Service):
    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.started = asyncio.Event()
        self.stopped_at: float | None = None
        self.cancelled = False

    async def _stop_service(self) -> None:
        self.stopped_at = tomodachi.helpers.clock.monotonic()

    @tomodachi.http("GET", "/")
    async def hello(self) -> str:
        return "hello"

    @tomodachi.http("GET", "/slow")
    async def slow(self) -> str:
        self.started.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return "slow"


def messages(lines: Lines) -> list[str]:
    return [line["message"] for line in lines.of("tomodachi.http")]


async def test_the_start_says_where_it_listens(serve: Serve, lines: Lines) -> None:
    """Section 5.14."""
    served = await serve(Slow)
    (line,) = lines.of("tomodachi.http")
    assert line == {
        "message": "accepting http requests",
        "listen_url": f"http://localhost:{served.port}/",
        "listen_host": "127.0.0.1",
        "listen_port": served.port,
    }
    assert served.service.context["_http_port"] == served.port


async def test_a_taken_port_fails_the_start(serve: Serve, lines: Lines) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            HttpException, match=f"unable to bind service .http. to http://localhost:{port}/"
        ):
            await serve(Slow, port=port)
    assert lines.of("tomodachi.http")[-1] == {
        "message": f"unable to bind service [http] to http://localhost:{port}/",
        "host": "127.0.0.1",
        "port": port,
        "error_message": os.strerror(errno.EADDRINUSE).lower(),
    }


async def test_a_host_that_is_none_of_ours_fails_the_start(serve: Serve) -> None:
    with pytest.raises(HttpException, match=r"192\.0\.2\.1"):
        await serve(Slow, host="192.0.2.1")


async def test_nothing_open_is_stopped_without_waiting(
    serve: Serve, fake_clock: FakeClock, use_clock: UseClock
) -> None:
    use_clock(fake_clock)
    served = await serve(Slow)
    await served.get("/")
    await served.stop()
    assert not fake_clock.sleepers
    assert served.service.stopped_at == fake_clock.at
    with pytest.raises(ConnectionRefusedError):
        await served.connect()


async def begin_slow(served: Served) -> Any:
    raw = await served.connect()
    raw.get("/slow")
    await served.service.started.wait()
    return raw


@pytest.mark.parametrize("keepalive_timeout", [0, 5])
async def test_a_running_request_is_answered_before_the_service_stops(
    serve: Serve, fake_clock: FakeClock, use_clock: UseClock, settle: Any, keepalive_timeout: int
) -> None:
    use_clock(fake_clock)
    served = await serve(Slow, keepalive_timeout=keepalive_timeout)
    raw = await begin_slow(served)
    stopping = asyncio.create_task(served.stop())
    await settle()
    await fake_clock.advance(1)
    with pytest.raises(ConnectionRefusedError):
        await served.connect()
    assert served.service.stopped_at is None

    served.service.release.set()
    status, headers, body = await raw.response()
    await stopping
    assert (status, body, headers["connection"]) == (200, b"slow", "close")
    assert served.service.stopped_at == fake_clock.at
    raw.close()


@pytest.mark.parametrize("keepalive_timeout", [0, 5])
async def test_row_4_the_grace_period_is_the_longest_a_request_may_take(
    serve: Serve,
    fake_clock: FakeClock,
    use_clock: UseClock,
    lines: Lines,
    settle: Any,
    keepalive_timeout: int,
) -> None:
    """Row 4: enforced on Python 3.12 and later too."""
    use_clock(fake_clock)
    served = await serve(
        Slow, keepalive_timeout=keepalive_timeout, termination_grace_period_seconds=5
    )
    raw = await begin_slow(served)
    stopping = asyncio.create_task(served.stop())
    await settle()
    await fake_clock.advance(1)
    await fake_clock.advance(3.9)
    assert not stopping.done()
    assert not served.service.cancelled

    await fake_clock.advance(0.1)
    await stopping
    assert served.service.cancelled
    assert await raw.rest() == b""
    assert lines.of("tomodachi.http")[-3:] == [
        {"message": "awaiting requests to complete", "request_count": 1, "grace_period_seconds": 5},
        {
            "message": "all requests did not gracefully finish execution",
            "remaining_request_count": 1,
        },
        {"message": "forcefully closing open tcp connections", "connection_count": 1},
    ]
    raw.close()


async def test_the_grace_period_is_two_seconds_at_least(
    serve: Serve, fake_clock: FakeClock, use_clock: UseClock, settle: Any
) -> None:
    use_clock(fake_clock)
    served = await serve(Slow, termination_grace_period_seconds=0)
    raw = await begin_slow(served)
    stopping = asyncio.create_task(served.stop())
    await settle()
    await fake_clock.advance(1)
    await fake_clock.advance(0.9)
    assert not stopping.done()
    await fake_clock.advance(0.1)
    await stopping
    raw.close()


async def test_a_kept_connection_gets_one_more_answer_and_is_closed(
    serve: Serve, fake_clock: FakeClock, use_clock: UseClock, settle: Any
) -> None:
    """Section 5.9: during termination keep-alive is off."""
    use_clock(fake_clock)
    served = await serve(Slow, keepalive_timeout=5)
    raw = await served.connect()
    raw.get("/")
    assert (await raw.response())[1]["connection"] == "keep-alive"
    stopping = asyncio.create_task(served.stop())
    await settle()
    raw.get("/")
    status, headers, _ = await raw.response()
    assert (status, headers["connection"]) == (200, "close")
    await stopping
    raw.close()


async def test_without_keep_alive_late_requests_are_503(
    serve: Serve, fake_clock: FakeClock, use_clock: UseClock, settle: Any
) -> None:
    use_clock(fake_clock)
    served = await serve(Slow)
    slow = await begin_slow(served)
    in_time, late = await served.connect(), await served.connect()
    await settle()
    stopping = asyncio.create_task(served.stop())
    await settle()
    in_time.get("/")
    assert (await in_time.response())[0] == 200
    await fake_clock.advance(1)
    late.get("/")
    assert (await late.response())[0] == 503
    served.service.release.set()
    assert (await slow.response())[0] == 200
    await stopping
    for raw in (slow, in_time, late):
        raw.close()


async def test_idle_connections_do_not_outlive_the_grace_period(
    serve: Serve, fake_clock: FakeClock, use_clock: UseClock, lines: Lines, settle: Any
) -> None:
    use_clock(fake_clock)
    served = await serve(Slow, keepalive_timeout=60, termination_grace_period_seconds=5)
    raw = await served.connect()
    raw.get("/")
    await raw.response()
    stopping = asyncio.create_task(served.stop())
    await settle()
    await fake_clock.advance(5)
    await stopping
    assert await raw.rest() == b""
    assert {"message": "awaiting keep-alive connections", "connection_count": 1} in lines.of(
        "tomodachi.http"
    )
    raw.close()


async def test_a_handler_whose_client_is_gone_is_awaited_too(
    serve: Serve, fake_clock: FakeClock, use_clock: UseClock, settle: Any
) -> None:
    use_clock(fake_clock)
    served = await serve(Slow)
    raw = await begin_slow(served)
    raw.close()
    await settle()
    stopping = asyncio.create_task(served.stop())
    await settle()
    await fake_clock.advance(1)
    assert not stopping.done()
    served.service.release.set()
    await stopping
    assert not served.service.cancelled


async def test_services_in_one_process_serve_and_stop_independently(serve: Serve) -> None:
    first, second = await serve(Slow), await serve(Slow, server_header="other")
    await first.stop()
    status, headers, _ = await second.get("/")
    assert (status, headers["Server"]) == (200, "other")


async def test_deprecated_discovery_is_told_of_every_route(serve: Serve) -> None:
    told: list[tuple[str, str]] = []

    class Registry:
        async def add_http_endpoint(
            self, service: object, host: str, port: int, method: str, pattern: str
        ) -> None:
            told.append((method, pattern))

    class Service(tomodachi.Service):
        def __init__(self) -> None:
            self.__dict__["discovery"] = [Registry(), object()]

        @tomodachi.http(["POST", "PUT"], r"^/a/(?P<b>\d+)$")
        async def handler(self) -> None:
            """Never called."""

    await serve(Service)
    assert told == [("POST", r"^/a/(?P<b>\d+)$"), ("PUT", r"^/a/(?P<b>\d+)$")]
