"""Requests that a browser was made to send are refused; those of SDKs never are."""

from __future__ import annotations

import pytest
from tests.fakes.servers.support_http import site

from tomodachi_fakes.servers.http_guard import HttpGuard


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:4566",
        "localhost",
        "[::1]:4566",
        "10.0.0.3",
        "svc-fake-broker:4566",
        "",
        "a.localhost:1",
    ],
)
def test_local_names_and_addresses_are_answered(host: str) -> None:
    assert HttpGuard("127.0.0.1").refusal({"host": host}) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:4566", "localhost.evil.com", "evil.notlocalhost"],
)
def test_names_of_the_internet_are_not(host: str) -> None:
    for address in ("127.0.0.1", "localhost", "::1"):
        assert "is not a name of this machine" in str(HttpGuard(address).refusal({"host": host}))
    assert HttpGuard("0.0.0.0").refusal({"host": host}) is None


@pytest.mark.parametrize(
    ("headers", "answered"),
    [
        ({"origin": "http://127.0.0.1:4566"}, True),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
    ],
)
def test_pages_of_other_sites_are_refused(headers: dict[str, str], answered: bool) -> None:
    guard = HttpGuard("127.0.0.1")

    assert (guard.refusal({"host": "127.0.0.1:4566", **headers}) is None) is answered


async def test_the_endpoint_refuses_them_before_anything_runs() -> None:
    async with site() as aws:
        client = await aws.connect()
        await client.call("CreateQueue", QueueName="q")
        client.send(
            b"POST /moto-api/reset HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\n"
            b"Content-Length: 0\r\n\r\n"
        )
        answer = await client.answer()

        assert answer.status == 403
        assert b"Origin" in answer.body
        assert len(aws.server.cloud.sqs.queues()) == 1
