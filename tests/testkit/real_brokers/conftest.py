"""A real RabbitMQ, with or without virtual hosts of the tests' own, that must be left as it was found."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import aiohttp
import pytest

_VARIABLES = ("SVC_AMQP_URL", "SVC_AMQP_MANAGEMENT_URL", "SVC_AWS_ENDPOINT_URL")


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def _needed(variable: str) -> str:
    url = os.environ.get(variable, "")
    if not url and os.environ.get("CI"):
        pytest.fail(f"CI must set {variable}")
    if not url:
        pytest.skip(f"set {variable} to the URL of a RabbitMQ 3.10")
    return url


@pytest.fixture
def amqp_url() -> str:
    return _needed("SVC_TEST_RABBITMQ")


@pytest.fixture
def management_url() -> str:
    return _needed("SVC_TEST_RABBITMQ_MANAGEMENT")


async def _listed(url: str) -> set[str]:
    """The names of everything that tests make, as the management API lists them."""
    parts = urlsplit(url)
    user = aiohttp.encode_basic_auth(parts.username or "", parts.password or "")
    base, headers = f"http://{parts.hostname}:{parts.port}", {"Authorization": user}
    found = set()
    async with aiohttp.ClientSession(base, headers=headers) as session:
        for kind in ("vhosts", "queues", "exchanges", "permissions"):
            async with session.get(f"/api/{kind}") as answer:
                for row in await answer.json():
                    found |= {str(row.get("vhost", "")), str(row.get("name", ""))}
    return found


@pytest.fixture(params=["prefix", "virtual host"])
def rabbitmq(
    request: pytest.FixtureRequest,
    no_variables: pytest.MonkeyPatch,
    amqp_url: str,
    management_url: str,
) -> Iterator[str]:
    """Run on RabbitMQ, with names or virtual hosts of the test's own; nothing may be left of them."""
    names: list[str] = []

    def own_name() -> str:
        names.append(f"svc{uuid.uuid4().hex[:10]}")
        return names[-1]

    no_variables.setattr("tomodachi_testkit.real_brokers.own_name", own_name)
    no_variables.setenv("SVC_AMQP_URL", amqp_url)
    if request.param == "virtual host":
        no_variables.setenv("SVC_AMQP_MANAGEMENT_URL", management_url)
    yield request.param
    left = asyncio.run(_listed(management_url))
    assert names
    assert [name for name in left if name.startswith((*names, "voices"))] == []
