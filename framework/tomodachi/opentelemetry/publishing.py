"""Puts producer spans around what services publish and send.

The transports leave one function for each way out, through which every message goes; it is wrapped when
its module is imported, so that instrumenting imports no transport. Which tracer is used, and whether
any, the service says.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import wrapt
from opentelemetry.trace import Span, Tracer

from tomodachi.opentelemetry.messaging import RABBITMQ, SQS, publishing

TRACER_ATTRIBUTE = "_opentelemetry_tracer"
"""Attribute of a service, or of the class of all services, that holds the tracer of its messages."""

MOST_SQS_ATTRIBUTES = 10
"""Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html"""

Arguments = Mapping[str, Any]
SpanOf = Callable[[Tracer, Arguments], AbstractContextManager[Span]]


class PublishTracing:
    """Wraps the publishing methods of the transports, and puts them back."""

    def __init__(self) -> None:
        self._active = False
        self._hooked = False
        self._originals: list[tuple[object, str, Any]] = []

    def install(self) -> None:
        """Wrap now what is imported, and the rest when it is."""
        self._active = True
        if not self._hooked:
            self._hooked = True
            for module in _WRAPPED:
                wrapt.register_post_import_hook(self._wrap, module)
        elif not self._originals:
            for module in _WRAPPED:
                if module in sys.modules:
                    self._wrap(sys.modules[module])

    def uninstall(self) -> None:
        """Put the methods back."""
        self._active = False
        for owner, name, original in self._originals:
            setattr(owner, name, original)
        self._originals.clear()

    def _wrap(self, module: ModuleType) -> None:
        if not self._active:
            return
        for path, span_of in _WRAPPED[module.__name__].items():
            class_name, _, name = path.rpartition(".")
            owner = getattr(module, class_name)
            original = vars(owner)[name]
            self._originals.append((owner, name, original))
            if isinstance(original, classmethod):
                setattr(owner, name, classmethod(_traced(original.__func__, span_of)))
            else:
                setattr(owner, name, _traced(original, span_of))


def _traced(
    method: Callable[..., Awaitable[Any]], span_of: SpanOf
) -> Callable[..., Awaitable[Any]]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    async def traced(*args: Any, **kwargs: Any) -> Any:
        arguments = signature.bind(*args, **kwargs).arguments
        tracer = _tracer_of(arguments.get("service"))
        if tracer is None:
            return await method(*args, **kwargs)
        # The method reads the attributes or headers that the span's context is put into.
        with span_of(tracer, arguments) as span:
            result = await method(*args, **kwargs)
            if isinstance(result, str):
                span.set_attribute("messaging.message.id", result)
            return result

    return traced


def _tracer_of(service: object) -> Tracer | None:
    import tomodachi

    tracer: Tracer | None = getattr(service or tomodachi.Service, TRACER_ATTRIBUTE, None)
    return tracer


# --- what the spans say ---------------------------------------------------------------------------


def _sns_publish(tracer: Tracer, arguments: Arguments) -> AbstractContextManager[Span]:
    topic = arguments["topic_arn"].rpartition(":")[2]
    attributes = {
        "messaging.system": SQS,
        "messaging.destination.name": topic,
        "messaging.destination.kind": "topic",
    }
    carrier = _SQSAttributes(arguments["message_attributes"])
    return publishing(tracer, _decoded(topic), attributes, carrier)


def _sqs_send(tracer: Tracer, arguments: Arguments) -> AbstractContextManager[Span]:
    queue = arguments["queue_url"].rpartition("/")[2]
    attributes = {
        "messaging.system": SQS,
        "messaging.destination.name": queue,
        "messaging.destination.kind": "queue",
    }
    return publishing(tracer, queue, attributes, _SQSAttributes(arguments["message_attributes"]))


def _sns_publish_batch(tracer: Tracer, arguments: Arguments) -> AbstractContextManager[Span]:
    topic = arguments["topic_arn"].rpartition(":")[2]
    attributes = {
        "messaging.system": SQS,
        "messaging.destination.name": topic,
        "messaging.destination.kind": "topic",
        "messaging.batch.message_count": len(arguments["outgoing"]),
    }
    carrier = _WireAttributes([one.message_attributes for one in arguments["outgoing"]])
    return publishing(tracer, _decoded(topic), attributes, carrier)


def _amqp_publish(tracer: Tracer, arguments: Arguments) -> AbstractContextManager[Span]:
    routing_key = _without_prefix(arguments["routing_key"], arguments["service"])
    attributes = {
        "messaging.system": RABBITMQ,
        "messaging.destination.name": arguments["exchange_name"],
        "messaging.rabbitmq.destination.routing_key": routing_key,
    }
    properties: dict[str, Any] = arguments["properties"]
    headers = properties["headers"] = dict(properties.get("headers") or {})
    return publishing(tracer, routing_key, attributes, headers)


class _SQSAttributes(dict[str, str]):
    """Takes a propagator's fields on to a message, as long as SQS takes that many attributes."""

    def __init__(self, target: MutableMapping[str, Any]) -> None:
        super().__init__()
        self._target = target

    def __setitem__(self, key: str, value: str) -> None:
        if key in self._target or len(self._target) < MOST_SQS_ATTRIBUTES:
            self._target[key] = value


class _WireAttributes(dict[str, str]):
    """The same for several messages whose attributes are in botocore's form already."""

    def __init__(self, targets: Iterable[MutableMapping[str, Any]]) -> None:
        super().__init__()
        self._targets = list(targets)

    def __setitem__(self, key: str, value: str) -> None:
        for target in self._targets:
            _SQSAttributes(target)[key] = value
            if key in target:
                target[key] = {"DataType": "String", "StringValue": value}


def _decoded(topic: str) -> str:
    from tomodachi.transport.aws_sns_sqs import AWSSNSSQSTransport

    return AWSSNSSQSTransport.decode_topic(topic)


def _without_prefix(routing_key: str, service: Any) -> str:
    """As the service gave it: without the prefix of its options, and not encoded."""
    from tomodachi.transport.amqp.transport import AmqpTransport

    context = getattr(service, "context", None) or {}
    return AmqpTransport.get_routing_key_without_prefix(
        AmqpTransport.decode_routing_key(routing_key), context
    )


_WRAPPED: dict[str, dict[str, SpanOf]] = {
    "tomodachi.transport.aws_sns_sqs.publish_api": {
        "PublishApi._publish_message": _sns_publish,
        "PublishApi._publish_messages": _sns_publish_batch,
    },
    "tomodachi.transport.aws_sns_sqs.send_api": {"SendApi._send_raw_message": _sqs_send},
    "tomodachi.transport.amqp.transport": {"AmqpTransport._publish_message": _amqp_publish},
}
"""By module: its methods, and what makes their spans."""
