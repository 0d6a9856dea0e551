"""aiohttp responses of return values, and the status helpers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from aiohttp import web

import tomodachi
from tomodachi.transport.http import (
    Response,
    get_http_response_status,
    get_http_response_status_sync,
    resolve_response,
    resolve_response_sync,
)
from tomodachi.transport.http.aiohttp_response import of_exception

CONTEXT = {
    "options": tomodachi.Options(
        http=tomodachi.Options.HTTP(content_type="application/json; charset=utf-8")
    )
}


def sent(response: web.StreamResponse) -> tuple[int, object, str | None]:
    assert isinstance(response, web.Response)
    return response.status, response.body, response.headers.get("Content-Type")


def test_http_response_is_the_transports_response() -> None:
    assert tomodachi.HttpResponse is Response


def test_a_response_takes_the_services_content_type() -> None:
    made = Response(body="{}", status="201").get_aiohttp_response(CONTEXT)
    assert sent(made) == (201, b"{}", "application/json; charset=utf-8")


def test_a_responses_own_content_type_stands_without_charset() -> None:
    made = Response(body="<p>", content_type="text/html").get_aiohttp_response(CONTEXT)
    assert sent(made) == (200, b"<p>", "text/html")


def test_a_header_drops_content_type_and_charset() -> None:
    response = Response(
        body="å",
        headers={"content-type": "text/css; charset=latin1"},
        content_type="a/b",
        charset="x",
    )
    assert (response.content_type, response.charset) == (None, None)
    assert not response.missing_content_type
    assert sent(response.get_aiohttp_response(CONTEXT)) == (
        200,
        b"\xe5",
        "text/css; charset=latin1",
    )


def test_defaults_given_by_hand_win_over_the_options() -> None:
    made = Response(body="å").get_aiohttp_response(CONTEXT, "latin1", "text/html")
    assert sent(made) == (200, b"\xe5", "text/html; charset=latin1")


def test_reason_and_headers_are_kept_and_a_response_can_be_used_again() -> None:
    response = Response(status=418, reason="teapot", headers={"X-Pot": "1"})
    for _ in range(2):
        made = response.get_aiohttp_response()
        assert (made.status, made.reason, made.headers["X-Pot"]) == (418, "teapot", "1")


async def test_resolve_response_makes_any_return_form_a_response() -> None:
    for value, status in (
        ("a", 200),
        ((404, "a"), 404),
        ({"status": 201}, 201),
        (Response(status=202), 202),
    ):
        assert (await resolve_response(value, context=CONTEXT)).status == status
        assert resolve_response_sync(value, context=CONTEXT).status == status
    assert resolve_response_sync("a", status_code=404).status == 404
    own = web.Response(status=203)
    assert resolve_response_sync(own) is own


def test_a_returned_http_exception_keeps_aiohttps_text() -> None:
    """Section 5.4: an exception that is returned, not raised, is sent as aiohttp would."""
    assert sent(resolve_response_sync(web.HTTPNotFound())) == (
        404,
        b"404: Not Found",
        "text/plain; charset=utf-8",
    )


def test_row_11_a_raised_http_exception_says_its_reason_or_its_own_text() -> None:
    """Row 11: `text=` and `body=` of a raised HTTPException are kept."""
    assert sent(of_exception(web.HTTPNotFound()))[:2] == (404, b"Not Found")
    assert sent(of_exception(web.HTTPNotFound(reason="gone fishing")))[:2] == (404, b"gone fishing")
    assert sent(of_exception(web.HTTPNotFound(text="my text")))[:2] == (404, b"my text")
    with pytest.warns(DeprecationWarning, match="body argument"):
        exception = web.HTTPNotFound(body=b"raw")
    assert sent(of_exception(exception))[:2] == (404, b"raw")


def test_a_raised_redirect_keeps_its_headers_and_cookies() -> None:
    redirect = web.HTTPFound("/there")
    redirect.set_cookie("a", "b")
    made = of_exception(redirect)
    assert made.headers["Location"] == "/there"
    assert made.headers["Set-Cookie"] == "a=b; Path=/"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("text", 200),
        (None, 200),
        ((201, "b"), 201),
        ({"status": "202"}, 202),
        (Response(status=203), 203),
        (web.Response(status=204), 204),
        (web.HTTPTeapot() if hasattr(web, "HTTPTeapot") else web.HTTPGone(), 410),
        (ValueError("x"), 500),
        (type("Own", (Exception,), {"status": 409})(), 409),
    ],
)
async def test_the_status_of_any_value_or_exception(value: object, status: int) -> None:
    """Section 5.15."""
    assert get_http_response_status_sync(value) == status
    assert await get_http_response_status(value) == status
    assert tomodachi.get_http_response_status_sync(value) == status


def test_the_status_is_499_when_the_client_is_gone() -> None:
    gone = SimpleNamespace(transport=None, _cache={})
    assert get_http_response_status_sync("a", gone) == 499  # type: ignore[arg-type]
    assert get_http_response_status_sync("a", gone, verify_transport=False) == 200  # type: ignore[arg-type]
