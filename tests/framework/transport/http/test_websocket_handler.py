"""Websockets, against the `websockets` package's client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

import tomodachi
from tomodachi.helpers import observer

from .conftest import FakeClock, Lines, Serve, Served
from .test_dispatcher import Calls


class Sockets(tomodachi.Service):
    def __init__(self) -> None:
        self.events: list[object] = []
        self.closed = asyncio.Event()

    @tomodachi.websocket(r"/echo/(?P<room>\w+)")
    async def echo(
        self, websocket: web.WebSocketResponse, request: web.Request, room: str
    ) -> object:
        self.events.append(
            (room, request._cache["is_websocket"], len(request._cache["websocket_uuid"]))
        )

        async def receive(data: str | bytes) -> None:
            if data == "fail":
                msg = "in receive"
                raise RuntimeError(msg)
            await (
                websocket.send_str(data) if isinstance(data, str) else websocket.send_bytes(data)
            )

        async def close() -> None:
            self.events.append("closed")
            self.closed.set()

        return receive, close

    @tomodachi.ws("/single")
    async def single(self, socket: web.WebSocketResponse) -> object:
        async def receive(data: str) -> None:
            await socket.send_str(data.upper())

        return receive

    @tomodachi.ws("/tuple")
    async def one_in_a_tuple(self, a: web.WebSocketResponse, b: web.Request) -> object:
        async def receive(data: str) -> None:
            await a.send_str(f"{b.path} {data}")

        return (receive,)

    @tomodachi.ws("/own-loop")
    async def own_loop(self, websocket: web.WebSocketResponse) -> None:
        await websocket.send_str(await websocket.receive_str())

    @tomodachi.ws("/sync")
    def sync(self, websocket: web.WebSocketResponse) -> object:
        return lambda data: self.events.append(data)

    @tomodachi.ws("/fails")
    async def fails(self) -> None:
        msg = "at once"
        raise RuntimeError(msg)


def url(served: Served, path: str) -> str:
    return f"ws://127.0.0.1:{served.port}{path}"


async def test_row_11_text_and_binary_frames_are_delivered(serve: Serve) -> None:
    """Row 11: binary frames arrive as bytes."""
    served = await serve(Sockets)
    async with connect(url(served, "/echo/lobby")) as client:
        for data in ("text", b"\x00\xff", "", "å" * 100_000):
            await client.send(data)
            assert await client.recv() == data
    await served.service.closed.wait()
    assert served.service.events == [("lobby", True, 36), "closed"]


@pytest.mark.parametrize(
    ("path", "answer"), [("/single", "HELLO"), ("/tuple", "/tuple hello"), ("/own-loop", "hello")]
)
async def test_forms_of_return_values(serve: Serve, path: str, answer: str) -> None:
    """Section 5.12."""
    served = await serve(Sockets)
    async with connect(url(served, path)) as client:
        await client.send("hello")
        assert await client.recv() == answer


async def test_functions_may_be_synchronous(serve: Serve, settle: Any) -> None:
    served = await serve(Sockets)
    async with connect(url(served, "/sync")) as client:
        await client.send("a")
        await client.send("b")
    await settle()
    assert served.service.events == ["a", "b"]


async def test_an_error_in_receive_is_logged_and_the_socket_goes_on(
    serve: Serve, lines: Lines
) -> None:
    calls = Calls()
    observer.set_observer(calls)
    served = await serve(Sockets)
    async with connect(url(served, "/echo/a")) as client:
        await client.send("fail")
        await client.send("ok")
        assert await client.recv() == "ok"
    await served.service.closed.wait()
    assert "in receive" in lines.of("exception")[0]["message"]
    reported = [(call.detail["event"], type(call.error)) for call in calls.ended]
    assert reported == [
        ("open", type(None)),
        ("text", RuntimeError),
        ("text", type(None)),
        ("close", type(None)),
    ]
    assert {(call.transport, call.handler) for call in calls.ended} == {("websocket", "echo")}


async def test_an_error_at_the_opening_closes_the_socket(serve: Serve, lines: Lines) -> None:
    served = await serve(Sockets)
    async with connect(url(served, "/fails")) as client:
        with pytest.raises(ConnectionClosed) as caught:
            await client.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1011
    assert [line["websocket_state"] for line in lines.of("tomodachi.http.websocket")] == [
        "open",
        "error",
    ]


@pytest.mark.parametrize(
    ("log_level", "messages"),
    [("DEBUG", ["uncaught exception: Invalid UTF-8 text message"]), ("INFO", [])],
)
async def test_a_client_that_breaks_the_protocol_is_told_and_logged(
    serve: Serve, lines: Lines, log_level: str, messages: list[str]
) -> None:
    """Section 2: the service's `log_level` decides; close code by RFC 6455, section 7.4.1."""
    served = await serve(Sockets)
    served.service.log_level = log_level
    client = await connect(url(served, "/echo/a"))
    frame = Frame(Opcode.TEXT, b"\xff").serialize(mask=True)
    client.transport.write(frame)
    with pytest.raises(ConnectionClosed) as caught:
        await client.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1007
    await served.service.closed.wait()
    assert [line["message"] for line in lines.of("exception")] == messages
    states = lines.of("tomodachi.http.websocket"), lines.of("tomodachi.http.response")
    assert [line["websocket_state"] for part in states for line in part] == ["open", "closed"]


