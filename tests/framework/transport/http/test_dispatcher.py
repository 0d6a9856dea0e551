"""A request in, a response out: arguments, return forms, errors, middlewares."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

import tomodachi
from tomodachi.helpers import observer
from tomodachi.helpers.observer import HandlerCall
from tomodachi.transport.http import resolve_response_sync

from .conftest import Lines, Serve


class Arguments(tomodachi.Service):
    @tomodachi.http("GET", r"/by-name/(?P<a>\d+)/(?P<b>\w+)")
    async def by_name(self, b: str, request: web.Request, a: str) -> str:
        return f"{request.path} {a} {b}"

    @tomodachi.http("GET", r"/any-name/(?P<a>\d+)")
    async def any_name(self, whatever: web.Request) -> str:
        return whatever.match_info["a"]

    @tomodachi.http("GET", r"/keyword/(?P<a>\d+)")
    async def keyword(self, *, a: str, request: web.Request, more: str = "d") -> str:
        return f"{a} {request.method} {more}"

    @tomodachi.http("GET", r"/optional/(?P<a>\d+)?")
    async def optional(self, request: web.Request, a: str = "default", c: str = "c") -> str:
        return f"{a} {c}"

    @tomodachi.http("GET", "/nothing")
    async def nothing(self) -> str:
        return "nothing"

    @tomodachi.http("GET", "/sync")
    def sync(self, request: web.Request) -> str:
        return "sync"

    @tomodachi.http("GET", r"/kwargs/(?P<a>\d+)")
    async def kwargs(self, request: web.Request, **kwargs: Any) -> str:
        return json.dumps(kwargs)

    @tomodachi.http("GET", "/unknown")
    async def unknown(self, request: web.Request, unheard_of: str) -> str:
        return "never"


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/by-name/1/x", 200, "/by-name/1/x 1 x"),
        ("/any-name/7", 200, "7"),
        ("/keyword/3", 200, "3 GET d"),
        ("/optional/5", 200, "5 c"),
        ("/optional/", 200, "None c"),
        ("/nothing", 200, "nothing"),
        ("/sync", 200, "sync"),
        ("/kwargs/1", 200, "{}"),
        ("/unknown", 500, ""),
        ("/by-name/%31/%C3%A5", 200, "/by-name/1/å 1 å"),
        ("/by-name/1%2F2/x", 404, "Not Found"),
    ],
)
async def test_row_11_arguments_of_handlers(
    serve: Serve, path: str, status: int, body: str
) -> None:
    """Section 5.3, and row 11: a group that took no part is None."""
    served = await serve(Arguments)
    answer = await served.get(path)
    assert (answer[0], answer[2].decode()) == (status, body)


class Returns(tomodachi.Service):
    value: Any = None

    @tomodachi.http("GET", "/")
    async def value_of_the_test(self, request: web.Request) -> Any:
        return self.value


@pytest.mark.parametrize(
    ("value", "status", "body", "content_type"),
    [
        ("å", 200, "å".encode(), "text/plain; charset=utf-8"),
        (b"\xff", 200, b"\xff", "text/plain; charset=utf-8"),
        (None, 200, b"", "text/plain; charset=utf-8"),
        ("", 200, b"", "text/plain; charset=utf-8"),
        # What is false means no body, as in 0.29.0.
        (0, 200, b"", "text/plain; charset=utf-8"),
        ((201, {}), 201, b"", "text/plain; charset=utf-8"),
        ({"status": 202, "body": "b"}, 202, b"b", "text/plain; charset=utf-8"),
        ((201, "b", {"Content-Type": "a/b"}), 201, b"b", "a/b"),
        ([404, "mine"], 404, b"mine", "text/plain; charset=utf-8"),
        ((200,), 500, b"", "text/plain; charset=utf-8"),
        (5, 500, b"", "text/plain; charset=utf-8"),
        ((200, {"a": 1}), 500, b"", "text/plain; charset=utf-8"),
    ],
)
async def test_return_forms(
    serve: Serve, value: object, status: int, body: bytes, content_type: str
) -> None:
    """Section 5.4."""
    served = await serve(Returns)
    served.service.value = value
    answer = await served.get("/")
    assert (answer[0], answer[2], answer[1]["Content-Type"]) == (status, body, content_type)


async def test_a_response_object_that_was_sent_before_is_an_error(serve: Serve) -> None:
    served = await serve(Returns)
    served.service.value = web.Response(text="once")
    assert (await served.get("/"))[0] == 200
    assert (await served.get("/"))[0] == 500


@pytest.mark.parametrize("charset", ["klingon", "ascii"])
async def test_a_charset_that_cannot_be_had_is_a_logged_500(
    serve: Serve, lines: Lines, charset: str
) -> None:
    """Section 5.5; the body is the reason of the HTTPInternalServerError that 0.29.0 raises."""
    served = await serve(Returns)
    value = tomodachi.HttpResponse(body="å", content_type="a/b", charset=charset)
    served.service.value = value
    status, _, body = await served.get("/")
    assert (status, body) == (500, b"Internal Server Error")
    assert charset in lines.of("exception")[0]["message"]
    with pytest.raises(web.HTTPInternalServerError) as raised:
        value.get_aiohttp_response({})
    assert isinstance(raised.value.__cause__, ValueError | LookupError)


@pytest.mark.parametrize(
    "value",
    [
        (200, "a", {"X-Name": "a\r\nSet-Cookie: b=c"}),
        tomodachi.HttpResponse(body="a", headers={"X-Name": "a\nb"}),
        {"body": "a", "headers": {"X-Name": "a\0b"}},
    ],
)
async def test_a_header_that_would_begin_another_is_a_logged_500(
    serve: Serve, lines: Lines, value: object
) -> None:
    """RFC 9110, section 5.5; aiohttp would drop the connection instead, with nothing sent."""
    served = await serve(Returns)
    served.service.value = value
    status, headers, body = await served.get("/")
    assert (status, body) == (500, b"")
    assert "X-Name" not in headers
    assert "header X-Name of a response has a line break" in lines.of("exception")[0]["message"]
    assert [line["status_code"] for line in lines.of("tomodachi.http.response")] == [500]


async def test_a_header_that_is_no_text_is_a_logged_500(serve: Serve, lines: Lines) -> None:
    """Instead of a dropped connection, as in tomodachi 0.29.0."""
    served = await serve(Returns)
    served.service.value = tomodachi.HttpResponse(body="a", headers={"X-Count": 5})
    status, headers, body = await served.get("/")
    assert (status, body, "X-Count" in headers) == (500, b"", False)
    assert "the header X-Count of a response is 5" in lines.of("exception")[0]["message"]


class Errors(tomodachi.Service):
    @tomodachi.http("GET", "/text")
    async def text(self) -> None:
        raise web.HTTPConflict(text="taken by another")

    @tomodachi.http("GET", "/reason")
    async def reason(self) -> None:
        raise web.HTTPConflict(reason="taken")

    @tomodachi.http("GET", "/found")
    async def found(self) -> None:
        raise web.HTTPFound("/there")

    @tomodachi.http("GET", "/crash")
    async def crash(self) -> None:
        msg = "broken"
        raise RuntimeError(msg)

    @tomodachi.http("GET", "/cancelled")
    async def cancelled(self) -> None:
        raise asyncio.CancelledError

    @tomodachi.http("GET", "/timeout")
    async def timeout(self) -> None:
        raise TimeoutError

    @tomodachi.http("GET", "/returned")
    async def returned(self) -> object:
        return web.HTTPConflict(text="as it is")


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/text", 409, b"taken by another"),
        ("/reason", 409, b"taken"),
        ("/found", 302, b"Found"),
        ("/crash", 500, b""),
        ("/cancelled", 500, b""),
        ("/timeout", 500, b""),
        ("/returned", 409, b"as it is"),
        ("/nowhere", 404, b"Not Found"),
    ],
)
async def test_row_11_errors_become_responses(
    serve: Serve, path: str, status: int, body: bytes
) -> None:
    """Section 5.6 and row 11: the text of a raised HTTPException is kept."""
    served = await serve(Errors)
    answer = await served.get(path)
    assert (answer[0], answer[2]) == (status, body)
    assert answer[1]["Server"] == "tomodachi"


async def test_a_crash_is_logged_with_the_services_frames_only(serve: Serve, lines: Lines) -> None:
    served = await serve(Errors)
    await served.get("/crash")
    record = next(record for record in lines.records if record.name == "exception")
    assert record.getMessage() == "uncaught exception: broken"
    assert record.exc_info is not None
    assert record.exc_info[2] is not None
    assert record.exc_info[2].tb_frame.f_code.co_name == "crash"


async def test_a_wrong_method_is_405_with_the_allowed_ones(serve: Serve) -> None:
    served = await serve(Errors)
    status, headers, _ = await served.request("PUT", "/crash")
    assert (status, headers["Allow"]) == (405, "GET,HEAD")


class OwnErrors(tomodachi.Service):
    @tomodachi.http("GET", "/crash")
    async def crash(self) -> None:
        raise RuntimeError

    @tomodachi.http("GET", "/gone")
    async def gone(self) -> None:
        raise web.HTTPGone

    @tomodachi.http("GET", "/mine")
    async def mine(self) -> tuple[int, str]:
        return 404, "returned, not raised"

    @tomodachi.http_error(status_code=404)
    async def not_found(self, request: web.Request, status_code: int) -> str:
        return f"{request.path} {status_code}"

    @tomodachi.http_error(410)
    async def fails(self) -> None:
        msg = "in the error handler"
        raise RuntimeError(msg)

    @tomodachi.http_error(405)
    async def changes_status(self) -> tuple[int, str]:
        return 418, "teapot"

    @tomodachi.http_error(500)
    async def internal(self, request: web.Request) -> str:
        return "sorry"


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/nowhere", 404, b"/nowhere 404"),
        ("GET", "/mine", 404, b"returned, not raised"),
        ("GET", "/crash", 500, b"sorry"),
        ("GET", "/gone", 500, b"sorry"),
        ("PUT", "/crash", 418, b"teapot"),
    ],
)
async def test_error_handlers_answer_errors(
    serve: Serve, method: str, path: str, status: int, body: bytes
) -> None:
    """Section 5.6: an error handler that fails is answered by the 500 handler."""
    served = await serve(OwnErrors)
    answer = await served.request(method, path)
    assert (answer[0], answer[2]) == (status, body)


async def test_a_middleware_can_ask_for_the_status_of_an_error_handlers_answer(
    serve: Serve,
) -> None:
    """As in 0.29.0: what names no status has the error's, for those who ask before it is sent."""
    told: list[tuple[int, int]] = []

    async def tells(func: Callable[..., Any], _service: object, request: web.Request) -> Any:
        value = await func()
        status = await tomodachi.get_http_response_status(value, request=request)
        response = resolve_response_sync(value, request=request)
        told.append((status, response.status))
        return value

    class Service(tomodachi.Service):
        http_middleware = (tells,)

        @tomodachi.http("GET", "/")
        async def fine(self) -> str:
            return "fine"

        @tomodachi.http_error(404)
        async def missing(self) -> str:
            return "missing"

    served = await serve(Service)
    for path in ("/", "/nowhere"):
        await served.get(path)
    assert told == [(200, 200), (404, 404)]


