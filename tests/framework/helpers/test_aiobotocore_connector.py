"""Clients: made once per alias, with the alias's credentials."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiobotocore.session import AioSession
from botocore.exceptions import ClientError, NoCredentialsError

from tomodachi.helpers.aiobotocore_connector import (
    ClientConnector,
    new_session,
    speaks_plain_http_to_this_host,
)

CREDENTIALS = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "id",
    "aws_secret_access_key": "secret",
    "endpoint_url": "http://127.0.0.1:1",
}


@pytest.fixture
async def connector() -> AsyncIterator[ClientConnector]:
    connector = ClientConnector()
    yield connector
    await connector.close()


async def test_an_alias_has_one_client_however_many_ask_for_it(connector: ClientConnector) -> None:
    connector.setup_credentials("orders", CREDENTIALS)
    clients = await asyncio.gather(
        *(connector.create_client("orders", service_name="sqs") for _ in range(5))
    )
    assert len({id(client) for client in clients}) == 1
    assert connector.get_client("orders") is clients[0]
    assert clients[0].meta.region_name == "eu-west-1"


async def test_the_alias_is_the_service_if_only_one_is_given(connector: ClientConnector) -> None:
    async with connector("sqs", CREDENTIALS) as client:
        assert client.meta.service_model.service_name == "sqs"
    assert connector.get_client("sqs") is client
    assert await connector.create_client(service_name="sqs") is client


async def test_a_closed_client_is_made_anew(connector: ClientConnector) -> None:
    first = await connector.create_client("sqs", CREDENTIALS)
    second = await connector.reconnect_client("sqs")
    assert second is not first
    await connector.close_client("sqs")
    assert connector.get_client("sqs") is None
    await connector.close_client("never made")


async def test_a_client_under_an_alias_is_reconnected_by_alias_or_by_itself(
    connector: ClientConnector,
) -> None:
    """Upstream remembers which service an alias is of, and takes the client in the alias's place."""
    first = await connector.create_client("orders", CREDENTIALS, "sqs")
    second = await connector.reconnect_client("orders")
    assert second.meta.service_model.service_name == "sqs"
    assert second.meta.region_name == "eu-west-1"
    third = await connector.reconnect_client(client=second)
    assert len({first, second, third}) == 3
    assert connector.clients == {"orders": third}
    await connector.close_client(client=third, fast=True)
    assert connector.get_client("orders") is None
    with pytest.raises(ValueError, match="there was never a client 'never made'"):
        await connector.reconnect_client("never made")


async def test_an_alias_is_of_one_service_until_the_connector_is_closed(
    connector: ClientConnector,
) -> None:
    await connector.create_client("orders", CREDENTIALS, "sqs")
    with pytest.raises(ValueError, match="'orders' is a client of 'sqs', not of 'sns'"):
        await connector.create_client("orders", service_name="sns")
    async with connector("orders") as client:
        assert client is connector.clients["orders"]
    await connector.close()
    assert (connector.clients, connector.aliases, connector.credentials) == ({}, {}, {})
    assert await connector.create_client("orders", CREDENTIALS, "sns")


@pytest.mark.parametrize(
    ("error", "closed"),
    [
        (NoCredentialsError(), True),
        (ClientError({"Error": {"Code": "InvalidClientTokenId"}}, "ListTopics"), True),
        (ClientError({"Error": {"Code": "NotFound"}}, "ListTopics"), False),
        (KeyError("the caller's own"), False),
    ],
)
async def test_a_client_is_closed_if_its_credentials_are_of_no_use(
    connector: ClientConnector, error: Exception, closed: bool
) -> None:
    async def call() -> None:
        async with connector("sqs", CREDENTIALS):
            raise error

    with pytest.raises(type(error)):
        await call()
    assert (connector.get_client("sqs") is None) is closed


async def test_a_client_that_cannot_be_made_can_be_made_later(connector: ClientConnector) -> None:
    with pytest.raises(ValueError, match="Invalid endpoint"):
        await connector.create_client("sqs", CREDENTIALS | {"endpoint_url": "nonsense"})
    assert await connector.create_client("sqs", CREDENTIALS)


async def test_something_has_to_be_named(connector: ClientConnector) -> None:
    with pytest.raises(ValueError, match="needs an alias_name or a service_name"):
        await connector.create_client()


async def test_connectors_share_no_credentials() -> None:
    one, two = ClientConnector(), ClientConnector()
    first = await one.create_client("sqs", CREDENTIALS)
    second = await two.create_client("sqs", CREDENTIALS | {"region_name": "us-east-2"})
    assert (first.meta.region_name, second.meta.region_name) == ("eu-west-1", "us-east-2")
    await one.close(fast=True)
    await two.close()


async def test_sessions_share_botocores_handlers_and_models_and_nothing_else() -> None:
    """A handler that is registered with one session is not another's; credentials neither."""
    one, other = new_session(), new_session()
    told: list[str] = []
    one.register("my-event", lambda **_: told.append("one"))
    await other.get_component("event_emitter").emit("my-event")
    assert told == []
    await one.get_component("event_emitter").emit("my-event")
    assert told == ["one"]
    assert one.get_component("data_loader") is other.get_component("data_loader")
    provider = "credential_provider"
    assert one.get_component(provider) is not other.get_component(provider)


async def test_a_new_session_has_the_handlers_that_botocore_registers() -> None:
    ours = new_session().get_component("event_emitter")
    theirs = AioSession().get_component("event_emitter")
    event = {"service_name": "runtime.sagemaker"}
    answers = await ours.emit("choose-service-name", **event)
    expected = await theirs.emit("choose-service-name", **event)
    assert [answer for _, answer in answers] == [answer for _, answer in expected]
    assert answers


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
        ("https://127.0.0.1:4566", False),
        ("http://localstack:4566", False),
        ("http://127.0.0.1.example.com", False),
        ("", False),
        (None, False),
    ],
)
def test_only_plain_http_to_this_host_goes_without_a_tls_context(
    url: str | None, plain: bool
) -> None:
    assert speaks_plain_http_to_this_host(url) is plain
