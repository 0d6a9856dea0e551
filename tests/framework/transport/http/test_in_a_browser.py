"""Pages, requests and websockets in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page
from tests.support_chromium import chromium

import tomodachi

from .conftest import Serve

pytestmark = pytest.mark.slow

TALK = """
async ([path, frames]) => {
    const socket = new WebSocket(`ws://${location.host}${path}`);
    socket.binaryType = "arraybuffer";
    const told = [];
    return await new Promise((resolve) => {
        socket.onopen = () => frames.forEach((frame) => socket.send(
            typeof frame === "string" ? frame : new Uint8Array(frame)));
        socket.onmessage = ({data}) => {
            told.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
            if (told.length === frames.length) socket.close(4002, "done");
        };
        socket.onclose = ({code, reason, wasClean}) => resolve([told, code, reason, wasClean]);
    });
}
"""
FETCH = """
async ([path, options]) => {
    const answer = await fetch(path, options);
    return [answer.status, await answer.text()];
}
"""


class Site(tomodachi.Service):
    def __init__(self) -> None:
        self.waits = asyncio.Event()

    @tomodachi.http("GET", "/")
    async def home(self) -> tomodachi.HttpResponse:
        page = "<title>hej åäö</title>"
        return tomodachi.HttpResponse(body=page, content_type="text/html", charset="utf-8")

    @tomodachi.http("POST", "/form")
    async def form(self, request: web.Request) -> str:
        form = await request.post()
        part = form["file"]
        assert isinstance(part, web.FileField)
        return f"{form['name']} {part.filename} {len(part.file.read())}"

    @tomodachi.websocket(r"/echo")
    async def echo(self, websocket: web.WebSocketResponse) -> object:
        async def receive(data: str | bytes) -> None:
            await (
                websocket.send_str(data) if isinstance(data, str) else websocket.send_bytes(data)
            )

        return receive

    @tomodachi.websocket(r"/farewell")
    async def farewell(self, websocket: web.WebSocketResponse) -> None:
        await websocket.close(code=4001, message="hej då".encode())

    @tomodachi.websocket(r"/wait")
    async def wait(self, websocket: web.WebSocketResponse) -> None:
        await websocket.send_str("waiting")
        self.waits.set()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser:
        yield await browser.new_page()


async def test_a_browser_talks_over_http_and_websockets(serve: Serve, page: Page) -> None:
    """Row 11 (binary frames), close codes by RFC 6455, section 7.4."""
    served = await serve(Site)

    await page.goto(served.url)
    assert await page.title() == "hej åäö"

    frames: list[Any] = ["text", [0, 255, 1], "", "å" * 300_000, "last"]
    told = await page.evaluate(TALK, ["/echo", frames])
    # aiohttp answers a client's close with its own code.
    assert told == [frames, 1000, "", True]

    assert await page.evaluate(TALK, ["/farewell", []]) == [[], 4001, "hej då", True]

    multipart = """async () => {
        const form = new FormData();
        form.append("name", "Åsa");
        form.append("file", new Blob(["x".repeat(200000)]), "a.txt");
        return await (await fetch("/form", {method: "POST", body: form})).text();
    }"""
    assert await page.evaluate(multipart) == "Åsa a.txt 200000"
    assert await page.evaluate(FETCH, ["/nowhere", {"method": "PUT"}]) == [404, "Not Found"]

    # Nobody closes this one but the service's stop.
    waiting = asyncio.create_task(page.evaluate(TALK, ["/wait", ["never echoed", "nor this"]]))
    await served.service.waits.wait()
    await served.stop()
    assert await waiting == [["waiting"], 1001, "service is stopping", True]
