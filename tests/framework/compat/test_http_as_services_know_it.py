"""What services and their middlewares may rely on in HTTP, one rule a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, web

import tomodachi
from tomodachi.container import ServiceRunner

Next = Callable[..., Awaitable[Any]]


async def authorise(func: Next, service: Any, request: web.Request, **values: Any) -> Any:
    service.seen.append((func.__name__, sorted(values)))
    service.kinds.append(request._cache.get("is_websocket", False))
    if request.query.get("user") == "nobody":
        return [403, "not you"]
    try:
        return await func(user=request.query.get("user"), **service.replaced)
    finally:
        service.seen.append("left")


class Guarded(tomodachi.Service):
    options = tomodachi.Options(http={"port": None, "host": "127.0.0.1"})
    http_middleware = (authorise,)

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.kinds: list[bool] = []
        self.replaced: dict[str, Any] = {}

    @tomodachi.websocket(r"/room/(?P<name>\w+)")
    async def room(self, websocket: web.WebSocketResponse, name: str, user: str = "") -> Any:
        await websocket.send_str(f"{user} in {name}")
        self.seen.append("opened")

        async def receive(data: str | bytes) -> None:
            await websocket.send_str(f"got {data!r}")

        return (receive,)

    @tomodachi.http("GET", r"/item/(?P<number>\d+)")
    async def item(self, number: str, user: str) -> str:
        return f"{number} {user}"

    @tomodachi.http("GET", r"/address")
    async def address(self, request: web.Request) -> str:
        return f"{request._cache['forwarded_remote_ip']} {request._cache['request_ip']}"


@pytest.fixture
async def guarded() -> AsyncIterator[tuple[Guarded, ClientSession]]:
    runner = ServiceRunner(Guarded)
    await runner.start()
    url = f"http://127.0.0.1:{runner.context['_http_port']}"
    async with ClientSession(url) as session:
        yield runner.instance, session  # type: ignore[misc]
    await runner.stop()


async def test_middlewares_are_around_a_websocket_from_before_it_opens_until_it_is_closed(
    guarded: tuple[Guarded, ClientSession],
) -> None:
    service, session = guarded
    async with session.ws_connect("/room/a?user=me") as websocket:
        assert await websocket.receive_str() == "me in a"
        await websocket.send_str("x")
        assert await websocket.receive_str() == "got 'x'"
        assert service.seen == [("room", []), "opened"]
    assert service.seen[-1] == "left"


async def test_a_middleware_that_does_not_go_on_answers_instead_of_the_websocket(
    guarded: tuple[Guarded, ClientSession],
) -> None:
    service, session = guarded
    with pytest.raises(WSServerHandshakeError) as refused:
        await session.ws_connect("/room/a?user=nobody")
    assert refused.value.status == 403
    assert "opened" not in service.seen


async def test_a_websocket_closed_by_the_service_ends_its_middlewares(
    guarded: tuple[Guarded, ClientSession],
) -> None:
    service, session = guarded
    async with session.ws_connect("/room/b") as websocket:
        await websocket.receive()
        await websocket.close()
        assert (await websocket.receive()).type == WSMsgType.CLOSED
    assert service.seen[-1] == "left"


async def test_groups_of_a_route_are_the_handlers_and_not_the_middlewares(
    guarded: tuple[Guarded, ClientSession],
) -> None:
    service, session = guarded
    async with session.get("/item/7?user=me") as answer:
        assert await answer.text() == "7 me"
    assert service.seen[0] == ("item", [])


async def test_a_middleware_may_replace_a_group_of_the_route_but_not_the_request(
    guarded: tuple[Guarded, ClientSession],
) -> None:
    """runtime.md §9: `request` and `status_code` are the transport's keywords; groups are none of them."""
    service, session = guarded
    service.replaced = {"number": "9", "name": "b", "request": None}
    async with session.get("/item/1?user=me") as answer:
        assert await answer.text() == "9 me"
    async with session.get("/address") as answer:
        assert answer.status == 200
    async with session.ws_connect("/room/a?user=me") as websocket:
        assert await websocket.receive_str() == "me in b"


async def test_middlewares_see_which_requests_are_websockets(
    guarded: tuple[Guarded, ClientSession],
) -> None:
    """In the request's cache, before they go on, as in 0.29.0."""
    service, session = guarded
    async with session.get("/item/7?user=me"), session.ws_connect("/room/b"):
        assert service.kinds == [False, True]


async def test_the_clients_address_is_in_the_requests_cache_before_the_handler_runs(
    guarded: tuple[Guarded, ClientSession],
) -> None:
    _, session = guarded
    async with session.get("/address") as answer:
        assert await answer.text() == "127.0.0.1 127.0.0.1"


class Changed(tomodachi.Service):
    options = tomodachi.Options(http={"port": None, "host": "127.0.0.1"})

    async def translate(self, func: Next) -> Any:
        returned = await func()
        returned._headers["Content-Language"] = "sv"
        returned._body, returned._status = returned._body + "!", 203
        return returned

    def __init__(self) -> None:
        self.http_middleware = [self.translate]

    @tomodachi.http("GET", "/")
    async def hello(self) -> tomodachi.HttpResponse:
        return tomodachi.HttpResponse(body="hej", headers={"X-A": "1"}, reason="Why not")


async def test_a_middleware_changes_the_response_object_of_a_handler() -> None:
    """By the names that the object has in 0.29.0, where it has no public ones."""
    runner = ServiceRunner(Changed)
    await runner.start()
    url = f"http://127.0.0.1:{runner.context['_http_port']}/"
    async with ClientSession() as session, session.get(url) as answer:
        assert (answer.status, answer.reason, await answer.text()) == (203, "Why not", "hej!")
        assert answer.headers["Content-Language"] == "sv"
        assert answer.headers["X-A"] == "1"
    await runner.stop()
