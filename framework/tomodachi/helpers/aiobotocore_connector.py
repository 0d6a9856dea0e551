"""Makes, keeps and closes aiobotocore clients.

A connector holds one client per alias; an alias stands for one AWS service until the connector is
closed. What takes most of a client's start is done once per process:
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
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

from tomodachi.helpers.aws_credentials import Credentials
from tomodachi.helpers.botocore_events import Listeners, SharedAliaser, WatchedEmitter

CONNECT_TIMEOUT_S = 8
READ_TIMEOUT_S = 35
MAX_POOL_CONNECTIONS = 50

# "The security token included in the request is invalid", as the services put it.
_INVALID_TOKEN = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})

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

    Attributes:
        clients: By alias, as long as they are open.
        credentials: What an alias's next client is made with.
        aliases: AWS service of each alias.
    """

    def __init__(self, config_for: Callable[[str], AioConfig] | None = None) -> None:
        self._config_for = config_for or (lambda _service: default_config())
        self.clients: dict[str, Client] = {}
        self.credentials: dict[str, Credentials] = {}
        self.aliases: dict[str, str] = {}
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
        self.credentials[alias_name] = Credentials(credentials)

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
            ValueError: neither an alias nor a service is named, or the alias is another service's.
        """
        alias = alias_name or service_name
        if not alias:
            msg = "create_client() needs an alias_name or a service_name, for example 'sqs'."
            raise ValueError(msg)
        known = self.aliases.get(alias)
        if known not in (None, service_name or alias):
            msg = f"alias {alias!r} is a client of {known!r}, not of {service_name or alias!r}"
            raise ValueError(msg)
        if credentials is not None:
            self.setup_credentials(alias, credentials)
        client = self.clients.get(alias)
        if client is not None:
            return client
        task = self._making.get(alias)
        if task is None:
            task = asyncio.ensure_future(self._make(alias, service_name or alias))
            self._making[alias] = task
        return await asyncio.shield(task)

    async def _make(self, alias: str, service_name: str) -> Client:
        try:
            wanted: dict[str, Any] = (self.credentials.get(alias) or Credentials()).asdict()
            if speaks_plain_http_to_this_host(wanted.get("endpoint_url")):
                wanted["verify"] = False
            client = (
                await self._new_session()
                .create_client(service_name, config=self._config_for(service_name), **wanted)
                .__aenter__()
            )
            self.clients[alias] = client
            self.aliases[alias] = service_name
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
        given = self.credentials.get(alias_name)
        if given is not None and given.aws_access_key_id and given.aws_secret_access_key:
            return ReadOnlyCredentials(
                given.aws_access_key_id, given.aws_secret_access_key, given.aws_session_token
            )
        # The session finds them once, and its clients have the same object.
        found = await self._new_session().get_credentials()
        return None if found is None else await found.get_frozen_credentials()

    def get_client(self, alias_name: str) -> Client | None:
        """The alias's client, if it has been made."""
        return self.clients.get(alias_name)

    async def close_client(
        self,
        alias_name: str | None = None,
        client: Client | None = None,
        fast: bool = False,  # noqa: FBT001 - upstream's signature
    ) -> None:
        """Close a client, if there is one; the next use makes another.

        Args:
            alias_name: Its alias.
            client: The client itself, in place of its alias.
            fast: Accepted for older callers; changes nothing.
        """
        found = self.clients.pop(alias_name or self._alias_of(client), None)
        if found is not None:
            await found.close()

    async def reconnect_client(
        self, alias_name: str | None = None, client: Client | None = None
    ) -> Client:
        """Close a client, named as in `close_client`, and make another.

        Raises:
            ValueError: there never was one.
        """
        alias = alias_name or self._alias_of(client)
        service_name = self.aliases.get(alias)
        if service_name is None:
            msg = f"there was never a client {alias!r} that could be reconnected"
            raise ValueError(msg)
        await self.close_client(alias)
        return await self.create_client(alias, service_name=service_name)

    def _alias_of(self, client: Client | None) -> str:
        return next((alias for alias, one in self.clients.items() if one is client), "")

    async def close(self, fast: bool = False) -> None:  # noqa: FBT001 - upstream's signature
        """Close every client and forget every alias; `fast` as in `close_client`."""
        await asyncio.gather(*self._making.values(), return_exceptions=True)
        clients, self.clients = self.clients, {}
        self.credentials, self.aliases = {}, {}
        for client in clients.values():
            await client.close()

    @asynccontextmanager
    async def __call__(
        self,
        alias_name: str | None = None,
        credentials: Any = None,
        service_name: str | None = None,
    ) -> AsyncIterator[Client]:
        """`async with connector("sqs") as client`; the client stays open for the next user.

        A client whose credentials turn out to be of no use is closed, so that the next user's is made
        with what is known then.
        """
        alias = alias_name or service_name or ""
        client = self.clients.get(alias)
        if client is None:
            client = await self.create_client(alias_name, credentials, service_name)
        try:
            yield client
        except (BotoCoreError, ClientError) as error:
            if _is_for_want_of_credentials(error):
                await self.close_client(client=client)
            raise


def _is_for_want_of_credentials(error: Exception) -> bool:
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code") in _INVALID_TOKEN
    return isinstance(error, NoCredentialsError | PartialCredentialsError | NoRegionError)


connector = ClientConnector()
