"""Static files over HTTP."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

import tomodachi

from .conftest import Lines, Serve


@pytest.fixture
def service(tmp_path: Path) -> type[Any]:
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "static" / "css" / "a.css").write_text("a { }")
    (tmp_path / "static" / "å b.txt").write_text("0123456789")
    (tmp_path / "static" / "packed.js").write_text("long")
    (tmp_path / "static" / "packed.js.gz").write_bytes(gzip.compress(b"long"))
    (tmp_path / "secret.txt").write_text("secret")

    class Service(tomodachi.Service):
        @tomodachi.http_static(str(tmp_path / "static"), "/static/", ignore_logging=[304])
        async def static(self) -> None:
            raise AssertionError

        @tomodachi.http_static(str(tmp_path / "static"), r"/only-css/(?P<filename>.+\.css)")
        async def only_css(self) -> None:
            raise AssertionError

    return Service


async def test_files_are_served_with_their_type_and_validators(
    serve: Serve, service: type[Any]
) -> None:
    served = await serve(service)
    status, headers, body = await served.get("/static/css/a.css")
    assert (status, body, headers["Content-Type"]) == (200, b"a { }", "text/css")
    assert headers["Server"] == "tomodachi"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Etag"]
    assert headers["Last-Modified"]
    head = await served.request("HEAD", "/static/css/a.css")
    assert (head[0], head[2], head[1]["Content-Length"]) == (200, b"", "5")


async def test_ranges_and_conditions(serve: Serve, service: type[Any], lines: Lines) -> None:
    served = await serve(service)
    path = "/static/%C3%A5%20b.txt"
    part = await served.get(path, headers={"Range": "bytes=2-4"})
    assert (part[0], part[2], part[1]["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    etag = part[1]["Etag"]
    assert (await served.get(path, headers={"If-None-Match": etag}))[0] == 304
    assert (await served.get(path, headers={"Range": "bytes=20-"}))[0] == 416
    logged = [line["status_code"] for line in lines.of("tomodachi.http.response")]
    assert logged == [206, 416]


async def test_a_compressed_sibling_is_sent_to_those_who_accept_it(
    serve: Serve, service: type[Any]
) -> None:
    served = await serve(service)
    answer = await served.get("/static/packed.js", headers={"Accept-Encoding": "gzip"})
    assert (answer[1]["Content-Encoding"], answer[2]) == ("gzip", b"long")


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/css",
        "/static/missing",
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static/css/..%2f..%2f..%2fsecret.txt",
        "/static/..%5csecret.txt",
        "/static//etc/passwd",
        "/static/%00",
        "/only-css/packed.js",
    ],
)
async def test_anything_else_is_404(serve: Serve, service: type[Any], path: str) -> None:
    served = await serve(service)
    raw = await served.connect()
    raw.get(path)
    assert (await raw.response())[0] == 404
    raw.close()


async def test_another_method_is_405(serve: Serve, service: type[Any]) -> None:
    served = await serve(service)
    assert (await served.request("POST", "/static/css/a.css"))[0] == 405


async def test_a_pattern_may_restrict_the_names(serve: Serve, service: type[Any]) -> None:
    served = await serve(service)
    assert (await served.get("/only-css/css/a.css"))[0] == 200


async def test_an_error_handler_answers_missing_files(serve: Serve, service: type[Any]) -> None:
    class Service(service):  # type: ignore[misc]
        @tomodachi.http_error(404)
        async def missing(self) -> str:
            return "mine"

    served = await serve(Service)
    assert (await served.get("/static/missing"))[::2] == (404, b"mine")


async def test_an_unreadable_file_is_403(
    serve: Serve, service: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = await serve(service)
    monkeypatch.setattr("os.access", lambda *_: False)
    assert (await served.get("/static/css/a.css"))[0] == 403


async def test_a_file_can_be_returned_by_a_handler(serve: Serve, tmp_path: Path) -> None:
    from aiohttp import web

    (tmp_path / "a.txt").write_text("content")

    class Service(tomodachi.Service):
        @tomodachi.http("GET", "/")
        async def handler(self) -> web.FileResponse:
            return web.FileResponse(tmp_path / "a.txt")

    served = await serve(Service, keepalive_timeout=5)
    status, headers, body = await served.get("/")
    assert (status, headers["Connection"], body) == (200, "keep-alive", b"content")


async def test_the_root_is_refused_at_the_start(serve: Serve) -> None:
    class Service(tomodachi.Service):
        @tomodachi.http_static("/", "/files")
        async def static(self) -> None:
            raise AssertionError

    with pytest.raises(ValueError, match="Invalid path '/' for http_static"):
        await serve(Service)
