"""The AMQP transport: registers handlers, publishes, and ties the parts of one service together.

Everything that is kept is kept per service instance, in its context, so that two services in one
process may use different brokers, credentials, prefixes and limits.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any

from tomodachi import logging
from tomodachi.helpers.execution_context import get_execution_context, set_execution_context
from tomodachi.invoker import Invoker, StartFunction, service_context
from tomodachi.invoker.lifecycle import after_started, before_stop
from tomodachi.transport.amqp import frames, names
from tomodachi.transport.amqp.connection import LIBRARY_VERSION, Connection
from tomodachi.transport.amqp.consumer import Consumer, Consumers
from tomodachi.transport.amqp.deduplication import Deduplication
from tomodachi.transport.amqp.dispatcher import Dispatcher, Handler
from tomodachi.transport.amqp.errors import AmqpException
from tomodachi.transport.amqp.link import Link
from tomodachi.transport.amqp.publisher import Message, Publisher
from tomodachi.transport.amqp.settings import DEFAULT_EXCHANGE, AmqpSettings
from tomodachi.transport.amqp.topology import Topology
from tomodachi.transport.handler_arguments import HandlerArguments

MESSAGE_ENVELOPE_DEFAULT = "tomodachi.amqp.message_envelope.default"
MESSAGE_PROTOCOL_DEFAULT = "tomodachi.amqp.message_protocol.default"
MESSAGE_ROUTING_KEY_PREFIX = "tomodachi.amqp.routing_key_prefix.default"
"""Stand for the service's own setting where a parameter may be None or "" as well."""

_CONTEXT_KEY = "_amqp_transport"
_TEXT_CONTENT, _JSON_CONTENT = "text/plain; charset=utf-8", "application/json"