async def test_a_500_handler_that_fails_leaves_an_empty_500(serve: Serve, lines: Lines) -> None:
    class Service(tomodachi.Service):
        @tomodachi.http_error(500)
        async def internal(self) -> None:
            msg = "again"
            raise RuntimeError(msg)

        @tomodachi.http("GET", "/")
        async def crash(self) -> None:
            msg = "first"
            raise RuntimeError(msg)

    served = await serve(Service)
    assert (await served.get("/"))[::2] == (500, b"")
    assert [line["message"] for line in lines.of("exception")] == [
        "uncaught exception: first",
        "uncaught exception: again",
    ]


async def outer(
    func: Callable[..., Any], service: Any, request: web.Request, context: dict[str, Any]
) -> Any:
    context["seen"] = [func.__name__]
    value = await func(added=request.path, request="not to be replaced")
    return f"{value} {context['seen']}" if isinstance(value, str) else value


async def inner(func: Callable[..., Any], *, status_code: int = 0, **kwargs: Any) -> Any:
    return await func(also=status_code or sorted(kwargs))


class WithMiddlewares(tomodachi.Service):
    http_middleware = (outer, inner)

    def __init__(self) -> None:
        self.http_middleware = [outer, inner]

    @tomodachi.http("GET", r"/(?P<a>\d+)")
    async def handler(self, request: web.Request, a: str, added: str, also: object) -> str:
        return f"{request.path} {a} {added} {also}"

    @tomodachi.http("GET", "/rest")
    async def rest(self, whatever: web.Request, **kwargs: Any) -> str:
        return f"{whatever.path} {sorted(kwargs)}"

    @tomodachi.http_error(404)
    async def not_found(self, also: int) -> tuple[int, str]:
        return 404, f"{also}"


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/1", 200, "/1 1 /1 ['added', 'request'] ['handler']"),
        ("/rest", 200, "/rest ['added', 'also'] ['rest']"),
        ("/nowhere", 404, "404"),
    ],
)
async def test_middlewares_run_around_handlers_and_error_handlers(
    serve: Serve, path: str, status: int, body: str
) -> None:
    """Section 9: the first is outermost; the transport's values can't be replaced.

    The groups of a route are the handler's alone.
    """
    served = await serve(WithMiddlewares)
    answer = await served.get(path)
    assert (answer[0], answer[2].decode()) == (status, body)