async def test_a_message_that_is_too_large_ends_its_websocket_alone(serve: Serve) -> None:
    """The limit is aiohttp's, 4 MiB, as in 0.29.0; close code by RFC 6455, section 7.4.1."""
    served = await serve(Sockets)
    async with connect(url(served, "/echo/a")) as neighbour:
        client = await connect(url(served, "/echo/a"))
        await client.send("x" * (4 * 2**20 + 1))
        with pytest.raises(ConnectionClosed) as caught:
            await client.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1009
        await neighbour.send("still here")
        assert await neighbour.recv() == "still here"


async def test_a_message_in_fragments_with_a_ping_between_arrives_whole(serve: Serve) -> None:
    """RFC 6455, section 5.4."""
    served = await serve(Sockets)
    async with connect(url(served, "/echo/a")) as client:

        async def fragments() -> AsyncIterator[str]:
            yield "hel"
            await (await client.ping())
            yield "lo"

        await client.send(fragments())
        assert await client.recv() == "hello"


async def test_the_functions_of_a_websocket_log_as_handlers_do(serve: Serve, lines: Lines) -> None:
    """Logger and fields as in 0.29.0; those of its states have no handler."""

    class Service(tomodachi.Service):
        @tomodachi.websocket("/")
        async def talk(self, websocket: web.WebSocketResponse) -> Any:
            tomodachi.get_logger().info("opened")

            async def receive(data: str) -> None:
                tomodachi.get_logger().info("received")
                await websocket.close()

            return receive

    served = await serve(Service)
    async with connect(url(served, "/")) as client:
        await client.send("a")
        with pytest.raises(ConnectionClosed):
            await client.recv()
    about = {"handler": "talk", "type": "tomodachi.websocket"}
    assert lines.of("tomodachi.http.handler") == [
        {"message": "opened", **about},
        {"message": "received", **about},
    ]
    assert not any("handler" in line for line in lines.of("tomodachi.http.websocket"))


async def test_a_plain_request_is_refused_and_logged(serve: Serve, lines: Lines) -> None:
    served = await serve(Sockets)
    assert (await served.get("/single"))[0] == 400
    assert lines.of("tomodachi.http.websocket")[0]["websocket_state"] == "cancelled"
    with pytest.raises(InvalidStatus, match="404"):
        await connect(url(served, "/nowhere"))


async def test_what_the_log_says_of_a_websocket(serve: Serve, lines: Lines, settle: Any) -> None:
    """Section 5.13."""
    served = await serve(Sockets)
    async with connect(url(served, "/echo/a?b=c"), user_agent_header="tester"):
        await settle()
    await served.service.closed.wait()
    await settle()
    (opened,) = lines.of("tomodachi.http.websocket")
    (closed,) = lines.of("tomodachi.http.response")
    assert list(opened) == [
        "message",
        "websocket_state",
        "remote_ip",
        "request_path",
        "request_query_string",
        "websocket_id",
        "user_agent",
    ]
    assert opened == {
        **opened,
        "websocket_state": "open",
        "remote_ip": "127.0.0.1",
        "request_path": "/echo/a",
        "request_query_string": "b=c",
        "user_agent": "tester",
    }
    assert (closed["websocket_state"], closed["websocket_id"]) == ("closed", opened["websocket_id"])
    assert closed["total_request_time"].endswith("s")


async def test_a_client_that_vanishes_ends_the_websocket(serve: Serve) -> None:
    served = await serve(Sockets)
    client = await connect(url(served, "/echo/a"))
    await client.send("a")
    await client.recv()
    client.transport.abort()
    await served.service.closed.wait()


async def test_row_4_open_websockets_are_closed_at_the_stop(serve: Serve, lines: Lines) -> None:
    """Section 5.14, and row 4: on every supported Python."""
    served = await serve(Sockets, termination_grace_period_seconds=0)
    async with connect(url(served, "/echo/a")) as client:
        stopping = asyncio.create_task(served.stop())
        with pytest.raises(ConnectionClosed) as caught:
            await client.recv()
        await stopping
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1001
    assert served.service.events[-1] == "closed"
    assert "closing websocket connections" in [
        line["message"] for line in lines.of("tomodachi.http")
    ]


async def test_row_4_clients_that_do_not_answer_the_close_keep_no_stop_beyond_the_grace_period(
    serve: Serve, fake_clock: FakeClock, use_clock: Any, lines: Lines, settle: Any
) -> None:
    """Their websockets are cut off after half of it, and end as others do, without a warning."""
    use_clock(fake_clock)
    served = await serve(Sockets, termination_grace_period_seconds=4)
    raw = await served.connect()
    raw.get(
        "/echo/a",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    )
    await raw.response()
    stopping = asyncio.create_task(served.stop())
    await settle()
    await fake_clock.advance(1.9)
    assert not served.service.closed.is_set()

    await fake_clock.advance(0.1)
    await stopping
    assert served.service.closed.is_set()
    said = [record.levelname for record in lines.records if record.name == "tomodachi.http"]
    assert set(said) == {"INFO"}
    raw.close()
