"""Posts to HTTP endpoints over loopback: what arrives, what is refused, what is told back."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from tests.fakes.servers.support_http import Site, site

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.events import Event
from tomodachi_fakes.servers.sns_http_push import (
    ForbiddenAddress,
    HttpDeliveryRule,
    SnsHttpPush,
    attach,
    check_address,
)
from tomodachi_fakes.sns.effects import ToHttp
from tomodachi_fakes.sns.http_delivery import HttpOutcome

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK, ANY, OFF = HttpDeliveryRule.LOOPBACK, HttpDeliveryRule.ANY, HttpDeliveryRule.OFF


class Endpoint:
    """An HTTP server that keeps what it was sent; it answers with the next of `statuses`, or 200."""

    def __init__(self) -> None:
        self.url = ""
        self.statuses: list[int] = []
        self.received: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.put_nowait((headers, await request.read()))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, headers={"Location": f"{self.url}elsewhere"})

    async def next(self) -> tuple[dict[str, str], bytes]:
        return await asyncio.wait_for(self.received.get(), 5)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """An endpoint that listens."""
    found = Endpoint()
    async with serving(found.handle) as url:
        found.url = url
        yield found


class Attempt:
    """One post and what was told back."""

    def __init__(self, rule: HttpDeliveryRule = LOOPBACK) -> None:
        self._told: asyncio.Future[HttpOutcome] = asyncio.get_running_loop().create_future()
        self.push = SnsHttpPush(lambda _, outcome: self._told.set_result(outcome), rule=rule)

    async def outcome(self, url: str, timeout_s: float = 5.0) -> HttpOutcome:
        self.push(ToHttp(1, 1, url, {"Content-Type": "text/plain"}, b"body", timeout_s, "arn"))
        return await asyncio.wait_for(self._told, 10)


class Sns:
    """Calls of SNS on a server that posts to endpoints."""

    def __init__(self, aws: Site) -> None:
        self._aws = aws

    def __call__(self, operation: str, **params: Any) -> Any:
        context = CallContext(
            "111111111111",
            "eu-west-1",
            self._aws.clock.now(),
            "request",
            f"http://127.0.0.1:{self._aws.server.port}",
            access_key_id="111111111111",
        )
        return self._aws.server.call("sns", operation, params, context)


class Outcomes:
    """What became of deliveries, in order."""

    def __init__(self, aws: Site) -> None:
        self._kinds: asyncio.Queue[str] = asyncio.Queue()
        aws.server.cloud.events.subscribe(self._note)

    def _note(self, event: Event) -> None:
        if event.kind in ("sent", "failed"):
            self._kinds.put_nowait(event.kind)

    async def next(self) -> str:
        return await asyncio.wait_for(self._kinds.get(), 5)


async def test_handshake_notification_and_retry(endpoint: Endpoint) -> None:
    async with site() as aws:
        push = attach(aws.server, aws.clock)
        sns, outcomes = Sns(aws), Outcomes(aws)
        topic = sns("CreateTopic", Name="t")["TopicArn"]
        arn = sns(
            "Subscribe",
            TopicArn=topic,
            Protocol="http",
            Endpoint=endpoint.url,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]

        headers, body = await endpoint.next()
        assert headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
        assert headers["user-agent"] == "Amazon Simple Notification Service Agent"
        assert await outcomes.next() == "sent"
        link = json.loads(body)["SubscribeURL"]
        client = await aws.connect()
        client.send(f"GET {link} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (await client.answer()).status == 200

        endpoint.statuses = [503]
        sns("Publish", TopicArn=topic, Message="hello")
        headers, first = await endpoint.next()
        assert headers["x-amz-sns-subscription-arn"] == arn
        assert json.loads(first)["Message"] == "hello"

        assert await outcomes.next() == "failed"
        aws.clock.advance(20)
        aws.server.cloud.advance(now=aws.clock.now())
        aws.server.step()
        _, second = await endpoint.next()
        assert second == first
        assert await outcomes.next() == "sent"
        assert aws.server.cloud.sns.pending_deliveries() == 0
        await push.close()


async def test_an_answer_is_told_with_its_status(endpoint: Endpoint) -> None:
    endpoint.statuses = [418]

    assert await Attempt().outcome(endpoint.url) == HttpOutcome(status=418)


async def test_redirects_are_not_followed(endpoint: Endpoint) -> None:
    endpoint.statuses = [302]

    assert await Attempt().outcome(endpoint.url) == HttpOutcome(status=302)
    assert endpoint.received.qsize() == 1


async def test_nobody_listening_may_be_tried_again(unused_tcp_port: int) -> None:
    outcome = await Attempt().outcome(f"http://127.0.0.1:{unused_tcp_port}/")

    assert outcome.status is None
    assert outcome.error
    assert outcome.may_retry


@pytest.mark.slow
async def test_an_endpoint_that_does_not_answer_is_given_up() -> None:
    released = asyncio.Event()

    async def never(_: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    async with serving(never) as url:
        outcome = await Attempt().outcome(url, timeout_s=0.05)
        released.set()

    assert outcome == HttpOutcome(error="no answer within 0.05 s")


@pytest.mark.slow
async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        except ConnectionError:
            return response

    async with serving(endless) as url:
        assert await Attempt().outcome(url) == HttpOutcome(status=200)


@pytest.mark.parametrize("rest", ["localhost:1:2/", "[localhost/", "localhost:99999/"])
async def test_a_password_in_a_url_that_is_none_is_not_told(rest: str) -> None:
    """The outcome goes to the log and to events; a URL may hold a password."""
    outcome = await Attempt().outcome(f"http://user:s3cret@{rest}")

    assert "not a URL to post to" in outcome.error
    assert "s3cret" not in outcome.error
    assert not outcome.retry


async def test_delivery_can_be_off(endpoint: Endpoint) -> None:
    outcome = await Attempt(OFF).outcome(endpoint.url)

    assert outcome.error == (
        "HTTP delivery is off. Pass --http-delivery loopback to post to this machine."
    )
    assert not outcome.may_retry
    assert endpoint.received.empty()


async def test_where_it_does_not_post_is_told_in_the_log_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever waits for a SubscriptionConfirmation at a container's address looks there."""
    outcomes: asyncio.Queue[HttpOutcome] = asyncio.Queue()
    push = SnsHttpPush(lambda _, outcome: outcomes.put_nowait(outcome))
    with caplog.at_level(logging.WARNING, "tomodachi_fakes.sns"):
        for url in ("http://user:s3cret@10.1.2.3:8080/sns", "http://10.1.2.3/other"):
            push(ToHttp(1, 1, url, {}, b"body", 5.0, "arn"))
            await asyncio.wait_for(outcomes.get(), 10)

    assert caplog.messages == [
        "SNS does not post to 10.1.2.3: 10.1.2.3 is not on this machine. "
        "Pass --http-delivery any to post there."
    ]