async def test_a_middleware_may_answer_itself_or_raise(serve: Serve) -> None:
    async def guard(func: Callable[..., Any], service: Any, request: web.Request) -> Any:
        if "token" not in request.query:
            raise web.HTTPUnauthorized(text="who are you?")
        return (202, "answered") if request.query["token"] == "short" else await func()

    class Service(tomodachi.Service):
        http_middleware = (guard,)

        @tomodachi.http("GET", "/")
        async def handler(self) -> str:
            return "handled"

    served = await serve(Service)
    assert (await served.get("/"))[::2] == (401, b"who are you?")
    assert (await served.get("/?token=short"))[::2] == (202, b"answered")
    assert (await served.get("/?token=x"))[::2] == (200, b"handled")


async def test_pre_handler_func_runs_first_and_may_refuse(serve: Serve) -> None:
    async def check(service: Any, request: web.Request) -> None:
        service.checked = request.path
        if request.path == "/no":
            raise web.HTTPForbidden

    class Service(tomodachi.Service):
        @tomodachi.http("GET", "/(yes|no)", pre_handler_func=check)
        async def handler(self) -> str:
            return f"{self.checked}"  # type: ignore[attr-defined]

    served = await serve(Service)
    assert (await served.get("/yes"))[::2] == (200, b"/yes")
    assert (await served.get("/no"))[0] == 403


