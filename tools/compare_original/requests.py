"""HTTP requests: routes, arguments, what a handler returns or raises, error handlers, middlewares.

Answered by the server of either framework on a free port, one connection a request.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

from aiohttp import web
from tools.compare_original import functions

import tomodachi

_ROUTES = (
    *(r"/a", r"/a/?", r"/a/(?P<id>\d+)", r"^/a/(?P<id>[^/]+)/(?P<name>[a-z]+)$", r"/b(?P<id>.*)"),
    *("/", r"/(?P<name>[^/]+)", r"/å"),
)
_PATHS = ("/a", "/a/", "/a/5", "/a/5/x", "/b", "/b/c/d", "/", "/å", "/%C3%A5", "/none", "/a?id=7")
_METHODS = ("GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS")
_ACCEPTED: tuple[Any, ...] = ("GET", "GET", "post", ["GET", "POST"], ["PUT"], "*")
_BODIES: dict[str, Any] = {
    "text": "text",
    "letters": "åäö€",
    "octets": b"\xff\x00",
    "empty": "",
    "none": None,
    "number": 5,
    "dict": {"status": 201, "body": "made", "headers": {"X-Own": "1"}},
    "dict of texts": {"status": "202", "body": b"octets"},
    "dict of nothing": {},
    "dict of another": {"a": 1},
    "list": [203, "listed", {"X-Own": "2"}],
    "pair": (204, ""),
    "short list": [200],
    "no status": [None, "x"],
}
_RAISED: dict[str, Any] = {
    "error": ValueError,
    "not found": web.HTTPNotFound,
    "forbidden": lambda: web.HTTPForbidden(reason="Not you"),
    "moved": lambda: web.HTTPFound("/elsewhere"),
    "too large": lambda: web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2),
}
_STATUSES = (404, 405, 500, 403, 413)
_DROPPED = ("date", "connection", "keep-alive")


def generate(dice: random.Random) -> dict[str, Any]:
    """One to three routes, error handlers, middlewares, options and a request."""
    return {
        "handlers": [_handler(dice) for _ in range(dice.choice((1, 2, 3)))],
        "errors": [
            {"status": dice.choice(_STATUSES), "does": _does(dice)}
            for _ in range(dice.choice((0, 0, 1)))
        ],
        "middlewares": [
            dice.choice(("passes", "passes", "answers", "raises"))
            for _ in range(dice.choice((0, 0, 1)))
        ],
        "options": _options(dice),
        "request": {
            "method": dice.choice(_METHODS),
            "path": dice.choice(_PATHS),
            "body": dice.choice(("", "", "x=1", "x" * 40)),
        },
    }


def _options(dice: random.Random) -> dict[str, Any]:
    possible: dict[str, tuple[Any, ...]] = {
        "content_type": ("text/html", "application/json; charset=iso-8859-1"),
        "charset": ("iso-8859-1", "utf-8"),
        "client_max_size": (10,),
        "server_header": ("own", ""),
    }
    return {name: dice.choice(values) for name, values in possible.items() if dice.random() < 0.15}


def _handler(dice: random.Random) -> dict[str, Any]:
    return {
        "route": dice.choice(_ROUTES),
        "methods": dice.choice(_ACCEPTED),
        "parameters": functions.parameters(dice, ("request", "id", "name", "other", "req")),
        "is_coroutine": dice.random() < 0.8,
        "does": _does(dice),
    }


def _does(dice: random.Random) -> dict[str, Any]:
    form = dice.choice(("returns", "returns", "echoes", "echoes", "raises", "response", "reads"))
    made: dict[str, Any] = {"form": form}
    if form == "returns":
        made["what"] = dice.choice(list(_BODIES))
    if form == "raises":
        made["what"] = dice.choice(list(_RAISED))
    if form == "response":
        made["keywords"] = _response(dice)
    return made


def _response(dice: random.Random) -> dict[str, Any]:
    possible: dict[str, tuple[Any, ...]] = {
        "status": (200, 201, 404, 418, 500),
        "reason": ("Own reason",),
        "content_type": ("application/json", "text/plain; charset=utf-8", "text/html"),
        "charset": ("iso-8859-1", "utf-8"),
        "headers": ({"X-Own": "1"}, {"Content-Type": "text/css"}),
    }
    made = {name: dice.choice(values) for name, values in possible.items() if dice.random() < 0.4}
    return made | {"body": dice.choice(("text", "letters", "octets", "none", "empty"))}


async def answer(case: dict[str, Any]) -> Any:
    """Status, headers and body of the response, and what was called with what."""
    calls: list[Any] = []
    service: Any = _service(case, calls)
    starts = []
    for name in service.names:
        register = getattr(service, name)
        starts.append(await register(_tomodachi_invoker_task_start_keyword=True))
    try:
        await asyncio.gather(*(start() for start in starts if start is not None))
        response = await _ask(service.context["_http_port"], case["request"])
    finally:
        stop = getattr(service, "_stop_service", None)
        if stop is not None:
            await stop()
    return {"calls": calls, **response}


def _service(case: dict[str, Any], calls: list[Any]) -> Any:
    own = {"port": 0, "host": "127.0.0.1", "access_log": False} | case.get("options", {})
    made: dict[str, Any] = {
        "name": "own",
        "uuid": "own-uuid",
        "options": tomodachi.Options(http=own),
        "http_middleware": [_middleware(does, calls) for does in case.get("middlewares", ())],
        "names": [],
    }
    for number, given in enumerate(case.get("handlers", ())):
        name = f"handler_{number}"
        function = _function(name, given, calls)
        made[name] = tomodachi.http(given["methods"], given["route"])(function)
        made["names"].append(name)
    for number, given in enumerate(case.get("errors", ())):
        name = f"error_{number}"
        parameters = {"positional": [["request", False], ["status_code", False]]}
        function = _function(name, {"parameters": parameters, "is_coroutine": True} | given, calls)
        made[name] = tomodachi.http_error(given["status"])(function)
        made["names"].append(name)
    service: Any = type("Service", (tomodachi.Service,), made)()
    service.context = {"options": service.options}
    return service


def _function(name: str, given: dict[str, Any], calls: list[Any]) -> Any:
    parameters, does = given.get("parameters", {}), given.get("does", {})

    def called(values: dict[str, Any]) -> Any:
        calls.append([name, {key: functions.shown(value) for key, value in values.items()}])
        return _done(does)

    is_coroutine = given.get("is_coroutine", False)
    reads = is_coroutine and does.get("form") == "reads"
    reading = "    return await [v for v in values.values() if hasattr(v, 'read')][0].read()\n"
    source = (
        f"{'async ' if is_coroutine else ''}def {name}({functions.signature(parameters, 'self')}):\n"
        f"    values = {functions.values(parameters)}\n"
        f"    answer = called(values)\n{reading if reads else '    return answer'}\n"
    )
    return functions.define(source, name, called=called)


def _done(does: dict[str, Any]) -> Any:
    form, what = does.get("form"), does.get("what")
    if form == "raises" and what is not None:
        raise _RAISED[what]()
    if form == "returns":
        return _BODIES[what or "none"]
    if form == "response":
        keywords = dict(does.get("keywords", {}))
        return tomodachi.HttpResponse(**keywords | {"body": _BODIES[keywords.get("body", "none")]})
    return "answered"


def _middleware(does: str, calls: list[Any]) -> Any:
    async def middleware(func: Any, service: Any, request: Any, context: Any) -> Any:
        calls.append(["middleware", {}])
        if does == "answers":
            return "from the middleware"
        result = await func()
        if does == "raises":
            raise web.HTTPForbidden
        return result

    return middleware


async def _ask(port: int, request: dict[str, Any]) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = request.get("body", "").encode()
    head = (
        f"{request.get('method', 'GET')} {request.get('path', '/')} HTTP/1.1\r\n"
        f"Host: own\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    data = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    first, _, rest = data.partition(b"\r\n\r\n")
    status, *lines = first.decode("latin-1").split("\r\n")
    pairs = [line.partition(": ")[::2] for line in lines]
    headers = sorted([name.lower(), value] for name, value in pairs)
    kept = {f"header {name}": value for name, value in headers if name not in _DROPPED}
    return {"status": status, "body": rest.decode("latin-1"), **kept}
