"""A real RabbitMQ, with or without virtual hosts of the tests' own, that must be left as it was found."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest
from tests.testkit.support_rabbitmq import names_in, needed

_VARIABLES = ("SVC_AMQP_URL", "SVC_AMQP_MANAGEMENT_URL", "SVC_AWS_ENDPOINT_URL")


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def amqp_url() -> str:
    return needed("SVC_TEST_RABBITMQ")


@pytest.fixture
def management_url() -> str:
    return needed("SVC_TEST_RABBITMQ_MANAGEMENT")


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
    left = asyncio.run(names_in(management_url))
    assert names
    assert [name for name in left if name.startswith((*names, "voices"))] == []
