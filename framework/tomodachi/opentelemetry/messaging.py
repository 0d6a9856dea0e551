"""A consumer span and metrics for every message handled, and producer spans for those published.

The trace travels in the SQS message attribute `traceparent` and in the AMQP `headers`. A consumer span
continues the trace of its message.

Source: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import propagate
from opentelemetry.metrics import Meter
from opentelemetry.trace import Span, SpanKind, Tracer

from tomodachi.opentelemetry.instruments import CallInstruments, messaging_instruments

SQS, RABBITMQ = "aws_sqs", "rabbitmq"


class _MessageTracing:
    def __init__(self, tracer: Tracer, meter: Meter, system: str) -> None:
        self._tracer = tracer
        self._system = system
        self._instruments: CallInstruments = messaging_instruments(meter, system)

    @contextmanager
    def _processing(
        self, name: str, function: str, carrier: Mapping[str, Any], attributes: Mapping[str, Any]
    ) -> Iterator[Span]:
        known = {
            "messaging.system": self._system,
            "messaging.operation": "process",
            "code.function": function,
            **attributes,
        }
        known = {key: value for key, value in known.items() if value not in (None, "")}
        measured = {key: value for key, value in known.items() if key not in _NOT_MEASURED}
        context = propagate.extract(_texts(carrier))
        with (
            self._tracer.start_as_current_span(
                f"{name} process", context=context, kind=SpanKind.CONSUMER, attributes=known
            ) as span,
            # Inside of the span, which is then the exemplar of what is measured.
            self._instruments.measured(measured) as at_end,
        ):
            at_end["function.success"] = False
            yield span
            at_end["function.success"] = True


_NOT_MEASURED = frozenset(("messaging.message.id", "messaging.system", "messaging.operation"))
"""Attributes of one message alone, and what the name of a metric says already."""


class SQSTracing(_MessageTracing):
    """Middleware around SQS handlers: in the service's `_awssnssqs_message_pre_middleware`."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        super().__init__(tracer, meter, SQS)

    async def __call__(
        self,
        func: Callable[..., Awaitable[Any]],
        *,
        topic: str = "",
        queue_url: str = "",
        message_attributes: Mapping[str, Any] | None = None,
        sns_message_id: str = "",
        sqs_message_id: str = "",
    ) -> Any:
        """Run the handler inside a span."""
        queue = queue_url.rpartition("/")[2]
        attributes = {
            "messaging.destination.name": queue,
            "messaging.destination.kind": "queue",
            "messaging.destination_publish.name": topic or queue,
            "messaging.destination_publish.kind": "topic" if topic else "queue",
            "messaging.message.id": sns_message_id or sqs_message_id,
        }
        name = topic or queue
        with self._processing(name, func.__name__, message_attributes or {}, attributes):
            return await func()


class AMQPTracing(_MessageTracing):
    """Middleware around AMQP handlers: in the service's `_amqp_message_pre_middleware`."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        super().__init__(tracer, meter, RABBITMQ)

    async def __call__(
        self,
        func: Callable[..., Awaitable[Any]],
        *,
        routing_key: str = "",
        exchange_name: str = "",
        properties: Any = None,
        message_uuid: str = "",
    ) -> Any:
        """Run the handler inside a span."""
        # RabbitMQ's destinations are exchanges with routing keys, in the conventions that the
        # dashboards of services are built on.
        attributes = {
            "messaging.destination.name": exchange_name,
            "messaging.rabbitmq.destination.routing_key": routing_key,
            "messaging.message.id": message_uuid,
        }
        headers = getattr(properties, "headers", None) or {}
        with self._processing(routing_key, func.__name__, headers, attributes):
            return await func()


@contextmanager
def publishing(
    tracer: Tracer,
    name: str,
    attributes: Mapping[str, Any],
    carrier: MutableMapping[str, Any],
) -> Iterator[Span]:
    """A producer span around a publish, whose context is put into `carrier`."""
    known = {
        "messaging.operation": "publish",
        **{key: value for key, value in attributes.items() if value not in (None, "")},
    }
    with tracer.start_as_current_span(
        f"{name} publish", kind=SpanKind.PRODUCER, attributes=known
    ) as span:
        propagate.inject(carrier)
        yield span


def _texts(carrier: Mapping[str, Any]) -> dict[str, str]:
    """What of a message's attributes or headers a propagator can read."""
    return {
        str(key): value.decode(errors="replace") if isinstance(value, bytes) else value
        for key, value in carrier.items()
        if isinstance(value, str | bytes)
    }
