"""Makes, keeps and closes aiobotocore clients.

A connector holds one client per alias. What takes most of a client's start is done once per process:
reading the data models, and registering botocore's own event handlers. Sessions and credentials are
each connector's own.

`connector` is a connector that services may use for any AWS service. The messaging transport has one
of its own per service.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

import botocore.loaders
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.credentials import ReadOnlyCredentials

from tomodachi.helpers.aws_credentials import Credentials
from tomodachi.helpers.botocore_events import Listeners, SharedAliaser, WatchedEmitter

CONNECT_TIMEOUT_S = 8
READ_TIMEOUT_S = 35
MAX_POOL_CONNECTIONS = 50

# A client's class is made while the program runs, so there is no type to name.
Client = Any


def default_config(**settings: Any) -> AioConfig:
    """The time-outs and pool size of every client, with `settings` of botocore's Config on top."""
    defaults = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": READ_TIMEOUT_S,
        "max_pool_connections": MAX_POOL_CONNECTIONS,
    }
    return AioConfig(**(defaults | settings))


@lru_cache(maxsize=1)
def shared_loader() -> Any:
    """The loader of botocore's service models, one per process.

    Its caches hold models only: nothing in them depends on region or credentials.
    """
    return botocore.loaders.create_loader()


@lru_cache(maxsize=1)
def _builtin_events() -> WatchedEmitter:
    # botocore's handlers are plain functions; whoever wants more registers it with a copy.
    emitter = WatchedEmitter()
    AioSession(event_hooks=emitter)
    return emitter


def new_session(events: WatchedEmitter | None = None) -> Any:
    """A session of its own, as `AioSession()` makes one, in a tenth of the time.

    Args:
        events: Of its clients; a copy of botocore's own handlers if it is left out.
    """
    events = events or new_events()
    session: Any = AioSession(event_hooks=events, include_builtin_handlers=False)
    session.register_component("data_loader", shared_loader())
    session.register_component("event_emitter", SharedAliaser(events))
    return session


def new_events() -> WatchedEmitter:
    """The events of a new session, with the library's own handlers."""
    return _builtin_events().for_new_session()


def speaks_plain_http_to_this_host(endpoint_url: str | None) -> bool:
    """Whether an endpoint needs no TLS context, whose certificates take longest to read."""
    parts = urlsplit(endpoint_url or "")
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")


class ClientConnector:
    """Clients by alias.

    Args:
        config_for: Gives the client configuration of an AWS service ("sqs").
    """

    def __init__(self, config_for: Callable[[str], AioConfig] | None = None) -> None:
        self._config_for = config_for or (lambda _service: default_config())
        self._credentials: dict[str, Credentials] = {}
        self._clients: dict[str, Client] = {}
        self._making: dict[str, asyncio.Task[Client]] = {}
        self._session: Any = None

    @cached_property
    def listeners(self) -> Listeners:
        """Who but botocore listens to the events of the clients."""
        return self._events.listeners

    @cached_property
    def _events(self) -> WatchedEmitter:
        return new_events()

    def setup_credentials(self, alias_name: str, credentials: Any) -> None:
        """Remember what the alias's clients are made with from now on."""
        self._credentials[alias_name] = Credentials(credentials)

    async def create_client(
        self,
        alias_name: str | None = None,
        credentials: Any = None,
        service_name: str | None = None,
    ) -> Client:
        """The alias's client, made if there is none yet; callers that come together share it.

        Args:
            alias_name: Any name; the service's name if it is left out.
            credentials: What the client is made with; else what `setup_credentials` was given.
            service_name: AWS service ("sns"); the alias if it is left out.

        Raises:
            ValueError: neither an alias nor a service is named.
        """
        alias = alias_name or service_name
        if not alias:
            msg = "create_client() needs an alias_name or a service_name, for example 'sqs'."
            raise ValueError(msg)
        if credentials is not None:
            self.setup_credentials(alias, credentials)
        client = self._clients.get(alias)
        if client is not None:
            return client
        task = self._making.get(alias)
        if task is None:
            task = asyncio.ensure_future(self._make(alias, service_name or alias))
            self._making[alias] = task
        return await asyncio.shield(task)

    async def _make(self, alias: str, service_name: str) -> Client:
        try:
            wanted: dict[str, Any] = (self._credentials.get(alias) or Credentials()).asdict()
            if speaks_plain_http_to_this_host(wanted.get("endpoint_url")):
                wanted["verify"] = False
            client = (
                await self._new_session()
                .create_client(service_name, config=self._config_for(service_name), **wanted)
                .__aenter__()
            )
            self._clients[alias] = client
        finally:
            del self._making[alias]
        return client

    # The type stubs know a method for each AWS service by its literal name only.
    def _new_session(self) -> Any:
        if self._session is None:
            self._session = new_session(self._events)
        return self._session

    async def signing_credentials(self, alias_name: str) -> ReadOnlyCredentials | None:
        """What the alias's client signs its next request with; None if nothing is known.

        Credentials that expire are refreshed when they are about to.
        """
        given = self._credentials.get(alias_name)
        if given is not None and given.aws_access_key_id and given.aws_secret_access_key:
            return ReadOnlyCredentials(
                given.aws_access_key_id, given.aws_secret_access_key, given.aws_session_token
            )
        # The session finds them once, and its clients have the same object.
        found = await self._new_session().get_credentials()
        return None if found is None else await found.get_frozen_credentials()

    def get_client(self, alias_name: str) -> Client | None:
        """The alias's client, if it has been made."""
        return self._clients.get(alias_name)

    async def close_client(self, alias_name: str) -> None:
        """Close the alias's client, if there is one; the next use makes another."""
        client = self._clients.pop(alias_name, None)
        if client is not None:
            await client.close()

    async def reconnect_client(
        self,
        alias_name: str | None = None,
        credentials: Any = None,
        service_name: str | None = None,
    ) -> Client:
        """Close the alias's client and make another."""
        await self.close_client(alias_name or service_name or "")
        return await self.create_client(alias_name, credentials, service_name)

    async def close(self, fast: bool = False) -> None:  # noqa: FBT001 - upstream's signature
        """Close every client; `fast` is accepted for older callers and changes nothing."""
        await asyncio.gather(*self._making.values(), return_exceptions=True)
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.close()

    @asynccontextmanager
    async def __call__(
        self, alias_name: str, credentials: Any = None, service_name: str | None = None
    ) -> AsyncIterator[Client]:
        """`async with connector("sqs") as client`; the client stays open for the next user."""
        yield await self.create_client(alias_name, credentials, service_name)


connector = ClientConnector()
