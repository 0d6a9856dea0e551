"""Requests that a browser was made to send are refused; those of SDKs never are."""

from __future__ import annotations

import aiohttp
import pytest
from tests.fakes.servers.support_http import site

from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker
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
        "broker.default.svc:4566",
        "broker.default.svc.cluster.local",
        "sqs.us-east-1.localhost.localstack.cloud:4566",
    ],
)
def test_local_names_and_addresses_are_answered(host: str) -> None:
    for address in ("127.0.0.1", "0.0.0.0", "::"):
        assert HttpGuard(address).refusal({"host": host}) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:4566", "localhost.evil.com", "evil.notlocalhost"],
)
def test_names_of_the_internet_are_not(host: str) -> None:
    """Nor by a container, which listens on 0.0.0.0 while its ports are published on somebody's loopback."""
    for address in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::"):
        assert "is not a name of this machine" in str(HttpGuard(address).refusal({"host": host}))


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("brokers.example.com", True),
        ("Brokers.Example.com:4566", True),
        ("bucket.brokers.example.com:4566", True),
        ("evilbrokers.example.com", False),
        ("example.com", False),
    ],
)
def test_a_name_that_the_server_was_given_is_its_own(host: str, answered: bool) -> None:
    """S3's clients put a bucket before the name."""
    guard = HttpGuard("0.0.0.0", "brokers.example.com")

    assert (guard.refusal({"host": host}) is None) is answered


async def test_the_public_url_of_aws_names_every_server() -> None:
    settings = BrokerSettings(
        host="0.0.0.0",
        aws_public_url="http://brokers.example.com:4566",
        management_port=0,
        metrics_port=0,
    )
    broker = FakeBroker(settings)
    await broker.start()
    try:
        async with aiohttp.ClientSession() as http:
            found: dict[str, list[int]] = {}
            for url in (
                f"{broker.aws_url}/health",
                f"{broker.management_url}/health",
                broker.metrics_url,
            ):
                for host in ("brokers.example.com", "evil.example"):
                    async with http.get(url, headers={"Host": host}) as response:
                        found.setdefault(host, []).append(response.status)
    finally:
        await broker.stop()

    assert found == {"brokers.example.com": [200, 200, 200], "evil.example": [403, 403, 403]}


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
