"""The access log: its lines, its file, and what is left out."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from aiohttp import web

import tomodachi
from tomodachi.transport.http import HttpException

from .conftest import Lines, Serve


class Logged(tomodachi.Service):
    @tomodachi.http("POST", "/echo")
    async def echo(self, request: web.Request) -> bytes:
        return await request.read()

    @tomodachi.http("GET", "/empty")
    async def empty(self) -> None:
        return None

    @tomodachi.http("GET", r"/quiet/(?P<status>\d+)", ignore_logging=True)
    async def quiet(self, status: str) -> tuple[int, str]:
        return int(status), ""

    @tomodachi.http("GET", r"/choosy/(?P<status>\d+)", ignore_logging=[200, 404])
    async def choosy(self, status: str) -> tuple[int, str]:
        return int(status), ""


def statuses(lines: Lines) -> list[int]:
    return [line["status_code"] for line in lines.of("tomodachi.http.response")]


async def test_the_fields_of_a_line_in_their_order(serve: Serve, lines: Lines) -> None:
    """Section 5.13."""
    served = await serve(Logged)
    headers = {
        "User-Agent": "tester",
        "Authorization": "Basic " + base64.b64encode(b"me:pw").decode(),
    }
    await served.request("POST", "/echo?a=b", data=b"body", headers=headers)
    (line,) = lines.of("tomodachi.http.response")
    handler_time, request_time = line.pop("handler_elapsed_time"), line.pop("request_time")
    assert list(line.items()) == [
        ("message", ""),
        ("status_code", 200),
        ("remote_ip", "127.0.0.1"),
        ("auth_user", "me"),
        ("request_method", "POST"),
        ("request_path", "/echo"),
        ("request_query_string", "a=b"),
        ("http_version", "HTTP/1.1"),
        ("response_content_length", 4),
        ("request_content_length", 4),
        ("request_content_read_length", 4),
        ("user_agent", "tester"),
    ]
    for duration in (handler_time, request_time):
        assert len(duration.removesuffix("s").partition(".")[2]) == 5


async def test_fields_without_a_value_are_left_out(serve: Serve, lines: Lines) -> None:
    served = await serve(Logged)
    await served.get("/nowhere", headers={"User-Agent": ""})
    await served.get("/empty")
    missing, empty = lines.of("tomodachi.http.response")
    assert "handler_elapsed_time" not in missing
    assert "auth_user" not in missing
    assert "request_query_string" not in missing
    assert empty["response_content_length"] == 0
    assert "request_content_read_length" not in empty


async def test_row_12_ignored_routes_still_log_status_500(serve: Serve, lines: Lines) -> None:
    served = await serve(Logged)
    for status in (200, 404, 500, 503):
        await served.get(f"/quiet/{status}")
    assert statuses(lines) == [500]


async def test_a_list_leaves_out_its_statuses(serve: Serve, lines: Lines) -> None:
    served = await serve(Logged)
    for status in (200, 201, 404, 500):
        await served.get(f"/choosy/{status}")
    assert statuses(lines) == [201, 500]


async def test_access_log_false_logs_no_responses(serve: Serve, lines: Lines) -> None:
    served = await serve(Logged, access_log=False)
    await served.get("/empty")
    assert statuses(lines) == []


async def test_a_file_gets_the_lines_as_json_too(
    serve: Serve, lines: Lines, tmp_path: Path
) -> None:
    path = tmp_path / "access.log"
    served = await serve(Logged, access_log=str(path))
    await served.request("POST", "/echo", data="å")
    first, second = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert first["message"].startswith("accepting http requests at http://localhost:")
    assert list(second)[:6] == [
        "timestamp",
        "logger",
        "level",
        "message",
        "status_code",
        "remote_ip",
    ]
    assert (second["logger"], second["level"], second["request_path"]) == (
        "tomodachi.http.response",
        "info",
        "/echo",
    )
    assert statuses(lines) == [200]


async def test_a_file_that_is_rotated_away_is_made_anew(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    served = await serve(Logged, access_log=str(path))
    path.rename(tmp_path / "access.log.1")
    await served.get("/empty")
    assert json.loads(path.read_text())["request_path"] == "/empty"


async def test_two_services_have_two_files(serve: Serve, tmp_path: Path) -> None:
    """Row 20: state per service."""
    first = await serve(Logged, access_log=str(tmp_path / "a"))
    second = await serve(Logged, access_log=str(tmp_path / "b"))
    await first.get("/empty?first")
    await second.get("/empty?second")
    assert "?first" not in (tmp_path / "b").read_text()
    assert "second" not in (tmp_path / "a").read_text()
    await first.stop()
    await second.get("/empty")
    assert len((tmp_path / "b").read_text().splitlines()) == 3


async def test_a_file_that_cannot_be_opened_fails_the_start(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(HttpException, match=r"missing/access\.log.*http\.access_log"):
        await serve(Logged, access_log=str(tmp_path / "missing" / "access.log"))
