"""The end of websockets: RFC 6455, section 7."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from websockets.frames import Close, Frame, Opcode

import tomodachi

from .conftest import Raw, Serve, Served

ANSWER = Frame(Opcode.CLOSE, Close(1001, "").serialize()).serialize(mask=True)


class Sockets(tomodachi.Service):
    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.go_on = asyncio.Event()
        self.websocket: web.WebSocketResponse | None = None

    @tomodachi.websocket("/receives")
    async def receives(self, websocket: web.WebSocketResponse) -> None:
        self.websocket = websocket
        self.opened.set()

    @tomodachi.websocket("/is-busy")
    async def is_busy(self, websocket: web.WebSocketResponse) -> None:
        self.websocket = websocket
        self.opened.set()
        await self.go_on.wait()


async def open_websocket(served: Served, path: str) -> Raw:
    raw = await served.connect()
    raw.get(
        path,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    await raw.reader.readuntil(b"\r\n\r\n")
    await served.service.opened.wait()
    return raw


async def goodbye(raw: Raw) -> int:
    """The code of the Close frame that comes next."""
    head = await raw.reader.readexactly(2)
    assert head[0] == 0x88
    return int.from_bytes((await raw.reader.readexactly(head[1]))[:2])


@pytest.mark.parametrize("path", ["/receives", "/is-busy"])
async def test_the_connection_stays_until_the_goodbye_is_answered(
    serve: Serve, settle: Any, path: str
) -> None:
    """Whatever the service's function does when another task closes its websocket."""
    served = await serve(Sockets)
    raw = await open_websocket(served, path)
    closing = asyncio.create_task(served.service.websocket.close(code=4001))
    assert await goodbye(raw) == 4001
    served.service.go_on.set()
    await settle()
    assert not raw.reader.at_eof()
    assert not closing.done()
    raw.writer.write(ANSWER)
    assert await raw.rest() == b""
    assert await closing
    assert await served.service.websocket.close() is False
    raw.close()


@pytest.mark.parametrize("header", ["Sec-WebSocket-Key: \xff", "Sec-WebSocket-Version: 1\xff"])
async def test_headers_that_are_no_ascii_are_the_clients_mistake(serve: Serve, header: str) -> None:
    """Found by sending changed requests at random."""
    served = await serve(Sockets)
    raw = await served.connect()
    others = ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    kept = [other for other in others if other.split(":")[0] not in header]
    head = ("GET /receives HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade")
    raw.writer.write("\r\n".join((*head, *kept, header, "", "")).encode("latin1"))
    assert (await raw.response())[0] == 400
    raw.close()


async def test_who_does_not_answer_is_cut_off(serve: Serve) -> None:
    """After the time that aiohttp gives, ten seconds, which is made shorter here."""
    served = await serve(Sockets)
    raw = await open_websocket(served, "/receives")
    served.service.websocket._timeout = 0.01
    stopping = asyncio.create_task(served.stop())
    assert await goodbye(raw) == 1001
    assert await raw.rest() == b""
    await stopping
    raw.close()
