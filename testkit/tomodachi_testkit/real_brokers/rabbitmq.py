"""A real RabbitMQ for one test: a virtual host or a prefix of its own, publishing, counting, cleaning up.

With the management API each test gets a virtual host, which is deleted with all that is in it.
Without it, every name gets the test's prefix, and the queues that services declared are deleted one by
one.

Source: https://www.rabbitmq.com/docs/management#http-api (virtual hosts), AMQP 0-9-1 spec 1.7.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import aioamqp
from aioamqp.exceptions import AioamqpException
from aioamqp.protocol import OPEN

from tomodachi_testkit.brokers import owned_by
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from tomodachi_testkit.real_brokers.endpoints import AmqpEndpoint

__tracebackhide__ = hides


class RabbitMQ:
    """The broker as one test uses it.

    Args:
        endpoint: Where it is.
        management_url: Its management API; None without.
        name: The test's own name, unique.

    Attributes:
        endpoint: Where services connect to.
        prefix: What is put before names; "" with a virtual host of the test's own.
        queues: Full names of the queues that the test declared itself.
    """

    def __init__(self, endpoint: AmqpEndpoint, management_url: str | None, name: str) -> None:
        self._management_url = management_url
        self.endpoint = endpoint if management_url is None else endpoint.on(name)
        self.prefix = f"{name}-" if management_url is None else ""
        self._made_vhost = False
        self.queues: set[str] = set()
        self._exchanges: set[str] = set()
        # aioamqp has no types.
        self._protocol: Any = None
        self._channel: Any = None

    async def start(self) -> None:
        """Make the virtual host, where there is a management API, and connect.

        Raises:
            TestkitError: RabbitMQ or its API refuses, or is not there.
        """
        if self._management_url is not None:
            await self._manage("PUT", f"/api/vhosts/{self._quoted}")
            self._made_vhost = True
            user = quote(self.endpoint.login, safe="")
            rights = {"configure": ".*", "write": ".*", "read": ".*"}
            await self._manage("PUT", f"/api/permissions/{self._quoted}/{user}", rights)
        await self._opened()

    async def stop(self, queues: set[str], exchanges: set[str]) -> None:
        """Delete what the test left, and disconnect."""
        try:
            if self._management_url is None:
                await self._delete(queues, exchanges)
            await self._disconnect()
        finally:
            if self._made_vhost:
                # With everything in it.
                self._made_vhost = False
                await self._manage("DELETE", f"/api/vhosts/{self._quoted}")

    async def _disconnect(self) -> None:
        protocol, self._protocol, self._channel = self._protocol, None, None
        # A connection that the broker has ended needs no close.
        if protocol is not None and protocol.state == OPEN:
            await protocol.close()

    async def _delete(self, queues: set[str], exchanges: set[str]) -> None:
        for queue in sorted(queues | self.queues):
            await self._attempt("queue_delete", queue)
        for exchange in sorted(exchanges | self._exchanges):
            if exchange and not exchange.startswith("amq."):
                # Another test's queues may be bound to it.
                await self._attempt("exchange_delete", exchange, if_unused=True)

    async def publish(
        self, exchange: str, routing_key: str, body: bytes, properties: dict[str, Any]
    ) -> None:
        """Publish, and return once the broker has confirmed it.

        Raises:
            AioamqpException: there is no such exchange.
        """
        key = self._own(routing_key)
        await self._ask("publish", body, exchange, key, properties=properties)

    async def declare_queue(self, name: str, *, durable: bool, arguments: dict[str, Any]) -> str:
        """Declare a queue with the test's prefix; returns its full name.

        Raises:
            AioamqpException: the broker refuses.
        """
        full = self._own(name)
        self.queues.add(full)
        await self._ask("queue_declare", full, durable=durable, arguments=arguments)
        return full

    async def declare_exchange(
        self, name: str, kind: str, *, durable: bool, arguments: dict[str, Any]
    ) -> str:
        """Declare an exchange; its name has no prefix.

        Raises:
            AioamqpException: the broker refuses.
        """
        self._exchanges.add(name)
        await self._ask("exchange_declare", name, kind, durable=durable, arguments=arguments)
        return name

    async def bind(self, queue: str, exchange: str, key: str, arguments: dict[str, Any]) -> None:
        """Bind a queue, by its full name; a key gets the prefix, unless it is a pattern of any key.

        Raises:
            AioamqpException: the broker refuses, or there is none of the two.
        """
        prefixed = key if key.startswith(("#", "*")) else self._own(key)
        await self._ask("queue_bind", queue, exchange, prefixed, arguments=arguments)

    async def ready(self, queue: str) -> int:
        """How many messages of a queue wait for a consumer; 0 if there is no such queue."""
        declared = await self._attempt("queue_declare", queue, passive=True)
        return 0 if declared is None else int(declared["message_count"])

    async def _attempt(self, method: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return await self._ask(method, *args, **kwargs)
        except AioamqpException:
            return None

    async def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        channel = await self._opened()
        try:
            return await getattr(channel, method)(*args, **kwargs)
        except AioamqpException:
            # A refusal (404, 406) closes the channel; the next call opens another.
            self._channel = None
            raise

    async def _opened(self) -> Any:
        if self._protocol is None:
            self._protocol = await self._connected()
        if self._channel is None:
            self._channel = await self._protocol.channel()
            await self._channel.confirm_select()
        return self._channel

    async def _connected(self) -> Any:
        at = self.endpoint
        try:
            with owned_by("broker"):
                _, protocol = await aioamqp.connect(
                    host=at.host,
                    port=at.port,
                    login=at.login,
                    password=at.password,
                    virtualhost=at.virtualhost,
                    heartbeat=0,
                )
        except OSError as error:
            msg = f"SVC_AMQP_URL: nothing answers at {at.host}:{at.port} ({error})."
            raise TestkitError(msg) from error
        except AioamqpException as error:
            msg = (
                f"SVC_AMQP_URL: RabbitMQ at {at.host}:{at.port} does not let {at.login!r} into the "
                f"virtual host {at.virtualhost!r}: see to the password, and to the permissions there."
            )
            raise TestkitError(msg) from error
        return protocol

    def _own(self, name: str) -> str:
        """The name with the test's prefix, which it may have already."""
        return name if name.startswith(self.prefix) else self.prefix + name

    @property
    def _quoted(self) -> str:
        return quote(self.endpoint.virtualhost, safe="")

    async def _manage(self, method: str, path: str, body: Any = None) -> None:
        import aiohttp

        base, user, password = self._management()
        headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        async with aiohttp.ClientSession(headers=headers) as session:
            try:
                answer = await session.request(method, base + path, json=body or {})
            except aiohttp.ClientError as error:
                msg = (
                    f"SVC_AMQP_MANAGEMENT_URL: RabbitMQ's management API does not answer at {base} "
                    f"({error}). Enable the plugin there, or unset the variable: names then get a "
                    "prefix."
                )
                raise TestkitError(msg) from error
            async with answer:
                if answer.status >= 400:
                    msg = (
                        f"{base}{path} answered {method} with {answer.status} {answer.reason}; "
                        f"{user!r} needs the tag 'administrator' to make virtual hosts."
                    )
                    raise TestkitError(msg)

    def _management(self) -> tuple[str, str, str]:
        """Root URL of the management API, and the user and password who asks."""
        parts = urlsplit(self._management_url or "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            # Not repeated, because it may hold a password.
            msg = (
                "SVC_AMQP_MANAGEMENT_URL is no HTTP URL; write it like "
                "http://user:password@host:15672."
            )
            raise TestkitError(msg)
        user = unquote(parts.username or "") or self.endpoint.login
        password = unquote(parts.password or "") or self.endpoint.password
        return f"{parts.scheme}://{parts.hostname}:{parts.port or 15672}", user, password
