"""What a service's attributes and options say about a call: context, envelope, prefixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tomodachi.invoker import service_context
from tomodachi.transport.aws_sns_sqs import defaults
from tomodachi.transport.envelope_choice import choose_envelope


def context_of(service: Any) -> dict[str, Any]:
    """The context of a service; made when the service has none yet."""
    context = getattr(service, "context", None)
    return service_context(service) if context is None else context


def envelope_of(service: Any, context: Mapping[str, Any], given: Any, older: Any) -> Any:
    """The envelope in force: what a call gave, else the service's; None for plain text."""
    not_given = defaults.MESSAGE_ENVELOPE_DEFAULT
    return choose_envelope(service, context, given, older, not_given=not_given)


async def built_message(
    envelope: Any,
    service: Any,
    topic: str,
    data: Any,
    message_attributes: dict[str, Any],
    kwargs: Mapping[str, Any],
) -> Any:
    """What is published: the envelope's text, or the data as it is without an envelope."""
    build = getattr(envelope, "build_message", None)
    if build is None:
        return data
    return await build(service, topic, data, message_attributes=message_attributes, **kwargs)


def topic_prefix_of(options: Any, given: str | None) -> str:
    """The prefix in force for topics: what a call gave, else the option."""
    own = options.aws_sns_sqs.topic_prefix
    return (own if given == defaults.MESSAGE_TOPIC_PREFIX else given) or ""