async def test_a_name_that_leads_to_a_forbidden_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The address is checked, not the name, and every address of the name."""

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", port)), (2, 1, 6, "", ("169.254.169.254", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)

    outcome = await Attempt(ANY).outcome("http://innocent.example/")

    assert "169.254.169.254 is link-local" in outcome.error
    assert not outcome.may_retry


async def test_the_address_is_resolved_once_and_pinned(
    monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint
) -> None:
    """A name that points elsewhere a moment later (DNS rebinding) changes nothing."""
    asked = []

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(2, 1, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    url = endpoint.url.replace("localhost", "rebinding.example")

    assert await Attempt().outcome(url) == HttpOutcome(status=200)

    headers, _ = await endpoint.next()
    assert headers["host"].startswith("rebinding.example:")
    assert asked == ["rebinding.example"]


@pytest.mark.parametrize(
    ("address", "rule", "allowed"),
    [
        ("127.0.0.1", LOOPBACK, True),
        ("127.8.9.10", LOOPBACK, True),
        ("::1", LOOPBACK, True),
        ("::ffff:127.0.0.1", LOOPBACK, True),
        ("10.0.0.1", LOOPBACK, False),
        ("::ffff:10.0.0.1", LOOPBACK, False),
        ("10.0.0.1", ANY, True),
        ("93.184.216.34", ANY, True),
        ("127.0.0.1", OFF, False),
        ("169.254.169.254", ANY, False),
        ("169.254.1.1", ANY, False),
        ("fe80::1", ANY, False),
        ("fd00:ec2::254", ANY, False),
        ("::ffff:169.254.169.254", ANY, False),
        ("2002:a9fe:a9fe::", ANY, False),
        ("0.0.0.0", ANY, False),
        ("::", ANY, False),
        ("224.0.0.1", ANY, False),
    ],
)
def test_which_addresses_may_be_posted_to(
    address: str, rule: HttpDeliveryRule, allowed: bool
) -> None:
    parsed = ipaddress.ip_address(address)

    if allowed:
        check_address(parsed, rule)
    else:
        with pytest.raises(ForbiddenAddress):
            check_address(parsed, rule)


async def test_closing_gives_up_what_is_under_way() -> None:
    released = asyncio.Event()
    arrived = asyncio.Event()

    async def never(_: web.Request) -> web.StreamResponse:
        arrived.set()
        await released.wait()
        return web.Response()

    told: list[HttpOutcome] = []
    push = SnsHttpPush(lambda _, outcome: told.append(outcome))
    async with serving(never) as url:
        push(ToHttp(1, 1, url, {}, b"", 5.0, "arn"))
        await asyncio.wait_for(arrived.wait(), 5)
        await push.close()
        released.set()

    assert told == []
