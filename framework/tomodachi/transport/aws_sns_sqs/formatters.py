"""The body of a message that a service sends straight to a queue.

The default is shaped like SNS's notifications, so that one consumer reads both. A user's formatter is
a callable, or a class whose instances are callable; it is called with a `MessageBodyFormatterContext`
and the sender's extra keywords.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tomodachi.helpers import clock
from tomodachi.transport.aws_sns_sqs import attributes
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException


@dataclass(frozen=True, slots=True)
class MessageBodyFormatterContext:
    """What a formatter may look at.

    Attributes:
        data: What the caller gave.
        message_attributes: Attributes that go with the message (Python values).
        queue_name: The queue as the caller named it.
        queue_url: Its URL.
        service: The service that sends.
        message_envelope: The envelope in force, or None.
        formatter: The formatter itself.
        kwargs: Extra keywords of the call.
    """

    data: Any
    message_attributes: dict[str, Any]
    queue_name: str
    queue_url: str
    service: Any
    message_envelope: Any
    formatter: Any
    kwargs: dict[str, Any] = field(default_factory=dict)


class MessageBodyFormatterProtocol(Protocol):
    """A formatter, or an instance of one: gives the body, or an awaitable of it."""

    def __call__(self, context: MessageBodyFormatterContext, **kwargs: Any) -> Any:
        """The message body."""
        ...


class MessageBodyFormatter:
    """The default formatter; users' own may build on it."""

    async def __call__(self, context: MessageBodyFormatterContext, **kwargs: Any) -> str:
        """A body like a notification's, with the envelope's text as its message."""
        message = await enveloped(context, kwargs)
        body = {
            "Type": "Message",
            "QueueUrl": context.queue_url,
            "Version": "0",
            "Message": message,
            "Timestamp": _timestamp(),
            "MessageAttributes": attributes.to_message_body(context.message_attributes),
        }
        return json.dumps(body)


async def enveloped(context: MessageBodyFormatterContext, kwargs: Mapping[str, Any]) -> Any:
    """The data in the envelope in force, or as it is."""
    build = getattr(context.message_envelope, "build_message", None)
    if build is None:
        return context.data
    # Envelopes name the topic a message went by; this one goes by none.
    return await build(
        context.service,
        "",
        context.data,
        message_attributes=context.message_attributes,
        **kwargs,
    )


def ready_to_call(formatter: Any) -> Any:
    """What is called for a body: an instance of a formatter that is a class."""
    return formatter() if isinstance(formatter, type) else formatter


async def format_body(context: MessageBodyFormatterContext) -> str:
    """The body that the context's formatter gives; without a formatter the data as it is.

    Raises:
        AWSSNSSQSException: the body is no text.
    """
    body = context.data
    if context.formatter is not None:
        body = context.formatter(context, **context.kwargs)
        if inspect.isawaitable(body):
            body = await body
    if not isinstance(body, str):
        msg = (
            f"The body of a message to queue {context.queue_name!r} must be a str, not "
            f"{type(body).__name__}: use a message envelope, or a message_body_formatter that "
            "returns a str."
        )
        raise AWSSNSSQSException(msg)
    return body


def _timestamp() -> str:
    return clock.utcnow().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
