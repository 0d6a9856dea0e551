"""The access log: its lines, its file, and what is left out."""

from __future__ import annotations

import base64
import json
import logging as stdlib
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

import tomodachi
from tomodachi.transport.http import HttpException

from .conftest import FakeClock, Lines, Serve


class Logged(tomodachi.Service):
    @tomodachi.http("POST", "/echo")
    async def echo(self, request: web.Request) -> bytes:
        return await request.read()

    @tomodachi.http("GET", "/empty")
    async def empty(self) -> None:
        return None

    @tomodachi.websocket("/socket")
    async def socket(self) -> None:
        """Says nothing until the client goes."""

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
    await served.get("/empty", headers={"Content-Length": "0"})
    missing, empty = lines.of("tomodachi.http.response")
    assert "handler_elapsed_time" not in missing
    assert "auth_user" not in missing
    assert "request_query_string" not in missing
    assert empty["response_content_length"] == 0
    assert "request_content_length" not in empty
    assert "request_content_read_length" not in empty


async def test_a_chunked_body_has_the_length_that_was_read(serve: Serve, lines: Lines) -> None:
    """As 0.29.0 logs it; the header that would announce the length is not there."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"c"

    served = await serve(Logged)
    await served.request("POST", "/echo", data=chunks())
    (line,) = lines.of("tomodachi.http.response")
    assert (line["request_content_length"], line["request_content_read_length"]) == (3, 3)


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
    told = {"message": "logging requests to file", "file_path": str(path)}
    assert lines.of("tomodachi.http")[0] == told
    first, second = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    del first["timestamp"]
    assert first == {
        "logger": "tomodachi.http.response",
        "level": "info",
        "message": "accepting http requests",
        "listen_url": f"http://localhost:{served.port}/",
        "listen_host": "127.0.0.1",
        "listen_port": served.port,
    }
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


async def test_a_websocket_is_in_the_file_once_it_is_closed(
    serve: Serve, lines: Lines, tmp_path: Path
) -> None:
    """As in tomodachi 0.29.0, whose file has what its logger of responses says."""
    path = tmp_path / "access.log"
    served = await serve(Logged, access_log=str(path))
    async with ClientSession() as session, session.ws_connect(f"{served.url}/socket"):
        pass
    await served.stop()
    told = [json.loads(line).get("websocket_state") for line in path.read_text().splitlines()]
    assert told == [None, "closed"]
    assert [line["websocket_state"] for line in lines.of("tomodachi.http.websocket")] == ["open"]


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


class Bound(tomodachi.Service):
    """Says something itself, and binds a value to the logger of the access log."""

    @tomodachi.http("GET", r"/(?P<name>\w+)")
    async def named(self, name: str) -> str:
        tomodachi.get_logger("tomodachi.http.response").bind(tenant=name)
        tomodachi.get_logger("own").info(name)
        return name


async def test_a_line_has_what_its_own_request_bound_to_the_logger(
    serve: Serve, lines: Lines
) -> None:
    """Section 14: bound values are a task's, and each request has its own."""
    served = await serve(Bound, keepalive_timeout=5)
    raw = await served.connect()
    for name in ("a", "b", "c"):
        raw.get(f"/{name}")
    for name in ("a", "b", "c"):
        assert (await raw.response())[2].decode() == name
    logged = lines.of("tomodachi.http.response")
    assert [(line["tenant"], line["request_path"]) for line in logged] == [
        ("a", "/a"),
        ("b", "/b"),
        ("c", "/c"),
    ]
    raw.close()


async def test_lines_of_many_connections_are_all_there_when_the_answers_are(
    serve: Serve, lines: Lines
) -> None:
    """Lines are written in a row in the loop's next iteration: none may come late or be lost."""
    served = await serve(Logged)
    connections = [await served.connect() for _ in range(20)]
    for number, raw in enumerate(connections):
        raw.get(f"/empty?{number}")
    for raw in connections:
        await raw.response()
    queries = [line["request_query_string"] for line in lines.of("tomodachi.http.response")]
    assert sorted(queries, key=int) == [str(number) for number in range(20)]
    for raw in connections:
        raw.close()


async def test_what_waits_to_be_written_is_written_before_the_file_closes(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "access.log"
    served = await serve(Logged, access_log=str(path))
    log = served.service.context["_http_registry"].server.access_log
    log.bad_request(400, "10.0.0.1", "no HTTP\nat all")
    await served.stop()
    line = json.loads(path.read_text().splitlines()[-1])
    assert (line["message"], line["status_code"], line["reason"]) == (
        "bad http request",
        400,
        "no HTTP",
    )


async def test_lines_have_the_time_of_what_they_tell(
    serve: Serve,
    tmp_path: Path,
    fake_clock: FakeClock,
    use_clock: Callable[[FakeClock], None],
) -> None:
    use_clock(fake_clock)
    path = tmp_path / "access.log"
    served = await serve(Logged, access_log=str(path))
    log = served.service.context["_http_registry"].server.access_log
    log.bad_request(400, "10.0.0.1", "first")
    fake_clock.at += 1.5
    log.bad_request(400, "10.0.0.1", "second")
    fake_clock.at += 60
    await served.stop()
    times = [json.loads(line)["timestamp"] for line in path.read_text().splitlines()[1:]]
    assert times == ["2023-11-14T22:13:20.000000Z", "2023-11-14T22:13:21.500000Z"]


async def test_a_file_whose_folder_is_gone_is_reported_and_hurts_no_request(
    serve: Serve, lines: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    served = await serve(Logged, access_log=str(folder / "access.log"))
    shutil.rmtree(folder)
    answers = [(await served.get("/empty"))[0] for _ in range(2)]
    assert answers == [200, 200]
    assert statuses(lines) == [200, 200]
    assert "FileNotFoundError" in capsys.readouterr().err
    folder.mkdir()
    await served.get("/empty")
    assert len((folder / "access.log").read_text().splitlines()) == 1


@pytest.mark.parametrize("has_file", [False, True])
async def test_a_level_that_hides_the_lines_leaves_the_file_as_it_is(
    serve: Serve,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    has_file: bool,
) -> None:
    caplog.set_level(stdlib.WARNING)
    path = tmp_path / "access.log"
    served = await serve(Logged, access_log=str(path) if has_file else True)
    await served.get("/empty")
    assert [record for record in caplog.records if record.name == "tomodachi.http.response"] == []
    assert (len(path.read_text().splitlines()) if path.exists() else 0) == (2 if has_file else 0)