class ServiceAmqp:
    """What one service has to do with RabbitMQ: its connection, consumers and publishes."""

    def __init__(self, service: Any, context: dict[str, Any]) -> None:
        self.settings = AmqpSettings.of(Invoker.options(context))
        self.seen = Deduplication()
        self.link = Link(self.settings.address, self._reconnected)
        self.publisher = Publisher(self.link)
        self.consumers = Consumers(
            self.link, per_consumer=self.settings.per_consumer, in_all=self.settings.in_all
        )
        self.handlers: list[tuple[Handler, Topology]] = []
        self.publishing: set[asyncio.Task[None]] = set()
        self._service = service
        self._context = context
        self._logger = logging.get_logger("tomodachi.amqp")
        before_stop(service, self.stop)

    @staticmethod
    def of(service: Any, context: dict[str, Any] | None = None) -> ServiceAmqp:
        """The one of a service instance; made when it is first asked for."""
        context = service_context(service) if context is None else context
        found: ServiceAmqp | None = context.get(_CONTEXT_KEY)
        if found is None:
            found = context[_CONTEXT_KEY] = ServiceAmqp(service, context)
        return found

    async def start(self) -> None:
        """Connect and declare what the handlers need; consume once the service has started."""
        counters = {"amqp_current_tasks": 0, "amqp_total_tasks": 0}
        # Counters are the process's: a second service goes on counting.
        set_execution_context(
            {"amqp_enabled": True, "aioamqp_version": LIBRARY_VERSION}
            | {**counters, **get_execution_context()}
        )
        for handler, topology in self.handlers:
            dispatcher = Dispatcher(
                handler, self._middlewares(), seen=self.seen, stopping=self.consumers.stopping
            )
            self.consumers.add(Consumer(topology, dispatcher))
        try:
            await self.consumers.start()
        except AmqpException as error:
            self._logger.warning(str(error))
            raise
        after_started(self._service, self.consumers.consume)

    async def stop(self) -> None:
        """Take no more messages, end what runs, and disconnect."""
        await self.consumers.stop()
        if self.publishing:
            await asyncio.wait(self.publishing)
        try:
            await self.consumers.close()
            await self.publisher.close()
        except AmqpException as error:
            self._logger.warning(
                "Connection [amqp] was lost before it was closed", reason=str(error)
            )
        await self.link.close()

    def in_background(self, publishing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Publish in a task that the service awaits when it stops."""
        task = asyncio.get_running_loop().create_task(publishing)
        self.publishing.add(task)
        task.add_done_callback(self.publishing.discard)
        return task

    def _reconnected(self, connection: Connection) -> None:
        self.consumers.resume(connection)

    def _middlewares(self) -> list[Callable[..., Any]]:
        kinds = ("_amqp_message_pre_middleware", "message_middleware")
        return [
            middleware
            for kind in kinds
            for middleware in getattr(self._service, kind, None) or self._context.get(kind) or ()
        ]


class AmqpTransport(Invoker):
    """Class methods behind `tomodachi.amqp` and `tomodachi.amqp_publish`."""

    # --- names ------------------------------------------------------------------------------------

    @classmethod
    def get_routing_key(
        cls,
        routing_key: str,
        context: dict[str, Any],
        routing_key_prefix: str | None = MESSAGE_ROUTING_KEY_PREFIX,
    ) -> str:
        """The routing key with its prefix: the option's, unless another is given."""
        return cls._prefix(context, routing_key_prefix) + routing_key

    @classmethod
    def get_routing_key_without_prefix(
        cls,
        routing_key: str,
        context: dict[str, Any],
        routing_key_prefix: str | None = MESSAGE_ROUTING_KEY_PREFIX,
    ) -> str:
        """The routing key without that prefix, if it has it."""
        return names.without_prefix(routing_key, cls._prefix(context, routing_key_prefix))

    @classmethod
    def encode_routing_key(cls, routing_key: str) -> str:
        """The routing key as it goes on the wire; see `names.py`."""
        return names.encode_routing_key(routing_key)

    @classmethod
    def decode_routing_key(cls, encoded_routing_key: str) -> str:
        """The routing key that was encoded."""
        return names.decode_routing_key(encoded_routing_key)

    @classmethod
    def get_queue_name(
        cls,
        routing_key: str,
        func_name: str,
        _uuid: str,
        competing_consumer: bool | None,  # noqa: FBT001 - position and name are upstream's
        context: dict[str, Any],
    ) -> str:
        """The prefixed queue name of a handler that was given none."""
        name = names.queue_name_of_handler(
            routing_key, func_name, _uuid, competing=bool(competing_consumer)
        )
        return cls.prefix_queue_name(name, context)

    @classmethod
    def prefix_queue_name(cls, queue_name: str, context: dict[str, Any]) -> str:
        """The queue name with the option's prefix."""
        return (cls.options(context).amqp.queue_name_prefix or "") + queue_name

    @classmethod
    def _prefix(cls, context: dict[str, Any], given: str | None) -> str:
        if given == MESSAGE_ROUTING_KEY_PREFIX:
            return cls.options(context).amqp.routing_key_prefix or ""
        return given or ""

    # --- consuming --------------------------------------------------------------------------------

    @classmethod
    async def subscribe_handler(
        cls,
        obj: Any,
        context: dict[str, Any],
        func: Any,
        /,
        routing_key: str,
        callback_kwargs: Collection[str] | None = None,
        exchange_name: str = "",
        competing: bool | None = None,  # noqa: FBT001 - position and name are upstream's
        queue_name: str | None = None,
        *,
        message_envelope: Any = MESSAGE_ENVELOPE_DEFAULT,
        message_protocol: Any = MESSAGE_PROTOCOL_DEFAULT,
        on_exception: str | None = None,
        **envelope_kwargs: Any,
    ) -> StartFunction | None:
        """Register a handler for the messages of a queue.

        Args:
            obj: The service instance.
            context: Its context.
            func: The method.
            routing_key: Pattern that the queue is bound with: words between dots, `*` for one of
                them, `#` for any number.
            callback_kwargs: Names that replace those of the signature (deprecated).
            exchange_name: A topic exchange, declared unless it is `amq.topic`; empty means the
                option's.
            competing: Whether several processes share the queue's messages. None means so if a queue
                name is given.
            queue_name: Without prefix; None makes one of the key, or of key, function and service.
            message_envelope: Parses messages; None hands them over as text.
            message_protocol: The same under its older name.
            on_exception: "delete" or "retry"; None means the option's.
            envelope_kwargs: Passed to the envelope.

        Raises:
            ValueError: `on_exception` is something else.
        """
        envelope = _envelope(context, message_envelope, message_protocol)
        if envelope_kwargs and hasattr(envelope, "validate"):
            envelope.validate(**envelope_kwargs)
        transport = ServiceAmqp.of(obj, context)
        settings = transport.settings
        func_name = func.__name__
        topology = cls._topology(
            settings,
            context,
            routing_key,
            exchange_name,
            queue_name,
            func_name,
            competing=competing,
        )
        handler = Handler(
            service=obj,
            function=func,
            name=func_name,
            arguments=HandlerArguments.of(func, callback_kwargs),
            binding_key=routing_key,
            routing_key_prefix=settings.routing_key_prefix,
            queue_name=topology.queue_name,
            on_exception=_on_exception(on_exception or settings.on_exception),
            envelope=envelope,
            envelope_kwargs=envelope_kwargs,
        )
        transport.handlers.append((handler, topology))
        return transport.start if len(transport.handlers) == 1 else None

    @classmethod
    def _topology(
        cls,
        settings: AmqpSettings,
        context: dict[str, Any],
        routing_key: str,
        exchange_name: str,
        queue_name: str | None,
        func_name: str,
        *,
        competing: bool | None,
    ) -> Topology:
        encoded_key = cls.encode_routing_key(routing_key)
        if queue_name is None:
            queue = cls.get_queue_name(
                encoded_key, func_name, context.get("uuid") or "", competing, context
            )
        else:
            competing = competing is not False
            queue = cls.prefix_queue_name(queue_name, context)
        binding_key = cls.encode_routing_key(cls.get_routing_key(routing_key, context))
        exchange = exchange_name or settings.exchange_name
        return Topology(
            exchange_name=names.check_short_string("exchange name", exchange),
            queue_name=names.check_short_string("queue name", queue),
            binding_key=names.check_short_string("binding key", binding_key),
            competing=bool(competing),
            queue_ttl=settings.queue_ttl,
        )

    # --- publishing -------------------------------------------------------------------------------

    @classmethod
    async def publish(
        cls,
        service: Any,
        data: Any,
        routing_key: str = "",
        exchange_name: str = "",
        wait: bool = True,  # noqa: FBT001 - position and name are upstream's
        *,
        message_envelope: Any = MESSAGE_ENVELOPE_DEFAULT,
        message_protocol: Any = MESSAGE_PROTOCOL_DEFAULT,
        routing_key_prefix: str | None = MESSAGE_ROUTING_KEY_PREFIX,
        persistent: bool = True,
        confirm: bool = True,
        content_type: str | bool | None = True,
        mandatory: bool = False,
        **kwargs: Any,
    ) -> asyncio.Task[None] | None:
        """Publish a message.

        Args:
            service: The service instance.
            data: What the envelope makes a message of; a str if there is none.
            routing_key: Without prefix.
            exchange_name: Empty means the option's.
            wait: Whether to return when the message is published; else a task is returned that is
                done then.
            message_envelope: Builds the message; None sends `data` as it is.
            message_protocol: The same under its older name.
            routing_key_prefix: Instead of the option's.
            persistent: Whether the message survives a restart of the broker in a durable queue.
            confirm: Whether "published" means that the broker has confirmed it.
            content_type: Property of the message; True tells JSON from plain text and bytes by
                looking, None or False leaves it out.
            mandatory: Whether it is an error if no queue is bound for the message.
            kwargs: Passed to the envelope.

        Raises:
            AmqpConnectionException: no connection, none within 30 s, or no confirm within 30 s.
            AmqpPublishException: the broker refuses the message.
            AmqpUnroutableException: it is mandatory and no queue is bound for it.
            ValueError: `mandatory` without `confirm`.
        """
        if mandatory and not confirm:
            msg = (
                "mandatory=True needs confirm=True: without a confirm nobody waits for the return."
            )
            raise ValueError(msg)
        context = service_context(service)
        envelope = _envelope(context, message_envelope, message_protocol)
        payload = await _payload(envelope, service, routing_key, data, kwargs)
        publishing = cls._publish_message(
            service,
            cls.encode_routing_key(cls.get_routing_key(routing_key, context, routing_key_prefix)),
            exchange_name or cls.options(context).amqp.exchange_name or DEFAULT_EXCHANGE,
            payload,
            _properties(payload, content_type=content_type, persistent=persistent),
            mandatory=mandatory,
            confirm=confirm,
        )
        if wait:
            await publishing
            return None
        return ServiceAmqp.of(service, context).in_background(publishing)

    @classmethod
    async def _publish_message(
        cls,
        service: Any,
        routing_key: str,
        exchange_name: str,
        payload: bytes,
        properties: dict[str, Any],
        *,
        mandatory: bool,
        confirm: bool,
    ) -> None:
        """Put one message on the wire; instrumentation wraps this to add to `properties["headers"]`.

        Args:
            service: The service instance.
            routing_key: Encoded, with prefix.
            exchange_name: Never empty.
            payload: The body.
            properties: AMQP property names and values; None leaves one out.
            mandatory: As in `publish`.
            confirm: As in `publish`.
        """
        message = Message(
            exchange=names.check_short_string("exchange name", exchange_name),
            routing_key=names.check_short_string("routing key", routing_key),
            properties=frames.encode_properties(properties),
            body=payload,
            mandatory=mandatory,
        )
        await ServiceAmqp.of(service).publisher.publish(message, confirm=confirm)

    @classmethod
    async def connect(cls, obj: Any, context: dict[str, Any] | None = None) -> Connection:
        """The connection of a service instance; made if there is none yet.

        Raises:
            AmqpConnectionException: no connection can be made.
        """
        return await ServiceAmqp.of(obj, context).link.connection()


def _envelope(context: Mapping[str, Any], envelope: Any, protocol: Any) -> Any:
    """The envelope meant: the decorator's or call's, else the service's."""
    if protocol != MESSAGE_PROTOCOL_DEFAULT:
        warnings.warn(
            "message_protocol is deprecated, use message_envelope", DeprecationWarning, stacklevel=4
        )
        if envelope == MESSAGE_ENVELOPE_DEFAULT:
            envelope = protocol
    if envelope == MESSAGE_ENVELOPE_DEFAULT:
        return context.get("message_envelope", context.get("message_protocol"))
    return envelope


def _on_exception(value: str) -> str:
    if value not in ("delete", "retry"):
        msg = f"on_exception={value!r} is neither 'delete' nor 'retry'"
        raise ValueError(msg)
    return value


async def _payload(
    envelope: Any, service: Any, routing_key: str, data: Any, kwargs: Mapping[str, Any]
) -> bytes:
    if envelope is not None:
        data = await envelope.build_message(service, routing_key, data, **kwargs)
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, bytes):
        return data
    what = "envelope built" if envelope is not None else "data is"
    msg = f"AMQP messages are text: the {what} a {type(data).__name__}, {data!r}"
    raise TypeError(msg)


def _properties(
    payload: bytes, *, content_type: str | bool | None, persistent: bool
) -> dict[str, Any]:
    if content_type is True:
        content_type = _JSON_CONTENT if payload[:1] == b"{" else _TEXT_CONTENT
    delivery_mode = frames.PERSISTENT if persistent else None
    return {"content_type": content_type or None, "delivery_mode": delivery_mode}
