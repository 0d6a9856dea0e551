"""Other people's HTTP servers: stubs for every client on the loop, respx for httpx over TLS."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import httpx
import pytest
import respx

import tomodachi
from tomodachi.helpers.aiobotocore_connector import ClientConnector
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.http_stubs import Reply, UnexpectedRequest


class Exchange(tomodachi.Service):
    """Asks for a rate with whichever client it is told to use, and tries three times."""

    name = "exchange"

    def __init__(self) -> None:
        self.rates: list[float] = []

    @tomodachi.amqp("ask", queue_name="asks")
    async def ask(self, message: str) -> None:
        client, url = message.split()
        for _ in range(3):
            status, answer = await getattr(self, client)(url)
            if status == 200:
                self.rates.append(answer["rate"])
                return
            await asyncio.sleep(2)  # noqa: TID251 - virtual

    async def aiohttp(self, url: str) -> tuple[int, Any]:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status, await answer.json() if answer.status == 200 else None

    async def httpx(self, url: str) -> tuple[int, Any]:
        async with httpx.AsyncClient() as client:
            answer = await client.get(url)
            return answer.status_code, answer.json() if answer.status_code == 200 else None


@pytest.mark.parametrize(
    ("client", "url"),
    [
        ("aiohttp", "http://rates.example.com/eur"),
        ("aiohttp", "https://rates.example.com/eur"),
        ("httpx", "http://rates.example.com:8080/eur"),
        ("httpx", "https://rates.example.com/eur"),
        ("httpx", "https://rates.example.com:8443/eur"),
    ],
)
async def test_a_stub_answers_any_client_and_keeps_what_was_asked(
    svc: Any, client: str, url: str
) -> None:
    svc.http.get(url).replies([503, 503, {"rate": 11.2}])
    exchange = await svc.start(Exchange)
    await svc.amqp.publish("amq.topic", "ask", f"{client} {url}", envelope=None)
    await svc.drain()
    assert exchange.service.rates == [11.2]
    assert svc.http.calls(url).gaps() == [timedelta(seconds=2), timedelta(seconds=2)]


@respx.mock(assert_all_called=True)
async def test_respx_routes_work_for_httpx_inside_services(
    respx_mock: respx.MockRouter, svc: Any
) -> None:
    """testkit.md: respx routes work for httpx clients inside services under `svc`."""
    url = "https://rates.example.com/usd"
    route = respx_mock.get(url)
    route.side_effect = [httpx.Response(503), httpx.Response(200, json={"rate": 10.1})]
    exchange = await svc.start(Exchange)
    await svc.amqp.publish("amq.topic", "ask", f"httpx {url}", envelope=None)
    began = svc.clock.now()
    await svc.drain()
    assert exchange.service.rates == [10.1]
    assert route.call_count == 2
    assert svc.clock.now() - began == timedelta(seconds=2)


async def test_aiobotocore_reaches_a_stub_too(svc: Any) -> None:
    """An AWS service that nobody fakes, at its own host name, over TLS."""
    stub = svc.http.post("https://polly.eu-west-1.amazonaws.com/v1/*")
    stub.replies([Reply(body=b"sound", headers={"Content-Type": "audio/mpeg"})])
    connector = ClientConnector()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    polly = await connector.create_client("polly", {"region_name": "eu-west-1", **keys})
    answer = await polly.synthesize_speech(OutputFormat="mp3", Text="hello", VoiceId="Ivy")
    assert await answer["AudioStream"].read() == b"sound"
    await connector.close()
    [call] = stub.calls
    assert call.json()["Text"] == "hello"


async def test_replies_may_be_late_and_connections_may_be_reset(svc: Any) -> None:
    url = "http://slow.example.com/"
    svc.http.get(url).replies([Reply(json={"rate": 1.0}, delay_s=30), ConnectionResetError])
    exchange = await svc.start(Exchange)
    began = svc.clock.now()
    assert await exchange.service.aiohttp(url) == (200, {"rate": 1.0})
    assert svc.clock.now() - began == timedelta(seconds=30)
    with pytest.raises(aiohttp.ClientError):
        await exchange.service.aiohttp(url)


@pytest.mark.svc_allow("errors", "unused_stubs")
async def test_a_request_that_no_stub_answers_is_an_error_of_the_test(svc: Any) -> None:
    svc.http.get("http://rates.example.com/eur").replies([{"rate": 1}])
    exchange = await svc.start(Exchange)
    status, _ = await exchange.service.aiohttp("http://rates.example.com/sek")
    assert status == 501
    svc.allow -= {"errors"}
    with pytest.raises(ExceptionGroup) as caught:
        svc.raise_errors()
    assert isinstance(caught.value.exceptions[0], UnexpectedRequest)
    assert "no stub answers GET http://rates.example.com/sek" in str(caught.value.exceptions[0])


async def test_calls_are_found_by_the_url_that_was_asked_for_and_stand_in_the_log(svc: Any) -> None:
    """A stub with `*` in its path answers for many URLs; a test asks for one of them, or a part."""
    svc.allow |= {"errors"}
    svc.http.get("https://rates.example.com/*").replies([{"rate": 1}])
    svc.http.head("https://rates.example.com/eur").replies([204])
    svc.http.options("https://rates.example.com/eur")
    async with aiohttp.ClientSession() as session:
        await session.get("https://rates.example.com/eur?day=1")
        assert (await session.head("https://rates.example.com/eur")).status == 204
        await session.options("https://rates.example.com/eur")
        assert (await session.put("https://rates.example.com/eur")).status == 501
    [asked] = svc.http.calls("https://rates.example.com/eur?day=1")
    assert asked.url == "https://rates.example.com/eur?day=1"
    found = svc.http.calls("https://rates.example.com/eur*")
    assert [call.method for call in found] == ["GET", "HEAD", "OPTIONS"]
    assert "GET https://rates.example.com/eur?day=1" in repr(svc.http.calls(asked.url))
    assert [(e.kind, e.detail["method"], e.detail["status"]) for e in svc.log] == [
        ("answered", "GET", 200),
        ("answered", "HEAD", 204),
        ("answered", "OPTIONS", 200),
        ("unanswered", "PUT", 501),
    ]


async def test_a_stub_of_something_else_than_a_url_is_refused(svc: Any) -> None:
    with pytest.raises(TestkitError, match="no absolute http"):
        svc.http.get("/eur")
