"""What one service has to do with RabbitMQ, from its start to its stop.

It is kept in the service's own context, so that two services in one process may use different brokers,
credentials, prefixes and limits. Options are read when the transport starts (or first publishes), so
that what `_start_service` sets counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tomodachi import logging
from tomodachi.helpers.execution_context import get_execution_context, set_execution_context
from tomodachi.helpers.handler_entries import HandlerEntry, add_entry
from tomodachi.invoker import Invoker, service_context
from tomodachi.invoker.lifecycle import after_started, after_stopped, before_stop, has_stopped
from tomodachi.transport.amqp import names
from tomodachi.transport.amqp.connection import LIBRARY_VERSION
from tomodachi.transport.amqp.consumer import Consumer, Consumers
from tomodachi.transport.amqp.dispatcher import Dispatcher, Handler
from tomodachi.transport.amqp.errors import AmqpConnectionException, AmqpException
from tomodachi.transport.amqp.link import Link
from tomodachi.transport.amqp.publisher import Message, Publisher
from tomodachi.transport.amqp.seen_messages import SeenMessages
from tomodachi.transport.amqp.settings import AmqpSettings
from tomodachi.transport.amqp.topology import Topology
from tomodachi.transport.handler_arguments import HandlerArguments
from tomodachi.transport.uses import Uses

_CONTEXT_KEY = "_amqp_transport"
_GENERATED_UUID = "_tomodachi_generated_uuid"
"""Attribute of a service class whose uuid was made up, because the service gave none."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A decorated handler, as the decorator was called; see `AmqpTransport.subscribe_handler`."""

    # Handlers and envelopes are the user's own.
    function: Callable[..., Any]
    routing_key: str
    callback_kwargs: Collection[str] | None
    exchange_name: str
    competing: bool | None
    queue_name: str | None
    on_exception: str | None
    envelope: Any
    envelope_kwargs: Mapping[str, Any]

    @property
    def queue_of_this_process(self) -> bool:
        """Whether nobody said that the queue is shared, nor that it is not."""
        return self.competing is None and self.queue_name is None

    def topology(self, settings: AmqpSettings, service_uuid: str) -> Topology:
        """What it needs on the broker.

        Raises:
            AmqpException: a name that does not fit on the wire.
        """
        competing = self.competing
        if self.queue_name is None:
            queue_name = names.queue_name_of_handler(
                names.encode_routing_key(self.routing_key),
                self.function.__name__,
                service_uuid,
                competing=bool(competing),
            )
        else:
            queue_name, competing = self.queue_name, competing is not False
        binding_key = names.encode_routing_key(settings.routing_key_prefix + self.routing_key)
        queue_name = settings.queue_name_prefix + queue_name
        exchange_name = self.exchange_name or settings.exchange_name
        return Topology(
            exchange_name=names.check_short_string("exchange name", exchange_name),
            queue_name=names.check_short_string("queue name", queue_name),
            binding_key=names.check_short_string("binding key", binding_key),
            competing=bool(competing),
            queue_ttl_ms=settings.queue_ttl_ms,
        )

    def handler(self, service: Any, settings: AmqpSettings, topology: Topology) -> Handler:
        """How it is called."""
        return Handler(
            service=service,
            function=self.function,
            name=self.function.__name__,
            arguments=HandlerArguments.of(self.function, self.callback_kwargs),
            binding_key=self.routing_key,
            routing_key_prefix=settings.routing_key_prefix,
            exchange_name=topology.exchange_name,
            queue_name=topology.queue_name,
            on_exception=self.on_exception or settings.on_exception,
            envelope=self.envelope,
            envelope_kwargs=self.envelope_kwargs,
        )


def context_of(service: Any) -> dict[str, Any]:
    """A service's context; brought up to date with the service only until the transport is made."""
    own: dict[str, Any] | None = service.__dict__.get("context")
    return own if own is not None and _CONTEXT_KEY in own else service_context(service)


