"""Sending to a queue as services do it: by the queue's name, ARN or URL, in the service's envelope."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal, overload

from tomodachi.transport.aws_sns_sqs import attributes, defaults, sender
from tomodachi.transport.aws_sns_sqs.formatters import (
    MessageBodyFormatter,
    MessageBodyFormatterContext,
    format_body,
    ready_to_call,
)
from tomodachi.transport.aws_sns_sqs.messaging import Messaging
from tomodachi.transport.aws_sns_sqs.service_settings import context_of, envelope_of
from tomodachi.transport.aws_sns_sqs.topology_api import TopologyApi

Context = dict[str, Any]


class SendApi(TopologyApi):
    """Messages that go to one queue and through no topic."""

    @overload
    @classmethod
    async def send_message(
        cls, service: Any, data: Any, queue_name: str, wait: Literal[True] = True, **kwargs: Any
    ) -> str: ...
    @overload
    @classmethod
    async def send_message(
        cls, service: Any, data: Any, queue_name: str, wait: Literal[False], **kwargs: Any
    ) -> asyncio.Task[str]: ...
    @overload
    @classmethod
    async def send_message(
        cls,
        service: Any,
        data: Any,
        queue_name: str,
        wait: bool,  # noqa: FBT001 - as below
        **kwargs: Any,
    ) -> str | asyncio.Task[str]: ...
    @classmethod
    async def send_message(
        cls,
        service: Any,
        data: Any,
        queue_name: str,
        wait: bool = True,  # noqa: FBT001 - upstream's signature
        *,
        message_envelope: Any = defaults.MESSAGE_ENVELOPE_DEFAULT,
        message_protocol: Any = defaults.MESSAGE_PROTOCOL_DEFAULT,
        queue_name_prefix: str | None = defaults.QUEUE_NAME_PREFIX,
        message_attributes: Mapping[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        delay_seconds: int | None = None,
        message_body_formatter: Any = MessageBodyFormatter,
        **kwargs: Any,
    ) -> str | asyncio.Task[str]:
        """Send a message straight to a queue, which has to be there.

        Args:
            service: The service that sends.
            data: For the envelope; a str without one.
            queue_name: Name without prefix, ARN, or URL.
            wait: Whether to return once SQS has the message; else a task does the sending.
            message_envelope: In place of the service's; None for plain text.
            message_protocol: The same, under an older name.
            queue_name_prefix: In place of the option's.
            message_attributes: str, int, float, bool, None, bytes, or a list of them.
            group_id: Message group; for FIFO queues.
            deduplication_id: For FIFO queues; made up when it is None.
            delay_seconds: Seconds until the message becomes visible, 0..900.
            message_body_formatter: A formatter or its class, which makes the body; None sends the
                data as it is.
            **kwargs: For the envelope's `build_message` and the formatter.

        Returns:
            The SQS message id, or with `wait=False` a task that ends with it.

        Raises:
            ValueError: a group for a standard queue, none for a FIFO queue, or a prefix that the
                queue's ARN or URL does not have.
            QueueDoesNotExistError: there is no such queue.
            AWSSNSSQSConnectionException: SQS could not be reached.
            AWSSNSSQSException: SQS refused, or went on failing.
        """
        context = context_of(service)
        messaging = Messaging.of(context, service)
        option = cls.options(context).aws_sns_sqs.queue_name_prefix
        full_name = sender.full_queue_name(queue_name, queue_name_prefix, option)
        sender.check_group(full_name, group_id)
        with messaging.failures_logged(queue_name=queue_name):
            queue_url = await sender.url_of(messaging.queues, queue_name, full_name)
        own_attributes = dict(message_attributes or {})
        formatting = MessageBodyFormatterContext(
            data=data,
            message_attributes=own_attributes,
            queue_name=queue_name,
            queue_url=queue_url,
            service=service,
            message_envelope=envelope_of(service, context, message_envelope, message_protocol),
            formatter=ready_to_call(message_body_formatter),
            kwargs=kwargs,
        )
        sending = cls._send_raw_message(
            queue_url,
            data,
            own_attributes,
            context,
            group_id=group_id,
            deduplication_id=deduplication_id,
            delay_seconds=delay_seconds,
            service=service,
            formatter_context=formatting,
        )
        return await sending if wait else messaging.in_background(sending)

    @classmethod
    async def send_raw_message(
        cls,
        queue_url: str,
        message_body: Any,
        message_attributes: Mapping[str, Any] | None,
        context: Context,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        delay_seconds: int | None = None,
        service: Any = None,
    ) -> str:
        """Send a body to a queue by its URL; returns the SQS message id, raises as `send_message`."""
        return await cls._send_raw_message(
            queue_url,
            message_body,
            dict(message_attributes or {}),
            context,
            group_id=group_id,
            deduplication_id=deduplication_id,
            delay_seconds=delay_seconds,
            service=service,
        )

    @classmethod
    async def _send_raw_message(
        cls,
        queue_url: str,
        message_body: Any,
        message_attributes: dict[str, Any],
        context: Context,
        *,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        delay_seconds: int | None = None,
        service: Any = None,
        formatter_context: MessageBodyFormatterContext | None = None,
    ) -> str:
        if formatter_context is not None:
            # Not before: what tracing adds to the attributes goes into the body, too.
            message_body = await format_body(formatter_context)
        messaging = Messaging.of(context, service)
        name = cls.get_queue_name_from_queue_url(queue_url)
        bare = cls.get_queue_name_without_prefix(name, context)
        with messaging.failures_logged(queue_name=bare):
            return await sender.send(
                messaging.clients,
                queue_url,
                message_body,
                attributes.to_botocore(message_attributes),
                group_id=group_id,
                deduplication_id=deduplication_id,
                delay_seconds=delay_seconds,
            )
