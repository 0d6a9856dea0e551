"""What services look at, and change, under the `_http_` keys of their context (tomodachi 0.29.0)."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession, web

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.transport.http import HttpTransport


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


class Probe(HttpTransport):
    """A transport of somebody else's, on top of HTTP, as 0.29.0 lets one be made."""

    @classmethod
    async def probe_handler(cls, obj: Any, context: dict[str, Any], func: Any, path: str) -> Any:
        async def answer(_request: web.Request) -> web.Response:
            return web.json_response(await func(obj))

        routes = context["_http_routes"] = context.get("_http_routes", [])
        routes.append(("GET", f"^{path}$", answer, {"ignore_logging": True}))
        return await cls.start_server(obj, context)


probe = Probe.decorator(Probe.probe_handler)


class Probed(tomodachi.Service):
    options = tomodachi.Options(http={"port": None, "host": "127.0.0.1"})

    @probe("/health")
    async def health(self) -> dict[str, bool]:
        return {"ok": True}

    @tomodachi.http("GET", "/item")
    async def item(self) -> str:
        return "item"


async def test_a_transport_of_others_adds_routes_to_the_same_server() -> None:
    runner = ServiceRunner(Probed)
    await runner.start()
    url = f"http://127.0.0.1:{runner.context['_http_port']}"
    async with ClientSession(url) as session:
        assert await (await session.get("/health")).json() == {"ok": True}
        assert await (await session.get("/item")).text() == "item"
    await runner.stop()