class ServiceAmqp:
    """The connection, consumers and publishes of one service; get it with `of`."""

    def __init__(self, service: Any, context: dict[str, Any]) -> None:
        self._service = service
        self._context = context
        self._registrations: list[Registration] = []
        self._publishing: set[asyncio.Task[None]] = set()
        self._logger = logging.get_logger("tomodachi.amqp")
        self._uses = Uses(self._disconnect, over=has_stopped(service))
        before_stop(service, self.stop)
        after_stopped(service, self._stop_publishing)

    @staticmethod
    def of(service: Any, context: dict[str, Any] | None = None) -> ServiceAmqp:
        """The one of a service instance; made when it is first asked for."""
        context = context_of(service) if context is None else context
        found: ServiceAmqp | None = context.get(_CONTEXT_KEY)
        if found is None:
            found = context[_CONTEXT_KEY] = ServiceAmqp(service, context)
        return found

    # --- parts, made when they are first needed -------------------------------------------------

    @cached_property
    def settings(self) -> AmqpSettings:
        """The service's AMQP options."""
        return AmqpSettings.of(Invoker.options(self._context))

    @cached_property
    def link(self) -> Link:
        """The connection."""
        return Link(self.settings.address)

    @cached_property
    def publisher(self) -> Publisher:
        """What publishes over it."""
        return Publisher(self.link)

    @cached_property
    def consumers(self) -> Consumers:
        """What consumes over it."""
        settings = self.settings
        return Consumers(self.link, per_consumer=settings.per_consumer, in_all=settings.in_all)

    # --- life -----------------------------------------------------------------------------------

    def register(self, registration: Registration) -> bool:
        """Add a handler; whether it is the first."""
        self._registrations.append(registration)
        return len(self._registrations) == 1

    async def start(self) -> None:
        """Connect and declare what the handlers need; consume once the service has started.

        Raises:
            AmqpException: no connection, or the broker refuses; see `topology.declare`.
        """
        counters = {"amqp_current_tasks": 0, "amqp_total_tasks": 0}
        # Counters are the process's: a second service goes on counting.
        set_execution_context(
            {"amqp_enabled": True, "aioamqp_version": LIBRARY_VERSION}
            | {**counters, **get_execution_context()}
        )
        self._add_consumers()
        try:
            await self.consumers.start()
        except AmqpConnectionException:
            raise  # the link has logged it
        except AmqpException as error:
            self._logger.warning(str(error), **error.about)
            raise
        after_started(self._service, self.consumers.consume)

    async def stop(self) -> None:
        """Take no more messages, end what runs, and disconnect."""
        try:
            if "consumers" in self.__dict__:
                await self.consumers.stop()
        finally:
            await self._stop_publishing()

    async def _stop_publishing(self) -> None:
        """Wait for messages that are published in the background, then disconnect."""
        while self._publishing:
            await asyncio.wait(self._publishing)
        await self._uses.end()

    async def _disconnect(self) -> None:
        link: Link | None = self.__dict__.pop("link", None)
        publisher: Publisher | None = self.__dict__.pop("publisher", None)
        if link is None:
            return
        try:
            if "consumers" in self.__dict__:
                await self.consumers.close()
            if publisher is not None:
                await publisher.close()
        except AmqpException as error:
            self._logger.warning(
                "Connection [amqp] was lost before it was closed", reason=str(error)
            )
        finally:
            await link.close()

    # --- publishing -----------------------------------------------------------------------------

    async def publish(self, message: Message, *, confirm: bool) -> None:
        """Publish a message, connecting first if need be; raises as `Publisher.publish` does."""
        async with self._uses:
            await self.publisher.publish(message, confirm=confirm)

    def in_background(self, publishing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Publish in a task that the service awaits when it stops."""
        task = asyncio.get_running_loop().create_task(publishing)
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)
        return task

    def _add_consumers(self) -> None:
        seen = SeenMessages()
        service_uuid = str(self._context.get("uuid") or "")
        uuid_is_random = service_uuid == getattr(self._service, _GENERATED_UUID, None)
        middlewares = self._middlewares()
        for number, registration in enumerate(self._registrations, start=1):
            topology = registration.topology(self.settings, service_uuid)
            if registration.queue_of_this_process and uuid_is_random:
                self._logger.warning(
                    "Queue [amqp] is this process's alone: a restart leaves it behind, with its "
                    "messages. Give the handler a queue_name or competing=True, or the service a uuid",
                    queue_name=topology.queue_name,
                    handler=registration.function.__name__,
                )
            handler = registration.handler(self._service, self.settings, topology)
            dispatcher = Dispatcher(
                handler,
                middlewares,
                seen=seen,
                stopping=self.consumers.stopping,
            )
            tag = f"{registration.function.__name__}-{number}"
            about = {
                "wrapped_handler": handler.name,
                "routing_key": handler.binding_key,
                "exchange_name": topology.exchange_name,
                "queue_name": topology.queue_name,
            }
            self.consumers.add(Consumer(topology, dispatcher, tag, about))
            detail = {
                "binding_key": topology.binding_key,
                "exchange": topology.exchange_name,
                "queue": topology.queue_name,
                "envelope": handler.envelope,
            }
            add_entry(self._context, HandlerEntry("amqp", handler.name, dispatcher, detail))

    def _middlewares(self) -> list[Callable[..., Any]]:
        kinds = ("_amqp_message_pre_middleware", "message_middleware")
        return [
            middleware
            for kind in kinds
            for middleware in getattr(self._service, kind, None) or self._context.get(kind) or ()
        ]
