"""A running service: websockets, stopping, crashing and restarting, modules and files as services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tomodachi
from tomodachi_testkit.errors import TestkitError


class Phone(tomodachi.Service):
    name = "phone"

    def __init__(self) -> None:
        self.stopped = False

    @tomodachi.websocket(r"/calls/(?P<number>\d+)")
    async def ring(self, websocket: Any, number: str) -> Any:
        async def received(data: str) -> None:
            await websocket.send_str(f"{number}: {data}")

        return received

    async def _stop_service(self) -> None:
        self.stopped = True


class Mute(tomodachi.Service):
    name = "mute"


async def test_a_websocket_talks_to_the_service(svc: Any) -> None:
    phone = await svc.start(Phone)
    async with await phone.ws("/calls/7") as call:
        await call.send_str("hello")
        assert await call.receive_str() == "7: hello"
        assert not call.closed
    assert call.closed


async def test_a_stop_runs_hooks_and_a_crash_does_not(svc: Any) -> None:
    first, second = await svc.start(Phone, Phone)
    assert [running.owner for running in svc.running] == ["phone#1", "phone#2"]
    await first.stop()
    await first.stop()
    await second.stop(graceful=False)
    assert (first.service.stopped, second.service.stopped) == (True, False)
    assert repr(first) == "<Running phone#1 (stopped)>"
    again = await second.restart()
    assert again.service is not second.service
    assert [event.kind for event in svc.log if event.service == "phone"].count("crash") == 1


async def test_a_service_without_http_has_no_url(svc: Any) -> None:
    mute = await svc.start(Mute)
    with pytest.raises(TestkitError, match="'mute' has no HTTP handlers"):
        _ = mute.base_url


async def test_a_file_is_started_as_its_services(svc: Any, tmp_path: Path) -> None:
    path = tmp_path / "echo_service.py"
    path.write_text(
        "import tomodachi\n\n"
        "class Echo(tomodachi.Service):\n"
        "    name = 'echo'\n"
        "    @tomodachi.http('GET', '/')\n"
        "    async def hello(self, request):\n"
        "        return 'hello'\n"
    )
    echo = await svc.start(str(path))
    assert (await echo.http.get("/")).text() == "hello"


async def test_what_is_no_service_is_refused(svc: Any) -> None:
    with pytest.raises(TestkitError, match="cannot start 42"):
        await svc.start(42)
    with pytest.raises(TestkitError, match="needs at least one service"):
        await svc.start()
