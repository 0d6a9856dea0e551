"""What services look at, and change, under the `_http_` keys of their context (tomodachi 0.29.0)."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession, web

import tomodachi
from tomodachi.container import ServiceRunner


async def preflight(_request: web.Request) -> tuple[int, str, dict[str, str]]:
    return 204, "", {"Access-Control-Allow-Origin": "*"}


class Looks(tomodachi.Service):
    @tomodachi.http("GET", r"^/item/(?P<number>\d+)$", ignore_logging=[404])
    async def item(self, number: str) -> str:
        return number

    @tomodachi.http_error(404)
    async def missing(self) -> str:
        return "nothing"

    @tomodachi.websocket("/ws")
    async def ws(self, websocket: web.WebSocketResponse) -> None:
        await websocket.send_str("hello")

    async def _start_service(self) -> None:
        routes: list[Any] = self.context["_http_routes"]
        for _, pattern, _, about in list(routes):
            routes.append(("OPTIONS", pattern, preflight, about))


async def run(**http: Any) -> tuple[ServiceRunner, ClientSession]:
    Looks.options = tomodachi.Options(http={"port": None, "host": "127.0.0.1", **http})
    runner = ServiceRunner(Looks)
    await runner.start()
    return runner, ClientSession(f"http://127.0.0.1:{runner.context['_http_port']}")


async def test_a_service_sees_its_routes_and_adds_to_them_before_it_starts() -> None:
    runner, session = await run()
    seen = [
        (method, pattern, about) for method, pattern, _, about in runner.context["_http_routes"]
    ]
    assert seen[:2] == [
        ("GET", r"^/item/(?P<number>\d+)$", {"ignore_logging": [404]}),
        ("GET", "^/ws$", {"ignore_logging": False}),
    ]
    assert list(runner.context["_http_error_handler"]) == [404]
    async with session, session.options("/item/7") as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    await runner.stop()


async def test_a_service_that_takes_no_more_requests_answers_503() -> None:
    runner, session = await run()
    async with session:
        runner.context["_http_accept_new_requests"] = False
        assert (await session.get("/item/7")).status == 503
        runner.context["_http_accept_new_requests"] = True
        assert (await session.get("/item/7")).status == 200
    await runner.stop()


async def test_open_websockets_can_be_written_to() -> None:
    runner, session = await run()
    async with session:
        async with session.ws_connect("/ws") as websocket:
            assert await websocket.receive_str() == "hello"
            (found,) = runner.context["_http_open_websockets"]
            await found.send_str("to all")
            assert await websocket.receive_str() == "to all"
        await runner.stop()
    assert runner.context["_http_open_websockets"] == []


@pytest.mark.parametrize(
    ("options", "told"),
    [({}, (False, 0, None, None)), ({"keepalive_timeout": 7}, (True, 7, None, None))],
)
async def test_the_keep_alive_in_force(options: dict[str, int], told: tuple[Any, ...]) -> None:
    runner, session = await run(**options)
    keys = "tcp_keepalive", "keepalive_timeout", "max_keepalive_requests", "max_keepalive_time"
    assert tuple(runner.context[f"_http_{key}"] for key in keys) == told
    assert runner.context["_http_server_started"] is True
    await session.close()
    await runner.stop()
    assert runner.context["_http_tcp_keepalive"] is False