async def test_handlers_see_their_own_logger(serve: Serve, lines: Lines) -> None:
    async def middleware(func: Callable[..., Any]) -> Any:
        tomodachi.get_logger().info("in the middleware")
        return await func()

    class Service(tomodachi.Service):
        http_middleware = (middleware,)

        @tomodachi.http("GET", "/")
        async def handler(self) -> str:
            tomodachi.get_logger().info("in the handler")
            return ""

    served = await serve(Service)
    await served.get("/")
    in_middleware = lines.of("tomodachi.http.middleware")[0]
    assert (in_middleware["middleware"], in_middleware["handler"]) == ("middleware", "handler")
    assert lines.of("tomodachi.http.handler") == [
        {"message": "in the handler", "handler": "handler", "type": "tomodachi.http"}
    ]


async def test_a_pre_handler_func_logs_as_the_server(serve: Serve, lines: Lines) -> None:
    """As in 0.29.0, where connections inherit the logger that the server started with."""

    async def before(_service: object, _request: web.Request) -> None:
        tomodachi.get_logger().info("before the handler")

    class Service(tomodachi.Service):
        @tomodachi.http("GET", "/", pre_handler_func=before)
        async def handler(self) -> None:
            """Answers."""

    await (await serve(Service)).get("/")
    assert {"message": "before the handler"} in lines.of("tomodachi.http")


async def test_request_has_aiohttps_match_info_and_app(serve: Serve) -> None:
    class Service(tomodachi.Service):
        @tomodachi.http("GET", r"^/x/(?P<a>\d+)$")
        async def handler(self, request: web.Request) -> str:
            resource = request.match_info.route._resource  # type: ignore[attr-defined]
            return f"{resource._simplified_pattern} {type(request.app).__name__}"

    served = await serve(Service)
    assert (await served.get("/x/1"))[2] == rb"/x/(?P<a>\d+) Application"


class Calls:
    """Collects handler calls."""

    def __init__(self) -> None:
        self.ended: list[HandlerCall] = []
        self.started: list[HandlerCall] = []

    def handler_started(self, call: HandlerCall) -> None:
        self.started.append(call)

    def handler_finished(self, call: HandlerCall) -> None:
        self.ended.append(call)


async def test_every_handler_call_is_reported(serve: Serve) -> None:
    calls = Calls()
    observer.set_observer(calls)
    served = await serve(OwnErrors)
    await served.get("/mine")
    await served.get("/crash")
    await served.get("/nowhere")

    ended = [(call.transport, call.handler, type(call.error), call.outcome) for call in calls.ended]
    assert ended == [
        ("http", "mine", type(None), "status 404"),
        ("http", "internal", type(None), "status 500"),
        ("http", "crash", RuntimeError, "status 500"),
        ("http", "not_found", type(None), "status 404"),
    ]
    assert calls.started[0].detail == {"method": "GET", "path": "/mine"}


async def test_instrumentation_wraps_whole_requests_and_finds_the_exceptions(serve: Serve) -> None:
    seen: list[tuple[str, int, list[str]]] = []

    class Instrumented(OwnErrors):
        async def _aiohttp_pre_middleware(
            self, request: web.Request, handler: Callable[..., Any]
        ) -> Any:
            response = await handler(request)
            caught = [type(error).__name__ for error in getattr(response, "_caught_exceptions", [])]
            seen.append((request.path, response.status, caught))
            return response

    served = await serve(Instrumented)
    await served.get("/mine")
    await served.get("/gone")
    assert seen == [("/mine", 404, []), ("/gone", 500, ["HTTPGone", "RuntimeError"])]


async def test_requests_are_counted_in_the_execution_context(serve: Serve) -> None:
    class Service(tomodachi.Service):
        @tomodachi.http("GET", "/")
        async def handler(self) -> str:
            return f"{tomodachi.get_execution_context()['http_current_tasks']}"

    served = await serve(Service)
    assert (await served.get("/"))[2] == b"1"
    context = tomodachi.get_execution_context()
    assert (
        context["http_enabled"],
        context["http_current_tasks"],
        context["http_total_tasks"],
    ) == (True, 0, 1)
