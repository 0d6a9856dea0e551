"""The SNS+SQS transport as services and tools see it.

The class holds no state: everything is in the service's context (`messaging.py`), so two services in
one process may use different regions, credentials, endpoints and prefixes. Its other class methods are
in `publish_api.py`, `send_api.py`, `topology_api.py` and `naming_api.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tomodachi.invoker import StartFunction
from tomodachi.transport.aws_sns_sqs import defaults
from tomodachi.transport.aws_sns_sqs.handler_settings import DecoratorArguments, resolve
from tomodachi.transport.aws_sns_sqs.messaging import Messaging
from tomodachi.transport.aws_sns_sqs.publish_api import PublishApi
from tomodachi.transport.aws_sns_sqs.send_api import SendApi
from tomodachi.transport.aws_sns_sqs.service_settings import envelope_of

Context = dict[str, Any]


class AWSSNSSQSTransport(PublishApi, SendApi):
    """Publishes to SNS, sends to SQS, and calls handlers for what arrives there."""

    @classmethod
    async def subscribe_handler(
        cls,
        obj: Any,
        context: Context,
        func: Any,
        /,
        topic: str | None = None,
        callback_kwargs: Collection[str] | None = None,
        competing: bool | None = None,  # noqa: FBT001 - upstream's signature
        queue_name: str | None = None,
        *,
        message_envelope: Any = defaults.MESSAGE_ENVELOPE_DEFAULT,
        message_protocol: Any = defaults.MESSAGE_PROTOCOL_DEFAULT,
        filter_policy: str | Mapping[str, Any] | None = defaults.FILTER_POLICY_DEFAULT,
        visibility_timeout: int | None = defaults.VISIBILITY_TIMEOUT_DEFAULT,
        dead_letter_queue_name: str | None = defaults.DEAD_LETTER_QUEUE_DEFAULT,
        max_receive_count: int | None = defaults.MAX_RECEIVE_COUNT_DEFAULT,
        fifo: bool = False,
        max_number_of_consumed_messages: int | None = defaults.MAX_NUMBER_OF_CONSUMED_MESSAGES,
        on_exception: str | None = None,
        visibility_heartbeat: bool = False,
        **kwargs: Any,
    ) -> StartFunction | None:
        """Register a handler (`@tomodachi.aws_sns_sqs`).

        Args:
            obj: The service instance.
            context: Its context.
            func: The handler.
            topic: Topic to subscribe to, with `*` (no dot) and `#` (anything) as wildcards; None for
                messages that are sent straight to the queue.
            callback_kwargs: Names of values the handler is called with besides those of its signature
                (deprecated).
            competing: Whether all instances of the service share one queue.
            queue_name: Name or ARN of the queue; without it the name is made up.
            message_envelope: In place of the service's; None for plain text.
            message_protocol: The same, under an older name.
            filter_policy: Which messages of the topic the queue gets.
            visibility_timeout: Seconds, 1..43200, for the queue.
            dead_letter_queue_name: Name or ARN; with `max_receive_count`. None takes the redrive
                policy of the queue away.
            max_receive_count: Receives after which a message is moved there.
            fifo: Whether topic and queue are FIFO.
            max_number_of_consumed_messages: Messages handled at a time, 1..10.
            on_exception: "delete" or "retry": what an exception means for its message; None for the
                service's option.
            visibility_heartbeat: Whether messages are kept invisible while they are handled.
            **kwargs: For the envelope's `validate` and `parse_message`.

        Raises:
            AWSSNSSQSException: an argument has a value it cannot have.
        """
        envelope = envelope_of(obj, context, message_envelope, message_protocol)
        validate = getattr(envelope, "validate", None)
        if validate is not None:
            validate(**kwargs)
        given = DecoratorArguments(
            func=func,
            topic=topic,
            callback_kwargs=callback_kwargs,
            competing=competing,
            queue_name=queue_name,
            envelope=envelope,
            filter_policy=filter_policy,
            visibility_timeout=visibility_timeout,
            dead_letter_queue_name=dead_letter_queue_name,
            max_receive_count=max_receive_count,
            fifo=fifo,
            max_number_of_consumed_messages=max_number_of_consumed_messages,
            on_exception=on_exception,
            visibility_heartbeat=visibility_heartbeat,
            envelope_kwargs=kwargs,
        )
        uuid = str(context.get("uuid") or getattr(obj, "uuid", ""))
        made_up = getattr(obj, "_tomodachi_generated_uuid", None)
        messaging = Messaging.of(context, obj)
        messaging.add(
            resolve(given, cls.options(context), uuid=uuid, uuid_is_random=uuid == made_up)
        )
        return await cls.subscribe(obj, context)

    @classmethod
    async def subscribe(cls, obj: Any, context: Context) -> StartFunction | None:
        """What starts the service's handlers; None from the second time on."""
        messaging = Messaging.of(context, obj)
        if messaging.is_starting:
            return None
        from tomodachi.transport import aws_sns_sqs

        messaging.set_contextvars = aws_sns_sqs.SET_CONTEXTVAR_VALUES
        return messaging.start
