"""The class methods behind `tomodachi.amqp` and `tomodachi.amqp_publish`, and those that tests call.

They say what the arguments mean and hand over to `service.py`, which holds what a service keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from tomodachi.invoker import Invoker, StartFunction
from tomodachi.transport.amqp import frames, names
from tomodachi.transport.amqp.connection import Connection
from tomodachi.transport.amqp.publisher import Message
from tomodachi.transport.amqp.service import Registration, ServiceAmqp, context_of
from tomodachi.transport.amqp.settings import DEFAULT_EXCHANGE
from tomodachi.transport.envelope_choice import choose_envelope

MESSAGE_ENVELOPE_DEFAULT = "tomodachi.amqp.message_envelope.default"
MESSAGE_PROTOCOL_DEFAULT = MESSAGE_ENVELOPE_DEFAULT
MESSAGE_ROUTING_KEY_PREFIX = "tomodachi.amqp.routing_key_prefix.default"
"""Stand for the service's own setting where a parameter may be None or "" as well."""

_TEXT_CONTENT, _JSON_CONTENT = "text/plain; charset=utf-8", "application/json"


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
            callback_kwargs: Names besides those of the signature (deprecated).
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
        envelope = _envelope(obj, context, message_envelope, message_protocol)
        if hasattr(envelope, "validate"):
            envelope.validate(**envelope_kwargs)
        transport = ServiceAmqp.of(obj, context)
        first = transport.register(
            Registration(
                function=func,
                routing_key=routing_key,
                callback_kwargs=callback_kwargs,
                exchange_name=exchange_name,
                competing=competing,
                queue_name=queue_name,
                on_exception=_on_exception(on_exception),
                envelope=envelope,
                envelope_kwargs=envelope_kwargs,
            )
        )
        return transport.start if first else None

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
        context = context_of(service)
        envelope = _envelope(service, context, message_envelope, message_protocol)
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
        await ServiceAmqp.of(service).publish(message, confirm=confirm)

    @classmethod
    async def connect(cls, obj: Any, context: dict[str, Any] | None = None) -> Connection:
        """The connection of a service instance; made if there is none yet.

        Raises:
            AmqpConnectionException: no connection can be made.
        """
        return await ServiceAmqp.of(obj, context).link.connection()


def _envelope(service: Any, context: Mapping[str, Any], given: Any, older: Any) -> Any:
    not_given = MESSAGE_ENVELOPE_DEFAULT
    return choose_envelope(service, context, given, older, not_given=not_given)


def _on_exception(value: str | None) -> str | None:
    if value not in (None, "delete", "retry"):
        msg = f"on_exception={value!r} is neither 'delete' nor 'retry'"
        raise ValueError(msg)
    return value


async def _payload(
    envelope: Any, service: Any, routing_key: str, data: Any, kwargs: Mapping[str, Any]
) -> bytes:
    build = getattr(envelope, "build_message", None)
    if build is not None:
        data = await build(service, routing_key, data, **kwargs)
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, bytes):
        return data
    what = "envelope built" if build is not None else "data is"
    msg = f"AMQP messages are text: the {what} a {type(data).__name__}, {data!r}"
    raise TypeError(msg)


def _properties(
    payload: bytes, *, content_type: str | bool | None, persistent: bool
) -> dict[str, Any]:
    if content_type is True:
        content_type = _JSON_CONTENT if payload[:1] == b"{" else _TEXT_CONTENT
    delivery_mode = frames.PERSISTENT if persistent else None
    return {"content_type": content_type or None, "delivery_mode": delivery_mode}
